//! A clock that is moved by hand.

use std::time::Duration;

use bartizan_model::{BootTime, Clock, Timestamp};
use parking_lot::Mutex;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FakeClock {
    state: Mutex<(Timestamp, Duration)>,
}

impl FakeClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { state: Mutex::new((now, Duration::from_secs(1000))) }
    }

    /// Lets time pass on both clocks.
    pub fn advance(&self, by: Duration) {
        let mut state = self.state.lock();
        *state = (state.0.plus(by), state.1.saturating_add(by));
    }

    /// Sets the wall clock alone, as an administrator or NTP does; boot time goes on as it was.
    pub fn jump_to(&self, now: Timestamp) {
        self.state.lock().0 = now;
    }
}

impl Default for FakeClock {
    /// 2026-11-24T08:00:00Z.
    fn default() -> Self {
        Self::at(Timestamp::from_micros(1_795_507_200_000_000))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.state.lock().0
    }

    fn boot(&self) -> BootTime {
        BootTime::from_duration(self.state.lock().1)
    }
}
