//! What is recorded: an open part that may be kept for ever, and a personal part that is sealed to its person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    DecisionId, DeviceId, EventId, PolicyId, RequestId, Resource, Revision, SealingKeyId, SessionId, Subject,
    Timestamp,
};

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// A question was answered.
    #[serde(rename = "decision")]
    Decision,
    /// What a grant permitted is over, by itself or because it was cut.
    #[serde(rename = "grant.end")]
    GrantEnd,
    /// A step of a sign-in.
    #[serde(rename = "signin.step")]
    SigninStep,
    /// A session began.
    #[serde(rename = "session.start")]
    SessionStart,
    /// A session ended.
    #[serde(rename = "session.end")]
    SessionEnd,
    /// An object was changed.
    #[serde(rename = "admin.change")]
    AdminChange,
    /// This deployment started.
    #[serde(rename = "system.start")]
    SystemStart,
    /// This deployment was brought back from a backup.
    #[serde(rename = "system.restore")]
    SystemRestore,
}

impl EventKind {
    /// The kind as it is spelled in events and searches.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::GrantEnd => "grant.end",
            Self::SigninStep => "signin.step",
            Self::SessionStart => "session.start",
            Self::SessionEnd => "session.end",
            Self::AdminChange => "admin.change",
            Self::SystemStart => "system.start",
            Self::SystemRestore => "system.restore",
        }
    }
}

/// How it came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was permitted.
    Permit,
    /// It was denied.
    Deny,
    /// It had been permitted and was ended because it no longer is.
    Cut,
    /// It went well.
    Ok,
    /// It went wrong.
    Failed,
}

impl Outcome {
    /// The outcome as it is spelled in events and searches.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Deny => "deny",
            Self::Cut => "cut",
            Self::Ok => "ok",
            Self::Failed => "failed",
        }
    }
}

/// A subject as events name it. Names are not recorded; readers who may see them are shown them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectRef {
    /// `User` or `Anonymous`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The random identifier.
    pub id: String,
}

impl From<&Subject> for SubjectRef {
    fn from(subject: &Subject) -> Self {
        Self { kind: subject.kind().into(), id: subject.id() }
    }
}

/// A resource as events name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceRef {
    /// `App`, `Client` or `Admin`; `Provider` of a step of a sign-in by an identity provider.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
}

impl From<&Resource> for ResourceRef {
    fn from(resource: &Resource) -> Self {
        Self { kind: resource.kind().into(), name: resource.name().into() }
    }
}

/// What of an HTTP request is recorded in the open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRef {
    /// The method.
    pub method: String,
    /// The host.
    pub host: String,
}

/// An object that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRef {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What was done: `created`, `changed`, `deleted`, `rolled_back`.
    pub change: String,
}

/// What describes a person's behaviour. Sealed to that person's key where the event arises.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Personal {
    /// The path, without query.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
    /// The network address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
    /// The client's description of itself, at most 256 bytes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user_agent: Option<String>,
    /// The context values that the decision read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub context: BTreeMap<String, String>,
}

impl Personal {
    /// Whether there is nothing to seal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.path.is_none() && self.source.is_none() && self.user_agent.is_none() && self.context.is_empty()
    }
}

/// The personal part, encrypted to the key of whom it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Whose key opens it. Once that key is destroyed, nothing does.
    pub key: SealingKeyId,
    /// The sealed bytes in base64url.
    #[serde(rename = "box")]
    pub bytes: String,
}

/// One event as it is kept: the JSON form of this is a leaf of the evidence log.
///
/// Query strings, header values, cookies, codes and tokens are in no field, sealed or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// This event.
    pub id: EventId,
    /// When it happened.
    pub time: Timestamp,
    /// What kind of thing happened.
    pub kind: EventKind,
    /// How it came out.
    pub outcome: Outcome,
    /// Why, as a stable code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The request that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_id: Option<RequestId>,
    /// The decision that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision_id: Option<DecisionId>,
    /// The revision that it happened at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revision: Option<Revision>,
    /// The policies that determined it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub policies: Vec<PolicyId>,
    /// Who asked or acted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<SubjectRef>,
    /// Under which sign-in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<SessionId>,
    /// From which device.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub device: Option<DeviceId>,
    /// For what.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub resource: Option<ResourceRef>,
    /// To do what.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub action: Option<String>,
    /// The HTTP request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request: Option<RequestRef>,
    /// The object that was changed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<ObjectRef>,
    /// How long it took, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub latency_us: Option<u64>,
    /// Bytes received from downstream.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes_in: Option<u64>,
    /// Bytes sent downstream.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes_out: Option<u64>,
    /// The personal part.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sealed: Option<Sealed>,
}

impl Event {
    /// An event of which nothing but this is known yet.
    #[must_use]
    pub const fn new(id: EventId, time: Timestamp, kind: EventKind, outcome: Outcome) -> Self {
        Self {
            id,
            time,
            kind,
            outcome,
            reason: None,
            request_id: None,
            decision_id: None,
            revision: None,
            policies: Vec::new(),
            subject: None,
            session: None,
            device: None,
            resource: None,
            action: None,
            request: None,
            object: None,
            latency_us: None,
            bytes_in: None,
            bytes_out: None,
            sealed: None,
        }
    }
}
