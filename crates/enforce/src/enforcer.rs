//! Register, decide, record; and decide again whenever something changed.

mod admit;
mod change;
mod credential;
mod events;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bartizan_model::{
    AccessRequest, AppFacts, Clock, Denial, DenyReason, Entropy, GroupName, PointId, Revision, SessionFacts,
    SessionId, UserId,
};
use bartizan_policy::{Engine, Key, Minter, Verdict, World};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::counters::Counters;
use crate::feed::{Standpoint, Subscription};
use crate::lease::{Lease, Terms};
use crate::live::Open;
use crate::memory::Verdicts;
use crate::progress::Progress;
use crate::record::{Recorder, SealTo};
use crate::resolve::Credentials;
use crate::sessions::{Sessions, Ticket};
use crate::table::Table;

/// The bounds of an enforcement point.
#[derive(Debug, Clone, Copy)]
pub struct EnforcerConfig {
    /// How long it decides without hearing from its control plane, on what does not say another time.
    pub lease: Duration,
    /// How many grants may be live at once.
    pub max_live: usize,
}

impl Default for EnforcerConfig {
    /// A lease of 30 s (DESIGN.md, "Store") and 200,000 live grants, about 200 MB.
    fn default() -> Self {
        Self { lease: Duration::from_secs(30), max_live: 200_000 }
    }
}

/// What this point decides on: policies and world of one revision, swapped as one.
#[derive(Debug)]
struct View {
    subscription: Subscription,
    engine: Arc<Engine>,
    world: World,
    /// The leases that the apps of this world have.
    terms: Arc<Terms>,
    anonymous_key: Option<SealTo>,
}

/// Admits requests, holds the live grants, and cuts those that are no longer permitted.
#[derive(Debug)]
pub struct Enforcer {
    config: EnforcerConfig,
    minter: Minter,
    view: ArcSwapOption<View>,
    /// Held while the view changes and while grants are decided again, so that of two re-decisions of one grant the
    /// later is the one on the newer view.
    changing: Mutex<()>,
    table: Mutex<Table>,
    verdicts: Verdicts,
    credentials: Credentials,
    /// With what this point asks for each session that it has met when it subscribes again.
    tickets: Mutex<HashMap<SessionId, Ticket>>,
    recorder: Arc<Recorder>,
    sessions: Arc<dyn Sessions>,
    lease: Lease,
    /// Woken when a lease may be over sooner than was last said.
    pub(crate) shortened: Notify,
    pub(crate) rearmed: Notify,
    /// What control is to be told of the feed.
    pub(crate) progress: Progress,
    /// Woken when the view is another.
    moved: Notify,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Enforcer {
    /// An enforcer that denies everything until its first feed message has been applied and acknowledged.
    #[must_use]
    pub fn new(
        config: EnforcerConfig,
        recorder: Arc<Recorder>,
        sessions: Arc<dyn Sessions>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Arc<Self> {
        Arc::new(Self {
            config,
            minter: Minter::new(),
            view: ArcSwapOption::empty(),
            changing: Mutex::new(()),
            table: Mutex::new(Table::default()),
            verdicts: Verdicts::new(REMEMBERED),
            credentials: Credentials::new(),
            tickets: Mutex::default(),
            recorder,
            sessions,
            lease: Lease::new(config.lease),
            shortened: Notify::new(),
            rearmed: Notify::new(),
            progress: Progress::default(),
            moved: Notify::new(),
            clock,
            entropy,
        })
    }

    /// The clock that decisions are timed by.
    #[must_use]
    pub const fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The randomness that identifiers are made of.
    #[must_use]
    pub const fn entropy(&self) -> &Arc<dyn Entropy> {
        &self.entropy
    }

    /// Where events are recorded.
    #[must_use]
    pub const fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// What has been counted since the start.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        self.recorder.counters()
    }

    /// How much longer it decides if it hears nothing from its control plane; nothing once the lease is over. Apps may have
    /// a shorter or a longer one.
    #[must_use]
    pub fn lease_left(&self) -> Option<Duration> {
        self.lease.left(self.clock.boot())
    }

    /// Which point this is.
    #[must_use]
    pub fn point(&self) -> PointId {
        self.recorder.spool().point()
    }

    /// The app that is reached by this host name (lower case, no port).
    #[must_use]
    pub fn app_by_host(&self, host: &str) -> Option<Arc<AppFacts>> {
        self.view.load().as_ref()?.world.app_by_host(host).map(Arc::clone)
    }

    /// The hosts of all apps, our own included.
    #[must_use]
    pub fn hosts(&self) -> BTreeSet<String> {
        let view = self.view.load();
        view.as_ref().map(|view| view.world.apps().map(|app| app.host.clone()).collect()).unwrap_or_default()
    }

    /// A session that this point has met.
    #[must_use]
    pub fn session(&self, session: SessionId) -> Option<Arc<SessionFacts>> {
        self.view.load().as_ref()?.world.session(session).map(Arc::clone)
    }

    /// The groups that a person is in, through other groups, too.
    #[must_use]
    pub fn groups_of(&self, user: UserId) -> BTreeSet<GroupName> {
        self.view.load().as_ref().map(|view| view.world.groups_of(user)).unwrap_or_default()
    }

    /// How many grants are live under each session.
    #[must_use]
    pub fn live_by_session(&self) -> BTreeMap<SessionId, u64> {
        self.table.lock().by_session()
    }

    /// What is live under a session, the newest first.
    #[must_use]
    pub fn open_under(&self, session: SessionId) -> Vec<Open> {
        let entries = self.table.lock().touched(&BTreeSet::from([Key::Session(session)]));
        let under = entries.iter().filter(|entry| entry.request.session == Some(session));
        let mut open: Vec<Open> = under.map(|entry| Open::from(entry.as_ref())).collect();
        open.sort_by_key(|open| std::cmp::Reverse(open.since));
        open
    }

    /// How many grants are live.
    #[must_use]
    pub fn live(&self) -> usize {
        self.table.lock().len()
    }

    /// How many grants the safety round found that should have been cut before: each is a bug.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.counters().missed()
    }

    /// What this point decides on; nothing before its first snapshot. Cheap: it is shared.
    #[must_use]
    pub fn world(&self) -> Option<World> {
        self.view.load().as_ref().map(|view| view.world.clone())
    }

    /// The policies by which this point decides: to ask them what would be. An answer so got permits nothing.
    #[must_use]
    pub fn engine(&self) -> Option<Arc<Engine>> {
        self.view.load().as_ref().map(|view| Arc::clone(&view.engine))
    }

    /// What would be decided if this were asked in earnest; nothing before the first snapshot. It permits nothing, and is
    /// not recorded.
    #[must_use]
    pub fn would(&self, request: &AccessRequest) -> Option<Verdict> {
        self.view.load().as_ref().map(|view| view.engine.evaluate(&view.world, request))
    }

    /// The revision that this point decides on.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.view.load().as_ref().map(|view| view.world.revision()).unwrap_or_default()
    }

    /// What it says of itself when it subscribes.
    #[must_use]
    pub fn standpoint(&self) -> Standpoint {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let view = self.view.load();
        let Some(view) = view.as_ref() else { return Standpoint { version, ..Standpoint::default() } };
        let mut tickets = self.tickets.lock();
        tickets.retain(|session, _| view.world.session(*session).is_some());
        Standpoint {
            revision: view.world.revision(),
            version,
            interest: tickets.iter().map(|(session, ticket)| (*session, *ticket)).collect(),
        }
    }

    fn refuse(&self, request: &AccessRequest, reason: DenyReason) -> Denial {
        Denial {
            reason,
            request_id: request.request_id,
            decision_id: request.decision_id,
            revision: self.revision(),
            subject: request.subject.clone(),
            resource: request.resource.clone(),
            policies: Vec::new(),
            remedies: Vec::new(),
        }
    }
}

/// Remembered verdicts, twice over; about 1 KB each.
const REMEMBERED: usize = 32_768;
