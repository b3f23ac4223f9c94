//! Sign-ins: begun, listed, kept alive, ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bartizan_enforce::Recorder;
use bartizan_model::{
    AuthLevel, Clock, Entropy, EventKind, ObjectKind, Outcome, Personal, Revision, SessionFacts, SessionId,
    Subject, SubjectRef, Timestamp, UserId,
};
use bartizan_store::{ChangeSet, Expect, Store, Write};

use crate::error::Error;
use crate::people::to_value;
use crate::spec::{SessionSpec, UserSpec, read, session_facts, user_state};

/// How long sessions live.
#[derive(Debug, Clone, Copy)]
pub struct SessionLifetimes {
    idle: Duration,
    absolute: Duration,
}

impl SessionLifetimes {
    /// An idle lifetime of at least 5 minutes, and an absolute one.
    ///
    /// # Errors
    /// [`Error::Lifetime`].
    pub fn new(idle: Duration, absolute: Duration) -> Result<Self, Error> {
        if idle < Duration::from_secs(300) || absolute < idle {
            return Err(Error::Lifetime);
        }
        Ok(Self { idle, absolute })
    }
}

impl Default for SessionLifetimes {
    /// 1 hour idle and 12 hours in all (NIST SP 800-63B-4, AAL2, asks for at most 1 h and 24 h).
    fn default() -> Self {
        Self { idle: Duration::from_secs(3600), absolute: Duration::from_secs(12 * 3600) }
    }
}

/// A person who has proved who they are.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Who.
    pub user: UserId,
    /// The methods that they used (RFC 8176).
    pub amr: BTreeSet<String>,
    /// How well that proves who they are.
    pub level: AuthLevel,
    /// The address that they signed in from.
    pub source: std::net::IpAddr,
}

/// A session as administrators see it.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// The facts.
    pub facts: SessionFacts,
    /// When it began.
    pub created: Timestamp,
}

/// Sessions that were ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Which.
    pub sessions: Vec<SessionId>,
    /// The revision at which they are gone.
    pub revision: Revision,
}

/// The sign-ins of the deployment.
#[derive(Debug, Clone)]
pub struct SignIns {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    lifetimes: SessionLifetimes,
}

impl SignIns {
    /// The sign-ins kept in this store.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        recorder: Arc<Recorder>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        lifetimes: SessionLifetimes,
    ) -> Self {
        Self { store, recorder, clock, entropy, lifetimes }
    }

    /// Begins a session. The caller has checked every factor that is asked for.
    ///
    /// # Errors
    /// [`Error::Store`]; [`Error::Evidence`] if it cannot be recorded.
    pub async fn begin(&self, sign_in: SignIn) -> Result<SessionId, Error> {
        let now = self.clock.now();
        let session = SessionId::ordered(now, self.entropy.as_ref());
        let user =
            self.store.get(ObjectKind::User, &sign_in.user.to_string()).await?.ok_or(Error::NoSession)?;
        let person: UserSpec = read("user", &user)?;
        if person.state != bartizan_model::UserState::Active {
            return Err(Error::NoSession);
        }
        let spec = SessionSpec {
            user: sign_in.user,
            device: None,
            auth_time: now,
            mfa_time: (sign_in.level == AuthLevel::Strong).then_some(now),
            amr: sign_in.amr,
            level: sign_in.level,
            last_seen: now,
            idle_seconds: self.lifetimes.idle.as_secs(),
            absolute_end: now.plus(self.lifetimes.absolute),
        };
        let mut event = self.recorder.event(EventKind::SessionStart, Outcome::Ok);
        event.subject = Some(SubjectRef::from(&Subject::User(sign_in.user)));
        event.session = Some(session);
        let personal = Personal { source: Some(sign_in.source.to_string()), ..Personal::default() };
        let seal_to = user_state(&user.spec).map(|(_, _, key)| key);
        self.recorder.record(event, &personal, seal_to).await?;
        let mut change = ChangeSet::new(sign_in.user.to_string(), now);
        change.writes.push(Write::Put {
            kind: ObjectKind::Session,
            name: session.to_string(),
            spec: to_value(&spec),
            lookups: Vec::new(),
            expect: Expect::Absent,
        });
        self.store.commit(change).await?;
        Ok(session)
    }

    /// The sessions that have not ended, of one person or of all.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn list(&self, user: Option<UserId>) -> Result<Vec<SessionRecord>, Error> {
        let now = self.clock.now();
        let mut sessions = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list(ObjectKind::Session, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(sessions) };
            after = Some(last.name.clone());
            for object in page {
                let facts = session_facts(&object.name, &object.spec)
                    .ok_or_else(|| Error::Damaged { what: "session", name: object.name.clone() })?;
                if facts.ends() > now && user.is_none_or(|user| user == facts.user) {
                    let created = facts.auth_time;
                    sessions.push(SessionRecord { facts, created });
                }
            }
        }
    }

    /// Writes down when sessions were last used: of those whose last use is a minute newer than it was.
    ///
    /// # Errors
    /// [`Error::Store`]; a session that ended meanwhile stays ended.
    pub async fn extend(&self, seen: &BTreeMap<SessionId, Timestamp>) -> Result<(), Error> {
        for (session, at) in seen {
            let name = session.to_string();
            let Some(object) = self.store.get(ObjectKind::Session, &name).await? else { continue };
            let mut spec: SessionSpec = read("session", &object)?;
            if at.since(spec.last_seen) < EXTEND_AFTER {
                continue;
            }
            spec.last_seen = *at;
            let mut change = ChangeSet::new("system", self.clock.now());
            let expect = Expect::Revision(object.revision);
            let (kind, spec, lookups) = (ObjectKind::Session, to_value(&spec), Vec::new());
            change.writes.push(Write::Put { kind, name, spec, lookups, expect });
            match self.store.commit(change).await {
                Ok(_) | Err(bartizan_store::Error::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Ends these sessions and deletes their credentials. Each end is on record before it takes effect.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Evidence`]. Those that were ended already are left out of the answer.
    pub async fn end(&self, sessions: &[SessionId], reason: &str, author: &str) -> Result<Ended, Error> {
        let mut change = ChangeSet::new(author, self.clock.now());
        let mut ended = Vec::new();
        for session in sessions {
            let name = session.to_string();
            let Some(object) = self.store.get(ObjectKind::Session, &name).await? else { continue };
            let spec: SessionSpec = read("session", &object)?;
            let mut event = self.recorder.event(EventKind::SessionEnd, Outcome::Ok);
            event.subject = Some(SubjectRef::from(&Subject::User(spec.user)));
            event.session = Some(*session);
            event.reason = Some(reason.to_owned());
            self.recorder.record(event, &Personal::default(), None).await?;
            change.writes.push(Write::Delete { kind: ObjectKind::Session, name, expect: Expect::Any });
            ended.push(*session);
        }
        if ended.is_empty() {
            return Ok(Ended { sessions: ended, revision: self.store.revision().await? });
        }
        let committed = self.store.commit(change).await?;
        Ok(Ended { sessions: ended, revision: committed.revision })
    }
}

/// How much newer a last use must be to be written down (DESIGN.md, "Store").
const EXTEND_AFTER: Duration = Duration::from_secs(60);

/// How many sessions are read at once.
const PAGE: u32 = 1000;
