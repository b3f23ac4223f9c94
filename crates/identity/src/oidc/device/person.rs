//! A person types the code that a device shows, and decides.

use std::net::IpAddr;

use bartizan_enforce::Caller;
use bartizan_model::{
    Denial, EventKind, ObjectKind, Outcome, Personal, Resource, ResourceRef, Revision, SessionId, Subject,
    SubjectRef, Timestamp, UserId,
};
use bartizan_store::{Expect, Object, Write};

use super::{Decided, DeviceRequest, USER_CODE, UserCode};
use crate::codes::{CodePurpose, CodeSpec};
use crate::error::Error;
use crate::oidc::Provider;
use crate::oidc::standing::{Falls, HangsOn};
use crate::people::to_value;
use crate::place::Place;
use crate::spec::read;
use crate::throttle::Guess;
use crate::token::TokenRequest;

/// What is known of a code that was typed.
#[derive(Debug)]
pub(crate) enum Typed {
    /// A device waits for it.
    Waits(Box<Pending>),
    /// None does: it is mistyped, over, or decided.
    Unknown,
    /// Too many were tried: again after so many seconds.
    Wait(u64),
}

/// A device that waits for somebody to decide.
#[derive(Debug)]
pub(crate) struct Pending {
    name: String,
    revision: Revision,
    /// Until when the object is kept.
    ends: Timestamp,
    pub(crate) request: DeviceRequest,
    pub(crate) place: Option<Place>,
}

/// What comes of it that somebody allows it.
#[derive(Debug)]
pub(crate) enum Allowing {
    /// The device gets its tokens when it asks next.
    Allowed,
    /// Its time was over, or somebody had decided.
    Over,
    /// No policy permits it: the person is told why, and what helps.
    Denied(Box<Denial>),
    /// Client or person may not any more.
    Falls(Falls),
}

impl Provider {
    /// The device that shows this code.
    pub(crate) async fn typed(&self, typed: &str, user: UserId, source: IpAddr) -> Result<Typed, Error> {
        // What cannot be a code is no guess at one.
        let Some(code) = UserCode::parse(typed) else { return Ok(Typed::Unknown) };
        let ticket = match self.device_guesses.ask(Guess::UserCode(user), source, None) {
            Ok(ticket) => ticket,
            Err(wait) => return Ok(Typed::Wait(wait.seconds)),
        };
        let found = self.store.find(USER_CODE, &self.user_code_key(&code)).await?;
        let Some(object) = found.filter(|object| object.kind == ObjectKind::Code) else {
            self.record_device("device:code", Some("wrong_code"), None, user, None).await?;
            return Ok(Typed::Unknown);
        };
        self.device_guesses.give_back(ticket);
        let pending = self.pending(&object)?;
        Ok(pending.map_or(Typed::Unknown, |pending| Typed::Waits(Box::new(pending))))
    }

    /// What a page shows of a device, for the form on it: so what is decided about is what was shown, in this session.
    pub(crate) fn show_device(&self, pending: &Pending, session: SessionId) -> Result<String, Error> {
        // INVARIANT: plain data with string keys always has a JSON form.
        let plain = serde_json::to_vec(&(session, &pending.name)).unwrap_or_default();
        Ok(self.state.seal(SHOWN, &plain)?)
    }

    /// The device that a page of this session has shown, if it waits still.
    pub(crate) async fn shown_device(
        &self,
        shown: &str,
        session: SessionId,
    ) -> Result<Option<Pending>, Error> {
        let opened = self.state.open(SHOWN, shown);
        let opened = opened.and_then(|plain| {
            plain.expose(|plain| serde_json::from_slice::<(SessionId, String)>(plain)).ok()
        });
        let Some((_, name)) = opened.filter(|(of, _)| *of == session) else { return Ok(None) };
        let object = self.store.get(ObjectKind::Code, &name).await?;
        object.map_or(Ok(None), |object| self.pending(&object))
    }

    /// The device that an object is of, if nobody has decided about it and there is time left to.
    fn pending(&self, object: &Object) -> Result<Option<Pending>, Error> {
        let spec: CodeSpec = read("code", object)?;
        let CodePurpose::Device(request) = spec.purpose else { return Ok(None) };
        if request.decided != Decided::NotYet || request.until <= self.clock.now() {
            return Ok(None);
        }
        let (name, revision, place) = (object.name.clone(), object.revision, self.place_of(&request));
        Ok(Some(Pending { name, revision, ends: spec.ends, request: *request, place }))
    }

    /// The person allows that the device acts for them. Whether they may is decided as everything is.
    pub(crate) async fn allow_device(
        &self,
        pending: Pending,
        caller: &Caller,
        (session, user): (SessionId, UserId),
    ) -> Result<Allowing, Error> {
        let client = &pending.request.client;
        let on = HangsOn { client, user, session, factors: None };
        let stands = match self.standing(on).await? {
            Ok(stands) => stands,
            Err(falls) => return Ok(Allowing::Falls(falls)),
        };
        let (clock, entropy) = (self.clock.as_ref(), self.entropy.as_ref());
        let asked = TokenRequest::for_client(caller, client.clone(), clock, entropy);
        let live = match self.enforcer.admit(asked).await {
            Ok(live) => live,
            Err(denial) => return Ok(Allowing::Denied(Box::new(denial))),
        };
        self.record_device("device:allow", None, Some(&pending), user, Some(session)).await?;
        let decided = Decided::Allowed { user, session, factors: stands.factors };
        let done = self.decide(pending, decided, user).await?;
        drop(live);
        Ok(if done { Allowing::Allowed } else { Allowing::Over })
    }

    /// The person does not allow it. Says whether the device learns that: not if its time was over.
    pub(crate) async fn deny_device(
        &self,
        pending: Pending,
        (session, user): (SessionId, UserId),
    ) -> Result<bool, Error> {
        self.record_device("device:deny", None, Some(&pending), user, Some(session)).await?;
        self.decide(pending, Decided::Denied, user).await
    }

    /// Nobody decides after this: the user code leads nowhere any more.
    async fn decide(&self, pending: Pending, decided: Decided, user: UserId) -> Result<bool, Error> {
        let request = DeviceRequest { decided, ..pending.request };
        let spec = CodeSpec::new(CodePurpose::Device(Box::new(request)), pending.ends);
        let write = Write::Put {
            kind: ObjectKind::Code,
            name: pending.name,
            spec: to_value(&spec),
            lookups: Vec::new(),
            expect: Expect::Revision(pending.revision),
        };
        self.flow.codes().commit(write, &user.to_string()).await
    }

    async fn record_device(
        &self,
        action: &str,
        failed: Option<&str>,
        pending: Option<&Pending>,
        user: UserId,
        session: Option<SessionId>,
    ) -> Result<(), Error> {
        let outcome = if failed.is_some() { Outcome::Failed } else { Outcome::Ok };
        let recorder = self.enforcer.recorder();
        let mut event = recorder.event(EventKind::SigninStep, outcome);
        event.subject = Some(SubjectRef::from(&Subject::User(user)));
        event.session = session;
        event.resource =
            pending.map(|pending| ResourceRef::from(&Resource::Client(pending.request.client.clone())));
        event.action = Some(action.to_owned());
        event.reason = failed.map(str::to_owned);
        Ok(recorder.record(event, &Personal::default(), None).await?)
    }
}

const SHOWN: &str = "device-shown";
