//! The question before a token: may this session have a credential for that app?

use bartizan_enforce::{Ask, Caller};
use bartizan_model::{AccessRequest, Action, AppName, ClientName, Clock, Entropy, Resource};

/// Asks for `token:issue` at one app, or to one client.
#[derive(Debug)]
pub struct TokenRequest {
    request: AccessRequest,
}

impl TokenRequest {
    /// What `caller` asks, now.
    #[must_use]
    pub fn new(caller: &Caller, app: AppName, clock: &dyn Clock, entropy: &dyn Entropy) -> Self {
        Self { request: caller.asks(Resource::App(app), Action::TokenIssue, clock, entropy) }
    }

    /// What is asked for this person by a client to which they come, now.
    #[must_use]
    pub fn for_client(caller: &Caller, client: ClientName, clock: &dyn Clock, entropy: &dyn Entropy) -> Self {
        Self { request: caller.asks(Resource::Client(client), Action::TokenIssue, clock, entropy) }
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
