//! What is known of a point beyond what is stored: how it keeps up.

use std::collections::BTreeMap;
use std::time::Duration;

use bartizan_model::{PointId, Revision};

/// How a point keeps up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointStatus {
    /// Whether it is subscribed now.
    pub connected: bool,
    /// The revision that it has last confirmed.
    pub revision: Revision,
    /// How long it has been behind.
    pub lag: Duration,
    /// For how long it may still decide without hearing from us; `None` if it may not.
    pub lease_left: Option<Duration>,
    /// How many events wait at the point for the log, as it last said.
    pub backlog: Option<u64>,
    /// The release that it runs.
    pub version: String,
    /// How many grants are live there.
    pub live: u64,
}

/// Who knows how the points keep up.
pub trait PointStatuses: Send + Sync + std::fmt::Debug {
    /// What is known of each point that was ever heard of since the start.
    fn statuses(&self) -> BTreeMap<PointId, PointStatus>;
}
