//! `bartizan session`.

use serde_json::{Value, json};

use super::watch::shown;
use super::{query, table};
use crate::args::{Global, Session};
use crate::client::Client;
use crate::output::{Ended, data};

pub(super) async fn run(global: &Global, session: Session) -> Ended {
    let client = Client::from_options(global)?;
    match session {
        Session::List { user, watch } => {
            let path = format!("/api/v1/sessions{}", query(&[("user", user.as_deref())]));
            let listed = async || {
                let sessions = client.get(&path).await?;
                if global.is_json() {
                    return Ok(sessions.to_string());
                }
                let text = |row: &Value, field: &str| row.get(field).map_or_else(String::new, plain);
                let fields = ["id", "user", "created", "last_seen", "amr", "live_grants"];
                let rows = sessions.as_array().into_iter().flatten();
                let rows: Vec<Vec<String>> =
                    rows.map(|row| fields.iter().map(|field| text(row, field)).collect()).collect();
                Ok(table(&["ID", "USER", "SIGNED IN", "LAST SEEN", "METHODS", "LIVE"], &rows))
            };
            shown(watch, listed).await
        }
        Session::Revoke { id, user, wait } => {
            let mut asked = json!({ "wait": wait });
            if let Some(fields) = asked.as_object_mut() {
                fields.extend(id.map(|id| (String::from("id"), Value::from(id))));
                fields.extend(user.map(|user| (String::from("user"), Value::from(user))));
            }
            let revoked = client.post("/api/v1/sessions/revoke", &asked).await?;
            if global.is_json() {
                return data(&revoked.to_string());
            }
            let count = revoked.get("revoked").and_then(Value::as_array).map_or(0, Vec::len);
            let (cut, took) = (revoked.get("cut").map_or_else(String::new, plain), revoked.get("applied_ms"));
            let took = took.and_then(Value::as_f64).unwrap_or_default();
            let sessions = if count == 1 { "session" } else { "sessions" };
            let ending = if wait {
                format!("; {cut} live cut, in force everywhere after {took:.1} ms")
            } else {
                String::from("; add --wait to learn when it is in force everywhere")
            };
            data(&format!("{count} {sessions} ended{ending}"))
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
