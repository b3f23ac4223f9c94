//! `bartizan key`.

use serde_json::{Value, json};

use super::table;
use crate::args::{Global, Key};
use crate::client::Client;
use crate::output::{Ended, data};

pub(super) async fn run(global: &Global, key: Key) -> Ended {
    let client = Client::from_options(global)?;
    match key {
        Key::List => {
            let keys = client.get("/api/v1/keys").await?;
            if global.is_json() {
                return data(&keys.to_string());
            }
            let rows: Vec<Vec<String>> = keys.as_array().into_iter().flatten().map(row).collect();
            data(&table(&["ID", "ALGORITHM", "STAGE", "SIGNS FROM", "PUBLISHED UNTIL"], &rows))
        }
        Key::Rotate { algorithm, withdraw } => {
            let asked = json!({ "algorithm": algorithm, "withdraw": withdraw });
            let made = client.post("/api/v1/keys/rotate", &asked).await?;
            if global.is_json() {
                return data(&made.to_string());
            }
            let text = |field: &str| made.get(field).and_then(Value::as_str).unwrap_or_default();
            let (id, from) = (text("id"), text("signs_from"));
            data(&if withdraw {
                format!("{id} signs now; what other keys for {algorithm} signed is worth nothing any more")
            } else {
                format!("{id} is published, and signs from {from}")
            })
        }
    }
}

fn row(key: &Value) -> Vec<String> {
    let text = |field: &str| key.get(field).and_then(Value::as_str).unwrap_or("-").to_owned();
    ["id", "algorithm", "stage", "signs_from", "until"].map(text).into()
}
