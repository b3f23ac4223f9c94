//! One question before the engine: what is known, which policies are in question, and what Cedar says of each.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use bartizan_model::{AccessRequest, DenyReason, GroupName, PolicyId, Subject, Timestamp};
use cedar_policy::{Effect, Entities, Entity, EntityUid, Request};

use crate::compile::Unevaluable;
use crate::context::Circumstances;
use crate::counterfactual::Change;
use crate::engine::{Engine, Installed};
use crate::grant::Verdict;
use crate::reads::Reads;
use crate::standing::Standing;
use crate::time;
use crate::world::World;

/// A question, and everything that is known about it.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) world: &'a World,
    pub(crate) request: &'a AccessRequest,
    pub(crate) standing: Standing<'a>,
    pub(crate) groups: BTreeSet<GroupName>,
    pub(crate) candidates: Vec<&'a Installed>,
    pub(crate) reads: Reads,
    pub(crate) circumstances: Circumstances<'a>,
}

/// What the candidates say.
#[derive(Debug, Default)]
pub(crate) struct Judgement<'a> {
    pub(crate) permits: Vec<&'a Installed>,
    pub(crate) forbids: Vec<&'a Installed>,
    pub(crate) errors: Vec<&'a Installed>,
    /// The question itself could not be put to Cedar.
    pub(crate) unasked: bool,
}

impl Judgement<'_> {
    /// Cedar would let a request pass although a `forbid` could not be evaluated. Here whatever went wrong denies.
    pub(crate) fn permits(&self) -> bool {
        !self.permits.is_empty() && self.forbids.is_empty() && self.errors.is_empty() && !self.unasked
    }
}

impl<'a> Case<'a> {
    pub(crate) fn new(
        engine: &'a Engine,
        world: &'a World,
        request: &'a AccessRequest,
        standing: Standing<'a>,
    ) -> Self {
        let groups = standing.user.map(|user| world.reach(&user.groups)).unwrap_or_default();
        let candidates: Vec<&Installed> = engine
            .index
            .candidates(request, &groups)
            .into_iter()
            .filter_map(|number| engine.policy(number))
            .collect();
        let reads = candidates
            .iter()
            .fold(Reads::default(), |reads, policy| reads.union(policy.compiled.analysis.reads));
        let circumstances = Circumstances::of(
            request,
            standing.session.map(AsRef::as_ref),
            standing.device.map(AsRef::as_ref),
            standing.risk,
        );
        Self { engine, world, request, standing, groups, candidates, reads, circumstances }
    }

    /// The answer.
    pub(crate) fn verdict(&self) -> Verdict {
        let revision = self.engine.revision().max(self.world.revision());
        let context = self.circumstances.texts(self.reads);
        if let Some(reason) = self.standing.refused {
            let (policies, valid_until) = (Vec::new(), self.standing.until);
            return Verdict { reason: Some(reason), policies, revision, valid_until, context };
        }
        let judgement = self.judge(&self.circumstances);
        let (reason, policies) = if judgement.permits() {
            (None, names(&judgement.permits))
        } else {
            let mut policies = names(&judgement.forbids);
            policies.extend(names(&judgement.errors));
            (Some(self.reason(&judgement)), policies)
        };
        Verdict { reason, policies, revision, valid_until: self.valid_until(), context }
    }

    /// The first instant at which time can change the answer.
    pub(crate) fn valid_until(&self) -> Timestamp {
        let flips = self.candidates.iter().flat_map(|policy| policy.compiled.analysis.flips.iter());
        let session = self.standing.session.map(AsRef::as_ref);
        time::next_flip(flips, session, self.request.now).min(self.standing.until)
    }

    /// Asks Cedar about each candidate under these circumstances.
    ///
    /// Cedar's evaluator is asked about each policy alone. So nothing is skipped silently, as its authorizer skips what
    /// fails, and no set of policies has to be put together for a request.
    pub(crate) fn judge(&self, circumstances: &Circumstances<'_>) -> Judgement<'a> {
        let mut judgement = Judgement::default();
        if self.candidates.is_empty() {
            return judgement;
        }
        let (Some(request), Some(entities)) =
            (self.cedar_request(circumstances, self.reads), self.entities(self.candidates.iter().copied()))
        else {
            judgement.unasked = true;
            return judgement;
        };
        for policy in &self.candidates {
            match policy.compiled.applies(&request, &entities) {
                Ok(false) => {}
                Ok(true) if policy.compiled.effect == Effect::Permit => judgement.permits.push(policy),
                Ok(true) => judgement.forbids.push(policy),
                Err(Unevaluable) => judgement.errors.push(policy),
            }
        }
        judgement
    }

    /// The question as Cedar understands it, with these attributes in its context. The context comes from typed code,
    /// so it is compared with the schema in tests and not on each request.
    pub(crate) fn cedar_request(&self, circumstances: &Circumstances<'_>, reads: Reads) -> Option<Request> {
        let vocabulary = &self.engine.vocabulary;
        let context = circumstances.context(reads).ok()?;
        Request::new(
            vocabulary.subject(&self.request.subject),
            vocabulary.action(self.request.action),
            vocabulary.resource(&self.request.resource),
            context,
            None,
        )
        .ok()
    }

    /// The actions, and the subject with every group that it reaches and a candidate names. Resources have neither
    /// attributes nor parents; groups have no parents that the subject does not have, too.
    pub(crate) fn entities<'p>(
        &self,
        policies: impl IntoIterator<Item = &'p Installed>,
    ) -> Option<Cow<'a, Entities>> {
        let vocabulary = &self.engine.vocabulary;
        let named = policies.into_iter().flat_map(|policy| policy.compiled.groups.iter());
        let parents: HashSet<EntityUid> =
            named.filter(|(name, _)| self.groups.contains(name)).map(|(_, uid)| uid.clone()).collect();
        if parents.is_empty() {
            return Some(Cow::Borrowed(&vocabulary.actions));
        }
        let subject = Entity::new_no_attrs(vocabulary.subject(&self.request.subject), parents);
        vocabulary.actions.clone().add_entities([subject], None).ok().map(Cow::Owned)
    }

    /// Why the answer is no: what alone would turn it into a yes.
    fn reason(&self, judgement: &Judgement<'_>) -> DenyReason {
        if judgement.unasked || !judgement.errors.is_empty() {
            return DenyReason::DeniedByPolicy;
        }
        match self.request.subject {
            Subject::Anonymous => return DenyReason::SignInRequired,
            // A program cannot do anything about it: whoever runs it has the policies changed.
            Subject::Service(_) => return DenyReason::DeniedByPolicy,
            Subject::User(_) => {}
        }
        if self.would(Change::StepUp) {
            DenyReason::StepUpRequired
        } else if self.would(Change::Calm) {
            DenyReason::RiskTooHigh
        } else if self.would(Change::Trust) {
            DenyReason::DeviceNotTrusted
        } else {
            DenyReason::DeniedByPolicy
        }
    }

    /// Whether the answer would be yes with this change alone.
    pub(crate) fn would(&self, change: Change) -> bool {
        self.reads.intersects(change.touches()) && self.judge(&change.apply(&self.circumstances)).permits()
    }
}

fn names(policies: &[&Installed]) -> Vec<PolicyId> {
    policies.iter().map(|policy| policy.id.clone()).collect()
}
