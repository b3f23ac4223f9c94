//! `Sessions`: whose credential is this?

use std::collections::BTreeSet;

use async_trait::async_trait;
use bartizan_model::{
    AppName, CredentialDigest, CredentialKind, PointId, Revision, SessionId, Timestamp, UserId,
};
use bartizan_policy::Delta;

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
    pub user: UserId,
    /// What it is.
    pub kind: CredentialKind,
    /// Where it works.
    pub audience: Audience,
    /// When it ends, if sooner than the session.
    pub ends: Option<Timestamp>,
}

/// The answer to a question about a credential.
#[derive(Debug, Clone)]
pub struct Resolution {
    /// The revision at which the facts were read. Later changes of them come by `Feed`.
    pub revision: Revision,
    /// Session, person, device and risk.
    pub facts: Vec<Delta>,
    /// The credential.
    pub resolved: Resolved,
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
}
