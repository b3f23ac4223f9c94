//! A change that somebody proposes: tried on the world as it would be, put on record, and only then made.
//!
//! Every change of configuration takes this way, so that what must hold of the whole is looked at in one place.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use bartizan_identity::SessionRecord;
use bartizan_model::{ObjectKind, ProviderName, SessionId, Timestamp, UserId};
use bartizan_policy::{Engine, Finding, PolicySource, World};
use bartizan_store::{ChangeSet, Committed, SecretWrite, Write};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;

use crate::api::{Api, Failure, record_change};
use crate::call::Author;
use crate::directory::Directory;
use crate::error::Error;
use crate::lockout::keep_the_door_open;
use crate::plan::Verb;

/// Writes that belong together.
#[derive(Debug, Default)]
pub(crate) struct Proposal {
    pub(crate) writes: Vec<(Verb, Write)>,
    pub(crate) secrets: Vec<SecretWrite>,
    /// All policies as they will be, with the places where they stand, if those are known.
    pub(crate) policies: Option<Vec<PolicySource>>,
}

/// A proposal that may be made: nothing speaks against it.
#[derive(Debug)]
pub(crate) struct Sound {
    proposal: Proposal,
    /// What could be better about the policies.
    pub(crate) advice: Vec<Finding>,
    /// The policies and facts that there would be.
    pub(crate) would_be: (Arc<Engine>, World),
}

impl Proposal {
    /// Tries the proposal. The caller holds the turn, so that nobody changes what it is tried on.
    pub(crate) async fn tried(self, api: &Api, by: &impl Author) -> Result<Sound, Failure> {
        let directory = api.hub.current().await?;
        let (now, source) = (api.enforcer.clock().now(), by.source());
        // Compiling ten thousand policies takes more than a second: not where others wait for their answers.
        let tried = tokio::task::spawn_blocking(move || self.try_on(directory, now, source)).await;
        tried.map_err(|error| Error::Invalid(format!("the change could not be tried: {error}")))?
    }

    fn try_on(self, mut directory: Directory, now: Timestamp, source: IpAddr) -> Result<Sound, Failure> {
        for (_, write) in &self.writes {
            directory.write(write)?;
        }
        let world = directory.world();
        let policies = self.policies.clone().map_or_else(|| directory.policies(), Into::into);
        let engine = Engine::compile(world.revision(), &policies, None).map_err(Failure::Findings)?;
        for app in world.apps() {
            if world.app_by_host(&app.host).is_none() {
                let problem =
                    format!("two apps would have the host `{}`: give one of them another", app.host);
                return Err(Error::Invalid(problem).into());
            }
        }
        keep_the_door_open(&engine, world, now, source)?;
        let advice = engine.findings().to_vec();
        let would_be = (Arc::new(engine), world.clone());
        Ok(Sound { proposal: self, advice, would_be })
    }
}

impl Sound {
    /// Makes the change: each object is on record before anything takes effect.
    pub(crate) async fn commit(self, api: &Api, by: &impl Author) -> Result<Committed, Failure> {
        let Proposal { writes, secrets, .. } = self.proposal;
        let records = writes.iter().map(|(verb, write)| {
            let (kind, name) = target(write);
            record_change(by, api, kind.as_str(), name, verb.as_str())
        });
        // A record is on disk when it is done; of many, some wait for the disk together.
        stream::iter(records.collect::<Vec<_>>()).buffered(RECORDS).try_collect::<Vec<()>>().await?;
        let leaving: Vec<UserId> = writes.iter().filter_map(|(_, write)| leaving(write)).collect();
        let providers: BTreeSet<ProviderName> =
            writes.iter().filter_map(|(_, write)| silenced(write)).collect();
        let mut change = ChangeSet::new(by.author(), api.enforcer.clock().now());
        change.writes = writes.into_iter().map(|(_, write)| write).collect();
        change.secrets = secrets;
        let committed = api.store.commit(change).await?;
        // Without the person nothing of them is permitted any more; this tidies up what they leave.
        for user in leaving {
            let sessions = api.sign_ins.list(Some(user)).await?;
            let sessions: Vec<SessionId> = sessions.into_iter().map(|session| session.facts.id).collect();
            api.sign_ins.end(&sessions, "user_deleted", &by.author()).await?;
        }
        // Nobody begins a session by it any more; those that began before end with it.
        if !providers.is_empty() {
            let begun = api.sign_ins.list(None).await?.into_iter();
            let of_them =
                |session: &SessionRecord| session.provider.as_ref().is_some_and(|by| providers.contains(by));
            let sessions: Vec<SessionId> = begun.filter(of_them).map(|session| session.facts.id).collect();
            api.sign_ins.end(&sessions, "provider_disabled", &by.author()).await?;
        }
        Ok(committed)
    }
}

fn target(write: &Write) -> (ObjectKind, &str) {
    match write {
        Write::Put { kind, name, .. } | Write::Delete { kind, name, .. } => (*kind, name),
    }
}

/// The identity provider whose word counts for nothing any more after a write.
fn silenced(write: &Write) -> Option<ProviderName> {
    match write {
        Write::Delete { kind: ObjectKind::Provider, name, .. } => name.parse().ok(),
        Write::Put { kind: ObjectKind::Provider, name, spec, .. }
            if spec.get("disabled").and_then(Value::as_bool) == Some(true) =>
        {
            name.parse().ok()
        }
        Write::Delete { .. } | Write::Put { .. } => None,
    }
}

/// The person who is deleted by a write.
fn leaving(write: &Write) -> Option<UserId> {
    match write {
        Write::Delete { kind: ObjectKind::User, name, .. } => name.parse().ok(),
        Write::Delete { .. } | Write::Put { .. } => None,
    }
}

/// How many records wait for the disk at once.
const RECORDS: usize = 64;
