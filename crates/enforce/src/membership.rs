//! `Membership`: how a machine comes to be an enforcement point of this deployment, and ceases to be one.

use std::collections::BTreeSet;

use async_trait::async_trait;
use bartizan_model::{AppName, PointId, Secret};
use serde::{Deserialize, Serialize};

/// What an enforcement point is for. It is told of nothing else, and nothing else is done for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointScope {
    /// Every app that has an upstream, as they come and go.
    Apps,
    /// These apps.
    Only(BTreeSet<AppName>),
}

/// A certificate for the connection to control, and what it is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointIdentity {
    /// The certificate of the point's key (DER, leaf first).
    pub chain: Vec<Vec<u8>>,
    /// The authority (DER) that certifies points and the control plane to each other, and nobody else.
    pub authority: Vec<u8>,
}

/// What a machine that has joined is told.
#[derive(Debug, Clone)]
pub struct Joined {
    /// What it is for.
    pub scope: PointScope,
    /// What it proves itself with.
    pub identity: PointIdentity,
    /// The deployment's domain.
    pub domain: String,
    /// Where people sign in: `https://auth.<domain>[:PORT]`.
    pub issuer: String,
}

/// A machine does not become, or stay, an enforcement point.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MembershipError {
    /// The control plane did not answer.
    #[error("the control plane cannot be reached: {0}")]
    Unreachable(String),
    /// It refused, with its reason.
    #[error("{0}")]
    Refused(String),
    /// The point was removed.
    #[error("this enforcement point was removed")]
    Removed,
}

/// Joining, staying, leaving. The key is made at the point and never leaves it.
#[async_trait]
pub trait Membership: Send + Sync + std::fmt::Debug {
    /// Spends a join token, and has the key that signed `csr_der` (PKCS #10) certified for this point.
    ///
    /// # Errors
    /// [`MembershipError::Refused`] if the token is unknown, spent or over, or there was such a point before.
    async fn join(
        &self,
        token: Secret<[u8; 32]>,
        point: PointId,
        csr_der: Vec<u8>,
    ) -> Result<Joined, MembershipError>;

    /// A new certificate for the point, before the old one ends.
    ///
    /// # Errors
    /// [`MembershipError`].
    async fn renew(&self, point: PointId, csr_der: Vec<u8>) -> Result<PointIdentity, MembershipError>;

    /// The point has stopped deciding and delivered what it recorded: nobody need wait for its lease.
    ///
    /// # Errors
    /// [`MembershipError`].
    async fn leave(&self, point: PointId) -> Result<(), MembershipError>;
}
