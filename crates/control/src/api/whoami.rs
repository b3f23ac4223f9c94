//! Who calls, for whoever calls.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use bartizan_enforce::Caller;
use bartizan_model::{AuthLevel, SessionId, Subject, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Api, Failure};
use crate::error::Error;

/// Whose credential was presented, as `whoami` prints it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Caller)]
pub(crate) struct Shown {
    /// The random id of the person; of a service, the name of its client.
    id: String,
    /// Their login name; `service:NAME` of a service.
    user: String,
    /// What they are called.
    display: String,
    /// Whether they administer the deployment.
    admin: bool,
    session: OfSession,
}

/// The sign-in under which they call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallerSession)]
struct OfSession {
    #[schema(value_type = String)]
    id: SessionId,
    #[schema(value_type = String, format = DateTime)]
    auth_time: Timestamp,
    /// `basic` or `strong`.
    level: &'static str,
    amr: Vec<String>,
    /// When it ends at the latest: sooner without use, or when somebody ends it.
    #[schema(value_type = String, format = DateTime)]
    ends: Timestamp,
}

/// It takes no right beyond what the gateway has decided, that the caller may open the console: it says of them what they
/// know already.
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Shown>, Failure> {
    let gone = || Error::NotFound { what: "user", name: caller.subject.id() };
    let session = caller.session.and_then(|session| api.enforcer.session(session)).ok_or_else(gone)?;
    let (login, display, admin) = match &caller.subject {
        Subject::User(user) => {
            let person = api.people.get(*user).await?.ok_or_else(gone)?;
            let attributes = person.attributes;
            let (login, display) =
                attributes.map(|attributes| (attributes.login, attributes.display)).unwrap_or_default();
            (login, display, person.admin)
        }
        Subject::Service(client) => (caller.subject.distinct_id(), client.to_string(), false),
        Subject::Anonymous => return Err(gone().into()),
    };
    let ends = caller.credential_ends.map_or(session.absolute_end, |ends| ends.min(session.absolute_end));
    let level = AuthLevel::as_str(session.level);
    let (auth_time, amr) = (session.auth_time, session.amr.iter().cloned().collect());
    let session = OfSession { id: session.id, auth_time, level, amr, ends };
    Ok(Json(Shown { id: caller.subject.id(), user: login, display, admin, session }))
}
