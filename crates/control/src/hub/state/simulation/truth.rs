//! What is stored, revision by revision, and what a control plane that is always there would say of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bartizan_enforce::PointScope;
use bartizan_model::{BootTime, ObjectKind, PointId, Revision, SessionId, Timestamp, UserId};
use bartizan_store::Change;
use bartizan_testkit::SeededEntropy;
use serde_json::{Value, json};

use crate::directory::Directory;

/// People, apps: few, so that what happens to one happens to what others have open.
pub(super) const USERS: u8 = 3;
pub(super) const APPS: u8 = 2;

/// What apps say of their lease, in seconds.
const LEASES: [Option<u64>; 3] = [None, Some(10), Some(LONGEST.as_secs())];

/// The longest of them.
pub(super) const LONGEST: Duration = Duration::from_secs(120);

/// What matters for who may do what, in plain numbers: no code of the product computes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    active: BTreeSet<u8>,
    staff: BTreeSet<u8>,
    /// Whose each session is that has not ended.
    pub(super) sessions: BTreeMap<u8, u8>,
    /// The apps that there are, and what each says of its lease, in seconds.
    apps: BTreeMap<u8, Option<u64>>,
    permitted: bool,
    closed: BTreeSet<u8>,
    points: BTreeSet<PointId>,
}

impl Model {
    pub(super) fn permits(&self, point: PointId, session: u8, app: u8) -> bool {
        let user = self.sessions.get(&session);
        self.permitted
            && self.points.contains(&point)
            && self.apps.contains_key(&app)
            && !self.closed.contains(&app)
            && user.is_some_and(|user| self.active.contains(user) && self.staff.contains(user))
    }

    pub(super) fn has(&self, point: PointId) -> bool {
        self.points.contains(&point)
    }
}

#[derive(Debug, Clone)]
struct Version {
    at: BootTime,
    change: Change,
    model: Model,
    directory: Directory,
}

/// The store, with its past.
#[derive(Debug, Clone)]
pub(super) struct Truth {
    versions: Vec<Version>,
    /// What was in force from when on, with its revision: also what was lost since, as the store was set back.
    timeline: Vec<(BootTime, u64, Model)>,
    began: u8,
}

impl Truth {
    /// Everybody may do everything, at these points.
    pub(super) fn new(points: &[(PointId, PointScope)], now: BootTime) -> Self {
        let mut truth = Self { versions: Vec::new(), timeline: Vec::new(), began: 0 };
        for user in 0..USERS {
            truth.user(user, true, now);
        }
        truth.group((0..USERS).collect(), now);
        for app in 0..APPS {
            truth.app(app, Some(0), LEASES[usize::from(APPS - app)], now);
        }
        truth.policy(true, now);
        for (number, (point, scope)) in points.iter().enumerate() {
            let scope = match scope {
                PointScope::Apps => json!("apps"),
                PointScope::Only(apps) => json!(apps),
            };
            let spec = json!({
                "name": format!("gateway-{number}"), "role": "gateway", "scope": scope, "joined": time(1), "key": "",
            });
            let change = |model: &mut Model| {
                model.points.insert(*point);
            };
            truth.commit(ObjectKind::Point, point.to_string(), Some(spec), now, change);
        }
        truth
    }

    pub(super) fn revision(&self) -> u64 {
        u64::try_from(self.versions.len()).unwrap()
    }

    /// How many sessions there ever were.
    pub(super) const fn began(&self) -> u8 {
        self.began
    }

    pub(super) fn directory(&self) -> Directory {
        self.versions.last().unwrap().directory.clone()
    }

    pub(super) fn model(&self) -> &Model {
        &self.versions.last().unwrap().model
    }

    /// What was written after a revision, at most so many.
    pub(super) fn changes(&self, after: u64, most: usize) -> Vec<Change> {
        let after = usize::try_from(after).unwrap();
        self.versions.iter().skip(after).take(most).map(|version| version.change.clone()).collect()
    }

    /// Since when there is something to read after a revision.
    pub(super) fn unread_since(&self, after: u64) -> Option<BootTime> {
        let after = usize::try_from(after).unwrap();
        self.versions.get(after).map(|version| version.at)
    }

    /// The longest lease that an app had at any time since then, as the store tells it.
    pub(super) fn longest_lease_since(&self, then: BootTime) -> Duration {
        let over = self.versions.iter().skip(1).take_while(|next| next.at < then).count();
        let said = self.versions.iter().skip(over).flat_map(|version| version.model.apps.values());
        said.flatten().max().map_or(Duration::ZERO, |seconds| Duration::from_secs(*seconds))
    }

    /// Whether it was permitted at some time since `from`, by what the store said then at a revision of `floor` or newer.
    pub(super) fn permitted_since(&self, from: BootTime, floor: u64, who: (PointId, u8, u8)) -> bool {
        let (point, session, app) = who;
        for (at, revision, model) in self.timeline.iter().rev() {
            if *revision >= floor && model.permits(point, session, app) {
                return true;
            }
            // This one was in force when the time began: those before it were not.
            if *at <= from {
                return false;
            }
        }
        false
    }

    /// The disk is set back to how it was so many revisions ago.
    pub(super) fn set_back(&mut self, by: usize, keep: usize, now: BootTime) {
        let left = self.versions.len().saturating_sub(by).max(keep);
        self.versions.truncate(left);
        let model = self.model().clone();
        self.timeline.push((now, self.revision(), model));
    }

    /// One change of a random kind.
    pub(super) fn change(&mut self, random: &SeededEntropy, now: BootTime) {
        let pick = |below: u8| u8::try_from(random.below(usize::from(below))).unwrap();
        let model = self.model().clone();
        let sessions: Vec<(u8, u8)> =
            model.sessions.iter().map(|(session, user)| (*session, *user)).collect();
        let session = (!sessions.is_empty()).then(|| sessions[random.below(sessions.len())]);
        match (random.below(20), session) {
            (0..=4, _) | (5..=8, None) => {
                self.began += 1;
                self.session(self.began, pick(USERS), now);
            }
            (5 | 6, Some((session, _))) => {
                let name = session_id(session).to_string();
                let change = |model: &mut Model| {
                    model.sessions.remove(&session);
                };
                self.commit(ObjectKind::Session, name, None, now, change);
            }
            (7 | 8, Some((session, user))) => self.session(session, user, now),
            (9 | 10, _) => {
                let user = pick(USERS);
                self.user(user, !model.active.contains(&user), now);
            }
            (11 | 12, _) => {
                let mut staff = model.staff;
                let user = pick(USERS);
                if !staff.remove(&user) {
                    staff.insert(user);
                }
                self.group(staff, now);
            }
            (13, _) => {
                let app = pick(APPS);
                let host = (!model.apps.contains_key(&app)).then_some(self.revision());
                self.app(app, host, None, now);
            }
            (14 | 19, _) => {
                let lease = LEASES[random.below(LEASES.len())];
                self.app(pick(APPS), Some(self.revision()), lease, now);
            }
            (15, _) => self.policy(!model.permitted, now),
            (16 | 17, _) => self.close_or_open(pick(APPS), now),
            (18, _) if random.below(4) == 0 => {
                let points: Vec<PointId> = model.points.into_iter().collect();
                if let Some(point) = points.get(random.below(points.len().max(1))) {
                    let change = |model: &mut Model| {
                        model.points.remove(point);
                    };
                    self.commit(ObjectKind::Point, point.to_string(), None, now, change);
                }
            }
            _ => {
                let spec = json!({ "score": random.below(101) });
                self.commit(ObjectKind::Risk, user_id(pick(USERS)).to_string(), Some(spec), now, |_| ());
            }
        }
    }

    /// An app's lease is made short, if there is such an app.
    pub(super) fn shorten(&mut self, app: u8, now: BootTime) {
        if self.model().apps.contains_key(&app) {
            self.app(app, Some(self.revision()), LEASES[1], now);
        }
    }

    /// Nobody may open an app any more; or whoever may otherwise, again.
    pub(super) fn close_or_open(&mut self, app: u8, now: BootTime) {
        let text = format!("@id(\"closed-{app}\") forbid (principal, action, resource == App::\"a{app}\");");
        let closed = !self.model().closed.contains(&app);
        let spec = closed.then(|| json!({ "text": text }));
        let change = |model: &mut Model| {
            if closed {
                model.closed.insert(app)
            } else {
                model.closed.remove(&app)
            };
        };
        self.commit(ObjectKind::Policy, format!("closed-{app}"), spec, now, change);
    }

    fn user(&mut self, user: u8, active: bool, now: BootTime) {
        let id = user_id(user);
        let spec = json!({
            "state": if active { "active" } else { "disabled" }, "key": bartizan_model::SealingKeyId::from_bytes([user; 16]),
            "public": PUBLIC, "sealed": "",
        });
        self.commit(ObjectKind::User, id.to_string(), Some(spec), now, |model| {
            if active {
                model.active.insert(user)
            } else {
                model.active.remove(&user)
            };
        });
    }

    fn group(&mut self, staff: BTreeSet<u8>, now: BootTime) {
        let users: Vec<UserId> = staff.iter().map(|user| user_id(*user)).collect();
        let spec = json!({ "users": users });
        self.commit(ObjectKind::Group, "staff".into(), Some(spec), now, |model| model.staff = staff);
    }

    fn app(&mut self, app: u8, host: Option<u64>, lease: Option<u64>, now: BootTime) {
        let spec = host.map(|host| {
            let host = format!("a{app}-{host}.test");
            json!({ "host": host, "upstream": "http://127.0.0.1:1", "lease_seconds": lease })
        });
        self.commit(ObjectKind::App, format!("a{app}"), spec, now, |model| {
            if host.is_some() {
                model.apps.insert(app, lease).is_some()
            } else {
                model.apps.remove(&app).is_some()
            };
        });
    }

    fn policy(&mut self, permitted: bool, now: BootTime) {
        let text =
            "@id(\"staff\") permit (principal in Group::\"staff\", action in Action::\"http\", resource);";
        let spec = permitted.then(|| json!({ "text": text }));
        self.commit(ObjectKind::Policy, "staff".into(), spec, now, |model| model.permitted = permitted);
    }

    fn session(&mut self, session: u8, user: u8, now: BootTime) {
        // Each time it is written it is another: so it is seen which of them a point has.
        let seen = time(i64::try_from(self.revision()).unwrap());
        let spec = json!({
            "user": user_id(user), "auth_time": time(1), "mfa_time": time(1), "amr": ["pwd"], "level": "strong",
            "last_seen": seen, "idle_seconds": 1_000_000_000, "absolute_end": time(1_000_000_000),
        });
        let name = session_id(session).to_string();
        let change = |model: &mut Model| {
            model.sessions.insert(session, user);
        };
        self.commit(ObjectKind::Session, name, Some(spec), now, change);
    }

    fn commit(
        &mut self,
        kind: ObjectKind,
        name: String,
        spec: Option<Value>,
        now: BootTime,
        change: impl FnOnce(&mut Model),
    ) {
        let revision = Revision::new(self.revision() + 1);
        let (author, time) = ("test".into(), time(1));
        let made = Change { revision, kind, name, author, time, spec };
        let (mut directory, mut model) = self
            .versions
            .last()
            .map_or_else(Default::default, |last| (last.directory.clone(), last.model.clone()));
        directory.step(&made).unwrap();
        change(&mut model);
        self.timeline.push((now, revision.get(), model.clone()));
        self.versions.push(Version { at: now, change: made, model, directory });
    }
}

pub(super) fn user_id(user: u8) -> UserId {
    UserId::from_bytes([user + 1; 16])
}

pub(super) fn session_id(session: u8) -> SessionId {
    SessionId::from_bytes([session; 16])
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_795_507_200_000_000 + seconds * 1_000_000)
}

/// The base point of X25519: a public key that is in order.
const PUBLIC: &str = "CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
