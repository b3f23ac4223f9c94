//! What others publish who issue tokens: their keys and endpoints, read from where they say (OpenID Connect Discovery 1.0, 4),
//! kept for a while, and read again when a token names a key that is not known. However many tokens come, an issuer is asked
//! once a minute.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_model::{BootTime, Clock, Secret};
use parking_lot::{Mutex, RwLock};
use serde_json::Value;

use crate::clients::RedirectUri;
use crate::jose::KeySet;

/// Asks others, from this machine. Certificates are verified, no redirect is followed, and it takes its time and no more.
#[async_trait]
pub trait Fetch: Send + Sync + std::fmt::Debug {
    /// Status and at most [`MAX_FETCHED`] bytes of what is answered; or why nothing is.
    async fn ask(&self, question: &Question<'_>) -> Result<(u16, Vec<u8>), String>;

    /// The document at this address; or why there is none.
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        match self.ask(&Question { url, authorization: None, form: None }).await? {
            (200, body) => Ok(body),
            (status, _) => Err(format!("`{url}` answers {status}")),
        }
    }
}

/// What somebody else is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Where: `https`, or `http` on this machine.
    pub url: &'a str,
    /// What stands in the field `Authorization`.
    pub authorization: Option<&'a Secret<String>>,
    /// A form that is posted there. Without one, what is there is read.
    pub form: Option<&'a Secret<String>>,
}

/// The largest document that is read, in bytes.
pub const MAX_FETCHED: usize = 256 * 1024;

/// What an issuer publishes of itself.
#[derive(Debug)]
pub(crate) struct Published {
    /// Its public keys.
    pub(crate) keys: KeySet,
    /// Where people sign in.
    pub(crate) authorization_endpoint: Option<String>,
    /// Where codes are spent.
    pub(crate) token_endpoint: Option<String>,
    /// Where it says more about somebody.
    pub(crate) userinfo_endpoint: Option<String>,
    /// Whether it names itself in its answers (RFC 9207, 3).
    pub(crate) names_itself: bool,
}

/// Issuers, and what is known of them.
#[derive(Debug)]
pub(crate) struct Issuers {
    clock: Arc<dyn Clock>,
    fetch: RwLock<Option<Arc<dyn Fetch>>>,
    known: Mutex<HashMap<String, Known>>,
    /// One reads of an issuer at a time, so that a flood of tokens does not become a flood of questions; and one that does not
    /// answer holds up no other.
    reading: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

#[derive(Debug, Clone)]
struct Known {
    /// What it publishes, or why that is not known.
    published: Result<Arc<Published>, String>,
    /// When it was last tried to read it.
    tried: BootTime,
    /// When it was read.
    read: BootTime,
}

impl Issuers {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, fetch: RwLock::new(None), known: Mutex::default(), reading: Mutex::default() }
    }

    /// From now on, others are asked by this.
    pub(crate) fn asks_by(&self, fetch: Arc<dyn Fetch>) {
        *self.fetch.write() = Some(fetch);
    }

    /// By what others are asked.
    ///
    /// # Errors
    /// By nothing.
    pub(crate) fn fetch(&self) -> Result<Arc<dyn Fetch>, String> {
        self.fetch.read().clone().ok_or_else(|| String::from("nobody else is asked from here"))
    }

    /// What an issuer publishes. With `anew` it is not what was read an hour ago, as far as it may be asked again.
    pub(crate) async fn published(&self, issuer: &str, anew: bool) -> Result<Arc<Published>, String> {
        if let Some(known) = self.fresh(issuer, anew) {
            return known.published;
        }
        let turn = Arc::clone(self.reading.lock().entry(issuer.to_owned()).or_default());
        let _turn = turn.lock().await;
        if let Some(known) = self.fresh(issuer, anew) {
            return known.published;
        }
        let published = read(self.fetch()?.as_ref(), issuer).await.map(Arc::new);
        let (now, mut known) = (self.clock.boot(), self.known.lock());
        let before = known.get(issuer).cloned();
        if known.len() >= MOST {
            known.clear();
            self.reading.lock().clear();
        }
        // An issuer that cannot be reached for an hour has hardly withdrawn its keys meanwhile; of a day nobody knows.
        let goes_on = before.filter(|known| known.published.is_ok() && now.since(known.read) < GOES_ON);
        let newest = match (published, goes_on) {
            (Err(why), Some(before)) => {
                tracing::warn!(
                    issuer,
                    why,
                    "what an issuer publishes cannot be read again; that of before goes on"
                );
                Known { tried: now, ..before }
            }
            (published, _) => Known { published, tried: now, read: now },
        };
        let published = newest.published.clone();
        known.insert(issuer.to_owned(), newest);
        drop(known);
        published
    }

    fn fresh(&self, issuer: &str, anew: bool) -> Option<Known> {
        let known = self.known.lock().get(issuer).cloned()?;
        let lasts = if anew || known.published.is_err() { AGAIN } else { KEPT };
        (self.clock.boot().since(known.tried) < lasts).then_some(known)
    }
}

async fn read(fetch: &dyn Fetch, issuer: &str) -> Result<Published, String> {
    let about = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let document = parsed(&about, &fetch.fetch(&about).await?)?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    if text("issuer") != Some(issuer) {
        return Err(format!("`{about}` is of another issuer"));
    }
    let endpoint = |name: &str| match text(name) {
        // Who is reached by TLS does not send us on to where anybody could answer.
        Some(uri) if !is_safe(uri) || (!uri.starts_with("https://") && issuer.starts_with("https://")) => {
            Err(format!("`{about}` names a `{name}` that is not https"))
        }
        other => Ok(other.map(str::to_owned)),
    };
    let jwks_uri = endpoint("jwks_uri")?.ok_or_else(|| format!("`{about}` names no `jwks_uri`"))?;
    let keys = parsed(&jwks_uri, &fetch.fetch(&jwks_uri).await?)?;
    Ok(Published {
        keys: KeySet::of_others(&keys).map_err(|why| format!("`{jwks_uri}`: {why}"))?,
        authorization_endpoint: endpoint("authorization_endpoint")?,
        token_endpoint: endpoint("token_endpoint")?,
        userinfo_endpoint: endpoint("userinfo_endpoint")?,
        names_itself: document.get("authorization_response_iss_parameter_supported")
            == Some(&Value::Bool(true)),
    })
}

/// Whether it is an address that is asked or led to, and not a scheme of somebody's own.
fn is_safe(uri: &str) -> bool {
    uri.parse::<RedirectUri>().is_ok_and(|uri| uri.takes_posts())
}

fn parsed(from: &str, bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("`{from}` is no JSON: {error}"))
}

/// How long keys are kept before they are read again.
const KEPT: Duration = Duration::from_secs(3600);

/// How long keys are taken that cannot be read again.
const GOES_ON: Duration = Duration::from_secs(24 * 3600);

/// How soon an issuer is asked again, whatever tokens name.
const AGAIN: Duration = Duration::from_secs(60);

/// Issuers that are known at once; administrators name a few.
const MOST: usize = 256;
