//! The feed: follows the change log and tells each enforcement point what concerns it.

mod leases;
mod member;
mod sees;
mod state;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_enforce::{
    Acknowledged, Applied, Feed, FeedError, FeedMessage, Redeemed, Redemption, Resolution, Resolved,
    Sessions, SessionsError, Standpoint, Subscription, Ticket,
};
use bartizan_identity::Flow;
use bartizan_model::{BootTime, Clock, CredentialDigest, Entropy, PointId, Revision, Secret, SessionId};
use bartizan_pki::keyed_digest;
use bartizan_policy::World;
use bartizan_store::{ChangeSet, SecretWrite, Store};
use parking_lot::Mutex;
use subtle::ConstantTimeEq as _;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use self::member::Member;
use self::state::{State, Untold};
use crate::directory::Directory;
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
    /// Since when something in the change log waits to be read.
    stuck: Mutex<Option<BootTime>>,
    /// Bumped with each acknowledgement.
    acknowledged: watch::Sender<u64>,
    /// Under which tickets of interest are made.
    tickets: Secret<[u8; 32]>,
    /// Held by who changes the configuration, from reading it to the commit.
    turn: tokio::sync::Mutex<()>,
}

impl Hub {
    /// A hub that has read everything there is. Points have a lease of `lease` on apps that say nothing of it.
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
        let mut first = [0; 8];
        entropy.fill(&mut first);
        let formerly = leases::formerly(store.as_ref(), clock.now()).await?;
        let first = Subscription::new(u64::from_be_bytes(first));
        let state = State::new(directory, first, lease, formerly, clock.boot());
        Ok(Arc::new(Self {
            store,
            flow,
            clock,
            state: Mutex::new(state),
            reached: watch::Sender::new(revision),
            stuck: Mutex::new(None),
            acknowledged: watch::Sender::new(0),
            tickets,
            turn: tokio::sync::Mutex::new(()),
        }))
    }

    /// This is the point of this process: it sees everything.
    pub fn own(&self, point: PointId) {
        self.state.lock().own(point);
    }

    /// What a point is for; nothing if there is no such point.
    pub(crate) fn sees(&self, point: PointId) -> Option<Sees> {
        self.state.lock().member(point).map(|member| member.sees.clone())
    }

    /// Whether a point, as far as is known here, is one of this deployment.
    #[must_use]
    pub fn is_member(&self, point: PointId) -> bool {
        self.sees(point).is_some()
    }

    /// Whether a point was told of a session.
    pub(crate) fn has_met(&self, point: PointId, session: SessionId) -> bool {
        self.state.lock().member(point).is_some_and(|member| member.knows(session))
    }

    /// The point has stopped: nobody need wait for it, and its grants are no more.
    pub fn left(&self, point: PointId) {
        self.state.lock().left(point);
        self.bump();
    }

    fn bump(&self) {
        self.acknowledged.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// The world at the newest revision that has been read. Cheap: it is shared.
    #[must_use]
    pub fn world(&self) -> World {
        self.state.lock().world().clone()
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
        self.state.lock().live()
    }

    /// Follows the change log until `stop`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut newest = self.store.watch();
        let mut free = tokio::time::Instant::now();
        loop {
            let after = *self.reached.borrow();
            if *newest.borrow_and_update() > after {
                // From here on, however long the store takes to say what is new.
                let since = *self.stuck.lock().get_or_insert(self.clock.boot());
                // One change waits for nothing. Where they come without pause, those of a moment are told together: each message
                // costs both ends more than what is in it.
                tokio::time::sleep_until(free).await;
                free = tokio::time::Instant::now() + self.pause();
                match self.advance(after, since).await {
                    Ok(()) => *self.stuck.lock() = None,
                    Err(error) => {
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

    /// How long the points that there are have to do with one message each.
    fn pause(&self) -> Duration {
        let told = self.state.lock().members.values().filter(|member| member.sender.is_some()).count();
        let told = u32::try_from(told).unwrap_or(u32::MAX);
        EACH.saturating_mul(told).min(LONGEST_PAUSE)
    }

    async fn advance(&self, after: Revision, since: BootTime) -> Result<(), Error> {
        let changes = match self.store.changes(after, BATCH).await {
            Ok(changes) => changes,
            Err(bartizan_store::Error::Compacted { .. } | bartizan_store::Error::Ahead { .. }) => {
                return self.start_over().await;
            }
            Err(error) => return Err(error.into()),
        };
        let Some(last) = self.state.lock().take(&changes, since) else { return Ok(()) };
        self.reached.send_replace(last);
        Ok(())
    }

    async fn start_over(&self) -> Result<(), Error> {
        let revision = self.store.revision().await?;
        let directory = Directory::load(self.store.as_ref(), revision).await?;
        self.state.lock().replace(directory, self.clock.boot());
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
        self.wait(|hub| hub.applied_now(revision)).await
    }

    /// Waits until a point that was removed can do nothing any more. How much was open there.
    pub(crate) async fn gone(&self, point: PointId) -> u64 {
        self.wait(|hub| {
            let now = hub.clock.boot();
            hub.state.lock().gone(point, now)
        })
        .await
    }

    /// Waits until there is an answer. Until then `look` says when to look again, if no point says anything before.
    async fn wait<T>(&self, look: impl Fn(&Self) -> Result<T, Duration>) -> T {
        let mut acknowledged = self.acknowledged.subscribe();
        loop {
            acknowledged.borrow_and_update();
            let next = match look(self) {
                Ok(answer) => return answer,
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
        self.state.lock().applied(revision, now)
    }
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
        let told = |(session, ticket): &&(SessionId, Ticket)| {
            bool::from(self.ticket(point, *session).as_bytes().ct_eq(ticket.as_bytes()))
        };
        let met: Vec<SessionId> =
            standpoint.interest.iter().filter(told).map(|(session, _)| *session).collect();
        let refused = standpoint.interest.len() - met.len();
        if refused > 0 {
            tracing::warn!(%point, refused, "an enforcement point asks for sessions that it was never told of");
        }
        if matches!(self.sees(point), Some(Sees::Scope(_))) {
            // Here, where nobody else waits for it: of ten thousand policies it takes seconds.
            let unread = self.state.lock().directory.unread();
            if !unread.is_empty() {
                let read = move || unread.iter().for_each(|policy| _ = policy.about());
                let read = tokio::task::spawn_blocking(read).await;
                read.map_err(|error| FeedError::Unreachable(error.to_string()))?;
            }
        }
        let now = self.clock.boot();
        let subscribed = self.state.lock().subscribe(point, standpoint, &met, now);
        self.bump();
        subscribed
    }

    async fn heartbeat(&self, point: PointId, applied: Applied) -> Result<Acknowledged, FeedError> {
        let now = self.clock.boot();
        let stuck = self.stuck.lock().map_or(Duration::ZERO, |since| now.since(since));
        let heard = self.state.lock().heard(point, applied, now);
        self.bump();
        Ok(Acknowledged { behind: heard?.max(stuck), now: self.clock.now() })
    }
}

#[async_trait]
impl Sessions for Hub {
    async fn resolve(
        &self,
        point: PointId,
        digest: CredentialDigest,
    ) -> Result<Option<Resolution>, SessionsError> {
        let sees = self.asks(point)?;
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
        let sees = self.asks(point)?;
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

fn untold(untold: Untold) -> SessionsError {
    unreachable(&match untold {
        Untold::Removed => "this enforcement point was removed",
        Untold::TooMany => "this enforcement point is told of as many sessions as it can be",
        Untold::Slower => "this enforcement point asks too many questions",
    })
}

impl PointStatuses for Hub {
    fn statuses(&self) -> BTreeMap<PointId, PointStatus> {
        let now = self.clock.boot();
        let state = self.state.lock();
        let told = |member: &Member| PointStatus {
            connected: member.sender.is_some(),
            revision: member.acknowledged,
            lag: member.behind(now),
            lease_left: member.lease_left(state.leases.longest(member.acknowledged, now), now),
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

    /// A point has a question: what it is for.
    fn asks(&self, point: PointId) -> Result<Sees, SessionsError> {
        let now = self.clock.boot();
        self.state.lock().asks(point, now).map_err(untold)
    }

    /// The answer for a credential. What is behind it goes to the point by its feed.
    async fn resolution(
        &self,
        point: PointId,
        resolved: Resolved,
    ) -> Result<Option<Resolution>, SessionsError> {
        // The session may be younger than what the directory has read.
        if !self.caught_up().await {
            return Err(unreachable(&"the change log is not being followed"));
        }
        let now = self.clock.boot();
        let told = self.state.lock().introduce(point, resolved.session, now).map_err(untold)?;
        let Some((subscription, revision)) = told else { return Ok(None) };
        let ticket = self.ticket(point, resolved.session);
        Ok(Some(Resolution { subscription, revision, resolved, ticket }))
    }
}

fn unreachable(why: &dyn std::fmt::Display) -> SessionsError {
    SessionsError::Unreachable(why.to_string())
}

/// How many changes are read at once.
const BATCH: u32 = 1000;

/// How long a question waits for the directory to have read what was just committed.
const CATCH_UP: Duration = Duration::from_secs(2);

const RETRY: Duration = Duration::from_secs(1);

/// What a message takes control for each point that it is told to, encrypted and acknowledged, with room for other work.
const EACH: Duration = Duration::from_micros(200);

/// The longest that a change waits for others to be told with it: a tenth of what is promised for it to be everywhere.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// The secret under which tickets of interest are made. It outlives a restart, so that points need not ask anew for everybody.
const TICKETS: &str = "interest-tickets";
