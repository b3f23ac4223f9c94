//! Programs that act for themselves, and the keys that they show for it.
//!
//! A key is a token (`bzn_`) and a session of its own: so it is known at every point as a sign-in is, each of its requests is
//! decided by the same policies, and whoever ends it cuts what it has open.

use std::collections::BTreeSet;
use std::time::Duration;

use bartizan_model::{
    AppName, AuthLevel, ClientName, CredentialDigest, CredentialKind, EventKind, ObjectKind, Outcome,
    Personal, Secret, SessionId, Subject, SubjectRef, Timestamp,
};
use bartizan_store::{ChangeSet, Expect, Lookup, Object, Write};

use crate::clients::{Client, client};
use crate::error::Error;
use crate::people::to_value;
use crate::sessions::SignIns;
use crate::spec::{CredentialSpec, KeySpec, SessionSpec, read};

/// A key that somebody wants for a service.
#[derive(Debug, Clone)]
pub struct WantedKey {
    /// The apps at which it is to be good; at least one.
    pub apps: BTreeSet<AppName>,
    /// What it is for, in somebody's words; at most [`MAX_LABEL`] characters.
    pub label: Option<String>,
    /// How long it lives; one of [`KEY_LIVES`].
    pub lives: Duration,
}

/// A key of a service. Its text is told once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceKey {
    /// Which: the session that it is.
    pub id: SessionId,
    /// What it is for, in somebody's words.
    pub label: Option<String>,
    /// The apps at which it is good.
    pub apps: BTreeSet<AppName>,
    /// Who made it.
    pub author: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used, to the minute; none if it never was.
    pub last_used: Option<Timestamp>,
    /// When it ends.
    pub ends: Timestamp,
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// There is no such client.
    #[error("there is no such client")]
    NoClient,
    /// It is disabled.
    #[error("the client is disabled")]
    Disabled,
    /// It is good at no app, or its life or label is out of bounds.
    #[error(
        "a key is good at one app at least, lives from an hour to 366 days, and has a label of at most 100 characters"
    )]
    Form,
}

impl SignIns {
    /// Makes a key for a service.
    ///
    /// That there is its client is looked at again once it is stored: who deletes the client either is seen here, or finds the
    /// key there to be ended.
    ///
    /// # Errors
    /// [`Error::Store`]; [`Error::Evidence`] if it cannot be recorded.
    pub async fn new_key(
        &self,
        name: &ClientName,
        wanted: WantedKey,
        author: &str,
    ) -> Result<Result<(ServiceKey, Secret<String>), NoKey>, Error> {
        let label = wanted.label.filter(|label| !label.is_empty());
        let too_long = label
            .as_ref()
            .is_some_and(|label| label.chars().count() > MAX_LABEL || label.chars().any(char::is_control));
        if wanted.apps.is_empty() || !KEY_LIVES.contains(&wanted.lives) || too_long {
            return Ok(Err(NoKey::Form));
        }
        if let Err(none) = self.may_have_keys(name).await? {
            return Ok(Err(none));
        }
        let key = KeySpec { label, apps: wanted.apps, author: author.to_owned() };
        let (session, text) = self.begin_service(name, API_KEY, Some(key), wanted.lives, author).await?;
        if let Err(none) = self.may_have_keys(name).await? {
            self.end(&[session], "changed_meanwhile", "system").await?;
            return Ok(Err(none));
        }
        let object = self.store.get(ObjectKind::Session, &session.to_string()).await?;
        let made = object.as_ref().map(key_of).transpose()?.flatten();
        Ok(made.map(|key| (key, text)).ok_or(NoKey::NoClient))
    }

    /// Begins a session of a service, with the credential that stands for it; what it is good at is what the key says.
    pub(crate) async fn begin_service(
        &self,
        name: &ClientName,
        method: &str,
        key: Option<KeySpec>,
        lives: Duration,
        author: &str,
    ) -> Result<(SessionId, Secret<String>), Error> {
        let now = self.clock.now();
        let session = SessionId::ordered(now, self.entropy.as_ref());
        let apps = key.as_ref().map(|key| key.apps.clone()).unwrap_or_default();
        let spec = SessionSpec {
            user: None,
            service: Some(name.clone()),
            device: None,
            auth_time: now,
            mfa_time: None,
            amr: [method.to_owned()].into(),
            // What it has is one factor, however long it is; and nobody is there who could prove another.
            level: AuthLevel::Basic,
            last_seen: now,
            idle_seconds: lives.as_secs(),
            absolute_end: now.plus(lives),
            place: None,
            by: None,
            key,
        };
        let (text, digest) = bartizan_pki::new_credential(CredentialKind::Token, self.entropy.as_ref());
        let credential = CredentialSpec {
            session,
            kind: CredentialKind::Token,
            host: None,
            apps,
            ends: None,
            grant: None,
        };
        let mut event = self.recorder.event(EventKind::SessionStart, Outcome::Ok);
        event.subject = Some(SubjectRef::from(&Subject::Service(name.clone())));
        event.session = Some(session);
        self.recorder.record(event, &Personal::default(), None).await?;
        let mut change = ChangeSet::new(author, now);
        // By a token that hangs on the session, its credential is found by whoever acts for the service.
        let of_session = Lookup::new(OF_SERVICE, session.to_string());
        for (kind, name, spec, lookups) in [
            (ObjectKind::Session, session.to_string(), to_value(&spec), Vec::new()),
            (ObjectKind::Credential, digest.to_hex(), to_value(&credential), vec![of_session]),
        ] {
            let expect = Expect::Absent;
            change.writes.push(Write::Put { kind, name, spec, lookups, expect });
        }
        self.store.commit(change).await?;
        Ok((session, text))
    }

    /// The digest of the credential that stands for a session of a service.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn credential_of_service(
        &self,
        session: SessionId,
    ) -> Result<Option<CredentialDigest>, Error> {
        let found = self.store.find(OF_SERVICE, &session.to_string()).await?;
        let found = found.filter(|object| object.kind == ObjectKind::Credential);
        Ok(found.and_then(|object| CredentialDigest::from_hex(&object.name)))
    }

    async fn may_have_keys(&self, name: &ClientName) -> Result<Result<Client, NoKey>, Error> {
        let object = self.store.get(ObjectKind::Client, name.as_str()).await?;
        Ok(match object.map(|object| client(name, &object)).transpose()? {
            None => Err(NoKey::NoClient),
            Some(client) if client.spec.disabled => Err(NoKey::Disabled),
            Some(client) => Ok(client),
        })
    }

    /// Those of these sessions that are keys of this service and have not ended, the newest first.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn keys_of(&self, name: &ClientName, among: &[SessionId]) -> Result<Vec<ServiceKey>, Error> {
        let mut keys = Vec::new();
        for session in among {
            let Some(object) = self.store.get(ObjectKind::Session, &session.to_string()).await? else {
                continue;
            };
            let spec: SessionSpec = read("session", &object)?;
            if spec.service.as_ref() == Some(name)
                && let Some(key) = key_of(&object)?
                && key.ends > self.clock.now()
            {
                keys.push(key);
            }
        }
        keys.sort_by_key(|key| std::cmp::Reverse((key.created, key.id)));
        Ok(keys)
    }
}

/// The key that a session is, if it is one.
fn key_of(object: &Object) -> Result<Option<ServiceKey>, Error> {
    let spec: SessionSpec = read("session", object)?;
    let damaged = |_form| Error::Damaged { what: "session", name: object.name.clone() };
    let id = object.name.parse().map_err(damaged)?;
    Ok(spec.key.map(|KeySpec { label, apps, author }| ServiceKey {
        id,
        label,
        apps,
        author,
        created: spec.auth_time,
        last_used: (spec.last_seen != spec.auth_time).then_some(spec.last_seen),
        ends: spec.absolute_end,
    }))
}

/// How long keys may live.
pub const KEY_LIVES: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(3600)..=Duration::from_secs(366 * 24 * 3600);

/// The longest label of a key, in characters.
pub const MAX_LABEL: usize = 100;

/// The space of lookups in which the credential of a service is found by its session.
const OF_SERVICE: &str = "service-session";

/// How a service with a key of ours is said to have signed in.
const API_KEY: &str = "api_key";
