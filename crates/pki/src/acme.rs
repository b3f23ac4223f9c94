//! A client of certificate authorities that speak ACME (RFC 8555), with the challenge http-01.
//!
//! It holds the account and no key of a host: a certificate is asked for with a request that somebody else signed. What
//! the authority says is bounded in size and time, and what of it is repeated in logs is cut short and of one line.

mod wire;

use bartizan_model::{Clock, Secret};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, Order,
    OrderStatus, RetryPolicy,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use std::sync::Arc;
use std::time::Duration;

use crate::CertificateChain;
use wire::Wire;

/// Which authority, and who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcmeDirectory {
    /// Its directory; over TLS only.
    pub url: String,
    /// Where it reaches whoever runs the deployment, such as `mailto:ops@example.com`.
    pub contact: Vec<String>,
    /// What its own certificate is checked against in the place of the machine's roots.
    pub ca: Option<Vec<CertificateDer<'static>>>,
}

/// An account with an authority.
pub struct AcmeAccount {
    account: Account,
    wire: Wire,
}

/// Why there is no certificate.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AcmeError {
    /// There was no answer that could be used.
    #[error("the authority cannot be reached, or gives no answer that can be used: {problem}")]
    Unreachable {
        /// What happened.
        problem: String,
        /// How long it asks to be left alone.
        wait: Option<Duration>,
    },
    /// It says no.
    #[error("the authority refuses: {problem}")]
    Refused {
        /// What it says.
        problem: String,
        /// How long it asks to be left alone.
        wait: Option<Duration>,
    },
    /// It does not know the account (any more).
    #[error("the authority does not know the account: {problem}")]
    NoAccount {
        /// What it says.
        problem: String,
    },
    /// The kept account cannot be read.
    #[error("the kept account cannot be read (likely cause: it is damaged)")]
    Kept,
    /// Its own certificate cannot be checked.
    #[error("the authority's own certificate cannot be checked: {problem}")]
    Roots {
        /// What is wrong with the roots.
        problem: String,
    },
}

impl AcmeError {
    /// How long the authority asks to be left alone, if it does.
    #[must_use]
    pub const fn wait(&self) -> Option<Duration> {
        match self {
            Self::Unreachable { wait, .. } | Self::Refused { wait, .. } => *wait,
            Self::NoAccount { .. } | Self::Kept | Self::Roots { .. } => None,
        }
    }
}

impl AcmeAccount {
    /// A new account, for whom the terms of the authority have been agreed to, and its secret for keeping.
    ///
    /// # Errors
    /// [`AcmeError`].
    pub async fn register(
        directory: &AcmeDirectory,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Secret<Vec<u8>>), AcmeError> {
        let wire = Wire::new(directory.ca.as_deref(), clock)?;
        let contact: Vec<&str> = directory.contact.iter().map(String::as_str).collect();
        let new =
            NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let made =
            Account::builder_with_http(Box::new(wire.clone())).create(&new, directory.url.clone(), None);
        let (account, credentials) = made.await.map_err(|error| wire.said(&error))?;
        let secret = serde_json::to_vec(&credentials).map_err(|_unwritable| AcmeError::Kept)?;
        Ok((Self { account, wire }, Secret::new(secret)))
    }

    /// The account that was kept. Asks the authority for its directory.
    ///
    /// # Errors
    /// [`AcmeError`].
    pub async fn restore(
        directory: &AcmeDirectory,
        secret: &Secret<Vec<u8>>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AcmeError> {
        let wire = Wire::new(directory.ca.as_deref(), clock)?;
        let credentials: AccountCredentials =
            secret.expose(|bytes| serde_json::from_slice(bytes)).map_err(|_unreadable| AcmeError::Kept)?;
        let account = Account::builder_with_http(Box::new(wire.clone())).from_credentials(credentials);
        let account = account.await.map_err(|error| wire.said(&error))?;
        Ok(Self { account, wire })
    }

    /// Has the key behind a request (PKCS #10, DER) certified for one host. Meanwhile what `offer` is given, the token and
    /// the text for it, has to be answered under `http://HOST/.well-known/acme-challenge/TOKEN` as long as what it returned
    /// lives.
    ///
    /// # Errors
    /// [`AcmeError`].
    ///
    /// Cancel safe: yes; the authority forgets orders that are not finished.
    pub async fn order<O: Send>(
        &self,
        csr_der: &[u8],
        host: &str,
        offer: impl Fn(String, String) -> O + Send + Sync,
    ) -> Result<CertificateChain, AcmeError> {
        let mut again = 0;
        loop {
            match self.once(csr_der, host, &offer).await {
                Err(error) if lost_over_nonce(&error) && again < NONCES => again += 1,
                Err(error) => return Err(self.wire.said(&error)),
                Ok(pem) => return chain(&pem),
            }
        }
    }

    async fn once<O: Send>(
        &self,
        csr_der: &[u8],
        host: &str,
        offer: &(impl Fn(String, String) -> O + Send + Sync),
    ) -> Result<String, instant_acme::Error> {
        let identifiers = [Identifier::Dns(host.to_owned())];
        let mut order = self.account.new_order(&NewOrder::new(&identifiers)).await?;
        let mut offered = Vec::new();
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            match authorization.status {
                AuthorizationStatus::Valid => continue,
                AuthorizationStatus::Pending => {}
                AuthorizationStatus::Invalid
                | AuthorizationStatus::Revoked
                | AuthorizationStatus::Expired
                | AuthorizationStatus::Deactivated => {
                    return Err(instant_acme::Error::Str("it is not willing to look at the host"));
                }
            }
            let mut challenge = authorization
                .challenge(ChallengeType::Http01)
                .ok_or(instant_acme::Error::Unsupported("http-01 for this host"))?;
            if !is_token(&challenge.token) {
                return Err(instant_acme::Error::Str("its challenge has no token that can be in a path"));
            }
            offered.push(offer(challenge.token.clone(), challenge.key_authorization().as_str().to_owned()));
            challenge.set_ready().await?;
        }
        if order.poll_ready(&POLLING).await? == OrderStatus::Invalid {
            return Err(refusal(&mut order).await);
        }
        order.finalize_csr(csr_der).await?;
        let pem = order.poll_certificate(&POLLING).await?;
        drop(offered);
        Ok(pem)
    }
}

impl std::fmt::Debug for AcmeAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AcmeAccount").field("id", &self.account.id()).finish_non_exhaustive()
    }
}

/// Nonces are the authority's to refuse at any time (RFC 8555, 6.5); what was lost over one is begun anew.
fn lost_over_nonce(error: &instant_acme::Error) -> bool {
    matches!(error, instant_acme::Error::Api(problem) if kind(problem) == "badNonce")
}

/// What the authority found when it looked at the host.
async fn refusal(order: &mut Order) -> instant_acme::Error {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        match authorization.refresh().await {
            Ok(state) => {
                let found = state.challenges.iter().find_map(|challenge| challenge.error.clone());
                if let Some(problem) = found {
                    return problem.into();
                }
            }
            Err(error) => return error,
        }
    }
    instant_acme::Error::Str("it calls the order invalid and does not say why")
}

fn chain(pem: &str) -> Result<CertificateChain, AcmeError> {
    let unusable = |problem: String| AcmeError::Unreachable { problem, wait: None };
    let chain: CertificateChain = CertificateDer::pem_slice_iter(pem.as_bytes())
        .take(MAX_CHAIN)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(format!("its certificate is not PEM: {error}")))?;
    if chain.is_empty() { Err(unusable(String::from("its answer holds no certificate"))) } else { Ok(chain) }
}

/// RFC 8555, 8.3: base64url, 128 bits of entropy at least.
fn is_token(token: &str) -> bool {
    let permitted = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (22..=256).contains(&token.len()) && token.bytes().all(permitted)
}

/// The last part of the problem's type.
fn kind(problem: &instant_acme::Problem) -> &str {
    problem
        .r#type
        .as_deref()
        .and_then(|kind| kind.strip_prefix("urn:ietf:params:acme:error:"))
        .unwrap_or_default()
}

/// How often something may be lost over a nonce; the library has tried three already each time.
const NONCES: u32 = 5;

/// Public authorities take seconds, busy ones a minute.
const POLLING: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(250))
    .backoff(1.5)
    .timeout(Duration::from_secs(180));

/// Public authorities send two or three.
const MAX_CHAIN: usize = 10;

#[cfg(test)]
mod tests;
