//! Sessions, as the administration sees and ends them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use bartizan_model::{Revision, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, Sent};
use super::{Api, Failure};
use crate::call::{Admitted, ReadSessions, WriteSessions};
use crate::error::Error;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// The person whose sessions they are: login name or id.
    user: Option<String>,
}

/// A session as `session list` prints it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct Shown {
    #[schema(value_type = String)]
    pub(crate) id: SessionId,
    /// The login name; the id of who has none any more.
    pub(crate) user: String,
    #[serde(skip)]
    pub(crate) user_id: UserId,
    #[serde(skip)]
    pub(crate) display: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) last_seen: Timestamp,
    /// The factors that were proved, as RFC 8176 calls them.
    pub(crate) amr: Vec<String>,
    /// How many requests and streams of it are under way.
    pub(crate) live_grants: u64,
}

pub(super) async fn list(
    admitted: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Vec<Shown>>, Failure> {
    listed(&admitted, &api, filter.user.as_deref()).await.map(Json)
}

/// The sessions of a person, or of all.
pub(crate) async fn listed(
    _admitted: &Admitted<ReadSessions>,
    api: &Api,
    user: Option<&str>,
) -> Result<Vec<Shown>, Failure> {
    let user = match user {
        Some(name) => Some(api.person(name).await?),
        None => None,
    };
    let live = api.hub.live();
    let mut shown = Vec::new();
    for session in api.sign_ins.list(user).await? {
        let facts = session.facts;
        // The keys of services are listed with their client.
        let Some(user) = facts.user() else { continue };
        let person = api.people.get(user).await?;
        let (login, display) = person
            .and_then(|person| person.attributes)
            .map(|attributes| (attributes.login, attributes.display))
            .unzip();
        shown.push(Shown {
            id: facts.id,
            user: login.unwrap_or_else(|| user.to_string()),
            user_id: user,
            display,
            created: session.created,
            last_seen: facts.last_seen,
            amr: facts.amr.into_iter().collect(),
            live_grants: live.get(&facts.id).copied().unwrap_or(0),
        });
    }
    Ok(shown)
}

/// Which sessions end: either one, or those of a person.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revoke {
    #[schema(value_type = Option<String>)]
    pub(crate) id: Option<SessionId>,
    pub(crate) user: Option<String>,
    /// Whether the answer waits until it is so everywhere.
    #[serde(default)]
    pub(crate) wait: bool,
}

/// What `session revoke` prints.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revoked {
    #[schema(value_type = Vec<String>)]
    pub(crate) revoked: Vec<SessionId>,
    /// How many live grants were cut.
    pub(crate) cut: u64,
    #[schema(value_type = u64)]
    revision: Revision,
    pub(crate) applied_ms: f64,
}

pub(super) async fn revoke(
    admitted: Admitted<WriteSessions>,
    State(api): State<Arc<Api>>,
    Sent(asked): Sent<Revoke>,
) -> Result<Json<Revoked>, Failure> {
    revoked(&admitted, &api, asked).await.map(Json)
}

/// Ends a session, or all of a person.
pub(crate) async fn revoked(
    admitted: &Admitted<WriteSessions>,
    api: &Api,
    asked: Revoke,
) -> Result<Revoked, Failure> {
    let began = api.enforcer.clock().boot();
    let (sessions, name) = match (asked.id, asked.user) {
        (Some(id), None) => (vec![id], id.to_string()),
        (None, Some(name)) => {
            let user = api.person(&name).await?;
            let of_user = api.sign_ins.list(Some(user)).await?;
            (of_user.into_iter().map(|session| session.facts.id).collect(), name)
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(Error::Invalid(String::from("say either `id` or `user`")).into());
        }
    };
    let ended = api.sign_ins.end(&sessions, "revoked", &admitted.author()).await?;
    if ended.sessions.is_empty() {
        return Err(Error::NotFound { what: "session", name: name.chars().take(64).collect() }.into());
    }
    let cut = if asked.wait { api.hub.applied(ended.revision).await.cut } else { 0 };
    Ok(Revoked {
        revoked: ended.sessions,
        cut,
        revision: ended.revision,
        applied_ms: api.enforcer.clock().boot().since(began).as_secs_f64() * 1000.0,
    })
}
