//! A grant that is live: it owns what was decided, and it can end at any moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bartizan_model::{Action, AppFacts, BootTime, DecisionId, Denial, RequestId, Resource, Timestamp};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::ask::Ask;
use crate::enforcer::Enforcer;
use crate::spool::Slot;
use crate::table::Entry;

/// How many bytes went which way.
#[derive(Debug, Default)]
pub struct Meter {
    received: AtomicU64,
    sent: AtomicU64,
}

impl Meter {
    /// Counts bytes from downstream.
    pub fn received(&self, bytes: u64) {
        self.received.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts bytes to downstream.
    pub fn sent(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> (u64, u64) {
        (self.received.load(Ordering::Relaxed), self.sent.load(Ordering::Relaxed))
    }
}

/// What is told of a grant that is live: to what, since when, and how much has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The request that it was given for.
    pub request: RequestId,
    /// To what.
    pub resource: Resource,
    /// To do what.
    pub action: Action,
    /// Since when.
    pub since: Timestamp,
    /// Bytes from downstream so far.
    pub received: u64,
    /// Bytes to downstream so far.
    pub sent: u64,
}

impl From<&Entry> for Open {
    fn from(entry: &Entry) -> Self {
        let (request, (received, sent)) = (&entry.request, entry.meter.read());
        Self {
            request: request.request_id,
            resource: request.resource.clone(),
            action: request.action,
            since: request.now,
            received,
            sent,
        }
    }
}

/// Proof that one request was permitted and still is, with the request itself.
///
/// Only [`Enforcer::admit`] makes one. It is not cloned, and what it permits ends with it: dropping it records the end.
#[derive(Debug)]
#[must_use = "what was permitted ends when this is dropped"]
pub struct LiveGrant<T> {
    asked: T,
    hold: Hold,
}

/// Everything of a live grant but what was asked; its end is recorded when it is dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) enforcer: Arc<Enforcer>,
    pub(crate) entry: Arc<Entry>,
    pub(crate) app: Option<Arc<AppFacts>>,
    pub(crate) decision: DecisionId,
    pub(crate) slot: Option<Slot>,
    pub(crate) failed: Mutex<Option<&'static str>>,
    pub(crate) began: BootTime,
}

impl<T: Ask> LiveGrant<T> {
    pub(crate) const fn new(asked: T, hold: Hold) -> Self {
        Self { asked, hold }
    }
}

impl<T> LiveGrant<T> {
    /// What was asked, decided and permitted.
    pub const fn asked(&self) -> &T {
        &self.asked
    }

    /// The app that was decided on; `None` for our own administration.
    #[must_use]
    pub const fn app(&self) -> Option<&Arc<AppFacts>> {
        self.hold.app.as_ref()
    }

    /// The request that it was given for.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        self.hold.entry.request.request_id
    }

    /// The decision that permitted it.
    #[must_use]
    pub const fn decision_id(&self) -> DecisionId {
        self.hold.decision
    }

    /// Cancelled in the moment in which it is cut. From then on nothing may pass.
    #[must_use]
    pub fn cut(&self) -> CancellationToken {
        self.hold.entry.cut.clone()
    }

    /// Why it was cut, if it was.
    #[must_use]
    pub fn cut_reason(&self) -> Option<Denial> {
        self.hold.entry.denial.get().cloned()
    }

    /// Where to count what passes.
    #[must_use]
    pub fn meter(&self) -> &Arc<Meter> {
        &self.hold.entry.meter
    }

    /// What it permitted went wrong, for this stable reason; its end is recorded as failed.
    pub fn fail(&self, reason: &'static str) {
        *self.hold.failed.lock() = Some(reason);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let slot = self.slot.take();
        let failed = self.failed.lock().take();
        self.enforcer.ended(&self.entry, self.decision, slot, self.entry.meter.read(), failed, self.began);
    }
}
