//! What an upstream is told about who asks, signed by a key of this point.
//!
//! An assertion is made for one session at one app and used until half of its life is over: signing each request would cost
//! more than deciding it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bartizan_enforce::{Enforcer, Keys, KeysError};
use bartizan_model::{
    AppFacts, AppName, BootTime, Clock, GroupName, PointId, SessionFacts, SessionId, Timestamp,
};
use bartizan_pki::{AssertionClaims, AssertionKey};
use http::HeaderValue;
use parking_lot::{Mutex, RwLock};

/// Why an upstream cannot be told who asks.
#[derive(Debug, thiserror::Error)]
pub enum AssertionError {
    /// The key cannot be made or used.
    #[error("an assertion cannot be signed")]
    Key(#[from] bartizan_pki::Error),
    /// Upstreams could not check what is signed with it.
    #[error("the public key for assertions is not published")]
    Unpublished(#[from] KeysError),
    /// It could not be published in time, or a moment ago.
    #[error("the public key for assertions could not be published in time")]
    Late,
    /// A token that is no header value.
    #[error("an assertion is not a header value")]
    Form(#[from] http::header::InvalidHeaderValue),
}

/// Makes and remembers assertions.
#[derive(Debug)]
pub(crate) struct Assertions {
    issuer: RwLock<Arc<str>>,
    keys: Arc<dyn Keys>,
    point: PointId,
    clock: Arc<dyn Clock>,
    signer: RwLock<Option<Arc<Signer>>>,
    /// Held while a key is published, with the time of the last failure: of many requests one asks.
    publishing: tokio::sync::Mutex<Option<BootTime>>,
    made: Mutex<HashMap<(SessionId, AppName), Made>>,
}

/// A published key.
#[derive(Debug)]
struct Signer {
    key: AssertionKey,
    sign_until: Timestamp,
}

#[derive(Debug)]
struct Made {
    said: Said,
    value: HeaderValue,
    /// One from a time that is still to come was made while the clock was ahead: nobody takes it.
    issued: Timestamp,
    renew_at: Timestamp,
}

impl Made {
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.issued <= now && now < self.renew_at
    }
}

/// What is said, but for the times: another session fact, group or host makes another assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    session: Arc<SessionFacts>,
    host: String,
    groups: BTreeSet<GroupName>,
}

impl Assertions {
    pub(crate) fn new(issuer: String, keys: Arc<dyn Keys>, enforcer: &Enforcer) -> Self {
        Self {
            issuer: RwLock::new(issuer.into()),
            keys,
            point: enforcer.point(),
            clock: Arc::clone(enforcer.clock()),
            signer: RwLock::default(),
            publishing: tokio::sync::Mutex::default(),
            made: Mutex::default(),
        }
    }

    /// From now on this is who says it.
    pub(crate) fn replace_issuer(&self, issuer: &str) {
        *self.issuer.write() = issuer.into();
        self.made.lock().clear();
    }

    /// The assertion for this session at this app.
    pub(crate) async fn for_session(
        &self,
        session: &Arc<SessionFacts>,
        app: &AppFacts,
        groups: BTreeSet<GroupName>,
    ) -> Result<HeaderValue, AssertionError> {
        let now = self.clock.now();
        let key = (session.id, app.name.clone());
        let said = Said { session: Arc::clone(session), host: app.host.clone(), groups };
        if let Some(made) = self.made.lock().get(&key).filter(|made| made.is_fresh(now) && made.said == said)
        {
            return Ok(made.value.clone());
        }
        let signer = self.signer(now).await?;
        let (value, renew_at) = self.sign(&signer, &said, now)?;
        let mut made = self.made.lock();
        if made.len() >= MAX_MADE {
            made.retain(|_, made| made.is_fresh(now));
            if made.len() >= MAX_MADE {
                made.clear();
            }
        }
        made.insert(key, Made { said, value: value.clone(), issued: now, renew_at });
        Ok(value)
    }

    fn sign(
        &self,
        signer: &Signer,
        said: &Said,
        now: Timestamp,
    ) -> Result<(HeaderValue, Timestamp), AssertionError> {
        let session = &said.session;
        let issued = now.as_secs();
        let ends = issued.saturating_add(LIFETIME).min(session.absolute_end.as_secs());
        let claims = AssertionClaims {
            iss: self.issuer.read().to_string(),
            sub: session.subject.distinct_id(),
            aud: said.host.clone(),
            iat: issued,
            exp: ends,
            jti: None,
            sid: Some(session.id.to_string()),
            preferred_username: None,
            groups: said.groups.iter().map(ToString::to_string).collect(),
            amr: session.amr.iter().cloned().collect(),
            acr: Some(session.level.as_str().to_owned()),
            auth_time: Some(session.auth_time.as_secs()),
        };
        let mut value = HeaderValue::try_from(signer.key.sign(&claims)?)?;
        value.set_sensitive(true);
        let half = u64::try_from(ends.saturating_sub(issued) / 2).unwrap_or(0);
        Ok((value, now.plus(Duration::from_secs(half))))
    }

    /// A key that upstreams can find. No key signs before it is published.
    async fn signer(&self, now: Timestamp) -> Result<Arc<Signer>, AssertionError> {
        let usable = |signer: &Arc<Signer>| now < signer.sign_until;
        if let Some(signer) = self.signer.read().as_ref().filter(|signer| usable(signer)) {
            return Ok(Arc::clone(signer));
        }
        let mut failed = self.publishing.lock().await;
        if let Some(signer) = self.signer.read().as_ref().filter(|signer| usable(signer)) {
            return Ok(Arc::clone(signer));
        }
        // While the next key cannot be published, the last one goes on for as long as upstreams find it.
        let last = self.signer.read().as_ref().filter(|last| now < last.sign_until.plus(GOES_ON)).cloned();
        let boot = self.clock.boot();
        if failed.is_some_and(|before| boot.since(before) < RETRY) {
            return last.ok_or(AssertionError::Late);
        }
        let key = AssertionKey::generate()?;
        let sign_until = now.plus(SIGN_FOR);
        let publish = self.keys.publish(self.point, key.public_jwk(), sign_until.plus(PUBLISHED_BEYOND));
        let published = match tokio::time::timeout(PUBLISH_TIMEOUT, publish).await {
            Ok(published) => published.map_err(AssertionError::from),
            Err(_late) => Err(AssertionError::Late),
        };
        if let Err(error) = published {
            *failed = Some(boot);
            return last.ok_or(error);
        }
        *failed = None;
        let signer = Arc::new(Signer { key, sign_until });
        *self.signer.write() = Some(Arc::clone(&signer));
        Ok(signer)
    }
}

/// The longest that the contract allows (CONTRACT.md, "HTTP").
const LIFETIME: i64 = bartizan_pki::MAX_ASSERTION_LIFETIME;

/// How long a key signs: a stolen one is soon of no use, and upstreams read the key set a few times a day.
const SIGN_FOR: Duration = Duration::from_secs(12 * 3600);

/// How long a key can be found after its last signature; assertions live for two minutes, clocks differ.
const PUBLISHED_BEYOND: Duration = Duration::from_secs(3600);

/// How long a key signs beyond its time if there is no other: what it signs last is over before it is lost.
const GOES_ON: Duration = Duration::from_secs(50 * 60);

const PUBLISH_TIMEOUT: Duration = Duration::from_secs(5);

const RETRY: Duration = Duration::from_secs(1);

/// About 1 KB each.
const MAX_MADE: usize = 20_000;
