//! The keys that sign what the OpenID provider issues: made, published ahead of use, replaced, withdrawn.
//!
//! The private half is a secret of the store; the public half is an object, so that it has an author and a time. Which
//! key signs follows from the times alone: of one algorithm, the one that began to sign last. So nothing has to be
//! switched at the right moment, and two processes never disagree. A key is published before it signs, for clients that
//! keep what they have read, and stays published until the last token that it signed has ended.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{Clock, ObjectKind, Timestamp};
use bartizan_pki::{SigningAlgorithm, SigningKey};
use bartizan_store::{ChangeSet, Expect, Object, SecretWrite, Store, Write};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::jose::KeySet;
use crate::newest::Newest;
use crate::people::to_value;
use crate::spec::read;

/// A public half as stored; its name is the key's id.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeySpec {
    algorithm: SigningAlgorithm,
    jwk: Value,
    signs_from: Timestamp,
}

/// What a key does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStage {
    /// It is published, and signs later.
    Next,
    /// It signs.
    Current,
    /// It signs no more; what it signed still verifies.
    Past,
}

/// A key as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its thumbprint.
    pub id: String,
    /// How it signs.
    pub algorithm: SigningAlgorithm,
    /// What it does at the moment.
    pub stage: KeyStage,
    /// Since when it signs, or from when on it will.
    pub signs_from: Timestamp,
    /// Until when it is published, if another has followed it.
    pub until: Option<Timestamp>,
    jwk: Value,
}

/// How a key gives way to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// The next is published first, and nothing that was signed stops to verify.
    Overlapping,
    /// The key may be in other hands: the next signs at once, and what the old ones signed is worth nothing from now on.
    Withdrawing,
}

/// Keys as they are stored, with their ids.
type Specs = Vec<(String, KeySpec)>;

/// What a list of them says.
#[derive(Debug)]
struct Held {
    list: Arc<Vec<Object>>,
    specs: Arc<Specs>,
}

/// The signing keys of the deployment.
#[derive(Debug)]
pub struct SigningKeys {
    newest: Newest,
    clock: Arc<dyn Clock>,
    /// What the newest list says: each token needs it, and it changes four times a year.
    held: Mutex<Option<Held>>,
    /// Private halves that were read; a few.
    loaded: Mutex<BTreeMap<String, Arc<SigningKey>>>,
}

impl SigningKeys {
    /// The keys in this store, with one for ES256 at least.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Key`].
    pub async fn open(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let newest = Newest::new(store);
        let keys = Self { newest, clock, held: Mutex::default(), loaded: Mutex::default() };
        keys.signing(SigningAlgorithm::Es256).await?;
        Ok(keys)
    }

    /// All keys, by algorithm, the newest first.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn list(&self) -> Result<Vec<KeyFacts>, Error> {
        let (now, specs) = (self.clock.now(), self.specs().await?);
        let mut facts: Vec<KeyFacts> = Vec::new();
        for (id, KeySpec { algorithm, jwk, signs_from }) in specs.iter().cloned() {
            // The one before this in the list is the one that followed it.
            let follower =
                facts.last().filter(|last| last.algorithm == algorithm).map(|last| last.signs_from);
            let stage = match follower {
                _ if signs_from > now => KeyStage::Next,
                Some(from) if from <= now => KeyStage::Past,
                Some(_) | None => KeyStage::Current,
            };
            let until = follower.map(|from| from.plus(LONGEST_TOKEN));
            facts.push(KeyFacts { id, algorithm, stage, signs_from, until, jwk });
        }
        Ok(facts)
    }

    /// What is kept of the store in which they are, for whoever reads that, too.
    pub(crate) fn newest(&self) -> &Newest {
        &self.newest
    }

    /// What is stored of them, in the order of [`list`](Self::list).
    async fn specs(&self) -> Result<Arc<Specs>, Error> {
        let list = self.newest.list(ObjectKind::SigningKey, MAX_KEYS).await?;
        if let Some(held) = self.held.lock().as_ref().filter(|held| Arc::ptr_eq(&held.list, &list)) {
            return Ok(Arc::clone(&held.specs));
        }
        let mut specs = Vec::new();
        for object in list.iter() {
            let spec: KeySpec = read("signing key", object)?;
            specs.push((object.name.clone(), spec));
        }
        specs.sort_by(|(a_id, a), (b_id, b)| {
            (a.algorithm, b.signs_from, b_id).cmp(&(b.algorithm, a.signs_from, a_id))
        });
        let specs = Arc::new(specs);
        *self.held.lock() = Some(Held { list, specs: Arc::clone(&specs) });
        Ok(specs)
    }

    /// The keys that verify what was issued, as clients read them (RFC 7517, 5).
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub(crate) async fn published(&self) -> Result<Value, Error> {
        let now = self.clock.now();
        let keys = self.list().await?;
        let live = keys.into_iter().filter(|key| key.until.is_none_or(|until| until > now));
        Ok(json!({ "keys": live.map(|key| key.jwk).collect::<Vec<_>>() }))
    }

    /// The same, to verify with.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub(crate) async fn verifying(&self) -> Result<KeySet, Error> {
        let keys = self.published().await?;
        KeySet::of(&keys)
            .map_err(|_key| Error::Damaged { what: "signing key", name: String::from("of the set") })
    }

    /// The key that signs now; the first of its algorithm is made, and signs at once, since nobody has read the set
    /// without it.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`], [`Error::Key`].
    pub(crate) async fn signing(&self, algorithm: SigningAlgorithm) -> Result<Arc<SigningKey>, Error> {
        let current = |keys: Vec<KeyFacts>| {
            keys.into_iter().find(|key| key.algorithm == algorithm && key.stage == KeyStage::Current)
        };
        if let Some(facts) = current(self.list().await?) {
            return self.load(&facts).await;
        }
        self.make(algorithm, self.clock.now(), Vec::new(), "system").await?;
        // Of several who made the first at once, all sign with the same.
        let facts = current(self.list().await?).ok_or(Error::Busy)?;
        self.load(&facts).await
    }

    /// Replaces the key of an algorithm. One that is waiting to sign already is taken, unless keys are withdrawn.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`], [`Error::Key`].
    pub async fn rotate(
        &self,
        algorithm: SigningAlgorithm,
        rotation: Rotation,
        author: &str,
    ) -> Result<KeyFacts, Error> {
        let now = self.clock.now();
        let mut keys = self.list().await?;
        keys.retain(|key| key.algorithm == algorithm);
        let id = match rotation {
            Rotation::Overlapping => match keys.into_iter().find(|key| key.stage == KeyStage::Next) {
                Some(next) => return Ok(next),
                None => self.make(algorithm, now.plus(AHEAD), Vec::new(), author).await?,
            },
            Rotation::Withdrawing => self.make(algorithm, now, keys, author).await?,
        };
        let keys = self.list().await?;
        keys.into_iter().find(|key| key.id == id).ok_or(Error::Busy)
    }

    /// Makes the next key where one has signed for long enough, and takes away those that nobody needs any more. How
    /// many it made and took away.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`], [`Error::Key`].
    pub async fn keep(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        let keys = self.list().await?;
        let mut done = 0;
        for algorithm in SigningAlgorithm::ALL {
            let of = |stage| keys.iter().find(move |key| key.algorithm == algorithm && key.stage == stage);
            let due = of(KeyStage::Current).is_some_and(|key| now.since(key.signs_from) >= SIGNS_FOR);
            if due && of(KeyStage::Next).is_none() {
                self.rotate(algorithm, Rotation::Overlapping, "system").await?;
                done += 1;
            }
        }
        let over: Vec<KeyFacts> =
            keys.into_iter().filter(|key| key.until.is_some_and(|until| until <= now)).collect();
        if !over.is_empty() {
            done += over.len();
            let mut change = ChangeSet::new("system", now);
            self.forget(over, &mut change);
            match self.newest.store().commit(change).await {
                // Another process was faster.
                Ok(_) | Err(bartizan_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(done)
    }

    /// Keeps them until it is stopped.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        loop {
            match self.keep().await {
                Ok(0) => {}
                Ok(done) => tracing::info!(done, "signing keys were made or taken away by schedule"),
                Err(error) => tracing::warn!(%error, "signing keys cannot be kept in order"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => (),
            }
        }
    }

    /// Makes a key in the place of others; its id.
    async fn make(
        &self,
        algorithm: SigningAlgorithm,
        signs_from: Timestamp,
        others: Vec<KeyFacts>,
        author: &str,
    ) -> Result<String, Error> {
        // An RSA key takes a tenth of a second of computing.
        let made = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm)).await;
        let key = made.map_err(|_stopped| Error::Busy)??;
        let id = key.id().to_owned();
        let spec = KeySpec { algorithm, jwk: key.public_jwk().clone(), signs_from };
        let mut change = ChangeSet::new(author, self.clock.now());
        change.writes.push(Write::Put {
            kind: ObjectKind::SigningKey,
            name: id.clone(),
            spec: to_value(&spec),
            lookups: Vec::new(),
            expect: Expect::Absent,
        });
        change.secrets.push(SecretWrite::Put { name: secret_of(&id), value: key.to_secret() });
        self.forget(others, &mut change);
        self.newest.store().commit(change).await?;
        Ok(id)
    }

    fn forget(&self, keys: Vec<KeyFacts>, change: &mut ChangeSet) {
        let mut loaded = self.loaded.lock();
        for key in keys {
            loaded.remove(&key.id);
            change.secrets.push(SecretWrite::Delete { name: secret_of(&key.id) });
            let (kind, expect) = (ObjectKind::SigningKey, Expect::Any);
            change.writes.push(Write::Delete { kind, name: key.id, expect });
        }
    }

    async fn load(&self, facts: &KeyFacts) -> Result<Arc<SigningKey>, Error> {
        if let Some(key) = self.loaded.lock().get(&facts.id) {
            return Ok(Arc::clone(key));
        }
        let damaged = || Error::Damaged { what: "signing key", name: facts.id.clone() };
        let secret = self.newest.store().secret(&secret_of(&facts.id)).await?.ok_or_else(damaged)?;
        let key = Arc::new(SigningKey::from_secret(facts.algorithm, &secret)?);
        // The public half is what clients verify with: another private half would sign for nobody.
        if key.id() != facts.id {
            return Err(damaged());
        }
        self.loaded.lock().insert(facts.id.clone(), Arc::clone(&key));
        Ok(key)
    }
}

fn secret_of(id: &str) -> String {
    format!("signing-key/{id}")
}

/// How long a key signs before the next is made.
const SIGNS_FOR: Duration = Duration::from_secs(90 * 24 * 3600);

/// How long a key is published before it signs: four times as long as the key set may be kept by who has read it.
const AHEAD: Duration = Duration::from_secs(3600);

/// No token of ours lives longer.
pub(crate) const LONGEST_TOKEN: Duration = Duration::from_secs(3600);

/// Often enough for a schedule of months, and for a key that was replaced by command.
const EVERY: Duration = Duration::from_secs(600);

/// Three algorithms, each with a past, a current and a next; and as many again.
const MAX_KEYS: u32 = 16;
