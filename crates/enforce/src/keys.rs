//! `Keys`: private keys are made at the point and never leave it; this is how it has them vouched for.

use std::time::Duration;

use async_trait::async_trait;
use bartizan_model::{PointId, Timestamp};

/// A key could not be vouched for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeysError {
    /// The control plane did not answer.
    #[error("the control plane cannot be reached: {0}")]
    Unreachable(String),
    /// It refused, with its reason.
    #[error("the control plane refuses to certify: {0}")]
    Refused(String),
    /// Not now: whoever it asks in its turn failed, or wants to be left alone for a while.
    #[error("no certificate for now: {reason}")]
    Later {
        /// Why.
        reason: String,
        /// How long it is of no use to ask again.
        wait: Duration,
    },
}

/// Certificates for keys of the point, and publication of its public keys.
#[async_trait]
pub trait Keys: Send + Sync + std::fmt::Debug {
    /// A certificate chain (DER, leaf first) for the key that signed `csr_der`, naming `host` and nothing else.
    ///
    /// # Errors
    /// [`KeysError::Refused`] if the host is not in the point's scope or the request is not in order.
    async fn certify(&self, point: PointId, csr_der: Vec<u8>, host: &str) -> Result<Vec<Vec<u8>>, KeysError>;

    /// The same by the public authority that the deployment is configured with. Takes as long as that takes: minutes.
    ///
    /// # Errors
    /// [`KeysError::Refused`] as [`certify`](Self::certify), and if there is no such authority; [`KeysError::Later`] if it
    /// fails or an order for the host is open.
    async fn certify_publicly(
        &self,
        point: PointId,
        csr_der: Vec<u8>,
        host: &str,
    ) -> Result<Vec<Vec<u8>>, KeysError>;

    /// What a public authority is to be answered when it asks at `host` for this token; nothing unless an order for the host
    /// is open.
    async fn challenge(&self, host: &str, token: &str) -> Option<String>;

    /// Publishes a public key (JWK, RFC 7517) that verifies assertions of this point until `until`.
    ///
    /// # Errors
    /// [`KeysError`]; the point must not sign with a key that was not published.
    async fn publish(
        &self,
        point: PointId,
        jwk: serde_json::Value,
        until: Timestamp,
    ) -> Result<(), KeysError>;
}
