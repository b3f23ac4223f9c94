//! A past for the demo: days of decisions about made-up colleagues, so that charts and lists show what they show where
//! people work.
//!
//! What was asked when is made up ([`days`]). What came of it is not: each question is decided by the engine on what the
//! store holds at a revision, at the time at which it was asked, and recorded, sealed and logged as any other. So each
//! decision can be explained, and the log with them in it is proved as ever. The sign-ins are stored for as long as it takes
//! to decide, and are then gone as sign-ins of the past are; the store's history still knows them.

mod colleagues;
mod days;
mod dice;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bartizan_control::Directory;
use bartizan_enforce::Recorder;
use bartizan_identity::{Attributes, NewPerson, People};
use bartizan_model::{
    AccessRequest, Action, BootTime, Clock, DecisionId, Event, EventId, EventKind, HttpFacts, ObjectKind,
    ObjectRef, Outcome, Personal, RequestId, RequestRef, Resource, Revision, SealingKeyId, SessionId,
    Subject, SubjectRef, Timestamp, UserId, UserState,
};
use bartizan_policy::{Engine, Verdict};
use bartizan_store::{ChangeSet, Expect, Write};
use futures_util::future::join_all;
use serde_json::json;

use crate::deployment::Deployment;
use crate::system::SystemClock;
use colleagues::COLLEAGUES;
use days::{Deed, Plan, What};

/// A clock that stands still at a time of the past.
#[derive(Debug)]
struct Then(Timestamp);

impl Clock for Then {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn boot(&self) -> BootTime {
        SystemClock.boot()
    }
}

/// The past of a demo, before anything has happened in it.
#[derive(Debug)]
pub(super) struct Past {
    days: u32,
    now: Timestamp,
    people: Vec<UserId>,
}

impl Past {
    /// Makes the colleagues; they have been there for as long as the past is.
    pub(super) async fn begin(deployment: &Deployment, days: u32) -> anyhow::Result<Self> {
        let now = deployment.clock.now();
        let mut past = Self { days, now, people: Vec::new() };
        let people = past.people_at(deployment, past.begins()).await?;
        for colleague in &COLLEAGUES {
            let (login, display) = (colleague.login.to_owned(), colleague.display.to_owned());
            let mail = Some(format!("{login}@{}", super::DOMAIN));
            let attributes = Attributes { login, display, mail, profile: None };
            past.people.push(people.create(&NewPerson { attributes, admin: false }, "system").await?);
        }
        Ok(past)
    }

    /// How many days it has.
    pub(super) const fn days(&self) -> u32 {
        self.days
    }

    /// When it begins.
    pub(super) fn begins(&self) -> Timestamp {
        let before = i64::from(self.days).saturating_mul(86_400_000_000);
        Timestamp::from_micros(self.now.as_micros().saturating_sub(before))
    }

    /// The colleagues by login name.
    pub(super) fn people(&self) -> impl Iterator<Item = (&'static str, UserId)> {
        COLLEAGUES.iter().map(|colleague| colleague.login).zip(self.people.iter().copied())
    }

    async fn people_at(&self, deployment: &Deployment, at: Timestamp) -> anyhow::Result<People> {
        let (store, entropy) = (Arc::clone(&deployment.store), Arc::clone(&deployment.entropy));
        Ok(People::open(store, Arc::new(Then(at)), entropy).await?)
    }

    /// Lets it happen. `admin` is who disables people.
    pub(super) async fn happen(&self, deployment: &Deployment, admin: UserId) -> anyhow::Result<()> {
        let plan = Plan::of(self.days, self.now);
        let entropy = deployment.entropy.as_ref();
        let visits: Vec<SessionId> =
            plan.visits.iter().map(|visit| SessionId::ordered(visit.begins, entropy)).collect();
        let used = |visit: usize| plan.deeds.iter().any(|deed| deed.visit == Some(visit));
        let mut sessions = ChangeSet::new("system", self.begins());
        let mut over = ChangeSet::new("system", self.now);
        for (number, (visit, session)) in plan.visits.iter().zip(&visits).enumerate() {
            if !used(number) {
                continue;
            }
            let user = self.person(visit.who)?;
            let (kind, name) = (ObjectKind::Session, session.to_string());
            over.writes.push(Write::Delete { kind, name: name.clone(), expect: Expect::Any });
            let spec = json!({
                "user": user, "auth_time": visit.begins, "mfa_time": visit.begins, "amr": ["otp", "pwd"],
                "level": "strong", "last_seen": visit.last, "idle_seconds": 3600,
                "absolute_end": visit.begins.plus(Duration::from_secs(12 * 3600)),
            });
            sessions.writes.push(Write::Put {
                kind,
                name,
                spec,
                lookups: Vec::new(),
                expect: Expect::Absent,
            });
        }
        let revision = deployment.store.commit(sessions).await?.revision;
        let recorder = deployment.enforcer.recorder();
        let recorder = Recorder::new(
            Arc::clone(recorder.spool()),
            Arc::clone(&deployment.clock),
            Arc::clone(&deployment.entropy),
        );
        let world = World::at(deployment, revision).await?;
        let mut told = Telling {
            past: self,
            deployment,
            visits,
            world,
            open: BTreeMap::new(),
            events: Vec::new(),
            admin,
        };
        for deed in &plan.deeds {
            told.deed(deed).await?;
        }
        told.ends_until(self.now);
        for some in told.events.chunks(AT_ONCE) {
            let recorded =
                some.iter().map(|told| recorder.record(told.event.clone(), &told.personal, told.seal_to));
            for recorded in join_all(recorded).await {
                recorded?;
            }
        }
        deployment.store.commit(over).await?;
        Ok(())
    }

    fn person(&self, who: usize) -> anyhow::Result<UserId> {
        self.people.get(who).copied().context("a colleague was not made")
    }
}

type SealTo = (SealingKeyId, [u8; 32]);

/// What is decided on.
struct World {
    directory: Directory,
    engine: Engine,
}

impl World {
    async fn at(deployment: &Deployment, revision: Revision) -> anyhow::Result<Self> {
        let directory = Directory::load(deployment.store.as_ref(), revision).await?;
        let Ok(engine) = Engine::compile(revision, &directory.policies(), None) else {
            bail!("the policies of the demo do not compile");
        };
        Ok(Self { directory, engine })
    }

    fn decide(&self, request: &AccessRequest) -> Verdict {
        self.engine.evaluate(self.directory.world(), request)
    }

    fn seal_to(&self, user: Option<UserId>) -> Option<SealTo> {
        match user {
            Some(user) => self.directory.world().user(user)?.sealing_key,
            None => self.directory.anonymous_key(),
        }
    }
}

/// An event that is to be recorded.
struct Told {
    event: Event,
    personal: Personal,
    seal_to: Option<SealTo>,
}

/// What was permitted and is not over yet.
struct Open {
    request: AccessRequest,
    bytes: u64,
}

/// The past as it is told.
struct Telling<'a> {
    past: &'a Past,
    deployment: &'a Deployment,
    visits: Vec<SessionId>,
    world: World,
    /// By when it ends.
    open: BTreeMap<(Timestamp, DecisionId), Open>,
    events: Vec<Told>,
    admin: UserId,
}

impl Telling<'_> {
    async fn deed(&mut self, deed: &Deed) -> anyhow::Result<()> {
        self.ends_until(deed.at);
        let user = self.past.person(deed.who)?;
        let session = deed.visit.and_then(|visit| self.visits.get(visit).copied());
        match &deed.what {
            What::Asked { app, writes, path, stays, bytes } => {
                let asker = session.map(|session| (user, session));
                let request = self.request(deed, asker, (app, *writes, path))?;
                let ends = Timestamp::from_micros(deed.at.as_micros().saturating_add(*stays));
                self.asked(request, ends, u64::try_from(*bytes).unwrap_or(0));
            }
            What::Proved { act, failed } => {
                let outcome = if failed.is_some() { Outcome::Failed } else { Outcome::Ok };
                let mut event = self.event(deed.at, EventKind::SigninStep, outcome);
                event.reason = failed.map(str::to_owned);
                event.action = Some((*act).to_owned());
                self.of_person(deed, event, user, session);
            }
            What::SignedIn => {
                let event = self.event(deed.at, EventKind::SessionStart, Outcome::Ok);
                self.of_person(deed, event, user, session);
            }
            What::Ended(reason) => {
                let mut event = self.event(deed.at, EventKind::SessionEnd, Outcome::Ok);
                event.subject = Some(SubjectRef::from(&Subject::User(user)));
                event.session = session;
                event.reason = Some((*reason).to_owned());
                self.events.push(Told { event, personal: Personal::default(), seal_to: None });
            }
            What::Risk(score) => {
                let mut change = ChangeSet::new("system", deed.at);
                let (kind, name) = (ObjectKind::Risk, user.to_string());
                change.writes.push(match score {
                    Some(score) => Write::Put {
                        kind,
                        name,
                        spec: json!({ "score": score }),
                        lookups: Vec::new(),
                        expect: Expect::Any,
                    },
                    None => Write::Delete { kind, name, expect: Expect::Any },
                });
                let revision = self.deployment.store.commit(change).await?.revision;
                self.changed(deed.at, revision).await?;
            }
            What::Disabled => {
                let mut event = self.event(deed.at, EventKind::AdminChange, Outcome::Ok);
                event.subject = Some(SubjectRef::from(&Subject::User(self.admin)));
                let (kind, name) = (ObjectKind::User.as_str().to_owned(), user.to_string());
                event.object = Some(ObjectRef { kind, name, change: String::from("changed") });
                self.events.push(Told { event, personal: Personal::default(), seal_to: None });
                let people = self.past.people_at(self.deployment, deed.at).await?;
                let author = self.admin.to_string();
                let committed = people.set_state(user, UserState::Disabled, &author).await?;
                if let Some(committed) = committed {
                    self.changed(deed.at, committed.revision).await?;
                }
            }
        }
        Ok(())
    }

    fn event(&self, at: Timestamp, kind: EventKind, outcome: Outcome) -> Event {
        Event::new(EventId::ordered(at, self.deployment.entropy.as_ref()), at, kind, outcome)
    }

    /// A step of a sign-in.
    fn of_person(&mut self, deed: &Deed, mut event: Event, user: UserId, session: Option<SessionId>) {
        event.subject = Some(SubjectRef::from(&Subject::User(user)));
        event.session = session;
        event.request_id = Some(RequestId::ordered(deed.at, self.deployment.entropy.as_ref()));
        let personal = Personal {
            source: Some(deed.source.to_owned()),
            user_agent: Some(deed.agent.to_owned()),
            ..Personal::default()
        };
        let seal_to = self.world.seal_to(Some(user));
        self.events.push(Told { event, personal, seal_to });
    }

    fn request(
        &self,
        deed: &Deed,
        asker: Option<(UserId, SessionId)>,
        (app, writes, path): (&str, bool, &str),
    ) -> anyhow::Result<AccessRequest> {
        let entropy = self.deployment.entropy.as_ref();
        let (method, action) = if writes { ("POST", Action::HttpWrite) } else { ("GET", Action::HttpRead) };
        Ok(AccessRequest {
            request_id: RequestId::ordered(deed.at, entropy),
            decision_id: DecisionId::ordered(deed.at, entropy),
            now: deed.at,
            subject: asker.map_or(Subject::Anonymous, |(user, _)| Subject::User(user)),
            session: asker.map(|(_, session)| session),
            device: None,
            credential_ends: None,
            resource: Resource::App(app.parse()?),
            action,
            source: deed.source.parse()?,
            http: Some(Arc::new(HttpFacts {
                method: method.to_owned(),
                host: format!("{app}.{}", super::DOMAIN),
                path: path.to_owned(),
            })),
            user_agent: Some(Arc::from(deed.agent)),
        })
    }

    /// Decides a request, and records how it came out.
    fn asked(&mut self, request: AccessRequest, ends: Timestamp, bytes: u64) {
        let began = SystemClock.boot();
        let verdict = self.world.decide(&request);
        let mut event = described(self.event(request.now, EventKind::Decision, verdict.outcome()), &request);
        event.reason = verdict.reason().map(|reason| reason.as_str().to_owned());
        event.policies = verdict.policies().to_vec();
        event.revision = Some(verdict.revision());
        event.latency_us = u64::try_from(SystemClock.boot().since(began).as_micros()).ok();
        let personal = Personal {
            path: request.http.as_ref().map(|http| http.path.clone()),
            source: Some(request.source.to_string()),
            user_agent: request.user_agent.as_deref().map(str::to_owned),
            context: verdict.context().clone(),
        };
        let seal_to = self.world.seal_to(request.subject.user());
        self.events.push(Told { event, personal, seal_to });
        if verdict.outcome() == Outcome::Permit {
            self.open.insert((ends, request.decision_id), Open { request, bytes });
        }
    }

    /// What was open and is over by then has ended.
    fn ends_until(&mut self, at: Timestamp) {
        while let Some(first) = self.open.first_entry()
            && first.key().0 <= at
        {
            let ((ends, _), open) = first.remove_entry();
            let revision = self.world.directory.world().revision();
            let event = Event { revision: Some(revision), ..self.ended(ends, Outcome::Ok, &open) };
            self.events.push(Told { event, personal: Personal::default(), seal_to: None });
        }
    }

    /// Something has changed: what is open is decided again, and what is denied now is cut.
    async fn changed(&mut self, at: Timestamp, revision: Revision) -> anyhow::Result<()> {
        self.world = World::at(self.deployment, revision).await?;
        for (key, open) in std::mem::take(&mut self.open) {
            let verdict = self.world.decide(&AccessRequest { now: at, ..open.request.clone() });
            let Some(reason) = verdict.reason() else {
                self.open.insert(key, open);
                continue;
            };
            let mut event = self.ended(at, Outcome::Cut, &open);
            event.reason = Some(reason.as_str().to_owned());
            event.policies = verdict.policies().to_vec();
            event.revision = Some(verdict.revision());
            self.events.push(Told { event, personal: Personal::default(), seal_to: None });
        }
        Ok(())
    }

    fn ended(&self, at: Timestamp, outcome: Outcome, open: &Open) -> Event {
        let mut event = described(self.event(at, EventKind::GrantEnd, outcome), &open.request);
        event.latency_us = u64::try_from(at.since(open.request.now).as_micros()).ok();
        event.bytes_in = Some(0);
        event.bytes_out = Some(open.bytes);
        event
    }
}

/// What is said of a request in each of its events.
fn described(mut event: Event, request: &AccessRequest) -> Event {
    event.request_id = Some(request.request_id);
    event.decision_id = Some(request.decision_id);
    event.subject = Some((&request.subject).into());
    event.session = request.session;
    event.resource = Some((&request.resource).into());
    event.action = Some(request.action.as_str().to_owned());
    event.request =
        request.http.as_ref().map(|http| RequestRef { method: http.method.clone(), host: http.host.clone() });
    event
}

/// How many events go to disk together.
const AT_ONCE: usize = 512;
