//! An enforcement point as the hub knows it: what it is told, what it has confirmed, how long it may still decide.
//!
//! Nothing here waits or reads a clock: it is told what the time is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use bartizan_enforce::{Applied, FeedMessage, Subscription};
use bartizan_model::{BootTime, ClientName, DeviceId, Revision, SessionFacts, SessionId, Subject, UserId};
use bartizan_policy::{Delta, World};
use tokio::sync::mpsc;

use super::sees::Sees;

/// An enforcement point.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) sees: Sees,
    /// The stream that it is, or was last, told by.
    pub(super) subscription: Subscription,
    /// Where what it is told goes; none while it is not subscribed.
    pub(super) sender: Option<mpsc::Sender<FeedMessage>>,
    sessions: BTreeSet<SessionId>,
    users: BTreeSet<UserId>,
    services: BTreeSet<ClientName>,
    devices: BTreeSet<DeviceId>,
    /// What it was told and has not confirmed, with since when that was to be told.
    open: VecDeque<(Revision, BootTime)>,
    told: Revision,
    pub(super) acknowledged: Revision,
    /// What applying each of the newest revisions did.
    applied: VecDeque<(Revision, u64, Duration)>,
    pub(super) live: BTreeMap<SessionId, u64>,
    pub(super) backlog: Option<u64>,
    pub(super) version: String,
    /// When its lease was last renewed, less what it was behind: it decides for no longer than a lease from then.
    pub(super) renewed: Option<BootTime>,
    /// Somebody was told that it can do nothing any more without this revision: it must not come to life again before it has it.
    pub(super) given_up: Revision,
    /// It was removed, and is only here until nobody need fear that it still decides.
    pub(super) removed: bool,
    /// How many questions it may ask, and as of when.
    questions: (f64, BootTime),
}

/// Whether a point knew a session that it brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// It was told of it.
    Before,
    /// It is to be told of it.
    Now,
    /// It is told of as many as it can be.
    TooMany,
}

/// What applying a revision did at one point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Did {
    pub(super) cut: u64,
    pub(super) took: Duration,
}

impl Member {
    pub(super) const fn new(sees: Sees) -> Self {
        Self {
            sees,
            subscription: Subscription::new(0),
            sender: None,
            sessions: BTreeSet::new(),
            users: BTreeSet::new(),
            services: BTreeSet::new(),
            devices: BTreeSet::new(),
            open: VecDeque::new(),
            told: Revision::new(0),
            acknowledged: Revision::new(0),
            applied: VecDeque::new(),
            live: BTreeMap::new(),
            backlog: None,
            version: String::new(),
            renewed: None,
            given_up: Revision::new(0),
            removed: false,
            questions: (BURST, BootTime::from_duration(Duration::ZERO)),
        }
    }

    /// From now on it is told of a session, of its person and its device.
    pub(super) fn meet(&mut self, session: &SessionFacts) -> Met {
        if self.sessions.contains(&session.id) {
            return Met::Before;
        }
        if self.sessions.len() >= MAX_SESSIONS {
            return Met::TooMany;
        }
        self.sessions.insert(session.id);
        match &session.subject {
            Subject::User(user) => {
                self.users.insert(*user);
            }
            Subject::Service(client) => {
                self.services.insert(client.clone());
            }
            Subject::Anonymous => {}
        }
        self.devices.extend(session.device);
        Met::Now
    }

    /// What it is told of a session that it meets.
    pub(super) fn behind_session(&self, world: &World, session: &SessionFacts) -> Vec<Delta> {
        let mut facts = vec![Delta::Session(session.clone())];
        match &session.subject {
            Subject::User(user) => {
                facts.extend(world.user(*user).map(|user| Delta::User(user.as_ref().clone())));
                facts.push(Delta::Risk(*user, world.risk(*user)));
            }
            Subject::Service(client) => {
                facts.extend(world.client(client).then(|| Delta::Client(client.clone())));
            }
            Subject::Anonymous => {}
        }
        let device = session.device.and_then(|device| world.device(device));
        facts.extend(device.map(|device| Delta::Device(device.as_ref().clone())));
        facts
    }

    /// Takes one off the questions that it may ask. False if there is none left.
    pub(super) fn spend(&mut self, now: BootTime) -> bool {
        let (left, since) = self.questions;
        let left = (left + now.since(since).as_secs_f64() * RATE).min(BURST);
        self.questions = (if left < 1.0 { left } else { left - 1.0 }, now);
        left >= 1.0
    }

    /// Whether it has met a session.
    pub(super) fn knows(&self, session: SessionId) -> bool {
        self.sessions.contains(&session)
    }

    /// It starts over: what it was told before, and has not confirmed, is of no more use.
    pub(super) fn subscribed(
        &mut self,
        subscription: Subscription,
        sender: mpsc::Sender<FeedMessage>,
        at: Revision,
        now: BootTime,
    ) {
        self.subscription = subscription;
        self.open.clear();
        self.open.push_back((at, now));
        self.told = at;
        self.sender = Some(sender);
    }

    /// Tells it of changes that were there since `since`. False if it does not keep up, and has to start over from a snapshot.
    pub(super) fn tell(&mut self, message: FeedMessage, since: BootTime) -> bool {
        let Some(sender) = &self.sender else { return true };
        let revision = message.revision;
        if sender.try_send(message).is_err() {
            self.sender = None;
            return false;
        }
        self.told = revision;
        self.open.push_back((revision, since));
        true
    }

    /// It says what it has applied. Answers how far it is behind: since when the oldest change waits that it was told of. Nothing,
    /// and no lease, if it was given up without what it has still to apply.
    pub(super) fn heard(&mut self, applied: Applied, now: BootTime) -> Option<Duration> {
        let before = self.acknowledged;
        // It cannot have applied what it was not told of, whatever it says.
        self.acknowledged = self.acknowledged.max(applied.revision.min(self.told));
        while self.open.front().is_some_and(|(revision, _)| *revision <= self.acknowledged) {
            self.open.pop_front();
        }
        // One that is as far as before, and has cut nothing since, has no news of it.
        if applied.revision > before || applied.cut > 0 {
            self.applied.push_back((applied.revision, applied.cut, applied.took));
            if self.applied.len() > APPLIED {
                self.applied.pop_front();
            }
        }
        if let Some(live) = applied.live {
            self.live = live.into_iter().filter(|(session, _)| self.knows(*session)).collect();
        }
        self.backlog = applied.backlog.or(self.backlog);
        if self.acknowledged < self.given_up {
            return None;
        }
        let behind = self.behind(now);
        let current = now.back(behind);
        self.renewed = Some(self.renewed.map_or(current, |before| before.max(current)));
        Some(behind)
    }

    /// How much longer it may decide without another heartbeat; nothing if it may not.
    pub(super) fn lease_left(&self, lease: Duration, now: BootTime) -> Option<Duration> {
        lease.checked_sub(now.since(self.renewed?)).filter(|left| !left.is_zero())
    }

    /// How much longer it may have to be waited for: until its lease ends, or would, if it is about to get one.
    pub(super) fn awaited(&self, lease: Duration, now: BootTime) -> Option<Duration> {
        let about_to = || {
            let left = self.sender.as_ref().map(|_| lease.saturating_sub(self.behind(now)))?;
            Some(left).filter(|left| !left.is_zero())
        };
        self.lease_left(lease, now).or_else(about_to)
    }

    /// Since when the oldest change waits that it has not confirmed.
    pub(super) fn behind(&self, now: BootTime) -> Duration {
        self.open.front().map_or(Duration::ZERO, |(_, since)| now.since(*since))
    }

    /// What applying a revision did, if it has.
    pub(super) fn did(&self, revision: Revision) -> Option<Did> {
        if self.acknowledged < revision {
            return None;
        }
        let first = self.applied.iter().find(|(applied, _, _)| *applied >= revision);
        Some(
            first.map_or(Did { cut: 0, took: Duration::ZERO }, |(_, cut, took)| Did {
                cut: *cut,
                took: *took,
            }),
        )
    }

    /// What it is told when a fact comes to be; nothing if it is not concerned.
    pub(super) fn concerned(&self, fact: &Delta) -> Option<Delta> {
        let concerned = match fact {
            Delta::Group(_) | Delta::GroupGone(_) => true,
            Delta::App(app) if self.sees.app(app) => true,
            // An app that becomes one of our own is gone for who only sees those of others.
            Delta::App(app) if self.sees.named(&app.name) => return Some(Delta::AppGone(app.name.clone())),
            Delta::App(_) => false,
            Delta::AppGone(app) => self.sees.named(app),
            // Only where people sign in, something is issued to clients; others meet them as services.
            Delta::Client(client) | Delta::ClientGone(client) => {
                self.sees == Sees::Everything || self.services.contains(client)
            }
            Delta::User(user) => self.users.contains(&user.id),
            Delta::UserGone(user) | Delta::Risk(user, _) => self.users.contains(user),
            Delta::Session(session) => self.sessions.contains(&session.id),
            Delta::SessionGone(session) => self.sessions.contains(session),
            Delta::Device(device) => self.devices.contains(&device.id),
            Delta::DeviceGone(device) => self.devices.contains(device),
        };
        concerned.then(|| fact.clone())
    }

    /// What is gone is of no more interest.
    pub(super) fn forget(&mut self, facts: &[Delta]) {
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
                | Delta::Client(_)
                | Delta::ClientGone(_)
                | Delta::Session(_)
                | Delta::Device(_)
                | Delta::Risk(..) => {}
            }
        }
    }

    /// Everything that it is told of, as it stands in this world.
    pub(super) fn snapshot(&self, world: &World) -> Vec<Delta> {
        let mut facts: Vec<Delta> =
            world.groups().map(|group| Delta::Group(group.as_ref().clone())).collect();
        let apps = world.apps().filter(|app| self.sees.app(app));
        facts.extend(apps.map(|app| Delta::App(app.as_ref().clone())));
        if self.sees == Sees::Everything {
            facts.extend(world.clients().cloned().map(Delta::Client));
        } else {
            let services = self.services.iter().filter(|client| world.client(client));
            facts.extend(services.cloned().map(Delta::Client));
        }
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

/// Credentials and codes that one point may bring at once, as after a start, and then each second.
const BURST: f64 = 20_000.0;
const RATE: f64 = 2_000.0;

/// How many revisions of a point are remembered for who waits for one.
const APPLIED: usize = 1024;

/// Sessions that one point is told of, 40 bytes each here and 500 there.
const MAX_SESSIONS: usize = 1_000_000;

#[cfg(test)]
mod tests;
