//! What is stored of many people and apps, written as the product writes it.

use std::collections::BTreeSet;
use std::sync::Arc;

use bartizan_model::{
    Clock as _, CredentialDigest, CredentialKind, ObjectKind, PresentedCredential, SealingKeyId,
    SessionFacts, UserId, UserState,
};
use bartizan_pki::{SealingKeyPair, credential_digest, sha256};
use bartizan_store::{ChangeSet, Expect, Store, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::fixture::{self, RealClock, RealEntropy};

/// Objects of one commit.
const AT_ONCE: usize = 4_000;

/// People with their sessions, devices and tokens, apps with ten policies each, two hundred groups.
pub(super) async fn fill(store: &Arc<dyn Store>, people: usize, apps: usize) -> anyhow::Result<()> {
    let key = Sealed::new();
    let mut writes = Vec::new();
    for app in 0..apps {
        writes.push(put(
            ObjectKind::App,
            format!("a{app}"),
            json!({ "host": format!("a{app}.example.org"), "upstream": "http://127.0.0.1:9" }),
        ));
    }
    for policy in fixture::policies(apps * 10) {
        writes.push(put(ObjectKind::Policy, policy.id.to_string(), json!({ "text": policy.text })));
    }
    for person in 0..people {
        writes.push(user(person, &key, 0));
        writes.push(session(person, 0));
        writes.push(token(person));
    }
    for part in writes.chunks(AT_ONCE) {
        commit(store, part.to_vec()).await?;
    }
    let mut members: Vec<BTreeSet<UserId>> = vec![BTreeSet::new(); 200];
    for person in 0..people {
        for group in fixture::block(person) {
            members[group].insert(fixture::user_id(person));
        }
    }
    let groups: Vec<Write> = members
        .iter()
        .enumerate()
        .map(|(number, users)| put(ObjectKind::Group, format!("g{number}"), json!({ "users": users })))
        .collect();
    for part in groups.chunks(20) {
        commit(store, part.to_vec()).await?;
    }
    Ok(())
}

async fn commit(store: &Arc<dyn Store>, writes: Vec<Write>) -> anyhow::Result<()> {
    store.commit(changes(writes)).await?;
    Ok(())
}

/// What is committed together.
pub(super) fn changes(writes: Vec<Write>) -> ChangeSet {
    let mut change = ChangeSet::new("bench", RealClock.now());
    change.writes = writes;
    change
}

pub(super) fn put(kind: ObjectKind, name: String, spec: Value) -> Write {
    Write::Put { kind, name, spec, lookups: Vec::new(), expect: Expect::Any }
}

/// One key for everybody.
#[derive(Debug)]
pub(super) struct Sealed {
    id: SealingKeyId,
    public: String,
}

impl Sealed {
    pub(super) fn new() -> Self {
        let public = SealingKeyPair::generate().unwrap().public();
        Self { id: SealingKeyId::random(&RealEntropy), public: URL_SAFE_NO_PAD.encode(public) }
    }
}

/// A person, who is another with each `turn`.
pub(super) fn user(person: usize, key: &Sealed, turn: usize) -> Write {
    let name = fixture::user_id(person).to_string();
    let sealed = format!("{turn:0100}");
    let spec = json!({
        "state": UserState::Active, "admin": false, "key": key.id, "public": key.public, "sealed": sealed,
    });
    put(ObjectKind::User, name, spec)
}

/// A session, which is seen again with each `turn`.
pub(super) fn session(person: usize, turn: usize) -> Write {
    let SessionFacts { id, subject, auth_time, mfa_time, amr, level, last_seen, absolute_end, .. } =
        fixture::session(person, RealClock.now());
    let spec = json!({
        "user": subject.user(), "auth_time": auth_time, "mfa_time": mfa_time, "amr": amr, "level": level,
        "last_seen": last_seen, "idle_seconds": 36_000 + turn % 100, "absolute_end": absolute_end,
    });
    put(ObjectKind::Session, id.to_string(), spec)
}

/// Their token, good for the first app.
fn token(person: usize) -> Write {
    let digest: CredentialDigest = credential_digest(&credential(person));
    let spec =
        json!({ "session": fixture::session_id(person), "kind": CredentialKind::Token, "apps": ["a0"] });
    put(ObjectKind::Credential, digest.to_hex(), spec)
}

/// What a person presents: the same in every process.
pub(super) fn credential(person: usize) -> PresentedCredential {
    let secret = URL_SAFE_NO_PAD.encode(sha256(&person.to_be_bytes()));
    PresentedCredential::parse(&format!("{}{secret}", CredentialKind::Token.prefix())).unwrap()
}
