//! Sign-ins: begun, listed, kept alive, ended.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bartizan_enforce::Recorder;
use bartizan_model::{
    AuthLevel, Clock, Entropy, EventKind, ObjectKind, Outcome, Personal, ProviderName, Revision,
    SealingKeyId, SessionFacts, SessionId, Subject, SubjectRef, Timestamp, UserId, UserState,
};
use bartizan_store::{ChangeSet, Expect, Object, Store, Write};

use crate::attempt::LIVES_FOR as ATTEMPT_LIVES_FOR;
use crate::error::Error;
use crate::factors::{Factors, NoProof, SecondProof, StrongProof};
use crate::federation::ProviderSpec;
use crate::federation::logout::Left;
use crate::flow::Visit;
use crate::people::to_value;
use crate::place::Place;
use crate::spec::{SessionSpec, generation_of, read, session_facts, user_state};

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

/// Why no session began although both factors were right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoSession {
    /// The person is disabled, or gone.
    Disabled,
    /// Their factors are others by now.
    FactorsChanged,
    /// The challenge that a passkey signed was answered before.
    Answered,
    /// There is a copy of the passkey.
    Copied,
    /// The word of the identity provider is not taken any more.
    NoProvider,
}

impl From<NoProof> for NoSession {
    fn from(refusal: NoProof) -> Self {
        match refusal {
            NoProof::Wrong => Self::FactorsChanged,
            NoProof::Used => Self::Answered,
            NoProof::Copied => Self::Copied,
        }
    }
}

/// Why a session was not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotConfirmed {
    /// It has ended, or is somebody else's.
    Ended,
    /// What was proved counts no more.
    Proof(NoProof),
}

/// A session as administrators see it.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// The facts.
    pub facts: SessionFacts,
    /// When it began.
    pub created: Timestamp,
    /// Where it began, sealed to the person; [`People::place`](crate::People::place) opens it.
    pub(crate) place: Option<String>,
    /// The identity provider at which its person signed in, if at one.
    pub provider: Option<ProviderName>,
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

    /// Begins a session of the person who proved enough for one.
    ///
    /// Whether they may is looked at again once the session is stored: who disables a person or changes their factors
    /// either is seen here, or finds the session there to be ended. That a passkey was used, and its challenge answered, is
    /// stored with the session or neither is.
    ///
    /// # Errors
    /// [`Error::Store`]; [`Error::Evidence`] if it cannot be recorded; [`Error::Busy`] if others use the same passkey all
    /// the time.
    pub(crate) async fn begin(
        &self,
        factors: &Factors,
        proof: &StrongProof,
        visit: &Visit,
    ) -> Result<Result<SessionId, NoSession>, Error> {
        let user = proof.user();
        let seal_to = match self.may_begin(proof).await? {
            Ok(seal_to) => seal_to,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let now = self.clock.now();
        let session = SessionId::ordered(now, self.entropy.as_ref());
        let spec = SessionSpec {
            user: Some(user),
            service: None,
            device: None,
            auth_time: proof.there().and_then(|there| there.signed_in).unwrap_or(now),
            // Of one that took place elsewhere nobody may know when: then it was not lately.
            mfa_time: proof.there().map_or(Some(now), |there| there.signed_in),
            amr: proof.amr().clone(),
            level: AuthLevel::Strong,
            last_seen: now,
            idle_seconds: self.lifetimes.idle.as_secs(),
            absolute_end: now.plus(self.lifetimes.absolute),
            place: Some(Place::of(visit).seal(&seal_to.1, session)?),
            key: None,
            by: proof.by().cloned(),
        };
        // Most that cannot be is seen here, before it is recorded that anything begins.
        let mut change = match self.with_session(factors, proof, session, &spec).await? {
            Ok(change) => change,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut event = self.recorder.event(EventKind::SessionStart, Outcome::Ok);
        event.subject = Some(SubjectRef::from(&Subject::User(user)));
        event.session = Some(session);
        event.request_id = Some(visit.request_id);
        self.recorder.record(event, &visit.personal(), Some(seal_to)).await?;
        for tries in 1.. {
            match self.store.commit(change).await {
                Ok(_) => break,
                // Somebody else used the passkey meanwhile, perhaps for the same challenge: look again.
                Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. })
                    if proof.used().is_some() || proof.there().is_some() => {}
                Err(error) => return Err(error.into()),
            }
            let again = if tries < TRIES_AT_ONCE {
                self.with_session(factors, proof, session, &spec).await
            } else {
                Err(Error::Busy)
            };
            change = match again {
                Ok(Ok(change)) => change,
                Ok(Err(refusal)) => {
                    self.record_end_of(&Subject::User(user), session, "changed_meanwhile").await?;
                    return Ok(Err(refusal));
                }
                Err(error) => {
                    self.record_end_of(&Subject::User(user), session, "changed_meanwhile").await?;
                    return Err(error);
                }
            };
        }
        if let Err(refusal) = self.may_begin(proof).await? {
            self.end(&[session], "changed_meanwhile", "system").await?;
            return Ok(Err(refusal));
        }
        Ok(Ok(session))
    }

    /// The set that makes a session, with what its proof has to have committed along.
    async fn with_session(
        &self,
        factors: &Factors,
        proof: &StrongProof,
        session: SessionId,
        spec: &SessionSpec,
    ) -> Result<Result<ChangeSet, NoSession>, Error> {
        let mut change = ChangeSet::new(proof.user().to_string(), self.clock.now());
        change.writes.push(Write::Put {
            kind: ObjectKind::Session,
            name: session.to_string(),
            spec: to_value(spec),
            lookups: Vec::new(),
            expect: Expect::Absent,
        });
        if let Some(used) = proof.used()
            && let Err(refusal) = factors.note(used, &mut change).await?
        {
            return Ok(Err(refusal.into()));
        }
        if let Some(there) = proof.there() {
            let Some(answered) = factors.answered_for(&there.marker, ATTEMPT_LIVES_FOR).await? else {
                return Ok(Err(NoSession::Answered));
            };
            change.writes.push(answered);
        }
        Ok(Ok(change))
    }

    /// Whether whoever proved this may have a session now; with the key to which their events are sealed.
    async fn may_begin(
        &self,
        proof: &StrongProof,
    ) -> Result<Result<(SealingKeyId, [u8; 32]), NoSession>, Error> {
        let (name, generation) = (proof.user().to_string(), proof.generation());
        if let Some(by) = proof.by()
            && !self.takes_word_of(&by.provider).await?
        {
            return Ok(Err(NoSession::NoProvider));
        }
        let Some(object) = self.store.get(ObjectKind::User, &name).await? else {
            return Ok(Err(NoSession::Disabled));
        };
        let damaged = || Error::Damaged { what: "user", name: name.clone() };
        let seal_to = match user_state(&object.spec).ok_or_else(damaged)? {
            (UserState::Active, _, seal_to) => seal_to,
            (UserState::Disabled, ..) => return Ok(Err(NoSession::Disabled)),
        };
        let factors = self.store.get(ObjectKind::Factors, &name).await?;
        let now = factors.as_ref().and_then(generation_of);
        Ok(if now == Some(generation) { Ok(seal_to) } else { Err(NoSession::FactorsChanged) })
    }

    /// Whether people may sign in at this provider now.
    async fn takes_word_of(&self, provider: &ProviderName) -> Result<bool, Error> {
        let object = self.store.get(ObjectKind::Provider, provider.as_str()).await?;
        let spec: Option<ProviderSpec> = object.map(|object| read("provider", &object)).transpose()?;
        Ok(spec.is_some_and(|spec| !spec.disabled))
    }

    /// Writes down that the person of a session has just proved a second factor again; or says why not: there is no such
    /// session still, or the proof is worth nothing any more.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`]; [`Error::Busy`] if others change the session all the time.
    pub(crate) async fn confirm(
        &self,
        factors: &Factors,
        session: SessionId,
        second: &SecondProof,
    ) -> Result<Result<(), NotConfirmed>, Error> {
        let name = session.to_string();
        for _ in 0..TRIES {
            let Some(object) = self.store.get(ObjectKind::Session, &name).await? else {
                return Ok(Err(NotConfirmed::Ended));
            };
            let mut spec: SessionSpec = read("session", &object)?;
            let now = self.clock.now();
            let alive = session_facts(&object.name, &object.spec).is_some_and(|facts| facts.ends() > now);
            if !alive || spec.user != Some(second.user()) {
                return Ok(Err(NotConfirmed::Ended));
            }
            spec.mfa_time = Some(now);
            spec.last_seen = spec.last_seen.max(now);
            let mut change = ChangeSet::new(second.user().to_string(), now);
            let expect = Expect::Revision(object.revision);
            let (kind, name, spec) = (ObjectKind::Session, name.clone(), to_value(&spec));
            change.writes.push(Write::Put { kind, name, spec, lookups: Vec::new(), expect });
            if let Some(used) = second.used()
                && let Err(refusal) = factors.note(used, &mut change).await?
            {
                return Ok(Err(NotConfirmed::Proof(refusal)));
            }
            match self.store.commit(change).await {
                Ok(_) => return Ok(Ok(())),
                Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
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
                if facts.ends() > now && user.is_none_or(|user| facts.user() == Some(user)) {
                    let created = facts.auth_time;
                    let place = object.spec.get("place").and_then(|place| place.as_str()).map(str::to_owned);
                    let provider = object.spec.pointer("/by/provider").and_then(|provider| provider.as_str());
                    let provider = provider.and_then(|provider| provider.parse().ok());
                    sessions.push(SessionRecord { facts, created, place, provider });
                }
            }
        }
    }

    /// The sign-ins that began by one at a provider which has ended there: by its `sid`, or all of that person.
    pub(crate) async fn begun_by(&self, left: &Left) -> Result<Vec<SessionId>, Error> {
        let now = self.clock.now();
        let mut begun = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list(ObjectKind::Session, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(begun) };
            after = Some(last.name.clone());
            for object in page {
                let spec: SessionSpec = read("session", &object)?;
                let Some(by) = spec.by.filter(|_| spec.absolute_end > now) else { continue };
                let is_it = match &left.session {
                    Some(session) => by.session.as_ref() == Some(session),
                    None => true,
                };
                let is_theirs = left.subject.as_ref().is_none_or(|subject| by.subject == *subject);
                if is_it && is_theirs {
                    begun.extend(object.name.parse::<SessionId>().ok());
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

    /// Ends these sessions. Each end is on record before it takes effect.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Evidence`]. Those that were ended already are left out of the answer.
    pub async fn end(&self, sessions: &[SessionId], reason: &str, author: &str) -> Result<Ended, Error> {
        let mut change = ChangeSet::new(author, self.clock.now());
        let mut ended = Vec::new();
        for session in sessions {
            let name = session.to_string();
            let Some(object) = self.store.get(ObjectKind::Session, &name).await? else { continue };
            self.record_end(&object, reason).await?;
            change.writes.push(Write::Delete { kind: ObjectKind::Session, name, expect: Expect::Any });
            ended.push(*session);
        }
        if ended.is_empty() {
            return Ok(Ended { sessions: ended, revision: self.store.revision().await? });
        }
        let committed = self.store.commit(change).await?;
        Ok(Ended { sessions: ended, revision: committed.revision })
    }

    /// Records that this session is about to end.
    pub(crate) async fn record_end(&self, object: &Object, reason: &str) -> Result<(), Error> {
        let spec: SessionSpec = read("session", object)?;
        let damaged = |()| Error::Damaged { what: "session", name: object.name.clone() };
        let subject = spec.subject().ok_or_else(|| damaged(()))?;
        self.record_end_of(&subject, object.name.parse().map_err(|_form| damaged(()))?, reason).await
    }

    async fn record_end_of(&self, subject: &Subject, session: SessionId, reason: &str) -> Result<(), Error> {
        let mut event = self.recorder.event(EventKind::SessionEnd, Outcome::Ok);
        event.subject = Some(SubjectRef::from(subject));
        event.session = Some(session);
        event.reason = Some(reason.to_owned());
        Ok(self.recorder.record(event, &Personal::default(), None).await?)
    }
}

/// How much newer a last use must be to be written down (DESIGN.md, "Store").
const EXTEND_AFTER: Duration = Duration::from_secs(60);

/// How many sessions are read at once.
const PAGE: u32 = 1000;

/// Each try fails only because somebody else wrote the same session, which happens once a minute.
const TRIES: usize = 8;

/// Each try fails only because another use of the same passkey went well; a script in an office may sign in twenty times.
const TRIES_AT_ONCE: usize = 64;
