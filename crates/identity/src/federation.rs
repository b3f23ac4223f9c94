//! People who sign in at an identity provider of somebody else (OpenID Connect Core 1.0): we are the relying party.
//!
//! A browser goes there with what only we can answer for (`away`), and comes back with a code. What the provider says for that
//! code is verified (`said`), and read by the rules that an administrator wrote down for it (`spec`): whether it is enough for
//! a sign-in, whose account it is, and which groups they are in. Whose account: the one that was linked with exactly this
//! issuer and subject before; or one that a rule links now, never one that merely has the same mail address.

pub(crate) mod away;
pub(crate) mod logout;
pub(crate) mod questions;
pub(crate) mod said;
mod spec;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use bartizan_model::{
    Clock, Entropy, GroupName, ObjectKind, ProviderName, RequestId, Revision, Secret, Timestamp, UserId,
};
use bartizan_store::Store;
use parking_lot::RwLock;

pub use spec::{GroupRule, Link, ProviderAuth, ProviderSpec, SecondFactor};

use crate::error::Error;
use crate::issuers::Issuers;
use crate::oidc::discovery::paths;
use crate::oidc::replays::Replays;
use crate::oidc::{Provider, Shared};
use crate::people::Attributes;
use crate::signing_keys::SigningKeys;
use crate::spec::read;

/// An identity provider as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProvider {
    /// Its name.
    pub name: ProviderName,
    /// What is known of it.
    pub spec: ProviderSpec,
    /// When it became so.
    pub revision: Revision,
}

impl IdentityProvider {
    /// What people call it.
    #[must_use]
    pub fn title(&self) -> &str {
        self.spec.title.as_deref().unwrap_or(self.name.as_str())
    }
}

/// What has to be registered at a provider, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Where it sends browsers back to.
    pub redirect_uri: String,
    /// Where it says that a sign-in there has ended (OpenID Connect Back-Channel Logout 1.0, 2.2).
    pub backchannel_logout_uri: String,
    /// Where it finds the key by which we prove ourselves, if it is by one.
    pub jwks_uri: Option<String>,
    /// Why nobody can sign in there at the moment, if nobody can.
    pub problem: Option<String>,
}

/// Somebody who has arrived from a provider, and what its rules make of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Whose word it is.
    pub provider: ProviderName,
    /// Who: a person there is, or else somebody to be made.
    pub who: Who,
    /// Mapped groups in which they are by what it says.
    pub joins: BTreeSet<GroupName>,
    /// Mapped groups in which they are not.
    pub leaves: BTreeSet<GroupName>,
    /// From where they came.
    pub source: IpAddr,
    /// With which request.
    pub request_id: RequestId,
}

/// Whom an arrival is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A person who is linked already.
    Linked(UserId),
    /// A person who is to be linked with this subject of this issuer.
    ToLink {
        /// Who.
        user: UserId,
        /// The issuer.
        issuer: String,
        /// What the issuer calls them.
        subject: String,
    },
    /// A person who is not to be linked with this issuer any more.
    ToPart {
        /// Who.
        user: UserId,
        /// The issuer.
        issuer: String,
    },
    /// Nobody yet.
    New(Box<Attributes>),
}

/// Writes down who has arrived: the account, its link and its groups, as one change that takes the way of every other.
#[async_trait]
pub trait Arrivals: Send + Sync + std::fmt::Debug {
    /// The person; none if what was to be written is somebody else's by now, such as the login name.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Evidence`]; [`Error::NotWritten`] if the change was refused.
    async fn arrived(&self, arrival: &Arrival) -> Result<Option<UserId>, Error>;
}

/// Identity providers, and what it takes to have people sign in there.
#[derive(Debug)]
pub struct Federation {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    issuers: Arc<Issuers>,
    keys: Arc<SigningKeys>,
    arrivals: RwLock<Option<Arc<dyn Arrivals>>>,
    /// Tokens by which providers have said that a sign-in has ended.
    logouts: Replays,
    started: Timestamp,
    /// Where browsers come back to: `https://auth.<domain>`.
    origin: RwLock<String>,
}

impl Federation {
    /// That of a deployment, which asks others by what its OpenID provider asks them by.
    #[must_use]
    pub fn new(provider: &Provider) -> Self {
        let Shared { store, clock, entropy, issuers, keys } = provider.shared();
        let (logouts, started) = (Replays::new(logout::REMEMBERS), clock.now());
        let (origin, arrivals) = (RwLock::default(), RwLock::new(None));
        Self { store, clock, entropy, issuers, keys, arrivals, logouts, started, origin }
    }

    /// From now on, browsers come back to this origin, and whoever arrives is written down by this.
    pub fn serves(&self, origin: &str, arrivals: Arc<dyn Arrivals>) {
        origin.clone_into(&mut self.origin.write());
        *self.arrivals.write() = Some(arrivals);
    }

    /// Where a provider sends browsers back to. It is another for each, so that an answer of one is never taken for another's.
    pub(crate) fn redirect_uri(&self, provider: &ProviderName) -> String {
        format!("{}/provider/{provider}/callback", self.origin.read())
    }

    /// A provider at which people may sign in now; none if there is no such one, or it is disabled.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn provider(&self, name: &ProviderName) -> Result<Option<IdentityProvider>, Error> {
        let object = self.store.get(ObjectKind::Provider, name.as_str()).await?;
        let provider = object.map(|object| {
            let spec: ProviderSpec = read("provider", &object)?;
            Ok::<_, Error>(IdentityProvider { name: name.clone(), spec, revision: object.revision })
        });
        Ok(provider.transpose()?.filter(|provider| !provider.spec.disabled))
    }

    /// All at which people may sign in now, by name.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn providers(&self) -> Result<Vec<IdentityProvider>, Error> {
        let mut providers = Vec::new();
        for object in self.store.list(ObjectKind::Provider, None, MOST).await? {
            let damaged = |_form| Error::Damaged { what: "provider", name: object.name.clone() };
            let name: ProviderName = object.name.parse().map_err(damaged)?;
            let spec: ProviderSpec = read("provider", &object)?;
            if !spec.disabled {
                providers.push(IdentityProvider { name, spec, revision: object.revision });
            }
        }
        Ok(providers)
    }

    /// What has to be registered at a provider, and whether it is as it must be for people to sign in there. It is
    /// asked once a minute at most.
    pub async fn examined(&self, name: &ProviderName, spec: &ProviderSpec) -> Examined {
        let origin = self.origin.read().clone();
        let by_key = spec.auth == ProviderAuth::PrivateKeyJwt;
        let lacks_secret = spec.auth.takes_secret() && spec.secret_set.is_none();
        let problem = match self.issuers.published(spec.issuer.as_str(), true).await {
            Err(why) => Some(why),
            Ok(published)
                if published.authorization_endpoint.is_none() || published.token_endpoint.is_none() =>
            {
                Some(String::from("it publishes keys, but no endpoints at which people could sign in"))
            }
            Ok(_) if lacks_secret => {
                Some(format!("its secret is not stored yet: `bartizan provider secret {name}` does that"))
            }
            Ok(_) if spec.disabled => Some(String::from("it is disabled")),
            Ok(_) => None,
        };
        Examined {
            redirect_uri: self.redirect_uri(name),
            backchannel_logout_uri: format!("{origin}{}", paths::PROVIDER_LOGOUT),
            jwks_uri: by_key.then(|| format!("{origin}{}", paths::JWKS)),
            problem,
        }
    }

    /// Writes down who has arrived.
    ///
    /// # Errors
    /// Those of [`Arrivals`]; [`Error::Busy`] before anything is written down here.
    pub(crate) async fn arrived(&self, arrival: &Arrival) -> Result<Option<UserId>, Error> {
        let arrivals = self.arrivals.read().clone().ok_or(Error::Busy)?;
        arrivals.arrived(arrival).await
    }

    /// The secret by which we prove ourselves there.
    async fn secret(&self, provider: &IdentityProvider) -> Result<Option<Secret<String>>, Error> {
        let name = secret_of_provider(&provider.name);
        let Some(bytes) = self.store.secret(&name).await? else { return Ok(None) };
        let damaged = |_form| Error::Damaged { what: "secret", name };
        bytes
            .expose(|bytes| std::str::from_utf8(bytes).map(|text| Secret::new(text.to_owned())))
            .map(Some)
            .map_err(damaged)
    }
}

/// The name of the stored secret by which we prove ourselves at a provider.
#[must_use]
pub fn secret_of_provider(name: &ProviderName) -> String {
    format!("provider/{name}")
}

/// As many are offered on one page.
const MOST: u32 = 16;
