//! What a gateway counts of itself, for whoever watches over it.
//!
//! Counting is an addition to an atomic and takes no lock. Nothing here says whose connection or request it was, or for
//! what: all that is told apart is told apart by a closed list.

mod kind;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use kind::{Class, Handshake, Limit, Order, Plain, UpstreamFailure};

/// Numbers from the start of the gateway on. All but the open connections and the certificates only grow.
#[derive(Debug, Default)]
pub struct Counters {
    open: AtomicU64,
    crowded: AtomicU64,
    full: [AtomicU64; Limit::ALL.len()],
    handshakes: [AtomicU64; Handshake::ALL.len()],
    requests: [AtomicU64; Class::ALL.len()],
    upstream: [AtomicU64; UpstreamFailure::ALL.len()],
    plain: [AtomicU64; Plain::ALL.len()],
    orders: [AtomicU64; Order::ALL.len()],
    held: AtomicU64,
    awaited: AtomicU64,
    durations: Durations,
}

impl Counters {
    /// Client connections that are open now.
    #[must_use]
    pub fn open_connections(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    /// Connections that came when all places were taken, and were let in for administration only.
    #[must_use]
    pub fn crowded_connections(&self) -> u64 {
        self.crowded.load(Ordering::Relaxed)
    }

    /// Connections that were closed at once because there was no room for them.
    #[must_use]
    pub fn refused_connections(&self, limit: Limit) -> u64 {
        read(&self.full, limit as usize)
    }

    /// TLS handshakes that came out so.
    #[must_use]
    pub fn handshakes(&self, outcome: Handshake) -> u64 {
        read(&self.handshakes, outcome as usize)
    }

    /// Requests that were answered so.
    #[must_use]
    pub fn requests(&self, class: Class) -> u64 {
        read(&self.requests, class as usize)
    }

    /// Requests for which an app's server failed so.
    #[must_use]
    pub fn upstream_failures(&self, failure: UpstreamFailure) -> u64 {
        read(&self.upstream, failure as usize)
    }

    /// Requests over plain HTTP that were answered so.
    #[must_use]
    pub fn plain(&self, outcome: Plain) -> u64 {
        read(&self.plain, outcome as usize)
    }

    /// Orders for certificates that came out so.
    #[must_use]
    pub fn orders(&self, outcome: Order) -> u64 {
        read(&self.orders, outcome as usize)
    }

    /// Hosts that have a certificate of the public authority, and hosts that are to have one and do not yet.
    #[must_use]
    pub fn public_certificates(&self) -> (u64, u64) {
        (self.held.load(Ordering::Relaxed), self.awaited.load(Ordering::Relaxed))
    }

    /// From the end of a request's head to the head of its answer.
    #[must_use]
    pub const fn durations(&self) -> &Durations {
        &self.durations
    }

    pub(crate) fn count_opened(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn count_crowded(&self) {
        self.crowded.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_full(&self, limit: Limit) {
        add(&self.full, limit as usize);
    }

    pub(crate) fn count_handshake(&self, outcome: Handshake) {
        add(&self.handshakes, outcome as usize);
    }

    pub(crate) fn count_request(&self, class: Class) {
        add(&self.requests, class as usize);
    }

    pub(crate) fn count_plain(&self, outcome: Plain) {
        add(&self.plain, outcome as usize);
    }

    pub(crate) fn count_order(&self, outcome: Order) {
        add(&self.orders, outcome as usize);
    }

    pub(crate) fn set_public(&self, held: usize, awaited: usize) {
        self.held.store(u64::try_from(held).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.awaited.store(u64::try_from(awaited).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// A request ended with this reason, which may be a failure of its upstream.
    pub(crate) fn count_upstream(&self, reason: &str) {
        if let Some(failure) = UpstreamFailure::of(reason) {
            add(&self.upstream, failure as usize);
        }
    }
}

/// How long things took, in ranges.
#[derive(Debug, Default)]
pub struct Durations {
    /// One for each limit, and one for what is beyond all of them.
    ranges: [AtomicU64; Self::LIMITS.len() + 1],
    /// Microseconds, together.
    sum: AtomicU64,
}

impl Durations {
    /// Where ranges end, in milliseconds: a remembered decision with a fast app is under 1, people wait for more than
    /// 1000, and an upstream is given up after 60,000.
    pub const LIMITS: [u64; 13] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000, 60_000];

    /// How many took at most so long, for each of [`Durations::LIMITS`], and how many there were.
    #[must_use]
    pub fn at_most(&self) -> ([u64; Self::LIMITS.len()], u64) {
        let mut together = 0;
        let mut ranges = self.ranges.iter().map(|range| {
            together += range.load(Ordering::Relaxed);
            together
        });
        let at_most = std::array::from_fn(|_| ranges.next().unwrap_or(0));
        // The number of all is the sum of what was read, so that both agree though counting goes on.
        (at_most, ranges.next().unwrap_or(0))
    }

    /// All of them together.
    #[must_use]
    pub fn sum(&self) -> Duration {
        Duration::from_micros(self.sum.load(Ordering::Relaxed))
    }

    pub(crate) fn add(&self, took: Duration) {
        let over = |limit: &u64| took > Duration::from_millis(*limit);
        add(&self.ranges, Self::LIMITS.partition_point(over));
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.sum.fetch_add(micros, Ordering::Relaxed);
    }
}

fn add(counts: &[AtomicU64], place: usize) {
    // Nothing else is ordered by it.
    if let Some(count) = counts.get(place) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

fn read(counts: &[AtomicU64], place: usize) -> u64 {
    counts.get(place).map_or(0, |count| count.load(Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn a_duration_is_in_each_range_that_ends_with_it_or_later() {
        let durations = Durations::default();
        for millis in [0, 1, 2, 3, 60_000, 60_001] {
            durations.add(Duration::from_millis(millis));
        }
        let (at_most, all) = durations.at_most();
        assert_eq!(at_most, [2, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5]);
        assert_eq!((all, durations.sum()), (6, Duration::from_millis(120_007)));
    }

    #[test]
    fn everything_that_is_told_apart_has_a_number_of_its_own() {
        let counters = Counters::default();
        for (times, class) in (1..).zip(Class::ALL) {
            (0..times).for_each(|_| counters.count_request(class));
        }
        assert_eq!(Class::ALL.map(|class| counters.requests(class)), [1, 2, 3, 4, 5, 6]);
        for (times, outcome) in (1..).zip(Handshake::ALL) {
            (0..times).for_each(|_| counters.count_handshake(outcome));
        }
        assert_eq!(Handshake::ALL.map(|outcome| counters.handshakes(outcome)), [1, 2, 3, 4, 5, 6]);
        for (times, outcome) in (1..).zip(Plain::ALL) {
            (0..times).for_each(|_| counters.count_plain(outcome));
        }
        assert_eq!(Plain::ALL.map(|outcome| counters.plain(outcome)), [1, 2, 3]);
        counters.count_order(Order::Failed);
        assert_eq!(Order::ALL.map(|outcome| counters.orders(outcome)), [0, 1]);
        counters.count_full(Limit::Source);
        assert_eq!(Limit::ALL.map(|limit| counters.refused_connections(limit)), [0, 1]);
        for reason in ["upstream_tls", "upstream_timeout", "upstream_timeout", "session_ended"] {
            counters.count_upstream(reason);
        }
        assert_eq!(UpstreamFailure::ALL.map(|failure| counters.upstream_failures(failure)), [0, 1, 2]);
        assert_eq!(Class::from(StatusCode::SWITCHING_PROTOCOLS), Class::Informational);
        assert_eq!(Class::from(StatusCode::GATEWAY_TIMEOUT), Class::ServerError);
    }
}
