//! Certificates by a public authority: the deployment's account with it, and its orders.
//!
//! The keys of hosts are made at the points and stay there. Here is the key of the account, sealed in the store, and what the
//! authority is to be answered when it looks at a host, for as long as an order for it is open.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bartizan_enforce::KeysError;
use bartizan_model::{BootTime, Clock};
use bartizan_pki::{AcmeAccount, AcmeDirectory, AcmeError, CertificateChain, sha256};
use bartizan_store::{ChangeSet, SecretWrite, Store};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

/// A public authority that speaks ACME, and the account that this deployment has with it.
#[derive(Debug)]
pub struct PublicAuthority {
    directory: AcmeDirectory,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    account: tokio::sync::Mutex<Option<Arc<AcmeAccount>>>,
    places: Semaphore,
    open: Mutex<Open>,
    /// Until when the authority asks to be left alone: from then on, for so long.
    rests: Mutex<Option<(BootTime, Duration)>>,
}

/// What is asked for at this moment.
#[derive(Debug, Default)]
struct Open {
    hosts: HashSet<String>,
    /// By token: the host, and the answer.
    challenges: HashMap<String, (String, String)>,
}

impl PublicAuthority {
    /// This authority. It is asked for nothing until a host needs a certificate.
    #[must_use]
    pub fn new(directory: AcmeDirectory, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            directory,
            store,
            clock,
            account: tokio::sync::Mutex::default(),
            places: Semaphore::new(ORDERS),
            open: Mutex::default(),
            rests: Mutex::default(),
        }
    }

    /// What the authority is to be answered for this token at this host.
    pub(crate) fn challenge(&self, host: &str, token: &str) -> Option<String> {
        let open = self.open.lock();
        open.challenges.get(token).filter(|(for_host, _)| for_host == host).map(|(_, answer)| answer.clone())
    }

    /// Has the key behind a request certified for a host. The caller has looked at the request.
    pub(crate) async fn certify(&self, csr_der: &[u8], host: &str) -> Result<CertificateChain, KeysError> {
        let _ordered = Ordered::new(&self.open, host)
            .ok_or_else(|| later("an order for this host is open", Duration::ZERO))?;
        let Ok(_place) = self.places.acquire().await else {
            return Err(later("no more orders are taken", Duration::ZERO));
        };
        if let Some(wait) = self.rests_for() {
            return Err(later("the authority asked to be left alone", wait));
        }
        let mut done = self.order(csr_der, host).await;
        if let Err(AcmeError::NoAccount { problem }) = &done {
            tracing::warn!(problem, "the account with the authority is gone; a new one is made");
            self.forget_account().await?;
            done = self.order(csr_der, host).await;
        }
        done.map_err(|error| {
            let wait = error.wait().unwrap_or_default();
            // What it refuses is about one host. That it does not want to be asked at all holds for every host.
            if matches!(error, AcmeError::Unreachable { .. }) && !wait.is_zero() {
                *self.rests.lock() = Some((self.clock.boot(), wait));
            }
            later(&error.to_string(), wait)
        })
    }

    async fn order(&self, csr_der: &[u8], host: &str) -> Result<CertificateChain, AcmeError> {
        let account = self.account().await?;
        let offer = |token: String, answer: String| Challenge::new(&self.open, token, host, answer);
        account.order(csr_der, host, offer).await
    }

    /// How much longer the authority wants to be left alone.
    fn rests_for(&self) -> Option<Duration> {
        let (since, wait) = (*self.rests.lock())?;
        Some(wait.saturating_sub(self.clock.boot().since(since))).filter(|left| !left.is_zero())
    }

    /// The account; made when it is needed for the first time.
    async fn account(&self) -> Result<Arc<AcmeAccount>, AcmeError> {
        let mut account = self.account.lock().await;
        if let Some(account) = account.as_ref() {
            return Ok(Arc::clone(account));
        }
        let unkept = |error: bartizan_store::Error| {
            let problem = format!("the account cannot be kept or read: {error}");
            AcmeError::Unreachable { problem, wait: None }
        };
        let (name, clock) = (self.account_name(), Arc::clone(&self.clock));
        let opened = if let Some(secret) = self.store.secret(&name).await.map_err(unkept)? {
            AcmeAccount::restore(&self.directory, &secret, clock).await?
        } else {
            let (opened, value) = AcmeAccount::register(&self.directory, clock).await?;
            let mut change = ChangeSet::new("system", self.clock.now());
            change.secrets.push(SecretWrite::Put { name, value });
            self.store.commit(change).await.map_err(unkept)?;
            opened
        };
        Ok(Arc::clone(account.insert(Arc::new(opened))))
    }

    async fn forget_account(&self) -> Result<(), KeysError> {
        *self.account.lock().await = None;
        let mut change = ChangeSet::new("system", self.clock.now());
        change.secrets.push(SecretWrite::Delete { name: self.account_name() });
        let forgotten = self.store.commit(change).await;
        forgotten.map(drop).map_err(|error| KeysError::Unreachable(error.to_string()))
    }

    /// Another directory or another contact is another account.
    fn account_name(&self) -> String {
        let text = format!("{}\n{}", self.directory.url, self.directory.contact.join("\n"));
        let digest = bartizan_model::CredentialDigest::from_bytes(sha256(text.as_bytes()));
        format!("acme-account/{}", digest.to_hex())
    }
}

fn later(reason: &str, wait: Duration) -> KeysError {
    KeysError::Later { reason: reason.to_owned(), wait }
}

/// The one order that is open for a host; until this is dropped.
struct Ordered<'a> {
    open: &'a Mutex<Open>,
    host: &'a str,
}

impl<'a> Ordered<'a> {
    fn new(open: &'a Mutex<Open>, host: &'a str) -> Option<Self> {
        let is_first = open.lock().hosts.insert(host.to_owned());
        // Made only then: what is dropped gives the host back.
        is_first.then(|| Self { open, host })
    }
}

impl Drop for Ordered<'_> {
    fn drop(&mut self) {
        self.open.lock().hosts.remove(self.host);
    }
}

/// A challenge that is answered until this is dropped.
struct Challenge<'a> {
    open: &'a Mutex<Open>,
    token: String,
}

impl<'a> Challenge<'a> {
    fn new(open: &'a Mutex<Open>, token: String, host: &str, answer: String) -> Self {
        open.lock().challenges.insert(token.clone(), (host.to_owned(), answer));
        Self { open, token }
    }
}

impl Drop for Challenge<'_> {
    fn drop(&mut self) {
        self.open.lock().challenges.remove(&self.token);
    }
}

/// Orders of all points that are open at once: what waits, waits here and not at the authority.
const ORDERS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_known_for_its_host_while_its_order_is_open() {
        let open = Mutex::<Open>::default();
        let order = Ordered::new(&open, "wiki.test").unwrap();
        assert!(Ordered::new(&open, "wiki.test").is_none(), "one order for a host at a time");
        assert!(Ordered::new(&open, "other.test").is_some());
        let challenge = Challenge::new(&open, "token".into(), "wiki.test", "answer".into());
        assert_eq!(open.lock().challenges.len(), 1);
        drop(challenge);
        assert!(open.lock().challenges.is_empty());
        drop(order);
        assert!(Ordered::new(&open, "wiki.test").is_some());
    }
}
