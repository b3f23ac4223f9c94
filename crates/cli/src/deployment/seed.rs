//! What every deployment has from its first start: its own hosts, its own command, and the policies that let people reach
//! them.

use bartizan_control::{AppSpec, PolicySpec};
use bartizan_identity::{CLI_CLIENT, built_in_client};
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
    let mut change = ChangeSet::new(SYSTEM, now);
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
    // It is as this release has it, whatever is stored.
    let cli = built_in_client(CLI_CLIENT).map(serde_json::to_value).transpose()?;
    let stored = store.get(ObjectKind::Client, CLI_CLIENT).await?.map(|stored| stored.spec);
    if let Some(spec) = cli.filter(|spec| stored.as_ref() != Some(spec)) {
        let (kind, name, expect) = (ObjectKind::Client, CLI_CLIENT.to_owned(), Expect::Any);
        change.writes.push(Write::Put { kind, name, spec, lookups: Vec::new(), expect });
    }
    let policies = bartizan_policy::split_file("own.cedar", OWN_POLICIES)
        .map_err(|findings| anyhow::anyhow!("own policies: {findings:?}"))?;
    for policy in policies {
        let name = policy.id.to_string();
        let spec = serde_json::to_value(PolicySpec { text: policy.text.clone() })?;
        match store.history(ObjectKind::Policy, &name, 1).await?.first() {
            None => change.writes.push(put(ObjectKind::Policy, &name, spec)),
            // It is as an earlier release made it, and nobody else has touched it.
            Some(newest)
                if newest.author == SYSTEM && newest.spec.as_ref().is_some_and(|stored| *stored != spec) =>
            {
                let (kind, expect) = (ObjectKind::Policy, Expect::Revision(newest.revision));
                change.writes.push(Write::Put { kind, name, spec, lookups: Vec::new(), expect });
            }
            Some(_) => {}
        }
    }
    if !change.writes.is_empty() {
        store.commit(change).await?;
    }
    Ok(())
}

/// Who writes what every deployment has.
const SYSTEM: &str = "system";

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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bartizan_store::{MasterKey, SqliteStore};
    use bartizan_testkit::SeededEntropy;

    use super::*;

    #[tokio::test]
    async fn an_own_policy_of_an_earlier_release_becomes_todays_unless_somebody_has_touched_it() {
        let (folder, now) = (tempfile::tempdir().unwrap(), Timestamp::from_micros(1_795_507_200_000_000));
        let (path, entropy) = (folder.path().join("b.db"), Arc::new(SeededEntropy::new(3)));
        let store = SqliteStore::open(&path, MasterKey::from_bytes([7; 32]), entropy).await.unwrap();
        own_objects(&store, "example.org", now).await.unwrap();
        let first = store.revision().await.unwrap();
        own_objects(&store, "example.org", now).await.unwrap();
        assert_eq!(store.revision().await.unwrap(), first, "nothing is missing, so nothing is written");
        let text = async |name| {
            let object = store.get(ObjectKind::Policy, name).await.unwrap().unwrap();
            object.spec["text"].as_str().unwrap().to_owned()
        };
        let today = text("own-tokens").await;
        let old = today.replace("resource is App", "resource");
        assert_ne!(old, today);
        for (author, name) in [(SYSTEM, "own-tokens"), ("ada", "own-console")] {
            let mut change = ChangeSet::new(author, now);
            let spec = serde_json::json!({ "text": old });
            let (kind, name) = (ObjectKind::Policy, name.to_owned());
            change.writes.push(Write::Put { kind, name, spec, lookups: Vec::new(), expect: Expect::Any });
            store.commit(change).await.unwrap();
        }
        own_objects(&store, "example.org", now).await.unwrap();
        assert_eq!(text("own-tokens").await, today);
        assert_eq!(text("own-console").await, old);
    }
}
