//! How a deployment is doing, for whoever operates it: whether it lives, whether it is ready, and what it has counted.
//!
//! It is told over plain HTTP on an address of this machine (`listen`), apart from everything that clients reach and on a
//! thread of its own, so that it is told while the gateway has more to do than it can. `watch` looks after what cannot be
//! seen at one glance, `readiness` makes of it what a person reads, `metrics` and `text` what Prometheus reads.

mod answer;
mod listen;
mod metrics;
mod readiness;
mod text;
mod watch;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bartizan_enforce::Enforcer;
use bartizan_evidence::Log;
use bartizan_gateway::Gateway;
use bartizan_model::{Clock as _, Timestamp};
use bartizan_store::Store;
use parking_lot::Mutex;
use tokio::time::Instant;

pub(crate) use listen::Server;
use readiness::{Check, Seen};
use watch::{Stored, Watched};

use crate::system::SystemClock;
use crate::telemetry::Pipeline;

/// What is watched of a deployment, or of a gateway elsewhere, that has started.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) enforcer: Arc<Enforcer>,
    /// Nothing at a gateway elsewhere: control has it.
    pub(crate) kept: Option<Keeps>,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) telemetry: Option<Arc<Pipeline>>,
}

/// What control keeps.
#[derive(Debug)]
pub(crate) struct Keeps {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) log: Arc<Log>,
}

impl Parts {
    /// How many records the log does not have yet, as far as is known here.
    fn waiting(&self) -> u64 {
        let spool = self.enforcer.recorder().spool().standing();
        match &self.kept {
            Some(kept) => spool.newest.saturating_sub(kept.log.position(self.enforcer.point())),
            None => spool.waiting,
        }
    }
}

/// How it went when the configuration was read the last time.
#[derive(Debug, Clone, Copy)]
struct Reload {
    succeeded: bool,
    /// When one came into force.
    last: Timestamp,
}

/// What is known of how a deployment is doing, from before it starts until it has stopped.
#[derive(Debug)]
pub(crate) struct Health {
    parts: OnceLock<Parts>,
    watched: tokio::sync::watch::Sender<Watched>,
    draining: AtomicBool,
    reload: Mutex<Reload>,
    /// When the tasks that serve clients last came to their turn; nothing until they are to.
    pulse: tokio::sync::watch::Sender<Option<Instant>>,
}

impl Health {
    /// Of a deployment that is about to start.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            parts: OnceLock::new(),
            watched: tokio::sync::watch::Sender::new(Watched::default()),
            draining: AtomicBool::new(false),
            reload: Mutex::new(Reload { succeeded: true, last: SystemClock.now() }),
            pulse: tokio::sync::watch::Sender::new(None),
        })
    }

    /// The deployment has started. Told a second time, it is the first that counts.
    pub(crate) fn started(&self, parts: Parts) {
        let _second = self.parts.set(parts);
    }

    /// The configuration was read again, and is in force or is not.
    pub(crate) fn reloaded(&self, succeeded: bool) {
        let mut reload = self.reload.lock();
        reload.succeeded = succeeded;
        if succeeded {
            reload.last = SystemClock.now();
        }
    }

    /// The deployment was told to stop.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Shows that the runtime on which this runs still comes to its tasks. Ends never.
    pub(crate) async fn beat(&self) {
        let mut ticks = tokio::time::interval(BEAT);
        loop {
            ticks.tick().await;
            self.pulse.send_replace(Some(Instant::now()));
        }
    }

    /// For how long a runtime that serves clients has not come to its tasks, if that is longer than it can be busy.
    fn stuck(&self) -> Option<Duration> {
        let main = (*self.pulse.borrow()).map(|pulse| pulse.elapsed());
        let workers = self.parts.get().map(|parts| parts.gateway.behind());
        main.max(workers).filter(|since| *since > STUCK)
    }

    fn checks(&self) -> Vec<Check> {
        let draining = self.draining.load(Ordering::Relaxed);
        match self.parts.get() {
            None => readiness::while_starting(draining),
            Some(parts) => readiness::checks(&self.seen(parts, draining)),
        }
    }

    fn seen(&self, parts: &Parts, draining: bool) -> Seen {
        let watched = self.watched.borrow();
        let now = parts.enforcer.clock().boot();
        let spool = parts.enforcer.recorder().spool().standing();
        Seen {
            fed: parts.enforcer.revision().get() > 0,
            lease_left: parts.enforcer.lease_left(),
            store: parts.kept.as_ref().map(|_| match &watched.stored {
                Some(Stored::Fails(why)) => Err(why.clone()),
                Some(Stored::Works) | None => {
                    Ok(watched.asked.map_or(Duration::ZERO, |asked| now.since(asked)))
                }
            }),
            waiting: parts.waiting(),
            standing_still: watched.delivery.map_or(Duration::ZERO, |delivery| now.since(delivery.moved)),
            spool,
            draining,
        }
    }
}

/// How often the runtime shows that it comes to its tasks.
const BEAT: Duration = Duration::from_secs(1);

/// Under whatever load, a task that is ready waits for seconds at most: after this the process is better started anew.
const STUCK: Duration = Duration::from_secs(30);
