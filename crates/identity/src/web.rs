//! What `auth.<domain>` serves: the pages by which people sign in and see to their account, and the public keys.
//!
//! A handler reads what came (`asked`), takes one step of the [`Flow`], and answers with a page or leads on. It decides
//! nothing: the enforcement point admitted the request, and the flow knows what a step may lead to.

mod account;
mod answer;
mod asked;
mod broken;
mod claim;
mod cookies;
mod device;
mod elsewhere;
mod factors;
mod jwks;
mod language;
mod link;
mod oidc;
mod open;
mod passkeys;
mod provider;
mod scim;
mod sign_in;
mod sign_out;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use bartizan_enforce::Enforcer;
use bartizan_model::Clock;
use bartizan_store::Store;

pub(crate) use asked::unescaped;
pub use cookies::find as find_cookie;
pub use language::{choose as choose_language, language};
pub use oidc::CALLED_FROM_ANYWHERE;
pub use scim::CALLED_WITH_A_TOKEN;

use crate::error::Error;
use crate::federation::Federation;
use crate::flow::Flow;
use crate::oidc::Provider;
use crate::oidc::discovery::paths::DEVICE;
use crate::passkeys::RelyingParty;
use crate::signing_keys::SigningKeys;

/// What the pages work with.
#[derive(Debug)]
pub struct Auth {
    /// Signs people in.
    pub flow: Arc<Flow>,
    /// Knows the apps.
    pub enforcer: Arc<Enforcer>,
    /// Holds the public keys.
    pub store: Arc<dyn Store>,
    /// Sign what is issued to other applications.
    pub signing_keys: Arc<SigningKeys>,
    /// Issues it.
    pub provider: Arc<Provider>,
    /// Has people sign in elsewhere.
    pub federation: Arc<Federation>,
    /// Keeps people and groups for the directory of the organisation.
    pub scim: Arc<dyn crate::scim::Directory>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The host of these pages.
    pub host: String,
    /// The ports that browsers use, by host where one has its own.
    pub ports: Ports,
}

/// The ports that browsers use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports {
    /// For the hosts of apps.
    pub apps: u16,
    /// For hosts of our own, by name.
    pub own: BTreeMap<String, u16>,
}

impl Ports {
    /// The origin of a host as browsers write it.
    #[must_use]
    pub fn origin_of(&self, host: &str) -> String {
        match self.own.get(host).copied().unwrap_or(self.apps) {
            443 => format!("https://{host}"),
            port => format!("https://{host}:{port}"),
        }
    }
}

impl Auth {
    fn origin_of(&self, host: &str) -> String {
        self.ports.origin_of(host)
    }

    /// Who issues what is issued here (OIDC Core, 2, `iss`).
    fn issuer(&self) -> String {
        self.origin_of(&self.host)
    }

    /// What passkeys are made for: these pages.
    fn party(&self) -> Result<RelyingParty, Error> {
        self.flow.relying_party(&self.host, &self.origin_of(&self.host))
    }

    /// The origin of a host of our own, by the name of its app.
    fn own_origin(&self, app: &str) -> Option<String> {
        let world = self.enforcer.world()?;
        let found = world.apps().find(|facts| facts.name.as_str() == app);
        found.map(|facts| self.origin_of(&facts.host))
    }

    /// Where people see what they may open. Until that is known: here.
    fn portal(&self) -> String {
        self.own_origin("portal").unwrap_or_else(|| self.origin_of(&self.host))
    }
}

/// The router of `auth.<domain>`.
pub fn router(auth: Arc<Auth>) -> Router {
    Router::new()
        .route("/", get(account::show))
        .route("/open", get(open::open))
        .route("/sign-in", get(sign_in::ask).post(sign_in::check))
        .route("/code", get(sign_in::ask_code).post(sign_in::check_code))
        .route("/recovery", get(sign_in::ask_recovery).post(sign_in::check_recovery))
        .route("/confirm", get(open::ask_again).post(open::check_again))
        .route("/link", get(link::look).post(link::spend))
        .route("/claim", get(claim::look).post(claim::choose))
        .route("/claim/app", get(claim::ask_app).post(claim::finish))
        .route(DEVICE, get(device::ask).post(device::look))
        .route("/device/allow", post(device::allow))
        .route("/device/deny", post(device::deny))
        .route("/device/again", get(device::again))
        .route("/sign-out", get(sign_out::ask).post(sign_out::here))
        .route("/sign-out/everywhere", post(sign_out::everywhere))
        .route("/switch", get(sign_out::ask_switch).post(sign_out::switch))
        .route("/signed-out", get(sign_out::done))
        .route("/sessions/end", post(account::end_session))
        .route("/recovery-codes", post(account::new_codes))
        .route("/kept", post(account::kept))
        .route("/apps", get(elsewhere::apps).post(elsewhere::apps))
        .route("/why", get(elsewhere::why))
        .route("/token", post(account::new_token))
        .route("/.well-known/jwks.json", get(jwks::keys))
        .merge(factors::routes())
        .merge(oidc::routes())
        .merge(passkeys::router())
        .merge(provider::routes())
        .merge(scim::routes())
        .fallback(broken::nothing_here)
        .layer(axum::middleware::from_fn(broken::in_words))
        .layer(axum::middleware::from_fn(language::choose))
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .with_state(auth)
}

/// A form holds a login, a password of 512 bytes, each of which may be written as three, and a token.
const MAX_FORM: usize = 8 * 1024;
