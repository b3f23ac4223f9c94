//! Identity providers: complete, and with rules that say what they are meant to.

use bartizan_identity::{Link, ProviderSpec, SecondFactor};
use bartizan_model::ObjectKind;
use bartizan_policy::Finding;
use serde_json::Value;

use super::prune::Gone;
use super::{Plan, Stored};
use crate::directory::ADMINS;
use crate::files::Files;

pub(super) fn plan(
    stored: &Stored,
    files: &Files,
    gone: &Gone,
    plan: &mut Plan,
    findings: &mut Vec<Finding>,
) {
    for (name, declared) in &files.providers {
        let was = stored.providers.get(name);
        let mut wrong = |message: String, help: &str| {
            findings.push(declared.place.error_with_help(message, help));
        };
        let Some(spec) = declared.patch.onto(was.map(|(_, spec)| spec)) else {
            wrong(
                format!("provider `{name}` has no `issuer`, or no `client_id`"),
                "register Bartizan there: it tells you both",
            );
            continue;
        };
        let said = spec.second_factor == SecondFactor::Said;
        let has_values = !(spec.acr.is_empty() && spec.amr.is_empty());
        if said && !has_values {
            wrong(
                format!(
                    "provider `{name}` has neither `acr` nor `amr` by which it could say that there was a second factor"
                ),
                "say which values mean it, such as amr = [\"mfa\"]; or leave `second_factor` out",
            );
        }
        if !said && has_values {
            wrong(
                format!("provider `{name}` has `acr` or `amr`, which nothing uses"),
                "say second_factor = \"said\", or leave them out",
            );
        }
        let external = (spec.external_claim.is_some(), spec.external_of.is_some());
        if spec.link == Link::ExternalId && external != (true, true) {
            wrong(
                format!("provider `{name}` links by `external_id`, but does not say what that is"),
                "say external_claim = \"oid\" and external_of = \"service:NAME\", the client that keeps people over SCIM",
            );
        }
        let reads_login = spec.creates || spec.link == Link::Login;
        if reads_login && spec.login_claim.as_deref() == Some("email") && spec.domains.is_empty() {
            wrong(
                format!("provider `{name}` takes login names from mail addresses, but has no `domains`"),
                "say which are its own, such as domains = [\"example.com\"]: of others it may not name people",
            );
        }
        for rule in &spec.groups {
            let known = files.groups.contains_key(&rule.group)
                || (stored.groups.contains_key(&rule.group) && !gone.groups.contains(&rule.group));
            if rule.group.as_str() == ADMINS {
                wrong(
                    format!("provider `{name}` cannot put people into the group `{ADMINS}`"),
                    "who administers this deployment is said here: `admin = true` of a person",
                );
            } else if !known {
                wrong(
                    format!("there is no group `{}`", rule.group),
                    "declare it, if need be without members",
                );
            }
        }
        let value = |spec: &ProviderSpec| serde_json::to_value(spec).unwrap_or(Value::Null);
        plan.put(
            ObjectKind::Provider,
            name.as_str(),
            value(&spec),
            was.map(|(revision, spec)| (*revision, value(spec))),
        );
    }
}
