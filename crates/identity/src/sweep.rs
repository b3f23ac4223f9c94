//! The sweeper: what has ended is not kept.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{Clock, ObjectKind, SessionFacts, SessionId, UserId};
use bartizan_store::{ChangeSet, Expect, Object, SecretWrite, Store, Write};
use tokio_util::sync::CancellationToken;

use crate::codes::CodeSpec;
use crate::error::Error;
use crate::factors::factor_secrets;
use crate::oidc::grants::GrantSpec;
use crate::sessions::SignIns;
use crate::spec::{CredentialSpec, session_facts};

/// What one round swept away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Sessions whose time was over.
    pub sessions: usize,
    /// Credentials whose time was over, or whose session is gone.
    pub credentials: usize,
    /// Codes whose time was over.
    pub codes: usize,
    /// Factors of people who are no more, with their secrets.
    pub factors: usize,
    /// Token families of clients whose session is gone.
    pub client_grants: usize,
    /// Consents of people, or to clients, who are no more.
    pub consents: usize,
}

/// Sweeps once a minute. Nothing depends on it for being refused: what has ended is refused where it is read.
#[derive(Debug)]
pub struct Sweeper {
    store: Arc<dyn Store>,
    sign_ins: SignIns,
    clock: Arc<dyn Clock>,
}

impl Sweeper {
    /// A sweeper of these sign-ins.
    #[must_use]
    pub fn new(sign_ins: SignIns) -> Self {
        Self { store: Arc::clone(&sign_ins.store), clock: Arc::clone(&sign_ins.clock), sign_ins }
    }

    /// Sweeps until it is stopped.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => (),
            }
            match self.sweep().await {
                Ok(swept) if swept == Swept::default() => {}
                Ok(Swept { sessions, credentials, codes, factors, client_grants, consents }) => {
                    let (grants, consents) = (client_grants, consents);
                    tracing::debug!(
                        sessions,
                        credentials,
                        codes,
                        factors,
                        grants,
                        consents,
                        "swept what has ended"
                    );
                }
                Err(error) => tracing::warn!(%error, "what has ended cannot be swept away"),
            }
        }
    }

    /// Sweeps once.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Evidence`]: what was not swept is swept next time.
    pub async fn sweep(&self) -> Result<Swept, Error> {
        let (sessions, live) = self.sessions().await?;
        let credentials = self.credentials(&live).await?;
        let codes = self.codes().await?;
        let factors = self.factors().await?;
        let client_grants = self.client_grants(&live).await?;
        let consents = self.consents().await?;
        Ok(Swept { sessions, credentials, codes, factors, client_grants, consents })
    }

    /// Ends sessions whose time is over; which live.
    async fn sessions(&self) -> Result<(usize, HashSet<SessionId>), Error> {
        let (mut swept, mut live) = (0, HashSet::new());
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list(ObjectKind::Session, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok((swept, live)) };
            after = Some(last.name.clone());
            let mut ended = Vec::new();
            for object in page {
                // One that cannot be read is for an operator to look at, not for us to take away.
                let Some(facts) = session_facts(&object.name, &object.spec) else { continue };
                let alive = facts.ends() > self.clock.now();
                if alive && self.has_client(&facts).await? {
                    live.insert(facts.id);
                } else {
                    let reason = if alive { "client_gone" } else { "expired" };
                    self.sign_ins.record_end(&object, reason).await?;
                    ended.push(object);
                }
            }
            swept += self.delete(ended).await?;
        }
    }

    async fn credentials(&self, live: &HashSet<SessionId>) -> Result<usize, Error> {
        let mut swept = 0;
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list(ObjectKind::Credential, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(swept) };
            after = Some(last.name.clone());
            let mut ended = Vec::new();
            for object in page {
                let Ok(spec) = serde_json::from_value::<CredentialSpec>(object.spec.clone()) else {
                    continue;
                };
                let over = spec.ends.is_some_and(|ends| ends <= self.clock.now());
                // A session that began after the sessions were read is not among them.
                if over || (!live.contains(&spec.session) && self.is_gone(spec.session).await?) {
                    ended.push(object);
                }
            }
            swept += self.delete(ended).await?;
        }
    }

    /// Whether there is the client of a service, so that its session can be good for anything; a person needs none.
    async fn has_client(&self, facts: &SessionFacts) -> Result<bool, Error> {
        match facts.subject.service() {
            Some(client) => Ok(self.store.get(ObjectKind::Client, client.as_str()).await?.is_some()),
            None => Ok(true),
        }
    }

    async fn is_gone(&self, session: SessionId) -> Result<bool, Error> {
        Ok(self.store.get(ObjectKind::Session, &session.to_string()).await?.is_none())
    }

    async fn codes(&self) -> Result<usize, Error> {
        let mut swept = 0;
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list(ObjectKind::Code, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(swept) };
            after = Some(last.name.clone());
            let mut ended = page;
            ended.retain(|object| {
                let spec = serde_json::from_value::<CodeSpec>(object.spec.clone());
                spec.is_ok_and(|spec| spec.ends <= self.clock.now())
            });
            swept += self.delete(ended).await?;
        }
    }

    /// Destroys what deleted people signed in with. Were one brought back, they begin with a link as everybody did.
    async fn factors(&self) -> Result<usize, Error> {
        let mut swept = 0;
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list(ObjectKind::Factors, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(swept) };
            after = Some(last.name.clone());
            let mut orphans = Vec::new();
            for object in page {
                if self.store.get(ObjectKind::User, &object.name).await?.is_none() {
                    orphans.push(object);
                }
            }
            swept += self.delete(orphans).await?;
        }
    }

    /// What a session gave to clients is worth nothing once it is gone.
    async fn client_grants(&self, live: &HashSet<SessionId>) -> Result<usize, Error> {
        let mut swept = 0;
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list(ObjectKind::ClientGrant, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(swept) };
            after = Some(last.name.clone());
            let mut ended = Vec::new();
            for object in page {
                let Ok(spec) = serde_json::from_value::<GrantSpec>(object.spec.clone()) else { continue };
                if !live.contains(&spec.session) && self.is_gone(spec.session).await? {
                    ended.push(object);
                }
            }
            swept += self.delete(ended).await?;
        }
    }

    /// Whoever comes later under the name of a client was agreed to by nobody.
    async fn consents(&self) -> Result<usize, Error> {
        let mut swept = 0;
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list(ObjectKind::Consent, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(swept) };
            after = Some(last.name.clone());
            let mut orphans = Vec::new();
            for object in page {
                let (user, client) = object.name.split_once('.').unwrap_or_default();
                let user = self.store.get(ObjectKind::User, user).await?;
                if user.is_none() || self.store.get(ObjectKind::Client, client).await?.is_none() {
                    orphans.push(object);
                }
            }
            swept += self.delete(orphans).await?;
        }
    }

    /// Deletes these objects as they were read: together, or one by one if somebody changed one of them.
    async fn delete(&self, objects: Vec<Object>) -> Result<usize, Error> {
        if objects.is_empty() {
            return Ok(0);
        }
        if self.commit(&objects).await? {
            return Ok(objects.len());
        }
        let mut deleted = 0;
        for object in &objects {
            deleted += usize::from(self.commit(std::slice::from_ref(object)).await?);
        }
        Ok(deleted)
    }

    async fn commit(&self, objects: &[Object]) -> Result<bool, Error> {
        let mut change = ChangeSet::new("system", self.clock.now());
        change.writes.extend(objects.iter().map(|object| Write::Delete {
            kind: object.kind,
            name: object.name.clone(),
            expect: Expect::Revision(object.revision),
        }));
        let factors = objects.iter().filter(|object| object.kind == ObjectKind::Factors);
        let users = factors.filter_map(|object| object.name.parse::<UserId>().ok());
        change.secrets.extend(users.map(|user| SecretWrite::Delete { name: factor_secrets(user) }));
        match self.store.commit(change).await {
            Ok(_) => Ok(true),
            Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// A minute, by which nobody notices.
const EVERY: Duration = Duration::from_secs(60);

/// How many objects are read, and deleted, at once.
const PAGE: u32 = 500;
