//! `bartizan apply`.

use bartizan_policy::Finding;
use serde_json::{Value, json};

use super::folder::{self, rendered};
use crate::args::{Apply, Global};
use crate::client::Client;
use crate::output::{Ended, Failure, USAGE, data, talk};

pub(super) async fn run(global: &Global, apply: Apply) -> Ended {
    let client = Client::from_options(global)?;
    let mut texts = folder::read(&apply.folder, &[".toml", ".cedar"])?;
    texts.retain(|(name, _)| !name.ends_with(".test.toml"));
    if texts.is_empty() {
        let message =
            format!("there is no object file in `{}` (`.toml` or `.cedar`)", apply.folder.display());
        return Err(Failure::new(USAGE, message));
    }
    let files: Vec<Value> = texts.iter().map(|(name, text)| json!({ "name": name, "text": text })).collect();
    let asked = json!({ "files": files, "dry_run": apply.dry_run, "prune": apply.prune });
    let outcome = match client.post("/api/v1/apply", &asked).await {
        Ok(outcome) => outcome,
        Err(failure) if failure.findings.is_empty() => return Err(failure),
        Err(failure) => {
            folder::print_findings(global, &failure.findings, &texts)?;
            let (code, count) = (failure.code, failure.findings.len());
            let findings = if count == 1 { "finding" } else { "findings" };
            return Err(Failure::new(code, format!("{count} {findings}; nothing was changed")));
        }
    };
    let advice = outcome.get("findings").cloned().unwrap_or_default();
    for finding in serde_json::from_value::<Vec<Finding>>(advice).unwrap_or_default() {
        talk(&rendered(&finding, &texts));
    }
    if global.is_json() {
        return data(&outcome.to_string());
    }
    let list = |field: &str| {
        let names = outcome.get(field).and_then(Value::as_array).into_iter().flatten();
        names.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let (created, changed, deleted) = (list("created"), list("changed"), list("deleted"));
    for (mark, names) in [("+", &created), ("~", &changed), ("-", &deleted)] {
        for name in names {
            data(&format!("{mark} {name}"))?;
        }
    }
    let (verb, revision) = (
        if apply.dry_run { "would be" } else { "are" },
        outcome.get("revision").cloned().unwrap_or_default(),
    );
    data(&format!(
        "{} created, {} changed, {} deleted, {} {verb} as they were (revision {revision})",
        created.len(),
        changed.len(),
        deleted.len(),
        list("unchanged").len(),
    ))
}
