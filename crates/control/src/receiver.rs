//! The receiving end of `Evidence`: what the points recorded, put in order into the log.

use std::sync::Arc;

use async_trait::async_trait;
use bartizan_enforce::{Batch, Evidence, EvidenceError};
use bartizan_evidence::{Log, Record};
use bartizan_model::{Event, EventKind, Outcome, PointId};

use crate::uses::Uses;

/// Takes batches into the log and learns from them which sessions are in use.
#[derive(Debug)]
pub struct Receiver {
    log: Arc<Log>,
    uses: Arc<Uses>,
}

impl Receiver {
    /// The receiver of this log.
    #[must_use]
    pub const fn new(log: Arc<Log>, uses: Arc<Uses>) -> Self {
        Self { log, uses }
    }

    fn learn(&self, event: &Event) {
        let used = matches!(
            (event.kind, event.outcome),
            (EventKind::Decision, Outcome::Permit) | (EventKind::GrantEnd, Outcome::Ok)
        );
        if let (true, Some(session)) = (used, event.session) {
            self.uses.seen(session, event.time);
        }
    }
}

#[async_trait]
impl Evidence for Receiver {
    async fn position(&self, point: PointId) -> Result<u64, EvidenceError> {
        Ok(self.log.position(point))
    }

    async fn deliver(&self, batch: Batch) -> Result<u64, EvidenceError> {
        let unreachable = |error: bartizan_evidence::Error| EvidenceError::Unreachable(error.to_string());
        let records = (batch.first..)
            .zip(batch.entries)
            .map(|(sequence, entry)| Record::parse(batch.point, sequence, entry))
            .collect::<Result<Vec<_>, _>>()
            .map_err(unreachable)?;
        for record in &records {
            self.learn(record.event());
        }
        self.log.deliver(records).await.map_err(unreachable)
    }
}
