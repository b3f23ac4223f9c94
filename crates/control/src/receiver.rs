//! The receiving end of `Evidence`: what the points recorded, put in order into the log.

use std::sync::Arc;

use async_trait::async_trait;
use bartizan_enforce::{Batch, Evidence, EvidenceError};
use bartizan_evidence::{Log, Record};
use bartizan_model::{Clock, Event, EventKind, Outcome, PointId};

use crate::hub::{Hub, Sees};
use crate::uses::Uses;

/// Takes batches into the log and learns from them which sessions are in use.
#[derive(Debug)]
pub struct Receiver {
    log: Arc<Log>,
    uses: Arc<Uses>,
    hub: Arc<Hub>,
    clock: Arc<dyn Clock>,
}

impl Receiver {
    /// The receiver of this log, for the points that this hub knows.
    #[must_use]
    pub const fn new(log: Arc<Log>, uses: Arc<Uses>, hub: Arc<Hub>, clock: Arc<dyn Clock>) -> Self {
        Self { log, uses, hub, clock }
    }

    /// A point says which sessions are used. It is believed of those that it was told of, and up to now: one that lies
    /// keeps none alive that nobody has brought to it.
    fn learn(&self, point: PointId, sees: &Sees, event: &Event) {
        let used = matches!(
            (event.kind, event.outcome),
            (EventKind::Decision, Outcome::Permit) | (EventKind::GrantEnd, Outcome::Ok)
        );
        if let (true, Some(session)) = (used, event.session)
            && (*sees == Sees::Everything || self.hub.has_met(point, session))
        {
            self.uses.seen(session, event.time.min(self.clock.now()));
        }
    }
}

/// What is wrong with an event of a point that sees so much, if anything. A point elsewhere records decisions and their ends,
/// on apps of its scope; somebody's sign-in, or a change of an object, is nothing that it could know of.
fn foreign(sees: &Sees, event: &Event) -> Option<String> {
    if *sees == Sees::Everything {
        return None;
    }
    match event.kind {
        EventKind::Decision | EventKind::GrantEnd => {
            let app = event.resource.as_ref().filter(|resource| resource.kind == "App");
            let seen = app.and_then(|app| app.name.parse().ok()).is_some_and(|app| sees.named(&app));
            (!seen).then(|| String::from("it is of no app that this point is for"))
        }
        EventKind::SystemStart => None,
        EventKind::SigninStep
        | EventKind::SessionStart
        | EventKind::SessionEnd
        | EventKind::AdminChange
        | EventKind::SystemRestore => {
            Some(format!("a point elsewhere does not record `{}`", event.kind.as_str()))
        }
    }
}

#[async_trait]
impl Evidence for Receiver {
    async fn position(&self, point: PointId) -> Result<u64, EvidenceError> {
        if !self.hub.is_member(point) {
            return Err(EvidenceError::Refused(String::from(REMOVED)));
        }
        Ok(self.log.position(point))
    }

    async fn deliver(&self, batch: Batch) -> Result<u64, EvidenceError> {
        let point = batch.point;
        let sees = self.hub.sees(point).ok_or_else(|| EvidenceError::Refused(String::from(REMOVED)))?;
        let refused = |sequence: u64, why: &str| {
            EvidenceError::Refused(format!("record {sequence} of this point is not taken: {why}"))
        };
        let mut records = Vec::with_capacity(batch.entries.len());
        for (sequence, entry) in (batch.first..).zip(batch.entries) {
            let record = Record::parse(point, sequence, entry)
                .map_err(|error| refused(sequence, &error.to_string()))?;
            if let Some(why) = foreign(&sees, record.event()) {
                return Err(refused(sequence, &why));
            }
            records.push(record);
        }
        for record in &records {
            self.learn(point, &sees, record.event());
        }
        let taken = self.log.deliver(records).await;
        taken.map_err(|error| EvidenceError::Unreachable(error.to_string()))
    }
}

const REMOVED: &str = "this enforcement point was removed";

#[cfg(test)]
mod tests {
    use bartizan_enforce::PointScope;
    use bartizan_model::{EventId, Outcome, ResourceRef, Timestamp};

    use super::*;

    #[test]
    fn a_point_elsewhere_records_what_happens_in_its_scope_and_nothing_else() {
        let sees = Sees::Scope(PointScope::Only(["wiki".parse().unwrap()].into()));
        let event = |kind, app: Option<&str>| {
            let mut event =
                Event::new(EventId::from_bytes([1; 16]), Timestamp::from_micros(1), kind, Outcome::Ok);
            event.resource = app.map(|name| ResourceRef { kind: "App".into(), name: name.into() });
            event
        };
        for kind in [EventKind::Decision, EventKind::GrantEnd] {
            assert_eq!(foreign(&sees, &event(kind, Some("wiki"))), None);
            assert!(foreign(&sees, &event(kind, Some("payroll"))).is_some());
            assert!(foreign(&sees, &event(kind, None)).is_some());
        }
        assert_eq!(foreign(&sees, &event(EventKind::SystemStart, None)), None);
        for kind in [
            EventKind::SigninStep,
            EventKind::SessionStart,
            EventKind::SessionEnd,
            EventKind::AdminChange,
            EventKind::SystemRestore,
        ] {
            assert!(foreign(&sees, &event(kind, Some("wiki"))).is_some());
            assert_eq!(foreign(&Sees::Everything, &event(kind, None)), None);
        }
        let mut administration = event(EventKind::Decision, None);
        administration.resource = Some(ResourceRef { kind: "Admin".into(), name: "wiki".into() });
        assert!(foreign(&sees, &administration).is_some());
    }
}
