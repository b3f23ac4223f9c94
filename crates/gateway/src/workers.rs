//! The threads that serve all hosts but that of administration.
//!
//! Each has a runtime of its own and keeps the connections that it is given, so a request is read, decided, forwarded and
//! answered without another thread being woken. The runtime that the gateway itself runs in accepts connections, learns whose
//! they are, and serves administration. A crowd before the apps, or before the sign-in, therefore waits in other queues than
//! whoever has to end it, and than what cuts and records in the same process.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bartizan_model::{BootTime, Clock};
use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

/// The threads of one gateway; they end when it is dropped.
#[derive(Debug)]
pub(crate) struct Workers {
    workers: Vec<Worker>,
    stop: CancellationToken,
}

#[derive(Debug)]
struct Worker {
    runtime: Handle,
    open: Arc<AtomicUsize>,
    /// When it last came to its tasks.
    pulse: Arc<Mutex<BootTime>>,
}

/// A connection's place at a worker.
#[derive(Debug)]
pub(crate) struct Assigned {
    pub(crate) runtime: Handle,
    open: Arc<AtomicUsize>,
}

impl Workers {
    /// So many threads.
    ///
    /// # Errors
    /// When the machine has no more threads or files.
    pub(crate) fn start(count: usize, clock: &Arc<dyn Clock>) -> std::io::Result<Self> {
        let stop = CancellationToken::new();
        // Dropped with those that were started, if another cannot be.
        let mut workers = Self { workers: Vec::with_capacity(count), stop };
        for number in 0..count {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let worker = Worker {
                runtime: runtime.handle().clone(),
                open: Arc::default(),
                pulse: Arc::new(Mutex::new(clock.boot())),
            };
            let (stop, clock, pulse) = (workers.stop.clone(), Arc::clone(clock), Arc::clone(&worker.pulse));
            std::thread::Builder::new().name(format!("gateway-{number}")).spawn(move || {
                NUMBER.set(Some(number));
                runtime.block_on(stop.run_until_cancelled(beat(clock.as_ref(), &pulse)));
                // A name that is being looked up is waited for by nobody any more.
                runtime.shutdown_background();
            })?;
            workers.workers.push(worker);
        }
        Ok(workers)
    }

    /// A place at the worker that has the fewest connections.
    pub(crate) fn assign(&self) -> Option<Assigned> {
        let worker = self.workers.iter().min_by_key(|worker| worker.open.load(Ordering::Relaxed))?;
        worker.open.fetch_add(1, Ordering::Relaxed);
        Some(Assigned { runtime: worker.runtime.clone(), open: Arc::clone(&worker.open) })
    }

    /// For how long one of them has not come to its tasks.
    pub(crate) fn behind(&self, now: BootTime) -> Duration {
        self.workers.iter().map(|worker| now.since(*worker.pulse.lock())).max().unwrap_or_default()
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Drop for Assigned {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn beat(clock: &dyn Clock, pulse: &Mutex<BootTime>) {
    let mut ticks = tokio::time::interval(BEAT);
    loop {
        ticks.tick().await;
        *pulse.lock() = clock.boot();
    }
}

/// One of something for each thread that serves, so that none takes what another made: a socket is best used by the
/// thread whose runtime watches it.
#[derive(Debug)]
pub(crate) struct Each<T> {
    of_workers: Box<[T]>,
    /// Of whoever is no worker.
    other: T,
}

impl<T: Default> Each<T> {
    pub(crate) fn new(workers: usize) -> Self {
        Self { of_workers: (0..workers).map(|_| T::default()).collect(), other: T::default() }
    }

    /// That of this thread.
    pub(crate) fn mine(&self) -> &T {
        NUMBER.get().and_then(|number| self.of_workers.get(number)).unwrap_or(&self.other)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        self.of_workers.iter().chain([&self.other])
    }
}

thread_local! {
    /// Which worker this thread is.
    static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
}

/// How often a worker shows that it comes to its tasks.
const BEAT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use bartizan_testkit::FakeClock;

    use super::*;

    #[tokio::test]
    async fn each_worker_keeps_its_share_and_is_missed_when_it_stands_still() {
        let clock = Arc::new(FakeClock::default());
        let workers = Workers::start(2, &(Arc::clone(&clock) as Arc<dyn Clock>)).unwrap();
        let each = Arc::new(Each::<Mutex<u32>>::new(2));
        let mut assigned = Vec::new();
        for _ in 0..6 {
            let place = workers.assign().unwrap();
            let each = Arc::clone(&each);
            place.runtime.spawn(async move { *each.mine().lock() += 1 }).await.unwrap();
            assigned.push(place);
        }
        *each.mine().lock() += 10;
        assert_eq!(each.all().map(|count| *count.lock()).collect::<Vec<_>>(), [3, 3, 10]);
        // Who leaves makes room at the very worker.
        let left = assigned.remove(0);
        let id = left.runtime.id();
        drop(left);
        assert_eq!(workers.assign().unwrap().runtime.id(), id);

        let (go, stay) = std::sync::mpsc::channel::<()>();
        let stuck = assigned[0].runtime.spawn(async move { stay.recv() });
        clock.advance(Duration::from_secs(60));
        assert!(workers.behind(clock.boot()) >= Duration::from_secs(60));
        drop(go);
        stuck.await.unwrap().unwrap_err();
        while !workers.behind(clock.boot()).is_zero() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
