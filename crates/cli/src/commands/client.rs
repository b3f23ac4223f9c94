//! `bartizan client`.

use serde_json::{Value, json};

use super::point::seconds;
use super::{segment, table};
use crate::args::{Client as Asked, Global};
use crate::client::Client;
use crate::output::{Ended, data, talk};

pub(super) async fn run(global: &Global, asked: Asked) -> Ended {
    let client = Client::from_options(global)?;
    match asked {
        Asked::Secret { name } => {
            let made = client.post(&format!("/api/v1/clients/{}/secret", segment(&name)), &json!({})).await?;
            if global.is_json() {
                return data(&made.to_string());
            }
            talk(&format!("issuer     {}", text(&made, "issuer")));
            talk(&format!("client_id  {}", text(&made, "client_id")));
            talk("The secret is told once; one that there was before works no more:");
            data(text(&made, "client_secret"))
        }
        Asked::Key { name, app, label, ttl } => {
            let ttl = ttl.map(|ttl| seconds(&ttl)).transpose()?;
            let asked = json!({ "apps": app, "label": label, "ttl_seconds": ttl });
            let made = client.post(&keys_of(&name), &asked).await?;
            if global.is_json() {
                return data(&made.to_string());
            }
            talk(&format!("id    {}", text(&made, "id")));
            talk(&format!("ends  {}", text(&made, "ends")));
            talk(&format!("Policies know it as Service::\"{name}\". The key is told once:"));
            data(text(&made, "key"))
        }
        Asked::Keys { name } => {
            let keys = client.get(&keys_of(&name)).await?;
            if global.is_json() {
                return data(&keys.to_string());
            }
            let rows: Vec<Vec<String>> = keys.as_array().into_iter().flatten().map(row).collect();
            data(&table(&["ID", "LABEL", "APPS", "MADE BY", "LAST USED", "ENDS", "LIVE"], &rows))
        }
        Asked::EndKey { name, id } => {
            let ended = client.delete(&format!("{}/{}", keys_of(&name), segment(&id))).await?;
            if global.is_json() {
                return data(&ended.to_string());
            }
            let cut = ended.get("cut").and_then(Value::as_u64).unwrap_or_default();
            data(&format!("{id} is good for nothing any more; {cut} live cut"))
        }
    }
}

fn keys_of(name: &str) -> String {
    format!("/api/v1/clients/{}/keys", segment(name))
}

fn text<'a>(of: &'a Value, field: &str) -> &'a str {
    of.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn row(key: &Value) -> Vec<String> {
    let or_dash = |field: &str| match text(key, field) {
        "" => String::from("-"),
        text => text.to_owned(),
    };
    let apps = key.get("apps").and_then(Value::as_array);
    let apps: Vec<&str> = apps.into_iter().flatten().filter_map(Value::as_str).collect();
    let live = key.get("live_grants").and_then(Value::as_u64).unwrap_or_default();
    let [id, label, author, used, ends] = ["id", "label", "author", "last_used", "ends"].map(or_dash);
    vec![id, label, apps.join(" "), author, used, ends, live.to_string()]
}
