//! The answers: a verdict says what is so, a grant is the proof that one request may pass, a refusal says why not.

use std::collections::BTreeMap;
use std::sync::Arc;

use bartizan_model::{
    AccessRequest, AppFacts, DecisionId, Denial, DenyReason, Outcome, PolicyId, Resource, Revision, Timestamp,
};

use crate::world::World;

/// The right to have grants made. There is one in a process, and it lives in `enforce`: whoever holds none can ask
/// what a decision would be ([`crate::Engine::evaluate`]), but gets no [`Grant`] out of it. Not `Clone`.
#[derive(Debug)]
pub struct Minter {
    _private: (),
}

impl Minter {
    /// The one minter. Only `enforce` calls this.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a minter is made on purpose, never by the way")]
    pub const fn new() -> Self {
        Self { _private: () }
    }
}

/// What the answer to a question is. It permits nothing: that takes a [`Grant`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub(crate) reason: Option<DenyReason>,
    pub(crate) policies: Vec<PolicyId>,
    pub(crate) revision: Revision,
    pub(crate) valid_until: Timestamp,
    pub(crate) context: BTreeMap<String, String>,
}

impl Verdict {
    /// [`Outcome::Permit`] or [`Outcome::Deny`].
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self.reason {
            None => Outcome::Permit,
            Some(_) => Outcome::Deny,
        }
    }

    /// Why it is no, if it is.
    #[must_use]
    pub const fn reason(&self) -> Option<DenyReason> {
        self.reason
    }

    /// The policies that permit it; or those that forbid it or could not be evaluated. Empty if no policy speaks.
    #[must_use]
    pub fn policies(&self) -> &[PolicyId] {
        &self.policies
    }

    /// The revision that was decided on: the newest change that policies or world have seen.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// As long as policies and world stay the same, the answer is the same at every instant before this one.
    #[must_use]
    pub const fn valid_until(&self) -> Timestamp {
        self.valid_until
    }

    /// The context values that the policies in question read, such as `session.level` = `strong`.
    #[must_use]
    pub const fn context(&self) -> &BTreeMap<String, String> {
        &self.context
    }
}

/// The answer to a question that was asked in earnest.
#[derive(Debug)]
pub enum Decision {
    /// It may pass, and this proves it.
    Permit(Grant),
    /// It may not.
    Deny(Refusal),
}

/// Proof that the engine permitted one request. Not `Clone`, not `Default`, not `Deserialize`; made nowhere but here.
#[derive(Debug)]
#[must_use = "a grant that is not registered is not re-decided"]
pub struct Grant {
    decision_id: DecisionId,
    verdict: Verdict,
    app: Option<Arc<AppFacts>>,
}

impl Grant {
    /// The decision that this proves.
    #[must_use]
    pub const fn decision_id(&self) -> DecisionId {
        self.decision_id
    }

    /// The revision that was decided on.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.verdict.revision
    }

    /// When it must be decided again, if nothing changes before.
    #[must_use]
    pub const fn valid_until(&self) -> Timestamp {
        self.verdict.valid_until
    }

    /// The app that was decided on; `None` if it was a part of the administration.
    #[must_use]
    pub const fn app(&self) -> Option<&Arc<AppFacts>> {
        self.app.as_ref()
    }

    /// The policies that permitted it.
    #[must_use]
    pub fn policies(&self) -> &[PolicyId] {
        &self.verdict.policies
    }

    /// The context values that the decision read, for the sealed part of its event.
    #[must_use]
    pub const fn context(&self) -> &BTreeMap<String, String> {
        &self.verdict.context
    }
}

/// A denial, and the context values that the decision read, for the sealed part of its event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is said of it. The ways out are found apart from it ([`crate::Engine::remedies`]).
    pub denial: Denial,
    /// The context values that the decision read.
    pub context: BTreeMap<String, String>,
}

/// Turns a verdict into its consequence. The one place where a grant comes into being.
pub(crate) fn pronounce(_: &Minter, world: &World, request: &AccessRequest, verdict: Verdict) -> Decision {
    match verdict.reason {
        None => {
            let app = match &request.resource {
                Resource::App(name) => world.app(name).cloned(),
                Resource::Client(_) | Resource::Admin(_) => None,
            };
            Decision::Permit(Grant { decision_id: request.decision_id, verdict, app })
        }
        Some(reason) => Decision::Deny(Refusal {
            denial: Denial {
                reason,
                request_id: request.request_id,
                decision_id: request.decision_id,
                revision: verdict.revision,
                subject: request.subject.clone(),
                resource: request.resource.clone(),
                policies: verdict.policies,
                remedies: Vec::new(),
            },
            context: verdict.context,
        }),
    }
}
