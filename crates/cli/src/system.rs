//! The clock and the randomness of this machine. All else takes them as parameters.

use std::time::Duration;

use bartizan_model::{BootTime, Clock, Entropy, Timestamp};
use rustix::time::{ClockId, Timespec, clock_gettime};

/// This machine's clocks.
#[derive(Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // By way of the C library, as TLS asks for it: a test, or whoever debugs, can then set both to another time.
        #[expect(clippy::disallowed_methods, reason = "this is the clock that others take as a parameter")]
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
    }

    fn boot(&self) -> BootTime {
        let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::Boottime);
        let seconds = Duration::from_secs(u64::try_from(tv_sec).unwrap_or(0));
        BootTime::from_duration(seconds + Duration::from_nanos(u64::try_from(tv_nsec).unwrap_or(0)))
    }
}

/// The generator of aws-lc, seeded by the kernel.
#[derive(Debug, Default)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // aws-lc aborts rather than return an error from its generator; the fallback is never weaker than the kernel.
        if aws_lc_rs::rand::fill(bytes).is_err() {
            let mut filled = 0;
            while let Some(rest) = bytes.get_mut(filled..)
                && !rest.is_empty()
            {
                filled += rustix::rand::getrandom(rest, rustix::rand::GetRandomFlags::empty()).unwrap_or(0);
            }
        }
    }
}
