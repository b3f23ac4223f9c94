//! The question before a token: may this session have a credential for that app?

use bartizan_enforce::{Ask, Caller};
use bartizan_model::{AccessRequest, Action, AppName, Clock, DecisionId, Entropy, Resource};

/// Asks for `token:issue` at one app.
#[derive(Debug)]
pub struct TokenRequest {
    request: AccessRequest,
}

impl TokenRequest {
    /// What `caller` asks, now.
    #[must_use]
    pub fn new(caller: &Caller, app: AppName, clock: &dyn Clock, entropy: &dyn Entropy) -> Self {
        let now = clock.now();
        Self {
            request: AccessRequest {
                request_id: caller.request_id,
                decision_id: DecisionId::ordered(now, entropy),
                now,
                subject: caller.subject,
                session: caller.session,
                device: caller.device,
                credential_ends: caller.credential_ends,
                resource: Resource::App(app),
                action: Action::TokenIssue,
                source: caller.source,
                http: None,
                user_agent: caller.user_agent.clone(),
            },
        }
    }

    pub(crate) const fn request(&self) -> &AccessRequest {
        &self.request
    }
}

impl Ask for TokenRequest {
    fn access_request(&self) -> &AccessRequest {
        &self.request
    }
}
