//! The administration API under `/api/v1/`. Every handler takes the proof that its call was permitted; the one that
//! describes the others needs none (see `openapi`).

pub(crate) mod apply;
mod asked;
pub(crate) mod clients;
pub(crate) mod described;
mod erase;
pub(crate) mod failure;
pub(crate) mod forgery;
mod keys;
pub(crate) mod links;
pub(crate) mod log;
pub(crate) mod objects;
mod openapi;
pub(crate) mod people;
pub(crate) mod points;
mod providers;
mod routes;
pub(crate) mod service_keys;
pub(crate) mod sessions;
pub(crate) mod shown;
mod whoami;
pub(crate) mod why;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use bartizan_enforce::Enforcer;
use bartizan_evidence::Log;
use bartizan_identity::{Federation, Flow, People, SignIns, SigningKeys};
use bartizan_model::UserId;
use bartizan_store::Store;
use tokio_util::sync::CancellationToken;

pub use failure::Failure;
pub(crate) use people::record_change;

use crate::console;
pub use crate::console::live::Drawn;
use crate::endings::Endings;
use crate::error::Error;
use crate::hub::Hub;
use crate::points::{PointStatuses, Points};
use crate::probe::Looks;
use crate::register::Register;

/// What the handlers work with.
#[derive(Debug)]
pub struct Api {
    /// Decides every call.
    pub enforcer: Arc<Enforcer>,
    /// Knows what has been applied where.
    pub hub: Arc<Hub>,
    /// The objects.
    pub store: Arc<dyn Store>,
    /// The people.
    pub people: People,
    /// What lists are made of.
    pub register: Arc<Register>,
    /// The sign-ins.
    pub sign_ins: SignIns,
    /// Makes links for people to sign in with.
    pub flow: Arc<Flow>,
    /// Signs what the OpenID provider issues.
    pub signing_keys: Arc<SigningKeys>,
    /// Knows the identity providers at which people sign in.
    pub federation: Arc<Federation>,
    /// Where people sign in: `https://auth.<domain>[:PORT]`.
    pub auth_origin: String,
    /// The evidence.
    pub log: Arc<Log>,
    /// The enforcement points on machines of their own.
    pub points: Arc<Points>,
    /// Knows how they keep up.
    pub point_statuses: Arc<dyn PointStatuses>,
    /// Which certificates end when.
    pub endings: Arc<Endings>,
    /// Looks at the servers of apps.
    pub looks: Looks,
    /// How this deployment is reached.
    pub reached: Reached,
    /// What was drawn for who watches a list.
    pub drawn: Drawn,
    /// Cancelled when nothing is to be waited for any longer.
    pub stop: CancellationToken,
}

/// How this deployment is reached, as far as a page says it.
#[derive(Debug, Clone)]
pub struct Reached {
    /// The port that clients of apps use.
    pub apps_port: u16,
    /// The address of the public authority that certifies hosts, if one does.
    pub public_authority: Option<String>,
    /// The file with the certificate of the deployment's own authority.
    pub own_authority: PathBuf,
}

impl Reached {
    /// The address of an app's host.
    pub(crate) fn url(&self, host: &str) -> String {
        match self.apps_port {
            443 => format!("https://{host}/"),
            port => format!("https://{host}:{port}/"),
        }
    }
}

/// The router of `console.<domain>`.
pub fn router(api: Arc<Api>) -> Router {
    let calls = routes::all().into_iter().fold(Router::new(), |router, call| call.onto(router));
    calls
        .merge(console::routes())
        .fallback(failure::no_such_call)
        .layer(from_fn_with_state(Arc::clone(&api), forgery::guard))
        .layer(from_fn(console::failure::readable))
        .with_state(api)
}

impl Api {
    /// The person who is called this: by login name, or by identifier.
    pub(crate) async fn person(&self, name: &str) -> Result<UserId, Error> {
        if let Ok(id) = name.parse() {
            return Ok(id);
        }
        let found = self.people.find(name).await?;
        found.ok_or_else(|| Error::NotFound { what: "user", name: name.chars().take(64).collect() })
    }
}

/// How long an event that is not indexed yet is waited for (CONTRACT.md, `why`).
const INDEX_WAIT: Duration = Duration::from_secs(2);
