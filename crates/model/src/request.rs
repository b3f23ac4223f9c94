//! The question.

use std::net::IpAddr;
use std::sync::Arc;

use crate::{Action, DecisionId, DeviceId, RequestId, Resource, SessionId, Subject, Timestamp};

/// What of an HTTP request a policy may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpFacts {
    /// The method, in upper case.
    pub method: String,
    /// The host, in lower case, without port.
    pub host: String,
    /// The path, decoded once and normal; the query is not part of it.
    pub path: String,
}

/// One question to the policy engine: may this subject do this to that, now?
///
/// It holds all that a decision needs besides policies and world: its time and its identifiers, too, so that a
/// decision is a pure function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRequest {
    /// The request that it is asked for.
    pub request_id: RequestId,
    /// This question. A later re-decision of the same request has another.
    pub decision_id: DecisionId,
    /// When it is asked.
    pub now: Timestamp,
    /// Who asks.
    pub subject: Subject,
    /// The sign-in that they ask under; every subject but `Anonymous` has one.
    pub session: Option<SessionId>,
    /// The device that they ask from, if it proved its key.
    pub device: Option<DeviceId>,
    /// When the credential that they presented ends, if sooner than its session.
    pub credential_ends: Option<Timestamp>,
    /// What they ask for.
    pub resource: Resource,
    /// What they want to do with it.
    pub action: Action,
    /// The address that they ask from.
    pub source: IpAddr,
    /// The HTTP request, if it is one.
    pub http: Option<Arc<HttpFacts>>,
    /// The client's description of itself; recorded, never decided on.
    pub user_agent: Option<Arc<str>>,
}
