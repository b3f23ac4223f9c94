//! The tasks of an enforcement point: listen to the feed, keep the lease, keep time, ship evidence.

use std::sync::Arc;
use std::time::Duration;

use bartizan_model::Entropy;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::enforcer::Enforcer;
use crate::evidence::{Batch, Evidence};
use crate::feed::{Feed, FeedMessage};
use crate::spool::Spool;

/// The running tasks. They end with the token that they were started with.
#[derive(Debug)]
pub struct Point {
    tasks: TaskTracker,
    stop: CancellationToken,
    flush: CancellationToken,
}

impl Point {
    /// Starts the tasks.
    #[must_use]
    pub fn start(enforcer: &Arc<Enforcer>, feed: Arc<dyn Feed>, evidence: Arc<dyn Evidence>) -> Self {
        let (tasks, stop, flush) = (TaskTracker::new(), CancellationToken::new(), CancellationToken::new());
        let spool = Arc::clone(enforcer.recorder().spool());
        tasks.spawn(Arc::clone(&spool).run(flush.clone()));
        tasks.spawn(ship(spool, evidence, flush.clone()));
        tasks.spawn(stopped_by(stop.clone(), follow(Arc::clone(enforcer), Arc::clone(&feed))));
        tasks.spawn(stopped_by(stop.clone(), beat(Arc::clone(enforcer), feed)));
        tasks.spawn(stopped_by(stop.clone(), watch_lease(Arc::clone(enforcer))));
        tasks.spawn(stopped_by(stop.clone(), keep_time(Arc::clone(enforcer))));
        tasks.close();
        Self { tasks, stop, flush }
    }

    /// Stops deciding, delivers what was recorded, and waits for the tasks to end.
    pub async fn stop(self) {
        self.stop.cancel();
        self.flush.cancel();
        self.tasks.wait().await;
    }
}

async fn stopped_by(stop: CancellationToken, work: impl Future<Output = ()>) {
    tokio::select! {
        () = stop.cancelled() => (),
        () = work => (),
    }
}

/// Applies feed messages in their order; subscribes again when the feed is lost.
async fn follow(enforcer: Arc<Enforcer>, feed: Arc<dyn Feed>) {
    let mut wait = FEED_FIRST;
    loop {
        match feed.subscribe(enforcer.point(), enforcer.standpoint()).await {
            Ok(mut messages) => {
                wait = FEED_FIRST;
                let mut left = None;
                while let Some(message) = next(&mut messages, &mut left).await {
                    if !apply(&enforcer, message).await {
                        break;
                    }
                }
                tracing::warn!("the feed was lost; subscribing again");
            }
            Err(error) => {
                enforcer.refused(&error);
                tracing::warn!(%error, "no feed; the lease runs");
            }
        }
        tokio::time::sleep(jittered(wait, enforcer.entropy().as_ref())).await;
        wait = (wait * 2).min(BACKOFF_LAST);
    }
}

/// What is to be applied next: of changes that wait already, as many as go together, since each step costs by itself. `left` is
/// what was received and did not go with them.
async fn next(
    messages: &mut mpsc::Receiver<FeedMessage>,
    left: &mut Option<FeedMessage>,
) -> Option<FeedMessage> {
    let mut message = match left.take() {
        Some(message) => message,
        None => messages.recv().await?,
    };
    while let Ok(more) = messages.try_recv() {
        if let Err(apart) = message.absorb(more) {
            *left = Some(apart);
            break;
        }
    }
    Some(message)
}

/// Somewhere up to so long: a thousand points that lose their control at once do not come back at once.
fn jittered(most: Duration, entropy: &dyn Entropy) -> Duration {
    let mut dice = [0; 4];
    entropy.fill(&mut dice);
    most.mul_f64(f64::from(u32::from_be_bytes(dice)) / f64::from(u32::MAX))
}

async fn apply(enforcer: &Arc<Enforcer>, message: FeedMessage) -> bool {
    let here = Arc::clone(enforcer);
    // Compiling policies and deciding again may take long: off the threads that serve requests.
    let applied = tokio::task::spawn_blocking(move || here.apply(&message)).await;
    match applied {
        Ok(Ok(applied)) => {
            enforcer.applied(&applied);
            true
        }
        Ok(Err(findings)) => {
            for finding in &findings {
                tracing::error!(file = %finding.file, line = finding.line, message = %finding.message, "a policy from the control plane is not valid here");
            }
            enforcer.end_lease();
            false
        }
        Err(error) => {
            tracing::error!(%error, "a feed message could not be applied");
            enforcer.end_lease();
            false
        }
    }
}

/// Says what has been applied, as soon as it has; and once a second, what is live. Each renews the lease.
async fn beat(enforcer: Arc<Enforcer>, feed: Arc<dyn Feed>) {
    let mut ticks = tokio::time::interval(HEARTBEAT);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let tick = tokio::select! {
            _ = ticks.tick() => true,
            () = enforcer.progress.news.notified() => false,
        };
        // What is applied while an answer is on its way is told together, next: a long way to control does not slow the feed.
        let Some(mut applied) = enforcer.report() else { continue };
        if tick {
            applied.live = Some(enforcer.live_by_session());
            applied.backlog = Some(enforcer.recorder().spool().standing().waiting);
        }
        let sent = enforcer.clock().boot();
        // One that is lost does not end the shortest lease, if the next is answered.
        let patience = (enforcer.shortest_lease() / 2).min(HEARTBEAT * 4);
        match tokio::time::timeout(patience, feed.heartbeat(enforcer.point(), applied.clone())).await {
            Ok(answer) => {
                enforcer.answered(sent, &applied, &answer);
                if let Err(error) = answer {
                    tracing::warn!(%error, "heartbeat not acknowledged; the lease runs");
                }
            }
            Err(_late) => tracing::warn!("heartbeat not acknowledged in time; the lease runs"),
        }
    }
}

/// Cuts what a lease no longer covers in the moment in which it ends, whatever else this point waits for then.
async fn watch_lease(enforcer: Arc<Enforcer>) {
    loop {
        // Before cutting: an end that comes meanwhile is waited for, though it is past then.
        let next = enforcer.next_lease_end();
        let cut = enforcer.enforce_lease();
        if cut > 0 {
            tracing::error!(cut, "the lease has run out: live grants were cut");
        }
        tokio::select! {
            () = tokio::time::sleep(next.map_or(LONGEST_NAP, |next| next.min(LONGEST_NAP))) => (),
            () = enforcer.shortened.notified() => (),
        }
    }
}

/// Decides grants again when their time comes, and everything every 30 s.
async fn keep_time(enforcer: Arc<Enforcer>) {
    let mut safety = tokio::time::interval(SAFETY_ROUND);
    safety.tick().await;
    loop {
        let now = enforcer.clock().now();
        // At most a second, so that a wall clock that was set forward is noticed.
        let wait = enforcer.next_tick().map_or(LONGEST_NAP, |due| due.since(now).min(LONGEST_NAP));
        tokio::select! {
            () = tokio::time::sleep(wait) => { enforcer.tick(); }
            () = enforcer.rearmed.notified() => (),
            _ = safety.tick() => { enforcer.safety_round(); }
        }
    }
}

/// Delivers the spool, in order, at least once.
async fn ship(spool: Arc<Spool>, evidence: Arc<dyn Evidence>, stop: CancellationToken) {
    let mut wait = BACKOFF_FIRST;
    let mut position = None;
    let mut cursor = None;
    loop {
        let last = stop.is_cancelled();
        let result = ship_once(&spool, &evidence, &mut position, &mut cursor).await;
        match result {
            Ok(Shipped::Much) => wait = BACKOFF_FIRST,
            Ok(Shipped::Little) if last => {}
            Ok(Shipped::Little) => {
                wait = BACKOFF_FIRST;
                // What comes together is written together: at one event a time each would cost a checkpoint.
                tokio::select! {
                    () = stop.cancelled() => (),
                    () = tokio::time::sleep(GATHER) => (),
                }
            }
            Ok(Shipped::Nothing) if last => return,
            Ok(Shipped::Nothing) => {
                tokio::select! {
                    () = stop.cancelled() => (),
                    () = spool.changed() => (),
                    // Should a wake-up be lost, evidence is late by no more than this.
                    () = tokio::time::sleep(Duration::from_secs(1)) => (),
                }
            }
            Err(error) => {
                tracing::warn!(%error, "evidence stays in the spool");
                if last {
                    return;
                }
                (position, cursor) = (None, None);
                tokio::select! {
                    () = stop.cancelled() => (),
                    () = tokio::time::sleep(wait) => (),
                }
                wait = (wait * 2).min(BACKOFF_LAST);
            }
        }
    }
}

async fn ship_once(
    spool: &Arc<Spool>,
    evidence: &Arc<dyn Evidence>,
    position: &mut Option<u64>,
    cursor: &mut Option<crate::spool::Cursor>,
) -> Result<Shipped, String> {
    let from = match *position {
        Some(position) => position,
        None => evidence.position(spool.point()).await.map_err(|error| error.to_string())?,
    };
    let reader = Arc::clone(spool);
    let mut at = cursor.take();
    let (at, read) = tokio::task::spawn_blocking(move || {
        let read = reader.read(&mut at, from.saturating_add(1));
        (at, read)
    })
    .await
    .map_err(|error| error.to_string())?;
    let (first, entries) = read.map_err(|error| error.to_string())?;
    *cursor = at;
    *position = Some(from);
    if entries.is_empty() {
        return Ok(Shipped::Nothing);
    }
    let count = entries.len();
    let batch = Batch { point: spool.point(), first, entries };
    let through = evidence.deliver(batch).await.map_err(|error| error.to_string())?;
    *position = Some(through);
    spool.delivered(through);
    Ok(if count < MUCH { Shipped::Little } else { Shipped::Much })
}

/// What one shipment took along.
enum Shipped {
    Nothing,
    Little,
    Much,
}

/// How long evidence gathers before the next shipment. It is on disk here meanwhile; searching is that much behind.
const GATHER: Duration = Duration::from_millis(50);

/// So many events at once are worth a shipment without waiting for more.
const MUCH: usize = 1000;

/// How often the lease is renewed.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// How often everything is decided from nothing (DESIGN.md, "Time").
const SAFETY_ROUND: Duration = Duration::from_secs(30);

const LONGEST_NAP: Duration = Duration::from_secs(1);

/// How soon the feed is subscribed to again at the latest: soon, since revocations wait for it.
const FEED_FIRST: Duration = Duration::from_millis(250);

const BACKOFF_FIRST: Duration = Duration::from_millis(50);
const BACKOFF_LAST: Duration = Duration::from_secs(5);
