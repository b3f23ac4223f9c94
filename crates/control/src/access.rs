//! Who would get in where: what the engine that decides every request says of requests that nobody has made.
//!
//! Everybody is supposed to have signed in strongly a moment ago, from where the reader is, on no known device. So a no
//! is one that a new sign-in does not turn.

use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{
    AccessRequest, Action, AppName, AuthLevel, DecisionId, Entropy, HttpFacts, Resource, SessionFacts,
    SessionId, Subject, Timestamp, UserId,
};
use bartizan_policy::{Delta, Engine, Verdict, World};

use crate::api::Api;
use crate::error::Error;

/// Policies and facts of now, and from where is asked.
#[derive(Debug)]
pub(crate) struct Access {
    engine: Arc<Engine>,
    world: World,
    entropy: Arc<dyn Entropy>,
    /// Who asks us, and when.
    asked: AccessRequest,
}

impl Access {
    /// As it is now, for who asked this.
    pub(crate) fn now(api: &Api, asked: &AccessRequest) -> Result<Self, Error> {
        let engine = api.enforcer.engine().ok_or(Error::Behind)?;
        Ok(Self::on((engine, api.hub.world()), api, asked))
    }

    /// As it would be on these policies and facts, for who asked this.
    pub(crate) fn on((engine, world): (Arc<Engine>, World), api: &Api, asked: &AccessRequest) -> Self {
        Self { engine, world, entropy: Arc::clone(api.enforcer.entropy()), asked: asked.clone() }
    }

    /// The same facts under other policies.
    pub(crate) fn under(&self, engine: Arc<Engine>) -> Self {
        let (world, entropy) = (self.world.clone(), Arc::clone(&self.entropy));
        Self { engine, world, entropy, asked: self.asked.clone() }
    }

    /// What would be decided if this person read these apps.
    pub(crate) fn verdicts<'a>(
        &self,
        user: UserId,
        apps: impl IntoIterator<Item = &'a AppName>,
    ) -> Vec<Verdict> {
        let now = self.asked.now;
        let session = supposed_sign_in(user, now, self.entropy.as_ref());
        let id = session.id;
        let (world, _touched) = self.world.apply(self.world.revision(), &[Delta::Session(session)]);
        let verdict = |app: &AppName| {
            let host = world.app(app).map(|app| app.host.clone()).unwrap_or_default();
            let request = AccessRequest {
                decision_id: DecisionId::ordered(now, self.entropy.as_ref()),
                subject: Subject::User(user),
                session: Some(id),
                device: None,
                credential_ends: None,
                resource: Resource::App(app.clone()),
                action: Action::HttpRead,
                http: Some(Arc::new(HttpFacts {
                    method: String::from("GET"),
                    host,
                    path: String::from("/"),
                })),
                user_agent: None,
                ..self.asked.clone()
            };
            self.engine.evaluate(&world, &request)
        };
        apps.into_iter().map(verdict).collect()
    }
}

/// A strong sign-in of this moment, for who has none that could be asked about.
pub(crate) fn supposed_sign_in(user: UserId, now: Timestamp, entropy: &dyn Entropy) -> SessionFacts {
    SessionFacts {
        id: SessionId::ordered(now, entropy),
        subject: Subject::User(user),
        device: None,
        auth_time: now,
        mfa_time: Some(now),
        amr: ["pwd", "otp"].map(String::from).into(),
        level: AuthLevel::Strong,
        last_seen: now,
        idle_timeout: Duration::from_secs(3600),
        absolute_end: now.plus(Duration::from_secs(3600)),
    }
}
