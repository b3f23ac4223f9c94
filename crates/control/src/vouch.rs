//! `Keys`: vouching for the keys of enforcement points.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_enforce::{Keys, KeysError};
use bartizan_model::{Clock, ObjectKind, PointId, Secret, Timestamp};
use bartizan_pki::{Authority, CertificateChain, check_request, sha256};
use bartizan_store::{ChangeSet, Expect, SecretWrite, Store, Write};
use serde_json::{Value, json};

use crate::error::Error;
use crate::hub::Hub;
use crate::public::PublicAuthority;

/// The deployment's certificate authority, at the service of its enforcement points.
#[derive(Debug)]
pub struct Vouch {
    hub: Arc<Hub>,
    store: Arc<dyn Store>,
    authority: Authority,
    public: Option<PublicAuthority>,
    clock: Arc<dyn Clock>,
}

impl Vouch {
    /// Opens the authority of this store; makes it if there is none yet. Points may have hosts certified by the `public` one,
    /// too.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Key`].
    pub async fn open(
        hub: Arc<Hub>,
        store: Arc<dyn Store>,
        name: &str,
        valid_for: Duration,
        public: Option<PublicAuthority>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, Error> {
        let authority = match store.secret(AUTHORITY).await? {
            Some(secret) => Authority::from_secret(&secret)?,
            None => {
                let authority = Authority::generate(name, clock.now(), valid_for)?;
                let mut change = ChangeSet::new("system", clock.now());
                let value: Secret<Vec<u8>> = authority.to_secret();
                change.secrets.push(SecretWrite::Put { name: AUTHORITY.into(), value });
                store.commit(change).await?;
                authority
            }
        };
        Ok(Arc::new(Self { hub, store, authority, public, clock }))
    }

    /// The authority's certificate, for clients to trust.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        self.authority.cert_pem()
    }

    /// Until when the authority can vouch for anything.
    #[must_use]
    pub const fn valid_until(&self) -> Timestamp {
        self.authority.valid_until()
    }
}

impl Vouch {
    fn in_scope(&self, point: PointId, host: &str) -> Result<(), KeysError> {
        let removed = || KeysError::Refused(String::from("this enforcement point was removed"));
        let sees = self.hub.sees(point).ok_or_else(removed)?;
        if sees.host(&self.hub.world(), host) {
            return Ok(());
        }
        // The same whether there is such a host or not: a point need not know.
        Err(KeysError::Refused(format!("no app that this point is for has the host `{host}`")))
    }
}

fn der(chain: CertificateChain) -> Vec<Vec<u8>> {
    chain.into_iter().map(|certificate| certificate.to_vec()).collect()
}

#[async_trait]
impl Keys for Vouch {
    async fn certify(&self, point: PointId, csr_der: Vec<u8>, host: &str) -> Result<Vec<Vec<u8>>, KeysError> {
        self.in_scope(point, host)?;
        let chain = self.authority.certify(&csr_der, host, self.clock.now(), HOST_CERTIFICATE);
        chain.map(der).map_err(|error| KeysError::Refused(error.to_string()))
    }

    async fn certify_publicly(
        &self,
        point: PointId,
        csr_der: Vec<u8>,
        host: &str,
    ) -> Result<Vec<Vec<u8>>, KeysError> {
        self.in_scope(point, host)?;
        check_request(&csr_der, host).map_err(|error| KeysError::Refused(error.to_string()))?;
        let Some(public) = &self.public else {
            return Err(KeysError::Refused(String::from("this deployment has no public authority")));
        };
        public.certify(&csr_der, host).await.map(der)
    }

    async fn challenge(&self, host: &str, token: &str) -> Option<String> {
        self.public.as_ref()?.challenge(host, token)
    }

    async fn publish(&self, point: PointId, jwk: Value, until: Timestamp) -> Result<(), KeysError> {
        let unreachable = |error: bartizan_store::Error| KeysError::Unreachable(error.to_string());
        if !self.hub.is_member(point) {
            return Err(KeysError::Refused(String::from("this enforcement point was removed")));
        }
        let until = until.min(self.clock.now().plus(LONGEST_KEY));
        let form = jwk.to_string();
        if form.len() > 4096 || jwk.get("d").is_some() {
            return Err(KeysError::Refused(String::from("that is not a public key")));
        }
        let mut change = ChangeSet::new("system", self.clock.now());
        // Keys that nobody needs any more go with the next that comes.
        for old in self.store.list(ObjectKind::AssertionKey, None, MAX_KEYS).await.map_err(unreachable)? {
            let ended = old.spec.get("until").and_then(Value::as_str).and_then(|until| until.parse().ok());
            if ended.is_none_or(|until: Timestamp| until < self.clock.now()) {
                let (name, expect) = (old.name, Expect::Revision(old.revision));
                change.writes.push(Write::Delete { kind: ObjectKind::AssertionKey, name, expect });
            }
        }
        let digest = sha256(form.as_bytes());
        let name = bartizan_model::CredentialDigest::from_bytes(digest).to_hex();
        let spec = json!({ "jwk": jwk, "until": until.to_string(), "point": point.to_string() });
        change.writes.push(Write::Put {
            kind: ObjectKind::AssertionKey,
            name,
            spec,
            lookups: Vec::new(),
            expect: Expect::Any,
        });
        self.store.commit(change).await.map_err(unreachable)?;
        Ok(())
    }
}

const AUTHORITY: &str = "authority";

/// Short, so that nobody needs a revocation list; points renew at two thirds.
const HOST_CERTIFICATE: Duration = Duration::from_secs(24 * 3600);

/// Points sign with a key for half a day. Who asks for more would have it verified long after.
const LONGEST_KEY: Duration = Duration::from_secs(24 * 3600);

const MAX_KEYS: u32 = 256;
