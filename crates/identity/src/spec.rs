//! The stored forms of people, sessions and credentials, and the facts that follow from them.

use std::collections::BTreeSet;

use bartizan_model::{
    AppName, AuthLevel, ClientGrantId, ClientName, CredentialKind, DeviceId, SealingKeyId, SessionFacts,
    SessionId, Subject, Timestamp, UserId, UserState,
};
use bartizan_store::Object;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::federation::said::SignedInBy;

/// A person as stored. Everything personal is in `sealed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UserSpec {
    pub(crate) state: UserState,
    #[serde(default)]
    pub(crate) admin: bool,
    pub(crate) key: SealingKeyId,
    /// The public key to which personal things are sealed, in base64url.
    pub(crate) public: String,
    /// The attributes, sealed to that key.
    pub(crate) sealed: String,
}

/// A session as stored: of a person, or of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SessionSpec {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<ClientName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) device: Option<DeviceId>,
    pub(crate) auth_time: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mfa_time: Option<Timestamp>,
    pub(crate) amr: BTreeSet<String>,
    pub(crate) level: AuthLevel,
    pub(crate) last_seen: Timestamp,
    pub(crate) idle_seconds: u64,
    pub(crate) absolute_end: Timestamp,
    /// Where it began, sealed to the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    /// What key it is, if it is one of a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<KeySpec>,
    /// By which identity provider its person signed in, if by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<SignedInBy>,
}

/// What is said of a key of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeySpec {
    /// What it is for, in somebody's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
    /// The apps at which it is good.
    pub(crate) apps: BTreeSet<AppName>,
    /// Who made it.
    pub(crate) author: String,
}

impl SessionSpec {
    /// Whose it is; nobody's is damaged.
    pub(crate) fn subject(&self) -> Option<Subject> {
        match (self.user, &self.service) {
            (Some(user), None) => Some(Subject::User(user)),
            (None, Some(client)) => Some(Subject::Service(client.clone())),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }
}

/// A credential as stored; its name is the SHA-256 of its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CredentialSpec {
    pub(crate) session: SessionId,
    pub(crate) kind: CredentialKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) apps: BTreeSet<AppName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ends: Option<Timestamp>,
    /// The family of which it is, of one that a client was given. Without that it is worth nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) grant: Option<ClientGrantId>,
}

/// The facts of a stored session.
#[must_use]
pub fn session_facts(name: &str, spec: &Value) -> Option<SessionFacts> {
    let id = name.parse().ok()?;
    let spec: SessionSpec = serde_json::from_value(spec.clone()).ok()?;
    Some(SessionFacts {
        id,
        subject: spec.subject()?,
        device: spec.device,
        auth_time: spec.auth_time,
        mfa_time: spec.mfa_time,
        amr: spec.amr,
        level: spec.level,
        last_seen: spec.last_seen,
        idle_timeout: std::time::Duration::from_secs(spec.idle_seconds),
        absolute_end: spec.absolute_end,
    })
}

/// What decisions read of a stored person: state, whether they administer, and the key to seal to.
#[must_use]
pub fn user_state(spec: &Value) -> Option<(UserState, bool, (SealingKeyId, [u8; 32]))> {
    let spec: UserSpec = serde_json::from_value(spec.clone()).ok()?;
    let public = URL_SAFE_NO_PAD.decode(&spec.public).ok()?;
    Some((spec.state, spec.admin, (spec.key, public.try_into().ok()?)))
}

/// The name of the secret that holds the private half of a sealing key. Destroying it erases what was sealed to it.
#[must_use]
pub fn user_key_secret(key: SealingKeyId) -> String {
    format!("sealing-key/{key}")
}

/// Which factors an object of kind `factors` is of.
pub(crate) fn generation_of(factors: &Object) -> Option<u64> {
    factors.spec.get("generation")?.as_u64()
}

pub(crate) fn read<T: serde::de::DeserializeOwned>(
    what: &'static str,
    object: &Object,
) -> Result<T, crate::Error> {
    serde_json::from_value(object.spec.clone())
        .map_err(|_form| crate::Error::Damaged { what, name: object.name.clone() })
}
