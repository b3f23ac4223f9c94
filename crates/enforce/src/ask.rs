//! Who may be admitted: anything that holds one question.

use std::net::IpAddr;
use std::sync::Arc;

use bartizan_model::{
    AccessRequest, Action, Clock, CredentialKind, DecisionId, DeviceId, Entropy, RequestId, Resource,
    SessionId, Subject, Timestamp,
};

/// Something that asks for access. What is asked is fixed when it is admitted: the live grant owns it from then on.
pub trait Ask {
    /// The question.
    fn access_request(&self) -> &AccessRequest;
}

/// Who called, as a local service is told by the plane that admitted the call.
///
/// A service that asks again, for more than the plane asked (an `AdminCall`), asks as this caller.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub subject: Subject,
    /// Under which sign-in.
    pub session: Option<SessionId>,
    /// From which device.
    pub device: Option<DeviceId>,
    /// What kind of credential they presented.
    pub credential: Option<CredentialKind>,
    /// When that credential ends, if sooner than the session.
    pub credential_ends: Option<Timestamp>,
    /// The address that they call from.
    pub source: IpAddr,
    /// The request that they made.
    pub request_id: RequestId,
    /// The client's description of itself.
    pub user_agent: Option<Arc<str>>,
}

impl Caller {
    /// What this caller asks, now.
    #[must_use]
    pub fn asks(
        &self,
        resource: Resource,
        action: Action,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> AccessRequest {
        let now = clock.now();
        AccessRequest {
            request_id: self.request_id,
            decision_id: DecisionId::ordered(now, entropy),
            now,
            subject: self.subject.clone(),
            session: self.session,
            device: self.device,
            credential_ends: self.credential_ends,
            resource,
            action,
            source: self.source,
            http: None,
            user_agent: self.user_agent.clone(),
        }
    }
}
