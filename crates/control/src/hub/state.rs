//! The directory, and the points that are told of it: what the hub keeps under its lock.
//!
//! Nothing here waits, reads a clock or rolls dice: so whole histories of it can be played through
//! (`simulation`).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bartizan_enforce::{Applied, FeedError, FeedMessage, PointScope, Scope, Standpoint, Subscription};
use bartizan_model::{BootTime, PointId, Revision, SessionId};
use bartizan_policy::{Delta, PolicySource, World};
use bartizan_store::Change;
use tokio::sync::mpsc;

use super::AppliedEverywhere;
use super::leases::{Leases, with_margin};
use super::member::{Member, Met};
use super::sees::Sees;
use crate::directory::{Directory, Step};

/// What the hub knows, and whom it tells of it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) directory: Directory,
    /// The point of this process, which is no stored object.
    own: Option<PointId>,
    pub(super) members: HashMap<PointId, Member>,
    /// How long members may go on deciding.
    pub(super) leases: Leases,
    /// The newest subscription. The first is a random number, so that none is like one of another run.
    newest: Subscription,
}

/// What a point cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Untold {
    /// It was removed.
    Removed,
    /// It is told of as many sessions as one can be.
    TooMany,
    /// It asks more than one can.
    Slower,
}

impl State {
    /// What this directory says. Points have a lease of `lease` where no app says another; an app may have had one of
    /// `formerly` until now.
    pub(super) fn new(
        directory: Directory,
        first: Subscription,
        lease: Duration,
        formerly: Duration,
        now: BootTime,
    ) -> Self {
        let leases = Leases::new(lease, formerly, directory.world(), now);
        let mut state = Self { directory, own: None, members: HashMap::new(), leases, newest: first };
        state.enlist();
        // Whoever of them is there may have had its lease renewed a moment ago, by a control that ran before this one.
        for member in state.members.values_mut() {
            member.renewed = Some(now);
        }
        state
    }

    /// This is the point of this process: it sees everything.
    pub(super) fn own(&mut self, point: PointId) {
        self.own = Some(point);
        self.members.insert(point, Member::new(Sees::Everything));
    }

    /// A point of this deployment.
    pub(super) fn member(&self, point: PointId) -> Option<&Member> {
        self.members.get(&point).filter(|member| !member.removed)
    }

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

    /// Takes in what changed, and tells the points. The revision that it is at then; nothing if nothing changed. Since `since`
    /// it was there to be read: points are behind from then on, whenever they were told.
    pub(super) fn take(&mut self, changes: &[Change], since: BootTime) -> Option<Revision> {
        let last = changes.last()?.revision;
        let mut whole = Step::default();
        for change in changes {
            match self.directory.step(change) {
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
            self.enlist();
        }
        if whole.facts.iter().any(|fact| matches!(fact, Delta::App(_) | Delta::AppGone(_))) {
            self.leases.changed(self.directory.world(), since);
        }
        let Self { directory, members, .. } = self;
        let mut policies = HashMap::new();
        for (id, member) in members.iter_mut().filter(|(_, member)| member.sender.is_some()) {
            let message = FeedMessage {
                subscription: member.subscription,
                revision: last,
                scope: Scope::Changes,
                facts: whole.facts.iter().filter_map(|fact| member.concerned(fact)).collect(),
                policies: whole.policies.then(|| shared(&mut policies, directory, &member.sees)),
                anonymous_key: whole.anonymous_key,
            };
            if !member.tell(message, since) {
                // A point that is so far behind starts over from a snapshot.
                tracing::warn!(point = %id, "an enforcement point does not keep up; it has to subscribe again");
            }
        }
        for member in members.values_mut() {
            member.forget(&whole.facts);
        }
        Some(last)
    }

    /// Goes on from here: what lies between is not known, so all points start over.
    pub(super) fn replace(&mut self, directory: Directory, now: BootTime) {
        self.directory = directory;
        self.leases.changed(self.directory.world(), now);
        self.enlist();
        for member in self.members.values_mut() {
            member.sender = None;
        }
    }

    /// A point starts over, and is told of these sessions from now on. The first that it receives is a snapshot.
    pub(super) fn subscribe(
        &mut self,
        point: PointId,
        standpoint: Standpoint,
        met: &[SessionId],
        now: BootTime,
    ) -> Result<mpsc::Receiver<FeedMessage>, FeedError> {
        let Self { directory, members, newest, .. } = self;
        let world = directory.world();
        let member = members.get_mut(&point).ok_or(FeedError::Removed)?;
        if member.removed {
            // It is told, so it has stopped.
            member.renewed = None;
            return Err(FeedError::Removed);
        }
        if standpoint.revision > world.revision() {
            return Err(FeedError::Older { here: standpoint.revision, there: world.revision() });
        }
        for session in met.iter().filter_map(|session| world.session(*session)) {
            member.meet(session);
        }
        member.version = standpoint.version;
        *newest = Subscription::new(newest.get().wrapping_add(1));
        let message = FeedMessage {
            subscription: *newest,
            revision: world.revision(),
            scope: Scope::Snapshot,
            facts: member.snapshot(world),
            policies: Some(directory.policies_for(&member.sees)),
            anonymous_key: directory.anonymous_key(),
        };
        let (sender, receiver) = mpsc::channel(QUEUE);
        sender.try_send(message).map_err(|error| FeedError::Unreachable(error.to_string()))?;
        member.subscribed(*newest, sender, world.revision(), now);
        Ok(receiver)
    }

    /// A point says what it has applied. Answers how far it is behind.
    pub(super) fn heard(
        &mut self,
        point: PointId,
        applied: Applied,
        now: BootTime,
    ) -> Result<Duration, FeedError> {
        let member = self.members.get_mut(&point).ok_or(FeedError::Removed)?;
        if member.removed {
            member.renewed = None;
            return Err(FeedError::Removed);
        }
        // One that is on another stream than this, or on none, may be told nothing any more.
        if member.sender.is_none() || member.subscription != applied.subscription {
            return Err(FeedError::Unknown);
        }
        member.heard(applied, now).ok_or(FeedError::Unknown)
    }

    /// A point has brought a credential of this session: it is told of what is behind it, and of what becomes of that from
    /// now on. By which stream it is told, and at which revision; nothing if there is no such session.
    pub(super) fn introduce(
        &mut self,
        point: PointId,
        session: SessionId,
        now: BootTime,
    ) -> Result<Option<(Subscription, Revision)>, Untold> {
        let Self { directory, members, .. } = self;
        let world = directory.world();
        let Some(session) = world.session(session) else { return Ok(None) };
        let member = members.get_mut(&point).filter(|member| !member.removed).ok_or(Untold::Removed)?;
        match member.meet(session) {
            Met::TooMany => return Err(Untold::TooMany),
            Met::Before => {}
            Met::Now => {
                let message = FeedMessage {
                    subscription: member.subscription,
                    revision: world.revision(),
                    scope: Scope::Changes,
                    facts: member.behind_session(world, session),
                    policies: None,
                    anonymous_key: None,
                };
                // One that does not keep up starts over, and is told of it then.
                member.tell(message, now);
            }
        }
        Ok(Some((member.subscription, world.revision())))
    }

    /// A point has a question. What it may ask at once, and then each second, is far more than people bring to it.
    pub(super) fn asks(&mut self, point: PointId, now: BootTime) -> Result<Sees, Untold> {
        let member = self.members.get_mut(&point).filter(|member| !member.removed).ok_or(Untold::Removed)?;
        if member.sees != Sees::Everything && !member.spend(now) {
            return Err(Untold::Slower);
        }
        Ok(member.sees.clone())
    }

    /// What became of a revision; before it is everywhere, when to look again. Points are waited for no longer than the longest
    /// lease that they may have.
    pub(super) fn applied(
        &mut self,
        revision: Revision,
        now: BootTime,
    ) -> Result<AppliedEverywhere, Duration> {
        let mut result = AppliedEverywhere { cut: 0, took: Duration::ZERO, confirmed: true };
        let mut wait: Option<Duration> = None;
        let Self { members, leases, .. } = self;
        members.retain(|_, member| {
            let left = member.awaited(with_margin(leases.longest(member.acknowledged, now)), now);
            if let (false, Some(did)) = (member.removed, member.did(revision)) {
                result.cut += did.cut;
                result.took = result.took.max(did.took);
            } else if let Some(left) = left {
                wait = Some(wait.map_or(left, |before| before.min(left)));
            } else {
                // It was away before, or it was waited for until it could do nothing any more. So it stays.
                member.given_up = member.given_up.max(revision);
                result.confirmed &= member.renewed.is_none() || member.removed;
            }
            !(member.removed && left.is_none())
        });
        wait.map_or(Ok(result), Err)
    }

    /// How much was open at a point that was removed, once it can do nothing any more; before that, when to look again.
    pub(super) fn gone(&mut self, point: PointId, now: BootTime) -> Result<u64, Duration> {
        let Some(member) = self.members.get(&point) else { return Ok(0) };
        if !member.removed {
            return Err(UNREAD);
        }
        let lease = with_margin(self.leases.longest(member.acknowledged, now));
        match member.awaited(lease, now) {
            Some(left) => Err(left),
            None => {
                let member = self.members.remove(&point);
                Ok(member.map_or(0, |member| member.live.values().sum()))
            }
        }
    }

    /// The point has stopped: nobody need wait for it, and its grants are no more.
    pub(super) fn left(&mut self, point: PointId) {
        if let Some(member) = self.members.get_mut(&point) {
            (member.renewed, member.sender) = (None, None);
            member.live.clear();
        }
    }

    /// How many grants are live under each session, as the points last said.
    pub(super) fn live(&self) -> BTreeMap<SessionId, u64> {
        let mut live = BTreeMap::new();
        for member in self.members.values() {
            for (session, count) in &member.live {
                *live.entry(*session).or_insert(0) += count;
            }
        }
        live
    }

    /// The facts.
    pub(super) const fn world(&self) -> &World {
        self.directory.world()
    }
}

/// Policies are the same for all points that see the same.
fn shared(
    made: &mut HashMap<Option<PointScope>, Arc<[PolicySource]>>,
    directory: &Directory,
    sees: &Sees,
) -> Arc<[PolicySource]> {
    let key = match sees {
        Sees::Everything => None,
        Sees::Scope(scope) => Some(scope.clone()),
    };
    Arc::clone(made.entry(key).or_insert_with(|| directory.policies_for(sees)))
}

/// How soon to look again whether a change has been read.
const UNREAD: Duration = Duration::from_millis(20);

/// How many messages wait for a point before it has to start over.
const QUEUE: usize = 1024;

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
