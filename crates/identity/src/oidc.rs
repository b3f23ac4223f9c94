//! The OpenID provider: other applications have people sign in here, and are told who they are.
//!
//! A client sends a browser to the authorization endpoint (`authorization`), gets a code, and spends it for tokens
//! (`exchange`), which are made in one place (`issue`). One that runs where there is no browser gets its code first, and it
//! becomes good when a person says so on another device (`device`). A service that was called with a
//! token gets one of its own for the next (`delegation`). All tokens that come of one code are one family
//! (`grants`) that hangs on the sign-in: when that ends, or the person or the client may not any more, all of them are worth
//! nothing. Whether they are is answered in one place (`standing`); whether they are given at all is a decision like any
//! other, on `token:issue`.

pub(crate) mod access;
pub(crate) mod authorization;
pub(crate) mod caller;
mod chain;
mod console_token;
mod delegation;
pub(crate) mod device;
pub(crate) mod discovery;
pub(crate) mod exchange;
mod federated;
pub(crate) mod grants;
pub(crate) mod issue;
pub(crate) mod logout;
pub(crate) mod proof;
pub(crate) mod refusal;
pub(crate) mod replays;
pub(crate) mod request;
mod service;
pub(crate) mod standing;
#[cfg(test)]
mod tests;
pub(crate) mod waiting;

use std::collections::BTreeMap;
use std::sync::Arc;

use bartizan_enforce::Enforcer;
use bartizan_model::{ClientName, Clock, Entropy, Secret, Timestamp};
use bartizan_pki::StateKey;
use bartizan_store::Store;
use parking_lot::{Mutex, RwLock};

use crate::clients::Clients;
use crate::error::Error;
use crate::flow::Flow;
use crate::issuers::{Fetch, Issuers};
use crate::made_once::made_once;
use crate::newest::Newest;
use crate::signing_keys::SigningKeys;
use crate::throttle::Throttle;
use crate::web::Ports;
use device::Pace;
use replays::Replays;
use service::Held;

/// Everything that the provider needs.
#[derive(Debug)]
pub struct Provider {
    store: Arc<dyn Store>,
    newest: Newest,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    enforcer: Arc<Enforcer>,
    flow: Arc<Flow>,
    clients: Clients,
    keys: Arc<SigningKeys>,
    /// Makes a refresh token out of a generation.
    refresh_key: Secret<[u8; 32]>,
    /// Seals requests that wait in a browser.
    state: StateKey,
    /// Seals nonces of this run.
    nonces: StateKey,
    /// What others publish that issue tokens.
    issuers: Arc<Issuers>,
    /// The sessions under which services get tokens.
    services: Mutex<BTreeMap<ClientName, Held>>,
    /// Held by whoever begins one.
    beginning: tokio::sync::Mutex<()>,
    proofs: Replays,
    assertions: Replays,
    /// Who guesses at the codes of devices waits.
    device_guesses: Throttle,
    /// How often devices ask.
    pace: Pace,
    /// Where the hosts of this deployment are reached, once that is known.
    ports: RwLock<Option<Ports>>,
    started: Timestamp,
}

/// What it takes to ask others.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) issuers: Arc<Issuers>,
    pub(crate) keys: Arc<SigningKeys>,
}

impl Provider {
    /// The provider of this deployment; makes the keys that only it has, if there are none yet.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Key`].
    pub async fn open(
        store: Arc<dyn Store>,
        enforcer: Arc<Enforcer>,
        flow: Arc<Flow>,
        keys: Arc<SigningKeys>,
    ) -> Result<Self, Error> {
        // One for all: who reads by it finds what the others have read.
        let newest = keys.newest().clone();
        let (clock, entropy) = (Arc::clone(enforcer.clock()), Arc::clone(enforcer.entropy()));
        let make = || Ok(StateKey::generate()?.to_secret());
        let state = made_once(store.as_ref(), clock.as_ref(), STATE_KEY, make).await?;
        let refresh = made_once(store.as_ref(), clock.as_ref(), REFRESH_KEY, make).await?;
        let damaged = || Error::Damaged { what: "secret", name: REFRESH_KEY.into() };
        let refresh =
            refresh.expose(|bytes| <[u8; 32]>::try_from(bytes.as_slice())).map_err(|_length| damaged())?;
        Ok(Self {
            clients: Clients::reading(newest.clone(), Arc::clone(&clock), Arc::clone(&entropy)),
            newest,
            refresh_key: Secret::new(refresh),
            state: StateKey::from_secret(&state)?,
            nonces: StateKey::generate()?,
            issuers: Arc::new(Issuers::new(Arc::clone(&clock))),
            services: Mutex::default(),
            beginning: tokio::sync::Mutex::default(),
            proofs: Replays::new(proof::REMEMBERS),
            assertions: Replays::new(caller::REMEMBERS),
            device_guesses: Throttle::new(Arc::clone(&clock)),
            pace: Pace::default(),
            ports: RwLock::new(None),
            started: clock.now(),
            store,
            clock,
            entropy,
            enforcer,
            flow,
            keys,
        })
    }
}

impl Provider {
    /// What it shares with who has people sign in elsewhere.
    pub(crate) fn shared(&self) -> Shared {
        Shared {
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            issuers: Arc::clone(&self.issuers),
            keys: Arc::clone(&self.keys),
        }
    }

    /// From now on, others are asked by this.
    pub fn asks_by(&self, fetch: Arc<dyn Fetch>) {
        self.issuers.asks_by(fetch);
    }
}

const STATE_KEY: &str = "oidc-state-key";

const REFRESH_KEY: &str = "oidc-refresh-key";
