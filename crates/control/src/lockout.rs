//! What may never be changed away: that somebody can administer the deployment, and that people can sign in to it.
//!
//! The question is put to the engine that decides in earnest, about the world as it would be. So it makes no difference
//! by which way the door would be shut: a policy, a group, an account, an app.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{
    AccessRequest, Action, AdminArea, AppName, AuthLevel, DecisionId, HttpFacts, Outcome, RequestId,
    Resource, SessionFacts, SessionId, Subject, Timestamp, UserFacts, UserId, UserState,
};
use bartizan_policy::{Delta, Engine, World};

use crate::directory::ADMINS;
use crate::error::Error;

/// Refuses a world in which the door would be shut for good.
///
/// # Errors
/// [`Error::RefusedForSafety`], which says what would no longer be possible.
pub(crate) fn keep_the_door_open(
    engine: &Engine,
    world: &World,
    now: Timestamp,
    source: IpAddr,
) -> Result<(), Error> {
    let question = Question { engine, world, now, source };
    let auth = own("auth")?;
    for action in [Action::HttpRead, Action::HttpWrite] {
        if !question.permits(Subject::Anonymous, None, Resource::App(auth.clone()), action) {
            return Err(Error::RefusedForSafety(format!(
                "nobody could sign in any more: `Anonymous` would not be permitted `{action}` on app `auth`"
            )));
        }
    }
    // Those who are most likely to be administrators are asked first; of a whole people nobody need be.
    let is_admin = |user: &UserFacts| user.groups.iter().any(|group| group.as_str() == ADMINS);
    let active = || world.users().filter(|user| user.state == UserState::Active);
    let likely = active().filter(|user| is_admin(user));
    let others = active().filter(|user| !is_admin(user)).take(MAX_OTHERS);
    let console = own("console")?;
    if likely.chain(others).any(|user| question.administers(user.id, &console)) {
        return Ok(());
    }
    Err(Error::RefusedForSafety(String::from(
        "no active administrator would be left: after this nobody with a fresh, strong sign-in could open the console \
         and change objects, people, sessions and log; name another administrator, or mend the policies, first",
    )))
}

/// What is asked about, and when.
struct Question<'a> {
    engine: &'a Engine,
    world: &'a World,
    now: Timestamp,
    source: IpAddr,
}

impl Question<'_> {
    /// Whether this person could change every part of the deployment after signing in as well as can be.
    fn administers(&self, user: UserId, console: &AppName) -> bool {
        let session = SessionFacts {
            id: SessionId::from_bytes(NOBODY),
            subject: Subject::User(user),
            device: None,
            auth_time: self.now,
            mfa_time: Some(self.now),
            amr: ["pwd", "otp"].map(String::from).into(),
            level: AuthLevel::Strong,
            last_seen: self.now,
            idle_timeout: SESSION,
            absolute_end: self.now.plus(SESSION),
        };
        let id = session.id;
        let (world, _) = self.world.apply(self.world.revision(), &[Delta::Session(session)]);
        let question = Question { world: &world, ..*self };
        let subject = Subject::User(user);
        let calls =
            [Action::HttpRead, Action::HttpWrite].map(|action| (Resource::App(console.clone()), action));
        let changes = AdminArea::ALL.map(|area| (Resource::Admin(area), Action::AdminWrite));
        calls
            .into_iter()
            .chain(changes)
            .all(|(resource, action)| question.permits(subject.clone(), Some(id), resource, action))
    }

    fn permits(
        &self,
        subject: Subject,
        session: Option<SessionId>,
        resource: Resource,
        action: Action,
    ) -> bool {
        let http = match &resource {
            Resource::App(app) => self.world.app(app).map(|app| {
                let method = if action == Action::HttpRead { "GET" } else { "POST" };
                let (method, host, path) = (method.to_owned(), app.host.clone(), String::from("/"));
                Arc::new(HttpFacts { method, host, path })
            }),
            Resource::Client(_) | Resource::Admin(_) => None,
        };
        let request = AccessRequest {
            request_id: RequestId::from_bytes(NOBODY),
            decision_id: DecisionId::from_bytes(NOBODY),
            now: self.now,
            subject,
            session,
            device: None,
            credential_ends: None,
            resource,
            action,
            source: self.source,
            http,
            user_agent: None,
        };
        self.engine.evaluate(self.world, &request).outcome() == Outcome::Permit
    }
}

fn own(name: &str) -> Result<AppName, Error> {
    name.parse().map_err(|error: bartizan_model::NameError| Error::Invalid(error.to_string()))
}

/// The identifier of what is only supposed. No random identifier is all zero.
const NOBODY: [u8; 16] = [0; 16];

const SESSION: Duration = Duration::from_secs(3600);

/// People outside the group of administrators who are tried, at some 100 µs each.
const MAX_OTHERS: usize = 10_000;

#[cfg(test)]
mod tests;
