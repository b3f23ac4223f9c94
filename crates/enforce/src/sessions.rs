//! `Sessions`: whose credential is this?

use std::collections::BTreeSet;
use std::net::IpAddr;

use async_trait::async_trait;
use bartizan_model::{
    AppName, CredentialDigest, CredentialKind, PointId, RequestId, Revision, Secret, SessionId, Subject,
    Timestamp,
};

use crate::feed::Subscription;

/// Where a credential works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// On this one host: a cookie.
    Host(String),
    /// At these apps: a token.
    Apps(BTreeSet<AppName>),
}

/// A credential that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The sign-in that it proves.
    pub session: SessionId,
    /// Whose sign-in that is.
    pub subject: Subject,
    /// What it is.
    pub kind: CredentialKind,
    /// Where it works.
    pub audience: Audience,
    /// When it ends, if sooner than the session.
    pub ends: Option<Timestamp>,
}

/// Proof that a point was told of a session: it may ask to be told of it again, and of no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Ticket([u8; 16]);

impl Ticket {
    /// The ticket with these bytes: a keyed digest of point and session that only control can make.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The answer to a question about a credential.
#[derive(Debug, Clone)]
pub struct Resolution {
    /// The stream by which session, person, device and risk come, and whatever becomes of them.
    pub subscription: Subscription,
    /// The revision of that stream at which they come, unless they came before.
    pub revision: Revision,
    /// The credential.
    pub resolved: Resolved,
    /// With it the point asks for this session when it subscribes again.
    pub ticket: Ticket,
}

/// A code of a sign-in, brought to the host that it is for.
#[derive(Debug, Clone)]
pub struct Redemption {
    /// The digest of the code.
    pub code: CredentialDigest,
    /// The host that it was brought to.
    pub host: String,
    /// What the browser was given when it left for the sign-in: the code was issued against its SHA-256.
    pub verifier: Secret<[u8; 32]>,
    /// The digest of the credential that the point has made for this host. It works once the code is spent.
    pub credential: CredentialDigest,
    /// The address that it was brought from.
    pub source: IpAddr,
    /// The request that brought it.
    pub request_id: RequestId,
}

/// A code that was spent.
#[derive(Debug, Clone)]
pub struct Redeemed {
    /// Whose sign-in it stands for, and the credential under it.
    pub resolution: Resolution,
    /// What the person is called, to be shown to nobody but them.
    pub called: Option<String>,
}

/// The question could not be answered.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SessionsError {
    /// The control plane did not answer.
    #[error("sessions cannot be looked up: {0}")]
    Unreachable(String),
}

/// Questions about credentials, by their SHA-256; nothing else of a credential travels.
#[async_trait]
pub trait Sessions: Send + Sync + std::fmt::Debug {
    /// Whose credential this is. The session joins the point's interest set.
    ///
    /// # Errors
    /// [`SessionsError`]; nothing is known then, which is not the same as `None`.
    async fn resolve(
        &self,
        point: PointId,
        digest: CredentialDigest,
    ) -> Result<Option<Resolution>, SessionsError>;

    /// Spends a code. `None` if it is unknown, spent, over, for another host or another browser; of several that bring
    /// one code at once, one gets it.
    ///
    /// # Errors
    /// [`SessionsError`]; the code may have been spent.
    async fn redeem(&self, point: PointId, redemption: Redemption)
    -> Result<Option<Redeemed>, SessionsError>;
}
