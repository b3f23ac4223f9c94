//! People, as the administration sees and changes them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use bartizan_identity::Person;
use bartizan_model::{EventKind, ObjectRef, Outcome, Personal, Revision, SubjectRef, UserState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::Asked;
use super::{Api, Failure, described};
use crate::call::{Admitted, Author, ReadPeople, WritePeople};
use crate::error::Error;
use crate::plan::Verb;
use crate::proposal::Proposal;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    /// The person after whom the answer begins: login name or id.
    pub(crate) after: Option<String>,
    /// At most so many: 200, if it is not said, and never more than 1000.
    #[param(format = Int64, maximum = 4294967295_f64)]
    pub(crate) limit: Option<u32>,
}

/// A person as `user list` prints them. Erased, they are called nothing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Person)]
pub(crate) struct Shown {
    pub(crate) id: String,
    /// The login name.
    #[schema(required = true)]
    pub(crate) name: Option<String>,
    #[schema(required = true)]
    pub(crate) display: Option<String>,
    #[schema(required = true)]
    pub(crate) mail: Option<String>,
    #[schema(value_type = described::UserState)]
    pub(crate) state: UserState,
    pub(crate) admin: bool,
}

pub(super) async fn list(
    admitted: Admitted<ReadPeople>,
    State(api): State<Arc<Api>>,
    Asked(page): Asked<Page>,
) -> Result<Json<Vec<Shown>>, Failure> {
    listed(&admitted, &api, page).await.map(Json)
}

/// People, in the order of their ids.
pub(crate) async fn listed(
    _admitted: &Admitted<ReadPeople>,
    api: &Api,
    page: Page,
) -> Result<Vec<Shown>, Failure> {
    let after = match page.after {
        Some(name) => Some(api.person(&name).await?),
        None => None,
    };
    let people = api.people.list(after, page.limit.unwrap_or(200).min(1000)).await?;
    let shown = people.into_iter().map(|person| {
        let attributes = person.attributes;
        Shown {
            id: person.id.to_string(),
            name: attributes.as_ref().map(|attributes| attributes.login.clone()),
            display: attributes.as_ref().map(|attributes| attributes.display.clone()),
            mail: attributes.and_then(|attributes| attributes.mail),
            state: person.state,
            admin: person.admin,
        }
    });
    Ok(shown.collect())
}

/// What `user disable` and `user enable` print.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changed {
    id: String,
    /// Whether it was otherwise before.
    pub(crate) changed: bool,
    #[schema(value_type = described::UserState)]
    state: UserState,
    #[schema(value_type = u64)]
    revision: Revision,
    /// How many live grants were cut.
    pub(crate) cut: u64,
    pub(crate) applied_ms: f64,
}

pub(super) async fn disable(
    admitted: Admitted<WritePeople>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<Changed>, Failure> {
    set(&admitted, &api, &name, UserState::Disabled).await.map(Json)
}

pub(super) async fn enable(
    admitted: Admitted<WritePeople>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<Changed>, Failure> {
    set(&admitted, &api, &name, UserState::Active).await.map(Json)
}

/// Lets a person act, or not any more.
pub(crate) async fn set(
    admitted: &Admitted<WritePeople>,
    api: &Api,
    name: &str,
    state: UserState,
) -> Result<Changed, Failure> {
    let began = api.enforcer.clock().boot();
    let id = api.person(name).await?;
    let turn = api.hub.turn().await;
    let missing = || Error::NotFound { what: "user", name: name.chars().take(64).collect() };
    let stored = api.people.stored(id).await?.ok_or_else(missing)?;
    let changed = stored.person.state != state;
    let revision = if changed {
        let write = api.people.prepare_change(&stored, &Person { state, ..stored.person.clone() }).await?;
        let proposal = Proposal { writes: vec![(Verb::Change, write)], ..Proposal::default() };
        proposal.tried(api, admitted).await?.commit(api, admitted).await?.revision
    } else {
        api.store.revision().await?
    };
    drop(turn);
    let applied = api.hub.applied(revision).await;
    Ok(Changed {
        id: id.to_string(),
        changed,
        state,
        revision,
        cut: applied.cut,
        applied_ms: api.enforcer.clock().boot().since(began).as_secs_f64() * 1000.0,
    })
}

/// Puts a change on record before it is made.
pub(crate) async fn record_change(
    by: &impl Author,
    api: &Api,
    kind: &str,
    name: &str,
    change: &str,
) -> Result<(), Failure> {
    let recorder = api.enforcer.recorder();
    let mut event = recorder.event(EventKind::AdminChange, Outcome::Ok);
    (event.request_id, event.decision_id) = by.under();
    event.subject = by.subject().map(|(subject, _)| SubjectRef::from(subject));
    event.session = by.subject().and_then(|(_, session)| session);
    event.object = Some(ObjectRef { kind: kind.into(), name: name.into(), change: change.into() });
    let world = api.hub.world();
    let user = by.subject().and_then(|(subject, _)| subject.user());
    let seal_to = user.and_then(|user| world.user(user)?.sealing_key);
    let source = seal_to.is_some().then(|| by.source().to_string());
    let personal = Personal { source, ..Personal::default() };
    recorder.record(event, &personal, seal_to).await.map_err(crate::Error::from)?;
    Ok(())
}
