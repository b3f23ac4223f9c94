//! What waits to be sent: so much of it, and no more.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::Tally;
use super::records::Signal;

/// A queue that nobody waits for room in.
#[derive(Debug)]
pub(super) struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
    came: Notify,
    full: Notify,
    sent: AtomicU64,
    dropped: AtomicU64,
}

#[derive(Debug)]
struct Waiting<T> {
    items: VecDeque<T>,
    bytes: usize,
}

impl<T: Signal> Queue<T> {
    pub(super) fn new() -> Self {
        let waiting = Mutex::new(Waiting { items: VecDeque::new(), bytes: 0 });
        let (sent, dropped) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { waiting, came: Notify::new(), full: Notify::new(), sent, dropped }
    }

    /// Takes it in; without room it is left out, and counted.
    pub(super) fn push(&self, item: T) {
        let size = item.size();
        let mut waiting = self.waiting.lock();
        let bytes = waiting.bytes.saturating_add(size);
        if waiting.items.len() >= MOST || bytes > MOST_BYTES {
            drop(waiting);
            self.drop_some(1);
            return;
        }
        waiting.bytes = bytes;
        waiting.items.push_back(item);
        let count = waiting.items.len();
        drop(waiting);
        match count {
            1 => self.came.notify_one(),
            BATCH => self.full.notify_one(),
            _ => {}
        }
    }

    /// Waits until there is something, and then a little for more.
    ///
    /// Cancel safe: yes; nothing is taken.
    pub(super) async fn ready(&self) {
        while self.waiting.lock().items.is_empty() {
            self.came.notified().await;
        }
        let enough = async {
            while self.waiting.lock().items.len() < BATCH {
                self.full.notified().await;
            }
        };
        let _a_little = tokio::time::timeout(EVERY, enough).await;
    }

    /// As much as is sent at once.
    pub(super) fn take(&self) -> Vec<T> {
        let mut waiting = self.waiting.lock();
        let (mut taken, mut bytes) = (Vec::new(), 0_usize);
        while taken.len() < BATCH
            && let Some(item) = waiting.items.pop_front()
        {
            let size = item.size();
            waiting.bytes = waiting.bytes.saturating_sub(size);
            bytes = bytes.saturating_add(size);
            taken.push(item);
            if bytes >= BATCH_BYTES {
                break;
            }
        }
        taken
    }

    pub(super) fn sent(&self, count: u64) {
        self.sent.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn drop_some(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn tally(&self) -> Tally {
        Tally {
            signal: T::NAME,
            sent: self.sent.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            waiting: self.waiting.lock().items.len(),
        }
    }
}

/// What the libraries of OpenTelemetry hold, too.
const MOST: usize = 2048;

/// 2 MiB: a thousand bytes each.
const MOST_BYTES: usize = 2 << 20;

/// How many are sent at once, and with how many bytes: servers take messages of 4 MiB.
const BATCH: usize = 512;
const BATCH_BYTES: usize = 1 << 20;

/// How long what came waits for more.
const EVERY: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::logs::v1::LogRecord;

    use super::*;

    fn record(bytes: usize) -> LogRecord {
        LogRecord { severity_text: "x".repeat(bytes), ..LogRecord::default() }
    }

    #[test]
    fn what_finds_no_room_is_left_out_and_counted() {
        let queue = Queue::new();
        for _ in 0..3000 {
            queue.push(record(1));
        }
        let tally: Tally = queue.tally();
        assert_eq!((tally.waiting, tally.dropped), (MOST, 952));
        assert_eq!(queue.take().len(), BATCH);
        queue.push(record(1));
        assert_eq!((queue.tally().waiting, queue.tally().dropped), (MOST - BATCH + 1, 952));
    }

    #[test]
    fn few_that_are_large_fill_it_as_well() {
        let queue = Queue::new();
        for _ in 0..100 {
            queue.push(record(100_000));
        }
        let (mut all, waiting) = (0, queue.tally().waiting);
        assert!(waiting < 21 && queue.tally().dropped == 100 - u64::try_from(waiting).unwrap());
        loop {
            let taken = queue.take();
            assert!(taken.len() <= 11);
            all += taken.len();
            if taken.is_empty() {
                break;
            }
        }
        assert_eq!((all, queue.waiting.lock().bytes), (waiting, 0));
    }
}
