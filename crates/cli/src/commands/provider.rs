//! `bartizan provider`.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use bartizan_model::Secret;
use serde_json::{Value, json};

use super::{segment, table};
use crate::args::{Global, Provider as Asked};
use crate::client::Client;
use crate::output::{Ended, FAILED, Failure, data, talk};

pub(super) async fn run(global: &Global, asked: Asked) -> Ended {
    let client = Client::from_options(global)?;
    match asked {
        Asked::Check { name } => {
            let checked = client.get(&format!("/api/v1/providers/{}", segment(&name))).await?;
            if global.is_json() {
                return data(&checked.to_string());
            }
            let text = |field: &str| checked.get(field).and_then(Value::as_str);
            let shown = [
                ("redirect URI", text("redirect_uri")),
                ("back-channel logout URI", text("backchannel_logout_uri")),
                ("keys (JWKS)", text("jwks_uri")),
            ];
            let rows: Vec<Vec<String>> = shown
                .iter()
                .filter_map(|(what, value)| Some(vec![(*what).to_owned(), (*value)?.to_owned()]))
                .collect();
            data(&table(&["REGISTER THERE", ""], &rows))?;
            match text("problem") {
                Some(problem) => Err(Failure::new(FAILED, format!("nobody can sign in there: {problem}"))),
                None => data("it is in order"),
            }
        }
        Asked::Secret { name, from } => {
            let secret = read(from.as_deref())?;
            let sent = secret.expose(|secret| json!({ "secret": secret.trim_end_matches(['\r', '\n']) }));
            let kept = client.post(&format!("/api/v1/providers/{}/secret", segment(&name)), &sent).await?;
            if global.is_json() {
                return data(&kept.to_string());
            }
            data(&format!("the secret for provider `{name}` is stored"))
        }
    }
}

/// The secret, which stands on no command line: others would see it there.
fn read(from: Option<&Path>) -> Result<Secret<String>, Failure> {
    let failed = |error: std::io::Error, place: &str| Failure::new(FAILED, format!("{place}: {error}"));
    let mut text = String::new();
    match from {
        Some(file) => {
            let open =
                std::fs::File::open(file).map_err(|error| failed(error, &file.display().to_string()))?;
            open.take(MOST)
                .read_to_string(&mut text)
                .map_err(|error| failed(error, &file.display().to_string()))?;
        }
        None => {
            let input = std::io::stdin();
            if input.is_terminal() {
                talk("Type or paste the secret, and press Enter:");
                input.read_line(&mut text).map_err(|error| failed(error, "standard input"))?;
            } else {
                input
                    .lock()
                    .take(MOST)
                    .read_to_string(&mut text)
                    .map_err(|error| failed(error, "standard input"))?;
            }
        }
    }
    Ok(Secret::new(text))
}

/// More than any secret has.
const MOST: u64 = 64 * 1024;
