//! Policies: people by login name become people by id.

use std::collections::BTreeMap;

use bartizan_model::{ObjectKind, UserId};
use bartizan_policy::{Finding, PolicySource};
use serde_json::json;

use super::prune::Gone;
use super::{Plan, Stored};
use crate::files::{Files, is_id, named, renamed, suggestion};

pub(super) fn plan(
    stored: &Stored,
    files: &Files,
    gone: &Gone,
    people: &BTreeMap<String, UserId>,
    plan: &mut Plan,
    findings: &mut Vec<Finding>,
) {
    let ids: BTreeMap<String, String> =
        people.iter().map(|(login, id)| (login.clone(), id.to_string())).collect();
    for (id, source) in &files.policies {
        for person in named(source) {
            if !ids.contains_key(&person.text) && !is_id(&person.text) {
                let logins: Vec<&str> = ids.keys().map(String::as_str).collect();
                let help = suggestion(&person.text, &logins)
                    .unwrap_or_else(|| String::from("name a group instead, or declare the person in a file"));
                let message = format!("there is no person `{}`", person.text);
                findings.push(person.place.error_with_help(message, help));
            }
        }
        let text = renamed(&source.text, &ids);
        let spec = |text: &str| json!({ "text": text });
        let was = stored.policies.get(id).map(|(revision, text)| (*revision, spec(text)));
        plan.put(ObjectKind::Policy, id.as_str(), spec(&text), was);
        plan.policies.push(PolicySource { text, ..source.clone() });
    }
    for (id, (_, text)) in &stored.policies {
        if !files.policies.contains_key(id) && !gone.policies.contains(id) {
            plan.policies.push(PolicySource::new(id.clone(), format!("{id}.cedar"), text.clone()));
        }
    }
}
