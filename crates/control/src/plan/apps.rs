//! Apps: complete, reached by a host of their own, and not over a network in clear unless somebody accepted that.

use std::collections::BTreeMap;

use bartizan_model::{AppName, ObjectKind, Upstream};
use bartizan_policy::Finding;
use serde_json::Value;

use super::prune::Gone;
use super::{Plan, Stored};
use crate::files::{Files, RESERVED};
use crate::spec::{AppSpec, Plaintext};

pub(super) fn plan(
    stored: &Stored,
    files: &Files,
    gone: &Gone,
    plan: &mut Plan,
    findings: &mut Vec<Finding>,
) {
    let mut hosts: BTreeMap<String, String> = BTreeMap::new();
    for (name, (_, spec)) in &stored.apps {
        if !files.apps.contains_key(name) && !gone.apps.contains(name) {
            hosts.insert(spec.host.clone(), format!("app `{name}`"));
        }
    }
    hosts.extend(own_hosts(stored));
    for (name, declared) in &files.apps {
        let was = stored.apps.get(name);
        let patch = &declared.patch;
        let missing = |key: &str| declared.place.error(format!("app `{name}` has no `{key}`"));
        let Some(spec) = patch.onto(was.map(|(_, spec)| spec)) else {
            findings.push(missing("host"));
            if patch.upstream.is_none() {
                findings.push(missing("upstream"));
            }
            continue;
        };
        if spec.upstream.is_none() {
            findings.push(missing("upstream"));
        }
        let host_place = patch.host.as_ref().map_or(&declared.place, |host| &host.place);
        if let Some(other) = hosts.insert(spec.host.clone(), format!("app `{name}`")) {
            findings.push(host_place.error_with_help(
                format!("the host `{}` belongs to {other} already", spec.host),
                "each app has a host of its own",
            ));
        }
        if in_clear(&spec) {
            let place = patch.upstream.as_ref().map_or(&declared.place, |upstream| &upstream.place);
            findings.push(place.error_with_help(
                format!("app `{name}` would be reached over the network in plain http"),
                "use https, or say upstream_plaintext = \"accepted\" if that network keeps it to itself",
            ));
        }
        let value = |spec: &AppSpec| serde_json::to_value(spec).unwrap_or(Value::Null);
        plan.put(
            ObjectKind::App,
            name.as_str(),
            value(&spec),
            was.map(|(revision, spec)| (*revision, value(spec))),
        );
    }
}

/// Whether what the app's people do could be read and changed on the way to its server, and nobody accepted that.
fn in_clear(spec: &AppSpec) -> bool {
    spec.upstream.as_ref().is_some_and(goes_in_clear) && spec.upstream_plaintext != Some(Plaintext::Accepted)
}

/// Whether what goes to this server could be read and changed on the way.
pub(crate) fn goes_in_clear(upstream: &Upstream) -> bool {
    !upstream.tls() && !upstream.is_loopback()
}

/// The hosts that are the deployment's own, whether or not there is an app of that name yet.
fn own_hosts(stored: &Stored) -> BTreeMap<String, String> {
    let auth: Option<AppName> = "auth".parse().ok();
    let auth = auth.and_then(|auth| stored.apps.get(&auth));
    let Some(domain) = auth.and_then(|(_, spec)| spec.host.strip_prefix("auth.")) else {
        return BTreeMap::new();
    };
    let mut hosts: BTreeMap<String, String> = RESERVED
        .iter()
        .map(|name| (format!("{name}.{domain}"), String::from("the deployment itself")))
        .collect();
    hosts.insert(domain.to_owned(), String::from("the deployment itself"));
    hosts
}
