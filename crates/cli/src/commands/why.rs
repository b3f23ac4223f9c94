//! `bartizan why`.

use std::fmt::Write as _;

use serde_json::Value;

use super::{query, segment};
use crate::args::{Global, Why};
use crate::client::Client;
use crate::output::{Ended, data};

pub(super) async fn run(global: &Global, why: Why) -> Ended {
    let client = Client::from_options(global)?;
    let path = match &why.id {
        Some(id) => format!("/api/v1/why/{}", segment(id)),
        None => {
            let fields = [
                ("user", why.user.as_deref()),
                ("app", why.app.as_deref()),
                ("method", why.method.as_deref()),
                ("path", why.path.as_deref()),
            ];
            format!("/api/v1/why{}", query(&fields))
        }
    };
    let explanation = client.get(&path).await?;
    if global.is_json() {
        return data(&explanation.to_string());
    }
    data(render(&explanation).trim_end())
}

/// The explanation for people: the answer, then each policy from nearest to farthest with its conditions.
fn render(explanation: &Value) -> String {
    let text = |value: &Value, field: &str| {
        value.get(field).and_then(Value::as_str).map_or_else(String::new, str::to_owned)
    };
    let list =
        |value: &Value, field: &str| value.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
    let is = |value: &Value, field: &str| value.get(field).and_then(Value::as_bool).unwrap_or(false);
    let mut page = String::new();
    let reason = text(explanation, "reason");
    let outcome = match text(explanation, "outcome").as_str() {
        "permit" => String::from("Permitted"),
        _ => format!("Denied: {reason}"),
    };
    let revision = explanation.get("revision").map_or_else(String::new, ToString::to_string);
    let _ = writeln!(page, "{outcome} (revision {revision})");
    for note in list(explanation, "notes") {
        let _ = writeln!(page, "  {}", note.as_str().unwrap_or_default());
    }
    for policy in list(explanation, "policies") {
        let mark = if is(&policy, "satisfied") { "applies" } else { "does not apply" };
        let _ = writeln!(page, "\n{} {} {mark}", text(&policy, "effect"), text(&policy, "id"));
        for condition in list(&policy, "conditions") {
            let mark = if is(&condition, "holds") { "✓" } else { "✗" };
            let value = condition.get("value").map_or_else(String::new, |value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            let met = if value.is_empty() { String::new() } else { format!("   [{value}]") };
            let _ = writeln!(page, "  {mark} {}{met}", text(&condition, "text"));
        }
    }
    let remedies = list(explanation, "remedies");
    if !remedies.is_empty() {
        let _ = writeln!(page, "\nWhat would help:");
        for remedy in remedies {
            let _ = writeln!(page, "  - {} ({})", text(&remedy, "text"), text(&remedy, "kind"));
        }
    }
    page
}
