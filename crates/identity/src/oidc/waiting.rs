//! Requests that wait: one that a client has pushed (RFC 9126), and one that waits until a person has signed in. Both are
//! sealed text that somebody else keeps, so whoever pushes thousands fills nothing here.

use std::time::Duration;

use bartizan_model::Timestamp;
use serde::{Deserialize, Serialize};

use super::Provider;
use super::refusal::{Code, Refusal};
use super::request::AuthorizationRequest;
use crate::error::Error;

/// A request, and since when somebody works on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) request: AuthorizationRequest,
    /// When the person came with it; none came yet with one that was pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) began: Option<Timestamp>,
    ends: Timestamp,
}

impl Provider {
    /// A request that a client pushed, as the `request_uri` by which a browser brings it.
    pub(crate) fn push(&self, request: AuthorizationRequest) -> Result<String, Error> {
        let ends = self.clock.now().plus(PUSHED_LIVES_FOR);
        self.seal(&Waiting { request, began: None, ends })
    }

    /// A request with which a person came, for when they come again.
    pub(crate) fn wait(&self, request: AuthorizationRequest, began: Timestamp) -> Result<String, Error> {
        let ends = began.plus(WAITS_FOR);
        self.seal(&Waiting { request, began: Some(began), ends })
    }

    fn seal(&self, waiting: &Waiting) -> Result<String, Error> {
        // INVARIANT: plain data with string keys always has a JSON form.
        let plain = serde_json::to_vec(waiting).unwrap_or_default();
        Ok(format!("{URN}{}", self.state.seal(PURPOSE, &plain)?))
    }

    /// The request that a browser brings so.
    pub(crate) fn waiting(&self, request_uri: &str) -> Result<Waiting, Refusal> {
        // Nothing is fetched, whatever an address may be given: ours are the only ones (RFC 9126, 2.2).
        let refused = || {
            Refusal::new(Code::InvalidRequestUri, "the `request_uri` is none of ours, or its time is over")
        };
        let opened = request_uri.strip_prefix(URN).and_then(|sealed| self.state.open(PURPOSE, sealed));
        let waiting =
            opened.and_then(|plain| plain.expose(|plain| serde_json::from_slice::<Waiting>(plain)).ok());
        waiting.filter(|waiting| waiting.ends > self.clock.now()).ok_or_else(refused)
    }
}

const URN: &str = "urn:ietf:params:oauth:request_uri:";

const PURPOSE: &str = "authorization-request";

/// A browser brings it at once.
pub(crate) const PUSHED_LIVES_FOR: Duration = Duration::from_secs(60);

/// Time for a sign-in, twice over: with a wrong password, and a phone to look for.
const WAITS_FOR: Duration = Duration::from_secs(1200);
