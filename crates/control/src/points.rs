//! The enforcement points that are on machines of their own: how they join, what they are for, and how they are removed.
//!
//! A point is an object like any other, under the id that it gave itself; its certificate says no more than that id, is
//! good for a day, and is of no use once the object is gone. What a point may ask for is read from the object each time
//! and never from what the point says.

mod spec;
mod status;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_enforce::{Joined, Membership, MembershipError, PointIdentity, PointScope, Recorder};
use bartizan_model::{
    Clock, CredentialDigest, Entropy, EventKind, ObjectKind, ObjectRef, Outcome, Personal, PointId,
    PointName, Revision, Secret, Timestamp,
};
use bartizan_pki::{Authority, control_name, control_tls, key_digest, point_name, point_request, sha256};
use bartizan_store::{ChangeSet, Expect, Lookup, Object, SecretWrite, Store, Write};
use parking_lot::RwLock;

pub use spec::PointRole;
pub(crate) use spec::scope_of;
pub use status::{PointStatus, PointStatuses};
pub use tokens::JoinTokenMade;
pub(crate) use tokens::Wanted;

use crate::error::Error;
use spec::{JoinTokenSpec, PointSpec, damaged, read, to_value};

/// The enforcement points of the deployment.
#[derive(Debug)]
pub struct Points {
    store: Arc<dyn Store>,
    recorder: Arc<Recorder>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    authority: Authority,
    domain: String,
    issuer: RwLock<String>,
    address: Option<String>,
    /// Held from reading a token to spending it: of many who race for one, no more than the winner is recorded.
    turn: tokio::sync::Mutex<()>,
}

/// A point as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointEntry {
    /// Its id.
    pub id: PointId,
    /// What people call it.
    pub name: PointName,
    /// What kind of point it is.
    pub role: PointRole,
    /// What it is for.
    pub scope: PointScope,
    /// When it joined.
    pub joined: Timestamp,
    /// The revision that made it so.
    pub revision: Revision,
}

/// What became of a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PointRemoved {
    /// The point that is no more.
    pub point: PointId,
    /// Once this revision is applied, nobody takes it for one.
    pub revision: Revision,
}

impl Points {
    /// Opens the points of this store; makes their authority if there is none yet. `issuer` is where people sign in,
    /// `address` (`HOST:PORT`) where points reach control, if it listens for any.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Key`].
    pub async fn open(
        store: Arc<dyn Store>,
        recorder: Arc<Recorder>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        domain: String,
        issuer: String,
        address: Option<String>,
    ) -> Result<Arc<Self>, Error> {
        let authority = match store.secret(AUTHORITY).await? {
            Some(secret) => Authority::from_secret(&secret)?,
            None => {
                let name = format!("{domain} points");
                let authority = Authority::generate(&name, clock.now(), Authority::LIFETIME)?;
                let mut change = ChangeSet::new("system", clock.now());
                change
                    .secrets
                    .push(SecretWrite::Put { name: AUTHORITY.into(), value: authority.to_secret() });
                store.commit(change).await?;
                authority
            }
        };
        let (issuer, turn) = (RwLock::new(issuer), tokio::sync::Mutex::new(()));
        Ok(Arc::new(Self { store, recorder, clock, entropy, authority, domain, issuer, address, turn }))
    }

    /// Whether control listens for points, without which none can join.
    pub(crate) const fn are_listened_for(&self) -> bool {
        self.address.is_some()
    }

    /// Says where people sign in from now on, to who joins.
    pub fn set_issuer(&self, issuer: String) {
        *self.issuer.write() = issuer;
    }

    /// The deployment's domain, which is part of the names of points.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// What the listener for points speaks TLS with: a new key, certified for a month. Ask again each day, so that the
    /// certificate in use is never an old one.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub fn tls(&self) -> Result<Arc<rustls::ServerConfig>, Error> {
        let (key, csr) = point_request()?;
        let name = control_name(&self.domain);
        let chain = self.authority.certify_control(&csr, &name, self.clock.now(), CONTROL_CERTIFICATE)?;
        Ok(Arc::new(control_tls(self.authority.certificate(), chain, &key)?))
    }

    /// What a point is for; `None` if it is no point, or not any more.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn scope_of(&self, point: PointId) -> Result<Option<PointScope>, Error> {
        let Some(object) = self.store.get(ObjectKind::Point, &point.to_string()).await? else {
            return Ok(None);
        };
        Ok(Some(entry(&object)?.scope))
    }

    /// All points, in the order of their ids.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn list(&self) -> Result<Vec<PointEntry>, Error> {
        all(self.store.as_ref(), ObjectKind::Point).await?.iter().map(entry).collect()
    }

    /// The point with this name or id.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Store`], [`Error::Damaged`].
    pub async fn named(&self, name: &str) -> Result<PointEntry, Error> {
        let found = match name.parse::<PointId>() {
            Ok(id) => self.store.get(ObjectKind::Point, &id.to_string()).await?,
            // What cannot be a name is not even looked for.
            Err(_) if name.parse::<PointName>().is_err() => None,
            Err(_) => self.store.find(SPACE, name).await?.filter(|object| object.kind == ObjectKind::Point),
        };
        let missing = || Error::NotFound { what: "point", name: name.chars().take(64).collect() };
        entry(&found.ok_or_else(missing)?)
    }

    /// Removes a point, by name or id, and every key with which it signed. The caller records it first.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Store`], [`Error::Damaged`].
    pub async fn remove(&self, name: &str, author: &str) -> Result<PointRemoved, Error> {
        let mut tries = TRIES;
        loop {
            let point = self.named(name).await?;
            let mut change = ChangeSet::new(author, self.clock.now());
            change.writes.push(Write::Delete {
                kind: ObjectKind::Point,
                name: point.id.to_string(),
                expect: Expect::Revision(point.revision),
            });
            let own = point.id.to_string();
            for key in all(self.store.as_ref(), ObjectKind::AssertionKey).await? {
                if key.spec.get("point").and_then(serde_json::Value::as_str) == Some(own.as_str()) {
                    let (name, expect) = (key.name, Expect::Revision(key.revision));
                    change.writes.push(Write::Delete { kind: ObjectKind::AssertionKey, name, expect });
                }
            }
            match self.store.commit(change).await {
                Ok(committed) => {
                    return Ok(PointRemoved { point: point.id, revision: committed.revision });
                }
                // A key of it was replaced or tidied away meanwhile.
                Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. })
                    if tries > 1 =>
                {
                    tries -= 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn identity(&self, point: PointId, csr_der: &[u8]) -> Result<PointIdentity, MembershipError> {
        let name = point_name(&self.domain, point);
        let chain = self
            .authority
            .certify_point(csr_der, &name, self.clock.now(), POINT_CERTIFICATE)
            .map_err(|error| MembershipError::Refused(error.to_string()))?;
        let chain = chain.into_iter().map(|certificate| certificate.to_vec()).collect();
        Ok(PointIdentity { chain, authority: self.authority.certificate().to_vec() })
    }

    /// The token, if it can still be spent.
    async fn live_token(&self, name: &str) -> Result<(JoinTokenSpec, Revision), MembershipError> {
        let found = self.store.get(ObjectKind::JoinToken, name).await.map_err(|error| unreachable(&error))?;
        let Some(object) = found else { return Err(refused(UNKNOWN)) };
        let spec: JoinTokenSpec = read(&object).map_err(|error| refused(&error.to_string()))?;
        if spec.ends <= self.clock.now() {
            let mut change = ChangeSet::new("system", self.clock.now());
            let (name, expect) = (object.name, Expect::Revision(object.revision));
            change.writes.push(Write::Delete { kind: ObjectKind::JoinToken, name, expect });
            // Refused whether or not it could be tidied away.
            if let Err(error) = self.store.commit(change).await {
                tracing::debug!(%error, "a join token whose time is over was not removed");
            }
            let ends = spec.ends;
            return Err(MembershipError::Refused(format!(
                "this join token ended at {ends}: make another with `bartizan join-token create`"
            )));
        }
        Ok((spec, object.revision))
    }
}

#[async_trait]
impl Membership for Points {
    async fn join(
        &self,
        token: Secret<[u8; 32]>,
        point: PointId,
        csr_der: Vec<u8>,
    ) -> Result<Joined, MembershipError> {
        let token = token.expose(token_name);
        // Whoever brings no token of ours is refused before anybody waits for them.
        self.live_token(&token).await?;
        let _turn = self.turn.lock().await;
        let (spec, revision) = self.live_token(&token).await?;
        let id = point.to_string();
        // Deleted points, too: an id that was removed does not come back.
        if !self
            .store
            .history(ObjectKind::Point, &id, 1)
            .await
            .map_err(|error| unreachable(&error))?
            .is_empty()
        {
            return Err(refused("there is, or was, a point with this id: join with a new one"));
        }
        let identity = self.identity(point, &csr_der)?;
        let key = identity.chain.first().and_then(|leaf| key_digest(leaf));
        let key = key.ok_or_else(|| refused("the certificate request has no readable key"))?;
        let mut event = self.recorder.event(EventKind::AdminChange, Outcome::Ok);
        event.object = Some(ObjectRef {
            kind: ObjectKind::Point.as_str().into(),
            name: id.clone(),
            change: "created".into(),
        });
        self.recorder
            .record(event, &Personal::default(), None)
            .await
            .map_err(|error| MembershipError::Unreachable(error.to_string()))?;
        let now = self.clock.now();
        let stored = PointSpec {
            name: spec.name.clone(),
            role: spec.role,
            scope: spec.scope.clone(),
            joined: now,
            key: CredentialDigest::from_bytes(key).to_hex(),
        };
        let mut change = ChangeSet::new(spec.author, now);
        // In this order: the name goes from the token to the point.
        change.writes.push(Write::Delete {
            kind: ObjectKind::JoinToken,
            name: token,
            expect: Expect::Revision(revision),
        });
        change.writes.push(Write::Put {
            kind: ObjectKind::Point,
            name: id,
            spec: to_value(&stored),
            lookups: vec![Lookup::new(SPACE, spec.name.as_str())],
            expect: Expect::Absent,
        });
        match self.store.commit(change).await {
            Ok(_) => {}
            Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => {
                return Err(refused(UNKNOWN));
            }
            Err(error) => return Err(unreachable(&error)),
        }
        let (domain, issuer) = (self.domain.clone(), self.issuer.read().clone());
        Ok(Joined { scope: spec.scope.into(), identity, domain, issuer })
    }

    async fn renew(&self, point: PointId, csr_der: Vec<u8>) -> Result<PointIdentity, MembershipError> {
        self.known(point).await?;
        self.identity(point, &csr_der)
    }

    /// Nothing of it is stored: what follows from it is for whoever feeds the point.
    async fn leave(&self, point: PointId) -> Result<(), MembershipError> {
        self.known(point).await
    }
}

impl Points {
    async fn known(&self, point: PointId) -> Result<(), MembershipError> {
        let found = self
            .store
            .get(ObjectKind::Point, &point.to_string())
            .await
            .map_err(|error| unreachable(&error))?;
        found.map(drop).ok_or(MembershipError::Removed)
    }
}

fn entry(object: &Object) -> Result<PointEntry, Error> {
    let spec: PointSpec = read(object)?;
    let id = object.name.parse().map_err(|why: bartizan_model::IdError| damaged(object, &why.to_string()))?;
    let PointSpec { name, role, scope, joined, .. } = spec;
    Ok(PointEntry { id, name, role, scope: scope.into(), joined, revision: object.revision })
}

/// All objects of a kind. They are read in several steps, so it is not one state of them.
async fn all(store: &dyn Store, kind: ObjectKind) -> Result<Vec<Object>, Error> {
    let mut objects: Vec<Object> = Vec::new();
    loop {
        let after = objects.last().map(|object| object.name.clone());
        let page = store.list(kind, after.as_deref(), PAGE).await?;
        if page.is_empty() {
            return Ok(objects);
        }
        objects.extend(page);
    }
}

/// What the object of a token is called. It does not tell the secret.
fn token_name(secret: &[u8; 32]) -> String {
    CredentialDigest::from_bytes(sha256(secret)).to_hex()
}

fn unreachable(error: &bartizan_store::Error) -> MembershipError {
    MembershipError::Unreachable(error.to_string())
}

fn refused(why: &str) -> MembershipError {
    MembershipError::Refused(why.to_owned())
}

const UNKNOWN: &str =
    "this join token was spent, or never was one: make another with `bartizan join-token create`";

/// The lookups of points by the names that people gave them; a token keeps the name for the point that comes.
pub(crate) const SPACE: &str = "point-name";

const AUTHORITY: &str = "point-authority";

/// Short, so that nobody needs a revocation list; points renew at two thirds.
const POINT_CERTIFICATE: Duration = Duration::from_secs(24 * 3600);

/// Longer than any listener keeps one.
const CONTROL_CERTIFICATE: Duration = Duration::from_secs(30 * 24 * 3600);

/// How often a set of changes is made again that somebody else's change came before.
const TRIES: u32 = 5;

const PAGE: u32 = 500;

#[cfg(test)]
mod tests;
