//! `Evidence`: from the enforcement point to control.

use async_trait::async_trait;
use bartizan_model::PointId;

/// Consecutive records of one point's spool.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Whose.
    pub point: PointId,
    /// The sequence number of the first entry; the others follow without gap.
    pub first: u64,
    /// Events in their stored (JSON) form.
    pub entries: Vec<Vec<u8>>,
}

/// Evidence could not be delivered. It stays in the spool.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EvidenceError {
    /// The receiving end did not take it.
    #[error("evidence cannot be delivered: {0}")]
    Unreachable(String),
    /// The receiving end will never take it: it is not what this point may record.
    #[error("evidence is refused: {0}")]
    Refused(String),
}

/// Batches from the spool, acknowledged once they are durable at the other end.
#[async_trait]
pub trait Evidence: Send + Sync + std::fmt::Debug {
    /// The sequence number of the newest record of this point that is durable; 0 if there is none.
    ///
    /// # Errors
    /// [`EvidenceError`]; the caller tries again.
    async fn position(&self, point: PointId) -> Result<u64, EvidenceError>;

    /// Delivers a batch and returns the sequence number up to which all is durable. A batch may come twice.
    ///
    /// # Errors
    /// [`EvidenceError`]; the caller tries again.
    async fn deliver(&self, batch: Batch) -> Result<u64, EvidenceError>;
}
