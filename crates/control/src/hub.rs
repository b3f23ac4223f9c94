//! The feed: follows the change log and tells each enforcement point what concerns it.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_enforce::{
    Applied, Feed, FeedError, FeedMessage, Redeemed, Redemption, Resolution, Resolved, Scope, Sessions,
    SessionsError,
};
use bartizan_identity::Flow;
use bartizan_model::{CredentialDigest, DeviceId, PointId, Revision, SessionId, UserId};
use bartizan_policy::{Delta, World};
use bartizan_store::Store;
use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::directory::{Directory, Step};
use crate::error::Error;

/// What became of a revision at the enforcement points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppliedEverywhere {
    /// How many live grants were cut in applying it.
    pub cut: u64,
    /// The longest that a point took, from getting it to the last cut.
    pub took: Duration,
    /// Whether all points have confirmed it; those that have not do nothing any more, their lease having run out.
    pub confirmed: bool,
}

/// The control plane's end of `Feed` and `Sessions`.
#[derive(Debug)]
pub struct Hub {
    store: Arc<dyn Store>,
    flow: Arc<Flow>,
    state: Mutex<State>,
    /// The revision that the directory is at.
    reached: watch::Sender<Revision>,
    /// Bumped with each acknowledgement.
    acknowledged: watch::Sender<u64>,
    lease: Duration,
    /// Held by who changes the configuration, from reading it to the commit.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    directory: Directory,
    points: HashMap<PointId, Member>,
}

/// An enforcement point as the hub knows it.
#[derive(Debug, Default)]
struct Member {
    sender: Option<mpsc::Sender<FeedMessage>>,
    sessions: BTreeSet<SessionId>,
    users: BTreeSet<UserId>,
    devices: BTreeSet<DeviceId>,
    acknowledged: Revision,
    /// What applying each of the newest revisions did.
    applied: VecDeque<(Revision, u64, Duration)>,
    live: BTreeMap<SessionId, u64>,
}

impl Hub {
    /// A hub that has read everything there is.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn open(store: Arc<dyn Store>, flow: Arc<Flow>, lease: Duration) -> Result<Arc<Self>, Error> {
        let revision = store.revision().await?;
        let directory = Directory::load(store.as_ref(), revision).await?;
        Ok(Arc::new(Self {
            store,
            flow,
            state: Mutex::new(State { directory, points: HashMap::new() }),
            reached: watch::Sender::new(revision),
            acknowledged: watch::Sender::new(0),
            lease,
            turn: tokio::sync::Mutex::new(()),
        }))
    }

    /// The world at the newest revision that has been read. Cheap: it is shared.
    #[must_use]
    pub fn world(&self) -> World {
        self.state.lock().directory.world().clone()
    }

    /// The whole directory at the newest revision that has been read.
    #[must_use]
    pub fn directory(&self) -> Directory {
        self.state.lock().directory.clone()
    }

    /// Waits until nobody else changes the configuration. Two changes that are each harmless may not be so together: two
    /// administrators who disable each other.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The whole directory, with everything that was committed before the call.
    ///
    /// # Errors
    /// [`Error::Behind`].
    pub(crate) async fn current(&self) -> Result<Directory, Error> {
        if self.caught_up().await { Ok(self.directory()) } else { Err(Error::Behind) }
    }

    /// How many grants are live under each session, as the points last said.
    #[must_use]
    pub fn live(&self) -> BTreeMap<SessionId, u64> {
        let mut live = BTreeMap::new();
        for member in self.state.lock().points.values() {
            for (session, count) in &member.live {
                *live.entry(*session).or_insert(0) += count;
            }
        }
        live
    }

    /// Follows the change log until `stop`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut newest = self.store.watch();
        loop {
            let after = *self.reached.borrow();
            if *newest.borrow_and_update() > after {
                if let Err(error) = self.advance(after).await {
                    tracing::error!(%error, "the change log cannot be followed; points keep the revision that they have");
                    tokio::time::sleep(RETRY).await;
                }
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = newest.changed() => if changed.is_err() { return },
            }
        }
    }

    async fn advance(&self, after: Revision) -> Result<(), Error> {
        let changes = match self.store.changes(after, BATCH).await {
            Ok(changes) => changes,
            Err(bartizan_store::Error::Compacted { .. } | bartizan_store::Error::Ahead { .. }) => {
                return self.start_over().await;
            }
            Err(error) => return Err(error.into()),
        };
        let Some(last) = changes.last().map(|change| change.revision) else { return Ok(()) };
        let mut state = self.state.lock();
        let mut whole = Step::default();
        for change in &changes {
            match state.directory.step(change) {
                Ok(step) => {
                    whole.facts.extend(step.facts);
                    whole.policies |= step.policies;
                    whole.anonymous_key = step.anonymous_key.or(whole.anonymous_key);
                }
                // Fail closed: an object that cannot be read is as if it were not there, and somebody must look.
                Err(error) => tracing::error!(%error, revision = %change.revision, "a change cannot be read"),
            }
        }
        let State { directory, points } = &mut *state;
        let policies = whole.policies.then(|| directory.policies());
        for (id, member) in points.iter_mut() {
            let message = FeedMessage {
                revision: last,
                scope: Scope::Changes,
                facts: whole.facts.iter().filter(|fact| member.concerned(fact)).cloned().collect(),
                policies: policies.clone(),
                anonymous_key: whole.anonymous_key,
            };
            member.forget(&whole.facts);
            if member.sender.as_ref().is_some_and(|sender| sender.try_send(message).is_err()) {
                // A point that is so far behind starts over from a snapshot.
                tracing::warn!(point = %id, "an enforcement point does not keep up; it has to subscribe again");
                member.sender = None;
            }
        }
        drop(state);
        self.reached.send_replace(last);
        Ok(())
    }

    async fn start_over(&self) -> Result<(), Error> {
        let revision = self.store.revision().await?;
        let directory = Directory::load(self.store.as_ref(), revision).await?;
        let mut state = self.state.lock();
        state.directory = directory;
        for member in state.points.values_mut() {
            member.sender = None;
        }
        drop(state);
        self.reached.send_replace(revision);
        Ok(())
    }

    /// Waits until the directory holds everything that was committed before the call.
    async fn caught_up(&self) -> bool {
        let target = *self.store.watch().borrow();
        let mut reached = self.reached.subscribe();
        let wait = reached.wait_for(|revision| *revision >= target);
        matches!(tokio::time::timeout(CATCH_UP, wait).await, Ok(Ok(_)))
    }

    /// Waits until every enforcement point has applied a revision, or can no longer act without having done so.
    pub async fn applied(&self, revision: Revision) -> AppliedEverywhere {
        let mut acknowledged = self.acknowledged.subscribe();
        let all = async {
            loop {
                acknowledged.borrow_and_update();
                if let Some(result) = self.applied_now(revision) {
                    return result;
                }
                if acknowledged.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        match tokio::time::timeout(self.lease + LEASE_MARGIN, all).await {
            Ok(result) => result,
            Err(_late) => AppliedEverywhere { cut: 0, took: self.lease, confirmed: false },
        }
    }

    /// Whether every enforcement point that there is has applied a revision.
    pub(crate) fn is_applied(&self, revision: Revision) -> bool {
        self.applied_now(revision).is_some()
    }

    fn applied_now(&self, revision: Revision) -> Option<AppliedEverywhere> {
        let state = self.state.lock();
        let mut result = AppliedEverywhere { cut: 0, took: Duration::ZERO, confirmed: true };
        for member in state.points.values().filter(|member| member.sender.is_some()) {
            if member.acknowledged < revision {
                return None;
            }
            let first = member.applied.iter().find(|(applied, _, _)| *applied >= revision);
            if let Some((_, cut, took)) = first {
                result.cut += cut;
                result.took = result.took.max(*took);
            }
        }
        Some(result)
    }
}

#[async_trait]
impl Feed for Hub {
    async fn subscribe(&self, point: PointId) -> Result<mpsc::Receiver<FeedMessage>, FeedError> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let mut state = self.state.lock();
        let State { directory, points } = &mut *state;
        let member = points.entry(point).or_default();
        let message = FeedMessage {
            revision: directory.world().revision(),
            scope: Scope::Snapshot,
            facts: member.snapshot(directory),
            policies: Some(directory.policies()),
            anonymous_key: directory.anonymous_key(),
        };
        sender.try_send(message).map_err(|error| FeedError::Unreachable(error.to_string()))?;
        member.sender = Some(sender);
        Ok(receiver)
    }

    async fn heartbeat(&self, point: PointId, applied: Applied) -> Result<(), FeedError> {
        {
            let mut state = self.state.lock();
            let member = state.points.get_mut(&point).ok_or(FeedError::Unknown)?;
            if member.sender.is_none() {
                return Err(FeedError::Unknown);
            }
            member.acknowledged = member.acknowledged.max(applied.revision);
            match applied.live {
                Some(live) => member.live = live,
                None => {
                    member.applied.push_back((applied.revision, applied.cut, applied.took));
                    if member.applied.len() > APPLIED {
                        member.applied.pop_front();
                    }
                }
            }
        }
        self.acknowledged.send_modify(|count| *count = count.wrapping_add(1));
        Ok(())
    }
}

#[async_trait]
impl Sessions for Hub {
    async fn resolve(
        &self,
        point: PointId,
        digest: CredentialDigest,
    ) -> Result<Option<Resolution>, SessionsError> {
        let found = self.flow.sign_ins().resolve(digest).await.map_err(|error| unreachable(&error))?;
        match found {
            Some(resolved) => self.resolution(point, resolved).await,
            None => Ok(None),
        }
    }

    async fn redeem(
        &self,
        point: PointId,
        redemption: Redemption,
    ) -> Result<Option<Redeemed>, SessionsError> {
        let found = self.flow.redeem(&redemption).await.map_err(|error| unreachable(&error))?;
        let Some((resolved, called)) = found else { return Ok(None) };
        let resolution = self.resolution(point, resolved).await?;
        Ok(resolution.map(|resolution| Redeemed { resolution, called }))
    }
}

impl Hub {
    /// The facts behind a credential. Its session joins the point's interest set.
    async fn resolution(
        &self,
        point: PointId,
        resolved: Resolved,
    ) -> Result<Option<Resolution>, SessionsError> {
        // The session may be younger than what the directory has read.
        if !self.caught_up().await {
            return Err(unreachable(&"the change log is not being followed"));
        }
        let mut state = self.state.lock();
        let State { directory, points } = &mut *state;
        let world = directory.world();
        let Some(session) = world.session(resolved.session) else { return Ok(None) };
        let member = points.entry(point).or_default();
        // From here on, under the lock, changes of these go to the point: none is lost between answer and feed.
        member.sessions.insert(session.id);
        member.users.insert(session.user);
        member.devices.extend(session.device);
        let mut facts = vec![Delta::Session(session.as_ref().clone())];
        facts.extend(world.user(session.user).map(|user| Delta::User(user.as_ref().clone())));
        facts.push(Delta::Risk(session.user, world.risk(session.user)));
        let device = session.device.and_then(|device| world.device(device));
        facts.extend(device.map(|device| Delta::Device(device.as_ref().clone())));
        Ok(Some(Resolution { revision: world.revision(), facts, resolved }))
    }
}

fn unreachable(why: &dyn std::fmt::Display) -> SessionsError {
    SessionsError::Unreachable(why.to_string())
}

impl Member {
    fn concerned(&self, fact: &Delta) -> bool {
        match fact {
            Delta::Group(_) | Delta::GroupGone(_) | Delta::App(_) | Delta::AppGone(_) => true,
            Delta::User(user) => self.users.contains(&user.id),
            Delta::UserGone(user) | Delta::Risk(user, _) => self.users.contains(user),
            Delta::Session(session) => self.sessions.contains(&session.id),
            Delta::SessionGone(session) => self.sessions.contains(session),
            Delta::Device(device) => self.devices.contains(&device.id),
            Delta::DeviceGone(device) => self.devices.contains(device),
        }
    }

    /// What is gone is of no more interest.
    fn forget(&mut self, facts: &[Delta]) {
        for fact in facts {
            match fact {
                Delta::SessionGone(session) => {
                    self.sessions.remove(session);
                }
                Delta::UserGone(user) => {
                    self.users.remove(user);
                }
                Delta::DeviceGone(device) => {
                    self.devices.remove(device);
                }
                Delta::User(_)
                | Delta::Group(_)
                | Delta::GroupGone(_)
                | Delta::App(_)
                | Delta::AppGone(_)
                | Delta::Session(_)
                | Delta::Device(_)
                | Delta::Risk(..) => {}
            }
        }
    }

    fn snapshot(&self, directory: &Directory) -> Vec<Delta> {
        let world = directory.world();
        let mut facts: Vec<Delta> = directory.groups().map(Delta::Group).collect();
        facts.extend(world.apps().map(|app| Delta::App(app.as_ref().clone())));
        let users = self.users.iter().filter_map(|user| world.user(*user));
        facts.extend(users.map(|user| Delta::User(user.as_ref().clone())));
        facts.extend(self.users.iter().map(|user| Delta::Risk(*user, world.risk(*user))));
        let sessions = self.sessions.iter().filter_map(|session| world.session(*session));
        facts.extend(sessions.map(|session| Delta::Session(session.as_ref().clone())));
        let devices = self.devices.iter().filter_map(|device| world.device(*device));
        facts.extend(devices.map(|device| Delta::Device(device.as_ref().clone())));
        facts
    }
}

/// How many messages wait for a point before it has to start over.
const QUEUE: usize = 1024;

/// How many changes are read at once.
const BATCH: u32 = 1000;

/// How many revisions of a point are remembered for who waits for one.
const APPLIED: usize = 1024;

/// How long a question waits for the directory to have read what was just committed.
const CATCH_UP: Duration = Duration::from_secs(2);

const RETRY: Duration = Duration::from_secs(1);

/// On top of the lease, for the clocks of two machines to disagree on how long a second is.
const LEASE_MARGIN: Duration = Duration::from_secs(1);
