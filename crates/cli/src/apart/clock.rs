//! Control's time, kept by this machine's boot clock: a wall clock here that is wrong, or is set, lets nobody in for longer.

use std::sync::Arc;

use async_trait::async_trait;
use bartizan_enforce::wire::Remote;
use bartizan_enforce::{Acknowledged, Applied, Feed, FeedError, FeedMessage, Standpoint};
use bartizan_model::{BootTime, Clock, PointId, Timestamp};
use parking_lot::Mutex;
use tokio::sync::mpsc;

/// The clock by which a point elsewhere decides. Until control has said what the time is, it is that of the machine; nothing
/// is decided before, since the same answer gives the first lease.
#[derive(Debug)]
pub(super) struct Steered<C> {
    machine: C,
    anchor: Mutex<Option<(Timestamp, BootTime)>>,
}

impl<C: Clock> Steered<C> {
    pub(super) const fn new(machine: C) -> Self {
        Self { machine, anchor: Mutex::new(None) }
    }

    /// Control's time was `now` at some instant between these two: most likely in the middle.
    fn steer(&self, sent: BootTime, received: BootTime, now: Timestamp) {
        let middle = received.back(received.since(sent) / 2);
        let machine = self.machine.now();
        let off = machine.since(now).max(now.since(machine));
        let first = self.anchor.lock().replace((now, middle)).is_none();
        if first && off > TOLERATED {
            tracing::warn!(
                seconds = off.as_secs(),
                "this machine's clock differs from control's; control's is used, and this one should be set"
            );
        }
    }
}

impl<C: Clock> Clock for Steered<C> {
    fn now(&self) -> Timestamp {
        let anchor = *self.anchor.lock();
        anchor.map_or_else(|| self.machine.now(), |(time, at)| time.plus(self.machine.boot().since(at)))
    }

    fn boot(&self) -> BootTime {
        self.machine.boot()
    }
}

/// The feed from elsewhere, which also tells the time.
#[derive(Debug)]
pub(super) struct SteeredFeed<C> {
    remote: Arc<Remote>,
    clock: Arc<Steered<C>>,
}

impl<C> SteeredFeed<C> {
    pub(super) const fn new(remote: Arc<Remote>, clock: Arc<Steered<C>>) -> Self {
        Self { remote, clock }
    }
}

#[async_trait]
impl<C: Clock> Feed for SteeredFeed<C> {
    async fn subscribe(
        &self,
        point: PointId,
        standpoint: Standpoint,
    ) -> Result<mpsc::Receiver<FeedMessage>, FeedError> {
        self.remote.subscribe(point, standpoint).await
    }

    async fn heartbeat(&self, point: PointId, applied: Applied) -> Result<Acknowledged, FeedError> {
        let sent = self.clock.boot();
        let acknowledged = self.remote.heartbeat(point, applied).await?;
        self.clock.steer(sent, self.clock.boot(), acknowledged.now);
        Ok(acknowledged)
    }
}

/// Clocks of machines that are kept in step differ by less.
const TOLERATED: std::time::Duration = std::time::Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A machine whose clocks show what they are set to.
    #[derive(Debug, Default)]
    struct Machine(Mutex<(i64, u64)>);

    impl Clock for Machine {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(self.0.lock().0 * 1_000_000)
        }
        fn boot(&self) -> BootTime {
            BootTime::from_duration(Duration::from_secs(self.0.lock().1))
        }
    }

    #[test]
    fn once_control_has_said_the_time_the_clock_of_the_machine_does_not_matter() {
        let at = |seconds| BootTime::from_duration(Duration::from_secs(seconds));
        let clock = Steered::new(Machine(Mutex::new((400, 10))));
        assert_eq!(clock.now(), Timestamp::from_micros(400_000_000));
        // Ten minutes behind control's; the answer took two seconds.
        clock.steer(at(8), at(10), Timestamp::from_micros(1_000_000_000));
        assert_eq!(clock.now(), Timestamp::from_micros(1_001_000_000));
        *clock.machine.0.lock() = (9_999, 15);
        assert_eq!(clock.now(), Timestamp::from_micros(1_006_000_000), "set forward");
        *clock.machine.0.lock() = (0, 20);
        assert_eq!(clock.now(), Timestamp::from_micros(1_011_000_000), "set back");
    }
}
