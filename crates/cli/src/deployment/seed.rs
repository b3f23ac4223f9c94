//! What every deployment has from its first start: its own hosts, and the policies that let people reach them.

use bartizan_control::{AppSpec, PolicySpec};
use bartizan_model::{Audit, ObjectKind, Timestamp};
use bartizan_store::{ChangeSet, Expect, Object, Store, Write};

/// The policies that every deployment begins with.
pub(crate) const OWN_POLICIES: &str = include_str!("own.cedar");

/// Our own hosts by name.
pub(crate) fn own_hosts(domain: &str) -> [(&'static str, String); 3] {
    [
        ("auth", format!("auth.{domain}")),
        ("console", format!("console.{domain}")),
        ("portal", domain.to_owned()),
    ]
}

/// Makes own hosts and their policies where they are missing. What an administrator changed stays changed.
pub(super) async fn own_objects(store: &dyn Store, domain: &str, now: Timestamp) -> anyhow::Result<()> {
    let mut change = ChangeSet::new("system", now);
    for (name, host) in own_hosts(domain) {
        if store.get(ObjectKind::App, name).await?.is_none() {
            let spec = AppSpec {
                host,
                upstream: None,
                ca: None,
                pass_host: true,
                relax: std::collections::BTreeSet::new(),
                methods: std::collections::BTreeSet::new(),
                max_body: None,
                lease_seconds: None,
                audit: Audit::Normal,
                groups: std::collections::BTreeSet::new(),
                upstream_plaintext: None,
            };
            change.writes.push(put(ObjectKind::App, name, serde_json::to_value(&spec)?));
        }
    }
    let policies = bartizan_policy::split_file("own.cedar", OWN_POLICIES)
        .map_err(|findings| anyhow::anyhow!("own policies: {findings:?}"))?;
    for policy in policies {
        let name = policy.id.to_string();
        if store.history(ObjectKind::Policy, &name, 1).await?.is_empty() {
            let spec = PolicySpec { text: policy.text.clone() };
            change.writes.push(put(ObjectKind::Policy, &name, serde_json::to_value(&spec)?));
        }
    }
    if !change.writes.is_empty() {
        store.commit(change).await?;
    }
    Ok(())
}

/// The domain that the stored own hosts are below.
pub(super) async fn stored_domain(store: &dyn Store) -> anyhow::Result<Option<String>> {
    Ok(domain_of(store.get(ObjectKind::App, "auth").await?.as_ref()))
}

/// The domain that the app `auth` is below.
pub(crate) fn domain_of(auth: Option<&Object>) -> Option<String> {
    let host = auth?.spec.get("host")?.as_str()?;
    Some(host.strip_prefix("auth.").unwrap_or(host).to_owned())
}

pub(crate) fn put(kind: ObjectKind, name: &str, spec: serde_json::Value) -> Write {
    Write::Put { kind, name: name.to_owned(), spec, lookups: Vec::new(), expect: Expect::Absent }
}
