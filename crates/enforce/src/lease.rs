//! The lease: how long a point may go on deciding without hearing from its control plane.

use std::time::Duration;

use bartizan_model::BootTime;
use parking_lot::Mutex;

/// Counted on boot time, so that a suspended machine or a changed wall clock does not lengthen it.
#[derive(Debug)]
pub(crate) struct Lease {
    length: Duration,
    sent: Mutex<Option<BootTime>>,
}

impl Lease {
    pub(crate) const fn new(length: Duration) -> Self {
        Self { length, sent: Mutex::new(None) }
    }

    /// A heartbeat that was sent at `sent` has been acknowledged.
    pub(crate) fn renew(&self, sent: BootTime) {
        let mut latest = self.sent.lock();
        *latest = Some(latest.map_or(sent, |before| before.max(sent)));
    }

    /// The point must not decide any more, whatever it heard before.
    pub(crate) fn end(&self) {
        *self.sent.lock() = None;
    }

    pub(crate) fn held(&self, now: BootTime) -> bool {
        self.left(now).is_some()
    }

    /// How much longer it is held, if it is.
    pub(crate) fn left(&self, now: BootTime) -> Option<Duration> {
        // The latest heartbeat that was acknowledged counts from when it was *sent*: the answer may have been slow.
        let sent = (*self.sent.lock())?;
        self.length.checked_sub(now.since(sent)).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> BootTime {
        BootTime::from_duration(Duration::from_secs(seconds))
    }

    #[test]
    fn a_lease_counts_from_the_latest_acknowledged_heartbeat() {
        let lease = Lease::new(Duration::from_secs(30));
        assert!(!lease.held(at(0)), "nothing is held before the first heartbeat");
        lease.renew(at(10));
        assert!(lease.held(at(39)));
        assert!(!lease.held(at(40)));
        assert_eq!((lease.left(at(39)), lease.left(at(40))), (Some(Duration::from_secs(1)), None));
        lease.renew(at(20));
        lease.renew(at(15));
        assert!(lease.held(at(49)), "an earlier heartbeat does not shorten a later one");
        lease.end();
        assert!(!lease.held(at(21)));
    }
}
