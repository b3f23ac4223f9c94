//! What is recorded of decisions and of the ends of grants.

use std::collections::BTreeMap;
use std::time::Duration;

use bartizan_model::{
    AccessRequest, BootTime, DecisionId, DenyReason, Event, EventKind, Outcome, Personal, PolicyId,
    RequestRef, Revision,
};

use bartizan_policy::Refusal;

use super::{Enforcer, View};
use crate::record::SealTo;
use crate::spool::{Class, Slot};
use crate::table::Entry;

impl Enforcer {
    pub(super) fn decision_event(
        &self,
        request: &AccessRequest,
        outcome: Outcome,
        reason: Option<DenyReason>,
        policies: &[PolicyId],
        revision: Revision,
        began: BootTime,
    ) -> Event {
        let mut event = self.recorder.event(EventKind::Decision, outcome);
        describe(&mut event, request, request.decision_id);
        event.reason = reason.map(|reason| reason.as_str().to_owned());
        event.policies = policies.to_vec();
        event.revision = Some(revision);
        event.latency_us = Some(micros(self.clock.boot().since(began)));
        event
    }

    pub(super) fn record_denial(&self, request: &AccessRequest, refusal: &Refusal, began: BootTime) {
        let Refusal { denial, context } = refusal;
        let event = self.decision_event(
            request,
            Outcome::Deny,
            Some(denial.reason),
            &denial.policies,
            denial.revision,
            began,
        );
        let view = self.view.load_full();
        let seal_to = view.as_ref().and_then(|view| seal_to(view, request));
        // Without any key (before the first feed message) the open part is still recorded.
        let personal = if seal_to.is_some() { personal(request, context) } else { Personal::default() };
        let written = self
            .recorder
            .encode(event, &personal, seal_to)
            .and_then(|payload| self.recorder.write(Class::Essential, payload));
        if let Err(error) = written {
            tracing::error!(%error, request_id = %request.request_id, "a denial is not recorded");
        }
    }

    /// A live grant was dropped: it is out of the table, and its end is recorded in the room kept for it.
    pub(crate) fn ended(
        &self,
        entry: &Entry,
        decision: DecisionId,
        slot: Option<Slot>,
        (received, sent): (u64, u64),
        failed: Option<&'static str>,
        began: BootTime,
    ) {
        self.table.lock().remove(entry.id);
        let denial = entry.denial.get();
        let outcome = match (denial, failed) {
            (Some(_), _) => Outcome::Cut,
            (None, Some(_)) => Outcome::Failed,
            (None, None) => Outcome::Ok,
        };
        let mut event = self.recorder.event(EventKind::GrantEnd, outcome);
        describe(&mut event, &entry.request, decision);
        event.reason = denial.map(|denial| denial.reason.as_str()).or(failed).map(str::to_owned);
        event.policies = denial.map(|denial| denial.policies.clone()).unwrap_or_default();
        event.revision = Some(denial.map_or_else(|| self.revision(), |denial| denial.revision));
        event.latency_us = Some(micros(self.clock.boot().since(began)));
        event.bytes_in = Some(received);
        event.bytes_out = Some(sent);
        let written =
            self.recorder.encode(event, &Personal::default(), None).and_then(|payload| match slot {
                Some(slot) => self.recorder.write_in(slot, payload),
                None => self.recorder.write(Class::Essential, payload),
            });
        if let Err(error) = written {
            tracing::error!(%error, request_id = %entry.request.request_id, decision_id = %decision, "the end of a grant is not recorded");
        }
    }
}

fn describe(event: &mut Event, request: &AccessRequest, decision: DecisionId) {
    event.request_id = Some(request.request_id);
    event.decision_id = Some(decision);
    event.subject = Some((&request.subject).into());
    event.session = request.session;
    event.device = request.device;
    event.resource = Some((&request.resource).into());
    event.action = Some(request.action.as_str().to_owned());
    event.request =
        request.http.as_ref().map(|http| RequestRef { method: http.method.clone(), host: http.host.clone() });
}

pub(super) fn personal(request: &AccessRequest, context: &BTreeMap<String, String>) -> Personal {
    let bounded = |text: &str, bytes: usize| -> String {
        text.char_indices().take_while(|(at, c)| at + c.len_utf8() <= bytes).map(|(_, c)| c).collect()
    };
    Personal {
        path: request.http.as_ref().map(|http| bounded(&http.path, MAX_PATH)),
        source: Some(request.source.to_string()),
        user_agent: request.user_agent.as_deref().map(|agent| bounded(agent, MAX_AGENT)),
        context: context.clone(),
    }
}

pub(super) fn seal_to(view: &View, request: &AccessRequest) -> Option<SealTo> {
    match request.subject.user().and_then(|user| view.world.user(user)) {
        Some(user) => user.sealing_key,
        None => view.anonymous_key,
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// The longest event of a grant's end: identifiers, names of at most 63 and a host of at most 253 bytes, with room.
pub(super) const END_EVENT: usize = 2048;

/// Longest recorded path and client description, in bytes.
const MAX_PATH: usize = 2048;
const MAX_AGENT: usize = 256;
