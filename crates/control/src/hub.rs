//! The feed: follows the change log and tells each enforcement point what concerns it.

mod member;
mod sees;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_enforce::{
    Acknowledged, Applied, Feed, FeedError, FeedMessage, PointScope, Redeemed, Redemption, Resolution,
    Resolved, Scope, Sessions, SessionsError, Standpoint, Ticket,
};
use bartizan_identity::Flow;
use bartizan_model::{BootTime, Clock, CredentialDigest, Entropy, PointId, Revision, Secret, SessionId};
use bartizan_pki::keyed_digest;
use bartizan_policy::{Delta, World};
use bartizan_store::{ChangeSet, SecretWrite, Store};
use parking_lot::Mutex;
use subtle::ConstantTimeEq as _;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use self::member::Member;
use crate::directory::{Directory, Step};
use crate::error::Error;
use crate::points::{PointStatus, PointStatuses};

pub(crate) use self::sees::Sees;

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
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// The revision that the directory is at.
    reached: watch::Sender<Revision>,
    /// Since when the change log cannot be followed.
    stuck: Mutex<Option<BootTime>>,
    /// Bumped with each acknowledgement.
    acknowledged: watch::Sender<u64>,
    lease: Duration,
    /// Under which tickets of interest are made.
    tickets: Secret<[u8; 32]>,
    /// Held by who changes the configuration, from reading it to the commit.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    directory: Directory,
    /// The point of this process, which is no stored object.
    own: Option<PointId>,
    members: HashMap<PointId, Member>,
}

impl State {
    /// Points that joined are members; those that were removed are until their lease is over.
    fn enlist(&mut self) {
        for (point, scope) in self.directory.points() {
            let member = || Member::new(Sees::Scope(scope.clone()));
            self.members.entry(*point).or_insert_with(member);
        }
        for (point, member) in &mut self.members {
            if Some(*point) != self.own && self.directory.scope_of(*point).is_none() && !member.removed {
                member.removed = true;
                member.sender = None;
            }
        }
    }
}

impl Hub {
    /// A hub that has read everything there is.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn open(
        store: Arc<dyn Store>,
        flow: Arc<Flow>,
        lease: Duration,
        clock: Arc<dyn Clock>,
        entropy: &dyn Entropy,
    ) -> Result<Arc<Self>, Error> {
        let tickets = ticket_key(store.as_ref(), clock.as_ref(), entropy).await?;
        let revision = store.revision().await?;
        let directory = Directory::load(store.as_ref(), revision).await?;
        let mut state = State { directory, own: None, members: HashMap::new() };
        state.enlist();
        Ok(Arc::new(Self {
            store,
            flow,
            clock,
            state: Mutex::new(state),
            reached: watch::Sender::new(revision),
            stuck: Mutex::new(None),
            acknowledged: watch::Sender::new(0),
            lease,
            tickets,
            turn: tokio::sync::Mutex::new(()),
        }))
    }

    /// This is the point of this process: it sees everything.
    pub fn own(&self, point: PointId) {
        let mut state = self.state.lock();
        state.own = Some(point);
        state.members.insert(point, Member::new(Sees::Everything));
    }

    /// What a point is for; nothing if there is no such point.
    pub(crate) fn sees(&self, point: PointId) -> Option<Sees> {
        let state = self.state.lock();
        state.members.get(&point).filter(|member| !member.removed).map(|member| member.sees.clone())
    }

    /// Whether a point, as far as is known here, is one of this deployment.
    #[must_use]
    pub fn is_member(&self, point: PointId) -> bool {
        self.sees(point).is_some()
    }

    /// Whether a point was told of a session.
    pub(crate) fn has_met(&self, point: PointId, session: SessionId) -> bool {
        let state = self.state.lock();
        state.members.get(&point).is_some_and(|member| member.knows(session))
    }

    /// The point has stopped: nobody need wait for it, and its grants are no more.
    pub fn left(&self, point: PointId) {
        if let Some(member) = self.state.lock().members.get_mut(&point) {
            (member.renewed, member.sender) = (None, None);
            member.live.clear();
        }
        self.bump();
    }

    fn bump(&self) {
        self.acknowledged.send_modify(|count| *count = count.wrapping_add(1));
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
        for member in self.state.lock().members.values() {
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
                match self.advance(after).await {
                    Ok(()) => *self.stuck.lock() = None,
                    Err(error) => {
                        self.stuck.lock().get_or_insert(self.clock.boot());
                        tracing::error!(%error, "the change log cannot be followed; points keep the revision that they have");
                        tokio::time::sleep(RETRY).await;
                    }
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
                    whole.points |= step.points;
                    whole.anonymous_key = step.anonymous_key.or(whole.anonymous_key);
                }
                // Fail closed: an object that cannot be read is as if it were not there, and somebody must look.
                Err(error) => tracing::error!(%error, revision = %change.revision, "a change cannot be read"),
            }
        }
        if whole.points {
            state.enlist();
        }
        let now = self.clock.boot();
        let State { directory, members, .. } = &mut *state;
        let mut policies = HashMap::new();
        for (id, member) in members.iter_mut().filter(|(_, member)| member.sender.is_some()) {
            let message = FeedMessage {
                revision: last,
                scope: Scope::Changes,
                facts: whole.facts.iter().filter_map(|fact| member.concerned(fact)).collect(),
                policies: whole.policies.then(|| shared(&mut policies, directory, &member.sees)),
                anonymous_key: whole.anonymous_key,
            };
            if !member.tell(message, now) {
                // A point that is so far behind starts over from a snapshot.
                tracing::warn!(point = %id, "an enforcement point does not keep up; it has to subscribe again");
            }
        }
        for member in members.values_mut() {
            member.forget(&whole.facts);
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
        state.enlist();
        for member in state.members.values_mut() {
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
        loop {
            acknowledged.borrow_and_update();
            let next = match self.applied_now(revision) {
                Ok(result) => return result,
                Err(next) => next,
            };
            // A lease that ends wakes nobody.
            tokio::select! {
                _ = acknowledged.changed() => (),
                () = tokio::time::sleep(next) => (),
            }
        }
    }

    /// Whether every enforcement point that there is has applied a revision.
    pub(crate) fn is_applied(&self, revision: Revision) -> bool {
        self.applied_now(revision).is_ok()
    }

    /// What became of a revision; before it is everywhere, when to look again.
    fn applied_now(&self, revision: Revision) -> Result<AppliedEverywhere, Duration> {
        let now = self.clock.boot();
        let mut state = self.state.lock();
        let mut result = AppliedEverywhere { cut: 0, took: Duration::ZERO, confirmed: true };
        let mut wait: Option<Duration> = None;
        state.members.retain(|_, member| {
            let left = member.awaited(self.lease + LEASE_MARGIN, now);
            if let (false, Some(did)) = (member.removed, member.did(revision)) {
                result.cut += did.cut;
                result.took = result.took.max(did.took);
            } else if let Some(left) = left {
                wait = Some(wait.map_or(left, |before| before.min(left)));
            } else {
                // It was away before, or it was waited for until it could do nothing any more.
                result.confirmed &= member.renewed.is_none() || member.removed;
            }
            !(member.removed && left.is_none())
        });
        wait.map_or(Ok(result), Err)
    }
}

/// Policies are the same for all points that see the same.
fn shared(
    made: &mut HashMap<Option<PointScope>, Arc<[bartizan_policy::PolicySource]>>,
    directory: &Directory,
    sees: &Sees,
) -> Arc<[bartizan_policy::PolicySource]> {
    let key = match sees {
        Sees::Everything => None,
        Sees::Scope(scope) => Some(scope.clone()),
    };
    Arc::clone(made.entry(key).or_insert_with(|| directory.policies_for(sees)))
}

async fn ticket_key(
    store: &dyn Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Secret<[u8; 32]>, Error> {
    if let Some(kept) = store.secret(TICKETS).await?
        && let Some(key) = kept.expose(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok())
    {
        return Ok(Secret::new(key));
    }
    let mut key = [0; 32];
    entropy.fill(&mut key);
    let mut change = ChangeSet::new("system", clock.now());
    change.secrets.push(SecretWrite::Put { name: TICKETS.into(), value: Secret::new(key.to_vec()) });
    store.commit(change).await?;
    Ok(Secret::new(key))
}

#[async_trait]
impl Feed for Hub {
    async fn subscribe(
        &self,
        point: PointId,
        standpoint: Standpoint,
    ) -> Result<mpsc::Receiver<FeedMessage>, FeedError> {
        let tickets: Vec<SessionId> = standpoint
            .interest
            .iter()
            .filter(|(session, ticket)| {
                bool::from(self.ticket(point, *session).as_bytes().ct_eq(ticket.as_bytes()))
            })
            .map(|(session, _)| *session)
            .collect();
        let (sender, receiver) = mpsc::channel(QUEUE);
        let now = self.clock.boot();
        let mut state = self.state.lock();
        let State { directory, members, .. } = &mut *state;
        let world = directory.world();
        let member = members.get_mut(&point).ok_or(FeedError::Removed)?;
        if member.removed {
            // It is told, so it has stopped.
            member.renewed = None;
            drop(state);
            self.bump();
            return Err(FeedError::Removed);
        }
        if standpoint.revision > world.revision() {
            return Err(FeedError::Older { here: standpoint.revision, there: world.revision() });
        }
        if tickets.len() < standpoint.interest.len() {
            let refused = standpoint.interest.len() - tickets.len();
            tracing::warn!(%point, refused, "an enforcement point asks for sessions that it was never told of");
        }
        for session in tickets.iter().filter_map(|session| world.session(*session)) {
            member.meet(session);
        }
        member.version = standpoint.version;
        let message = FeedMessage {
            revision: world.revision(),
            scope: Scope::Snapshot,
            facts: member.snapshot(world),
            policies: Some(directory.policies_for(&member.sees)),
            anonymous_key: directory.anonymous_key(),
        };
        sender.try_send(message).map_err(|error| FeedError::Unreachable(error.to_string()))?;
        member.subscribed(sender, world.revision(), now);
        Ok(receiver)
    }

    async fn heartbeat(&self, point: PointId, applied: Applied) -> Result<Acknowledged, FeedError> {
        let now = self.clock.boot();
        let stuck = self.stuck.lock().map_or(Duration::ZERO, |since| now.since(since));
        let behind = {
            let mut state = self.state.lock();
            let member = state.members.get_mut(&point).ok_or(FeedError::Removed)?;
            if member.removed {
                member.renewed = None;
                drop(state);
                self.bump();
                return Err(FeedError::Removed);
            }
            if member.sender.is_none() {
                return Err(FeedError::Unknown);
            }
            member.heard(applied, now)
        };
        self.bump();
        Ok(Acknowledged { behind: behind.max(stuck), now: self.clock.now() })
    }
}

#[async_trait]
impl Sessions for Hub {
    async fn resolve(
        &self,
        point: PointId,
        digest: CredentialDigest,
    ) -> Result<Option<Resolution>, SessionsError> {
        let sees = self.sees(point).ok_or_else(removed)?;
        let found = self.flow.sign_ins().resolve(digest).await.map_err(|error| unreachable(&error))?;
        match found.and_then(|resolved| sees.credential(&self.world(), resolved)) {
            Some(resolved) => self.resolution(point, resolved).await,
            None => Ok(None),
        }
    }

    async fn redeem(
        &self,
        point: PointId,
        redemption: Redemption,
    ) -> Result<Option<Redeemed>, SessionsError> {
        let sees = self.sees(point).ok_or_else(removed)?;
        // Before the code is spent: it is not the point's to spend.
        if !sees.host(&self.world(), &redemption.host) {
            return Ok(None);
        }
        let found = self.flow.redeem(&redemption).await.map_err(|error| unreachable(&error))?;
        let Some((resolved, called)) = found else { return Ok(None) };
        let resolution = self.resolution(point, resolved).await?;
        Ok(resolution.map(|resolution| Redeemed { resolution, called }))
    }
}

fn removed() -> SessionsError {
    SessionsError::Unreachable(String::from("this enforcement point was removed"))
}

impl PointStatuses for Hub {
    fn statuses(&self) -> BTreeMap<PointId, PointStatus> {
        let now = self.clock.boot();
        let state = self.state.lock();
        let told = |member: &Member| PointStatus {
            connected: member.sender.is_some(),
            revision: member.acknowledged,
            lag: member.behind(now),
            lease_left: member.lease_left(self.lease, now),
            backlog: member.backlog,
            version: member.version.clone(),
            live: member.live.values().sum(),
        };
        state
            .members
            .iter()
            .filter(|(_, member)| !member.removed)
            .map(|(id, member)| (*id, told(member)))
            .collect()
    }
}

impl Hub {
    /// With this a point proves that it was told of a session.
    fn ticket(&self, point: PointId, session: SessionId) -> Ticket {
        let mut both = [0; 32];
        for (to, from) in both.iter_mut().zip(point.as_bytes().iter().chain(session.as_bytes())) {
            *to = *from;
        }
        let digest = keyed_digest(&self.tickets, "interest", &both);
        let mut short = [0; 16];
        for (to, from) in short.iter_mut().zip(digest) {
            *to = from;
        }
        Ticket::from_bytes(short)
    }

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
        let State { directory, members, .. } = &mut *state;
        let world = directory.world();
        let Some(session) = world.session(resolved.session) else { return Ok(None) };
        let member = members.get_mut(&point).filter(|member| !member.removed).ok_or_else(removed)?;
        // From here on, under the lock, changes of these go to the point: none is lost between answer and feed.
        if !member.meet(session) {
            return Err(unreachable(&"this enforcement point is told of as many sessions as it can be"));
        }
        let mut facts = vec![Delta::Session(session.as_ref().clone())];
        facts.extend(world.user(session.user).map(|user| Delta::User(user.as_ref().clone())));
        facts.push(Delta::Risk(session.user, world.risk(session.user)));
        let device = session.device.and_then(|device| world.device(device));
        facts.extend(device.map(|device| Delta::Device(device.as_ref().clone())));
        let ticket = self.ticket(point, session.id);
        Ok(Some(Resolution { revision: world.revision(), facts, resolved, ticket }))
    }
}

fn unreachable(why: &dyn std::fmt::Display) -> SessionsError {
    SessionsError::Unreachable(why.to_string())
}

/// How many messages wait for a point before it has to start over.
const QUEUE: usize = 1024;

/// How many changes are read at once.
const BATCH: u32 = 1000;

/// How long a question waits for the directory to have read what was just committed.
const CATCH_UP: Duration = Duration::from_secs(2);

const RETRY: Duration = Duration::from_secs(1);

/// On top of the lease, for the clocks of two machines to disagree on how long a second is.
const LEASE_MARGIN: Duration = Duration::from_secs(1);

/// The secret under which tickets of interest are made. It outlives a restart, so that points need not ask anew for everybody.
const TICKETS: &str = "interest-tickets";
