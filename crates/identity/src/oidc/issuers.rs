//! The keys of others who issue tokens: read from where they publish them (OpenID Connect Discovery 1.0, 4), kept for a while,
//! and read again when a token names one that is not known. However many tokens come, an issuer is asked once a minute.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_model::{BootTime, Clock};
use parking_lot::Mutex;
use serde_json::Value;

use crate::clients::RedirectUri;
use crate::jose::KeySet;

/// Reads what others publish, from this machine. Certificates are verified, no redirect is followed, and it takes its time
/// and no more.
#[async_trait]
pub trait Fetch: Send + Sync + std::fmt::Debug {
    /// The document at this address, of at most [`MAX_FETCHED`] bytes; or why there is none.
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String>;
}

/// The largest document that is read, in bytes.
pub const MAX_FETCHED: usize = 256 * 1024;

/// Issuers, and what is known of their keys.
#[derive(Debug)]
pub(super) struct Issuers {
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<String, Known>>,
    /// One reads of an issuer at a time, so that a flood of tokens does not become a flood of questions; and one that does not
    /// answer holds up no other.
    reading: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

#[derive(Debug, Clone)]
struct Known {
    /// The keys, or why there are none.
    keys: Result<Arc<KeySet>, String>,
    /// When it was last tried to read them.
    tried: BootTime,
    /// When they were read.
    read: BootTime,
}

impl Issuers {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, known: Mutex::default(), reading: Mutex::default() }
    }

    /// The keys of an issuer. With `anew` they are not what was read an hour ago, as far as it may be asked again.
    pub(super) async fn keys(
        &self,
        fetch: Option<&Arc<dyn Fetch>>,
        issuer: &str,
        anew: bool,
    ) -> Result<Arc<KeySet>, String> {
        if let Some(known) = self.fresh(issuer, anew) {
            return known.keys;
        }
        let turn = Arc::clone(self.reading.lock().entry(issuer.to_owned()).or_default());
        let _turn = turn.lock().await;
        if let Some(known) = self.fresh(issuer, anew) {
            return known.keys;
        }
        let fetch = fetch.ok_or("nothing is read from elsewhere here")?;
        let keys = read(fetch.as_ref(), issuer).await.map(Arc::new);
        let (now, mut known) = (self.clock.boot(), self.known.lock());
        let before = known.get(issuer).cloned();
        if known.len() >= MOST {
            known.clear();
            self.reading.lock().clear();
        }
        // An issuer that cannot be reached for an hour has hardly withdrawn its keys meanwhile; of a day nobody knows.
        let goes_on = before.filter(|known| known.keys.is_ok() && now.since(known.read) < GOES_ON);
        let newest = match (keys, goes_on) {
            (Err(why), Some(before)) => {
                tracing::warn!(
                    issuer,
                    why,
                    "the keys of an issuer cannot be read again; those of before go on"
                );
                Known { tried: now, ..before }
            }
            (keys, _) => Known { keys, tried: now, read: now },
        };
        let keys = newest.keys.clone();
        known.insert(issuer.to_owned(), newest);
        drop(known);
        keys
    }

    fn fresh(&self, issuer: &str, anew: bool) -> Option<Known> {
        let known = self.known.lock().get(issuer).cloned()?;
        let lasts = if anew || known.keys.is_err() { AGAIN } else { KEPT };
        (self.clock.boot().since(known.tried) < lasts).then_some(known)
    }
}

async fn read(fetch: &dyn Fetch, issuer: &str) -> Result<KeySet, String> {
    let about = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let document = parsed(&about, &fetch.fetch(&about).await?)?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    if text("issuer") != Some(issuer) {
        return Err(format!("`{about}` is of another issuer"));
    }
    let jwks_uri = text("jwks_uri").ok_or_else(|| format!("`{about}` names no `jwks_uri`"))?;
    let in_clear = !jwks_uri.starts_with("https://");
    // Who is reached by TLS does not send us on to where anybody could answer.
    if jwks_uri.parse::<RedirectUri>().is_err() || (in_clear && issuer.starts_with("https://")) {
        return Err(format!("`{about}` names a `jwks_uri` that is not https"));
    }
    let keys = parsed(jwks_uri, &fetch.fetch(jwks_uri).await?)?;
    KeySet::of_others(&keys).map_err(|why| format!("`{jwks_uri}`: {why}"))
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
