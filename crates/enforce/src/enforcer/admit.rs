//! Register, decide, record, in this order.

use std::collections::BTreeMap;
use std::sync::Arc;

use bartizan_model::{
    AccessRequest, Action, AppFacts, Audit, BootTime, Denial, DenyReason, Outcome, Remedy, Subject, Way,
};
use bartizan_policy::{Decision, Grant, Key, Refusal};
use parking_lot::Mutex;

use super::events::{END_EVENT, personal, seal_to};
use super::{Enforcer, View};
use crate::ask::Ask;
use crate::live::{Hold, LiveGrant};
use crate::memory::VerdictKey;
use crate::spool::{Class, Durability};
use crate::table::Entry;

impl Enforcer {
    /// Asks for access: registers, decides, records, in this order, so that no change between is lost and nothing
    /// passes unrecorded.
    ///
    /// # Errors
    /// The [`Denial`], which has been recorded as far as anything can be.
    ///
    /// Cancel safe: yes; a grant that nobody waits for any more ends as if it had been dropped.
    pub async fn admit<T: Ask>(self: &Arc<Self>, asked: T) -> Result<LiveGrant<T>, Denial> {
        let answer = self.register_decide_record(asked).await;
        match &answer {
            Ok(_live) => self.counters().count_permitted(),
            Err(denial) => self.counters().count_denied(denial.reason),
        }
        answer
    }

    async fn register_decide_record<T: Ask>(self: &Arc<Self>, asked: T) -> Result<LiveGrant<T>, Denial> {
        let began = self.clock.boot();
        let hold = self.decide_new(asked.access_request(), began);
        let Admitted { hold, sequence, durability } = match hold {
            Ok(admitted) => admitted,
            Err(refusal) => {
                let request = asked.access_request();
                self.record_denial(request, &refusal, began);
                let mut denial = refusal.denial;
                denial.remedies = self.ways_out(request, denial.reason);
                return Err(denial);
            }
        };
        let live = LiveGrant::new(asked, hold);
        if self.recorder.settle(sequence, durability).await.is_err() {
            live.fail("evidence_unavailable");
            return Err(self.refuse(live.asked().access_request(), DenyReason::EvidenceUnavailable));
        }
        match live.cut_reason() {
            Some(denial) => Err(denial),
            None => Ok(live),
        }
    }

    fn decide_new(
        self: &Arc<Self>,
        request: &AccessRequest,
        began: BootTime,
    ) -> Result<Admitted, Box<Refusal>> {
        let refuse =
            |reason| Box::new(Refusal { denial: self.refuse(request, reason), context: BTreeMap::new() });
        // Before anything is spent on it.
        if !self.view.load().as_ref().is_some_and(|view| self.may_decide(view, request)) {
            return Err(refuse(DenyReason::LeaseExpired));
        }
        let slot = self
            .recorder
            .spool()
            .reserve(Class::Grant, END_EVENT)
            .map_err(|_full| refuse(DenyReason::EvidenceUnavailable))?;
        let entry = {
            let mut table = self.table.lock();
            if table.len() >= self.config.max_live {
                return Err(refuse(DenyReason::Overloaded));
            }
            // The view is read under the table's lock: whoever swaps it looks for the touched afterwards, and finds
            // this one either under keys of the old view or decided on the new.
            let view = self.view.load();
            let view = view.as_ref().ok_or_else(|| refuse(DenyReason::LeaseExpired))?;
            table.register(request.clone(), view.world.keys(request))
        };
        let registered = Registered { enforcer: self, entry: Some(entry) };
        let view = self.view.load_full().ok_or_else(|| refuse(DenyReason::LeaseExpired))?;
        // Again: who cuts what the lease no longer covers finds this one in the table, or has looked before, when it was over.
        if !self.may_decide(&view, request) {
            return Err(refuse(DenyReason::LeaseExpired));
        }
        match self.decide(&view, request) {
            Decision::Deny(refusal) => {
                crate::about::decision(request.decision_id, refusal.denial.revision);
                Err(Box::new(refusal))
            }
            Decision::Permit(grant) => {
                crate::about::decision(request.decision_id, grant.revision());
                let app = grant.app().cloned();
                let (class, durability) = durability_of(request.action, app.as_deref());
                let event = self.decision_event(
                    request,
                    Outcome::Permit,
                    None,
                    grant.policies(),
                    grant.revision(),
                    began,
                );
                let sequence = self
                    .recorder
                    .encode(event, &personal(request, grant.context()), seal_to(&view, request))
                    .and_then(|payload| self.recorder.write(class, payload))
                    .map_err(|error| {
                        tracing::error!(%error, "a permitted request is refused: it cannot be recorded");
                        refuse(DenyReason::EvidenceUnavailable)
                    })?;
                let entry = registered.keep();
                self.decided(&entry, grant, None);
                let hold = Hold {
                    enforcer: Arc::clone(self),
                    entry,
                    app,
                    decision: request.decision_id,
                    slot: Some(slot),
                    failed: Mutex::new(None),
                    began,
                };
                Ok(Admitted { hold, sequence, durability })
            }
        }
    }

    /// Whether the lease is held on what is asked for.
    fn may_decide(&self, view: &View, request: &AccessRequest) -> bool {
        let age = self.lease.age(self.clock.boot());
        age.is_some_and(|age| age < view.terms.on(&view.world, &request.resource))
    }

    /// What would help against a denial. Each way was tried on the world as it is; for nobody in particular that would
    /// cost more than it is worth to whoever sends many such requests: they sign in, and are told then. In an outage nothing
    /// helps, and trying would make an overload worse.
    fn ways_out(&self, request: &AccessRequest, reason: DenyReason) -> Vec<Remedy> {
        if request.subject == Subject::Anonymous {
            let sign_in = || vec![Remedy::new(Way::SignIn, None)];
            return if reason == DenyReason::SignInRequired { sign_in() } else { Vec::new() };
        }
        if reason.is_outage() {
            return Vec::new();
        }
        let view = self.view.load();
        view.as_ref().map(|view| view.engine.remedies(&view.world, request)).unwrap_or_default()
    }

    /// Decides one request on one view, from memory where memory answers.
    pub(super) fn decide(&self, view: &View, request: &AccessRequest) -> Decision {
        let key = VerdictKey {
            subject: request.subject.clone(),
            session: request.session,
            resource: request.resource.clone(),
            action: request.action,
        };
        if let Some(remembered) = self.verdicts.get(&key)
            && let Some(decision) = view.engine.recall(&self.minter, &view.world, request, &remembered)
        {
            return decision;
        }
        let (decision, remembered) = view.engine.decide_and_remember(&self.minter, &view.world, request);
        if let (Decision::Permit(_), Some(remembered)) = (&decision, remembered) {
            self.verdicts.insert(key, Arc::new(remembered));
        }
        decision
    }

    /// A grant was given or renewed. One that a re-decision has renewed meanwhile is left as that made it.
    pub(super) fn decided(&self, entry: &Entry, grant: Grant, keys: Option<Vec<Key>>) {
        let mut held = entry.grant.lock();
        if held.is_some() && keys.is_none() {
            return;
        }
        let deadline = grant.valid_until();
        *held = Some(grant);
        let mut table = self.table.lock();
        let earlier = table.next_due().is_none_or(|next| deadline < next);
        table.decided(entry.id, deadline, keys);
        drop(table);
        if earlier {
            self.rearmed.notify_one();
        }
    }
}

/// What was permitted, and the record of it that may still have to become durable.
struct Admitted {
    hold: Hold,
    sequence: u64,
    durability: Durability,
}

/// An entry of the table that goes away again unless it is kept.
struct Registered<'a> {
    enforcer: &'a Enforcer,
    entry: Option<Arc<Entry>>,
}

impl Registered<'_> {
    #[expect(clippy::expect_used, reason = "INVARIANT: made with an entry, and taken only here, by value")]
    fn keep(mut self) -> Arc<Entry> {
        self.entry.take().expect("kept once")
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        if let Some(entry) = &self.entry {
            self.enforcer.table.lock().remove(entry.id);
        }
    }
}

/// Administration and tokens are on disk before their effect, and so is what an app wants to be.
fn durability_of(action: Action, app: Option<&AppFacts>) -> (Class, Durability) {
    match action {
        Action::AdminRead | Action::AdminWrite | Action::TokenIssue => (Class::Essential, Durability::Strict),
        Action::HttpRead | Action::HttpWrite => match app.map(|app| app.audit) {
            Some(Audit::Strict) => (Class::Grant, Durability::Strict),
            Some(Audit::Normal) | None => (Class::Grant, Durability::Batched),
        },
    }
}
