//! From the queue to the collector, in order, a batch at a time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bartizan_model::Entropy as _;
use opentelemetry_proto::tonic::resource::v1::Resource;
use tokio_util::sync::CancellationToken;

use super::queue::Queue;
use super::records::Signal;
use super::wire::{NotTaken, Wire};
use crate::system::SystemEntropy;

/// What sends one kind of what is sent.
pub(super) struct Delivery<'a, T> {
    pub(super) queue: &'a Queue<T>,
    pub(super) wire: Wire,
    pub(super) resource: &'a Resource,
    pub(super) stop: &'a CancellationToken,
    /// Since when nothing is taken.
    pub(super) trouble: Option<Trouble>,
    /// How many are neither in the queue nor taken.
    pub(super) in_hand: AtomicU64,
}

/// The collector takes nothing.
#[derive(Debug)]
pub(super) struct Trouble {
    failures: u32,
    /// How many had been dropped before.
    dropped: u64,
}

impl<T: Signal> Delivery<'_, T> {
    /// Sends what comes until it is stopped, and then what is left.
    ///
    /// Cancel safe: no; what is in hand then is lost.
    pub(super) async fn run(&mut self) {
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => {}
                () = self.queue.ready() => {}
            }
            let batch = self.queue.take();
            if batch.is_empty() {
                if self.stop.is_cancelled() {
                    return;
                }
                continue;
            }
            self.in_hand.store(count(batch.len()), Ordering::Relaxed);
            let taken = self.hand_over(&batch).await;
            self.in_hand.store(0, Ordering::Relaxed);
            if !taken && self.stop.is_cancelled() {
                return;
            }
        }
    }

    /// What is left is lost.
    pub(super) fn give_up(&self) {
        let mut lost = self.in_hand.swap(0, Ordering::Relaxed);
        loop {
            let left = self.queue.take();
            if left.is_empty() {
                break;
            }
            lost = lost.saturating_add(count(left.len()));
        }
        self.queue.drop_some(lost);
        if lost > 0 {
            tracing::warn!(signal = T::NAME, lost, "the telemetry collector did not take what was left");
        }
    }

    /// Whether a batch was taken. One that is not taken for long makes room for what is newer.
    async fn hand_over(&mut self, batch: &[T]) -> bool {
        for attempt in 1..=TRIES {
            let (why, again) = match self.wire.send(self.resource, batch.to_vec()).await {
                Ok(rejected) => {
                    self.taken(batch.len(), rejected);
                    return true;
                }
                Err(NotTaken::Later(why)) => (why, true),
                Err(NotTaken::Never(why)) => (why, false),
            };
            self.not_taken(&why);
            let last = !again || attempt == TRIES || self.stop.is_cancelled();
            if last {
                self.queue.drop_some(count(batch.len()));
            }
            self.wire.renew();
            let pause = pause(self.trouble.as_ref().map_or(1, |trouble| trouble.failures));
            tokio::select! {
                biased;
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
            if last {
                return false;
            }
        }
        false
    }

    fn taken(&mut self, all: usize, rejected: Option<(u64, String)>) {
        let (left_out, why) = rejected.unwrap_or_default();
        let left_out = left_out.min(count(all));
        self.queue.drop_some(left_out);
        self.queue.sent(count(all).saturating_sub(left_out));
        if left_out > 0 {
            tracing::warn!(signal = T::NAME, left_out, why, "the telemetry collector did not take all of it");
        }
        if let Some(trouble) = self.trouble.take() {
            let dropped = self.queue.tally().dropped.saturating_sub(trouble.dropped);
            tracing::warn!(signal = T::NAME, dropped, "the telemetry collector takes what is sent again");
        }
    }

    fn not_taken(&mut self, why: &str) {
        match &mut self.trouble {
            Some(trouble) => trouble.failures = trouble.failures.saturating_add(1),
            None => {
                self.trouble = Some(Trouble { failures: 1, dropped: self.queue.tally().dropped });
                tracing::warn!(
                    signal = T::NAME,
                    why,
                    "the telemetry collector does not take what is sent; requests are served as before"
                );
            }
        }
    }
}

/// Doubling to a limit, and not for all at the same time: a collector that comes back finds many that waited for it.
fn pause(failures: u32) -> Duration {
    let full = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(6)).min(LONGEST);
    let mut dice = [0; 1];
    SystemEntropy.fill(&mut dice);
    let [dice] = dice;
    full / 2 + full / 2 * u32::from(dice) / 255
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

/// About a minute and a half: what is not taken for so long is old.
const TRIES: u32 = 12;

const FIRST: Duration = Duration::from_millis(500);

const LONGEST: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        for failures in [1, 2, 5, 6, 30, u32::MAX] {
            let (pause, full) = (pause(failures), FIRST * 2_u32.pow(failures.min(6) - 1));
            assert!(pause >= full.min(LONGEST) / 2 && pause <= LONGEST, "{failures}: {pause:?}");
        }
    }
}
