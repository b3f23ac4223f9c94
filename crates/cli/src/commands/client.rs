//! `bartizan client`.

use serde_json::{Value, json};

use super::segment;
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
            let text = |field: &str| made.get(field).and_then(Value::as_str).unwrap_or_default();
            talk(&format!("issuer     {}", text("issuer")));
            talk(&format!("client_id  {}", text("client_id")));
            talk("The secret is told once; one that there was before works no more:");
            data(text("client_secret"))
        }
    }
}
