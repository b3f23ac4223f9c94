//! Objects as they stand and as they were: each kind of configuration has the same five calls, under its own right.
//!
//! Only the kinds that are listed here have an address. What proves or seals something (credentials, codes, factors,
//! keys) has none, so no right over objects reaches it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use bartizan_identity::{built_in_client, secret_of, secret_of_provider};
use bartizan_model::{ObjectKind, PointId, Revision, SessionFacts, UserId};
use bartizan_store::{Change, Expect, Object, SecretWrite, Write};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::MutexGuard;
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, Sent};
use super::routes::{PERSON, POINT, Route};
use super::service_keys::sessions_of;
use super::shown::Names;
use super::{Api, Failure};
use crate::call::{Admitted, ReadObjects, ReadPeople, ReadSessions, Right, WriteObjects, WritePeople};
use crate::error::Error;
use crate::plan::Verb;
use crate::proposal::Proposal;

/// A kind that can be asked for, and the rights that this takes.
pub(crate) trait Shelf: Send + Sync + 'static {
    const KIND: ObjectKind;
    type Read: Right;
    type Write: Right;
}

macro_rules! shelves {
    ($($name:ident: $kind:ident $read:ident $write:ident;)*) => {$(
        #[derive(Debug)]
        pub(crate) struct $name;
        impl Shelf for $name {
            const KIND: ObjectKind = ObjectKind::$kind;
            type Read = $read;
            type Write = $write;
        }
    )*};
}

shelves! {
    Apps: App ReadObjects WriteObjects;
    Clients: Client ReadObjects WriteObjects;
    Providers: Provider ReadObjects WriteObjects;
    Groups: Group ReadObjects WriteObjects;
    Policies: Policy ReadObjects WriteObjects;
    Users: User ReadPeople WritePeople;
    Points: Point ReadObjects WriteObjects;
}

/// The calls of all kinds.
pub(super) fn routes() -> Vec<Route> {
    let sessions = [
        Route::get("/api/v1/objects/session", list_sessions, "Lists objects of the kind `session`, by name.")
            .needs::<ReadSessions>()
            .asks::<Page>()
            .lists::<Shown>()
            .fails(&[422]),
        Route::get("/api/v1/objects/session/{name}", session, "Gives one object of the kind `session`.")
            .needs::<ReadSessions>()
            .named("name", "The id of the session.")
            .answers::<Shown>()
            .fails(&[404]),
    ];
    let points = [
        Route::get("/api/v1/objects/point", list::<Points>, "Lists objects of the kind `point`, by name.")
            .needs::<ReadObjects>()
            .asks::<Page>()
            .lists::<Shown>()
            .fails(&[404, 422]),
        Route::get("/api/v1/objects/point/{name}", one::<Points>, "Gives one object of the kind `point`.")
            .needs::<ReadObjects>()
            .named("name", POINT)
            .answers::<Shown>()
            .fails(&[404]),
        Route::delete(
            "/api/v1/objects/point/{name}",
            keep_point,
            "Refuses to delete a point: what it holds is to go with it, so it has a call of its own.",
        )
        .needs::<WriteObjects>()
        .named("name", POINT)
        .answers::<Written>()
        .fails(&[404, 422]),
        Route::get(
            "/api/v1/objects/point/{name}/history",
            history::<Points>,
            "Lists what an object of the kind `point` was, newest first.",
        )
        .needs::<ReadObjects>()
        .named("name", POINT)
        .lists::<Shown>()
        .fails(&[404]),
    ];
    [of::<Apps>(), of::<Clients>(), of::<Providers>(), of::<Groups>(), of::<Policies>(), of::<Users>()]
        .into_iter()
        .flatten()
        .chain(sessions)
        .chain(points)
        .collect()
}

fn of<S: Shelf>() -> [Route; 5] {
    let kind = S::KIND;
    let base = format!("/api/v1/objects/{kind}");
    let one_of = format!("{base}/{{name}}");
    let name = if kind == ObjectKind::User { PERSON } else { "The name of the object." };
    [
        Route::get(base, list::<S>, &format!("Lists objects of the kind `{kind}`, by name."))
            .needs::<S::Read>()
            .asks::<Page>()
            .lists::<Shown>()
            .fails(&[404, 422]),
        Route::get(one_of.as_str(), one::<S>, &format!("Gives one object of the kind `{kind}`."))
            .needs::<S::Read>()
            .named("name", name)
            .answers::<Shown>()
            .fails(&[404]),
        Route::delete(one_of.as_str(), delete::<S>, &format!("Deletes one object of the kind `{kind}`."))
            .needs::<S::Write>()
            .named("name", name)
            .asks::<IfRevision>()
            .answers::<Written>()
            .fails(&[404, 409, 422]),
        Route::get(
            format!("{one_of}/history"),
            history::<S>,
            &format!("Lists what an object of the kind `{kind}` was, newest first."),
        )
        .needs::<S::Read>()
        .named("name", name)
        .lists::<Shown>()
        .fails(&[404]),
        Route::post(
            format!("{one_of}/rollback"),
            rollback::<S>,
            &format!("Makes an object of the kind `{kind}` what it was."),
        )
        .needs::<S::Write>()
        .named("name", name)
        .takes::<To>()
        .answers::<Written>()
        .fails(&[404, 409, 413, 422]),
    ]
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    /// The object after which the answer begins.
    after: Option<String>,
    /// At most so many: 1000, if it is not said, and never more.
    #[param(format = Int64, maximum = 4294967295_f64)]
    limit: Option<u32>,
}

/// An object as `get` prints it. Deleted, it says nothing.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Object)]
pub(crate) struct Shown {
    kind: &'static str,
    pub(crate) name: String,
    /// The revision that made it so.
    #[schema(value_type = u64)]
    pub(crate) revision: Revision,
    /// Who made it so: a login name, or a part of the deployment.
    pub(crate) author: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) time: bartizan_model::Timestamp,
    /// What it says, in the words of object files.
    #[schema(value_type = Option<Object>, required = true)]
    pub(crate) spec: Option<Value>,
}

#[cfg(test)]
impl Shown {
    /// An object of no kind in particular.
    pub(crate) fn for_test(
        name: &str,
        spec: Value,
        revision: Revision,
        time: bartizan_model::Timestamp,
    ) -> Self {
        Self {
            kind: "",
            name: name.to_owned(),
            revision,
            author: String::from("ada"),
            time,
            spec: Some(spec),
        }
    }
}

async fn list<S: Shelf>(
    admitted: Admitted<S::Read>,
    State(api): State<Arc<Api>>,
    Asked(page): Asked<Page>,
) -> Result<Json<Vec<Shown>>, Failure> {
    on_shelf::<S>(&admitted, &api, page).await.map(Json)
}

/// The objects of a kind, by name.
pub(crate) async fn on_shelf<S: Shelf>(
    _admitted: &Admitted<S::Read>,
    api: &Api,
    page: Page,
) -> Result<Vec<Shown>, Failure> {
    listed(api, S::KIND, page).await
}

async fn list_sessions(
    _admitted: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Asked(page): Asked<Page>,
) -> Result<Json<Vec<Shown>>, Failure> {
    listed(&api, ObjectKind::Session, page).await.map(Json)
}

async fn listed(api: &Api, kind: ObjectKind, page: Page) -> Result<Vec<Shown>, Failure> {
    let after = match page.after {
        Some(name) => Some(stored_name(api, kind, &name).await?),
        None => None,
    };
    let limit = page.limit.unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE);
    let mut names = Names::new(api);
    let mut shown = Vec::new();
    for object in api.store.list(kind, after.as_deref(), limit).await? {
        shown.push(show(&mut names, &object).await?);
    }
    Ok(shown)
}

async fn one<S: Shelf>(
    admitted: Admitted<S::Read>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<Shown>, Failure> {
    taken::<S>(&admitted, &api, &name).await.map(Json)
}

/// One object as it stands.
pub(crate) async fn taken<S: Shelf>(
    _admitted: &Admitted<S::Read>,
    api: &Api,
    name: &str,
) -> Result<Shown, Failure> {
    found(api, S::KIND, name).await
}

async fn session(
    _admitted: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<Shown>, Failure> {
    found(&api, ObjectKind::Session, &name).await.map(Json)
}

async fn found(api: &Api, kind: ObjectKind, name: &str) -> Result<Shown, Failure> {
    let stored = stored_name(api, kind, name).await?;
    let object = api.store.get(kind, &stored).await?.ok_or_else(|| missing(kind, name))?;
    show(&mut Names::new(api), &object).await
}

async fn history<S: Shelf>(
    admitted: Admitted<S::Read>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<Vec<Shown>>, Failure> {
    changes_of::<S>(&admitted, &api, &name, MAX_PAGE).await.map(Json)
}

/// What an object was, newest first.
pub(crate) async fn changes_of<S: Shelf>(
    _admitted: &Admitted<S::Read>,
    api: &Api,
    name: &str,
    limit: u32,
) -> Result<Vec<Shown>, Failure> {
    let stored = stored_name(api, S::KIND, name).await?;
    let changes = api.store.history(S::KIND, &stored, limit).await?;
    if changes.is_empty() {
        return Err(missing(S::KIND, name).into());
    }
    let mut names = Names::new(api);
    let mut shown = Vec::new();
    for Change { kind, name, revision, author, time, spec } in changes {
        shown.push(Shown {
            kind: kind.as_str(),
            name: names.of_object(kind, &name).await?,
            revision,
            author: names.author(&author).await?,
            time,
            spec: match &spec {
                Some(spec) => Some(names.spec(kind, &name, spec).await?),
                None => None,
            },
        });
    }
    Ok(shown)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct IfRevision {
    /// The revision that was read: if it is another by now, nothing is done.
    #[param(value_type = Option<u64>)]
    if_revision: Option<Revision>,
}

/// What `delete` and `rollback` print.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Written {
    kind: &'static str,
    name: String,
    #[schema(value_type = u64)]
    pub(crate) revision: Revision,
    /// What was done to it.
    change: &'static str,
    /// How many live grants were cut by the change.
    pub(crate) cut: u64,
}

async fn delete<S: Shelf>(
    admitted: Admitted<S::Write>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Asked(asked): Asked<IfRevision>,
) -> Result<Json<Written>, Failure> {
    let stored = stored_name(&api, S::KIND, &name).await?;
    not_built_in(S::KIND, &stored)?;
    let turn = api.hub.turn().await;
    let object = api.store.get(S::KIND, &stored).await?.ok_or_else(|| missing(S::KIND, &name))?;
    let expect = expected(&object, asked.if_revision)?;
    let write = Write::Delete { kind: S::KIND, name: stored.clone(), expect };
    let mut proposal = Proposal { writes: vec![(Verb::Delete, write)], ..Proposal::default() };
    proposal.writes.extend(left_by(&api, &object).await?);
    proposal.secrets.extend(goes_along(S::KIND, &stored));
    write_all(&api, &admitted, (turn, proposal), S::KIND, name).await.map(Json)
}

/// What every deployment has is as its release has it.
fn not_built_in(kind: ObjectKind, name: &str) -> Result<(), Failure> {
    if kind == ObjectKind::Client && built_in_client(name).is_some() {
        let problem = format!("client `{name}` is built in: it cannot be changed or deleted");
        return Err(Error::Invalid(problem).into());
    }
    Ok(())
}

async fn keep_point(
    _admitted: Admitted<WriteObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<Written>, Failure> {
    let stored = stored_name(&api, ObjectKind::Point, &name).await?;
    let point =
        api.store.get(ObjectKind::Point, &stored).await?.ok_or_else(|| missing(ObjectKind::Point, &name))?;
    let called = point.spec.get("name").and_then(Value::as_str).unwrap_or(&stored);
    let problem = format!("a point is not deleted like this: run `bartizan point remove {called}`");
    Err(Error::Invalid(problem).into())
}

/// Groups list what they hold by name or id: what is deleted leaves them, so that nothing that comes later under the
/// same name finds itself in them.
pub(crate) async fn left_by(api: &Api, gone: &Object) -> Result<Vec<(Verb, Write)>, Failure> {
    let field = match gone.kind {
        ObjectKind::User => "users",
        ObjectKind::Group => "groups",
        ObjectKind::Client => return Ok(keys_of(api, gone)),
        ObjectKind::App
        | ObjectKind::Provider
        | ObjectKind::Policy
        | ObjectKind::Session
        | ObjectKind::Credential
        | ObjectKind::Code
        | ObjectKind::Factors
        | ObjectKind::Device
        | ObjectKind::Risk
        | ObjectKind::SealingKey
        | ObjectKind::AssertionKey
        | ObjectKind::SigningKey
        | ObjectKind::ClientGrant
        | ObjectKind::Consent
        | ObjectKind::Point
        | ObjectKind::JoinToken => return Ok(Vec::new()),
    };
    let mut writes = Vec::new();
    for mut group in super::apply::all(api, ObjectKind::Group).await? {
        let Some(members) = group.spec.get_mut(field).and_then(Value::as_array_mut) else { continue };
        let before = members.len();
        members.retain(|member| member.as_str() != Some(gone.name.as_str()));
        if members.len() != before && (group.kind, &group.name) != (gone.kind, &gone.name) {
            let (kind, name, expect) = (group.kind, group.name, Expect::Revision(group.revision));
            let write = Write::Put { kind, name, spec: group.spec, lookups: Vec::new(), expect };
            writes.push((Verb::Change, write));
        }
    }
    Ok(writes)
}

/// The keys with which a client acted for itself go with it, so that they are not good again under a client that comes later.
fn keys_of(api: &Api, client: &Object) -> Vec<(Verb, Write)> {
    let keys = client.name.parse().map(|client| sessions_of(api, &client)).unwrap_or_default();
    let gone = |session: &Arc<SessionFacts>| {
        let (kind, name) = (ObjectKind::Session, session.id.to_string());
        (Verb::Delete, Write::Delete { kind, name, expect: Expect::Any })
    };
    keys.iter().map(gone).collect()
}

/// The secret that an object has beside it, which goes with it.
pub(super) fn goes_along(kind: ObjectKind, name: &str) -> Option<SecretWrite> {
    let name = match kind {
        ObjectKind::Client => secret_of(&name.parse().ok()?),
        ObjectKind::Provider => secret_of_provider(&name.parse().ok()?),
        _ => return None,
    };
    Some(SecretWrite::Delete { name })
}

/// What an object becomes again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct To {
    /// It becomes what it was at this revision.
    #[schema(value_type = u64)]
    pub(crate) revision: Revision,
    /// The revision that was read: if it is another by now, nothing is done.
    #[schema(value_type = Option<u64>)]
    pub(crate) if_revision: Option<Revision>,
}

async fn rollback<S: Shelf>(
    admitted: Admitted<S::Write>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Sent(asked): Sent<To>,
) -> Result<Json<Written>, Failure> {
    rolled_back::<S>(&admitted, &api, name, asked).await.map(Json)
}

/// Makes an object what it was.
pub(crate) async fn rolled_back<S: Shelf>(
    admitted: &Admitted<S::Write>,
    api: &Api,
    name: String,
    asked: To,
) -> Result<Written, Failure> {
    let stored = stored_name(api, S::KIND, &name).await?;
    not_built_in(S::KIND, &stored)?;
    let turn = api.hub.turn().await;
    let now = api.store.get(S::KIND, &stored).await?;
    let then = match api.store.get_at(S::KIND, &stored, asked.revision).await {
        Err(bartizan_store::Error::Ahead { asked, newest }) => {
            let problem = format!("there is no revision {asked} yet: the newest is {newest}");
            return Err(Error::Invalid(problem).into());
        }
        other => other?,
    };
    let expect = match &now {
        Some(now) => expected(now, asked.if_revision)?,
        None => Expect::Absent,
    };
    let (verb, write) = match (then, &now) {
        (Some(then), now) => {
            let lookups = lookups(api, &then).await?;
            let verb = if now.is_some() { Verb::Change } else { Verb::Create };
            let (kind, name, spec) = (S::KIND, stored.clone(), then.spec);
            (verb, Write::Put { kind, name, spec, lookups, expect })
        }
        (None, Some(_)) => (Verb::Delete, Write::Delete { kind: S::KIND, name: stored.clone(), expect }),
        (None, None) => return Err(missing(S::KIND, &name).into()),
    };
    let proposal = Proposal { writes: vec![(verb, write)], ..Proposal::default() };
    write_all(api, admitted, (turn, proposal), S::KIND, name).await
}

/// The ways in which an object that comes back is found: those of people are not in the log.
async fn lookups(api: &Api, then: &Object) -> Result<Vec<bartizan_store::Lookup>, Failure> {
    if then.kind != ObjectKind::User {
        return Ok(Vec::new());
    }
    let id: UserId =
        then.name.parse().map_err(|error: bartizan_model::IdError| Error::Invalid(error.to_string()))?;
    match api.people.of_spec(id, &then.spec).await?.attributes {
        Some(attributes) => Ok(api.people.lookups_of(&attributes)?),
        // Whoever was erased has no login name to be found by.
        None => Ok(Vec::new()),
    }
}

async fn write_all<R>(
    api: &Api,
    admitted: &Admitted<R>,
    (turn, proposal): (MutexGuard<'_, ()>, Proposal),
    kind: ObjectKind,
    name: String,
) -> Result<Written, Failure> {
    let change = proposal.writes.first().map_or("unchanged", |(verb, _)| verb.as_str());
    let revision = proposal.tried(api, admitted).await?.commit(api, admitted).await?.revision;
    // A point that lags behind must not keep others from changing something.
    drop(turn);
    let cut = api.hub.applied(revision).await.cut;
    Ok(Written { kind: kind.as_str(), name, revision, change, cut })
}

/// What the write expects: the object as it was read here, which must be the one that the caller read.
fn expected(object: &Object, if_revision: Option<Revision>) -> Result<Expect, Failure> {
    match if_revision {
        Some(wanted) if wanted != object.revision => Err(bartizan_store::Error::Conflict {
            kind: object.kind,
            name: object.name.clone(),
            expected: Expect::Revision(wanted),
            found: Some(object.revision),
        }
        .into()),
        Some(_) | None => Ok(Expect::Revision(object.revision)),
    }
}

async fn show(names: &mut Names<'_>, object: &Object) -> Result<Shown, Failure> {
    Ok(Shown {
        kind: object.kind.as_str(),
        name: names.of_object(object.kind, &object.name).await?,
        revision: object.revision,
        author: names.author(&object.author).await?,
        time: object.time,
        spec: Some(names.spec(object.kind, &object.name, &object.spec).await?),
    })
}

async fn stored_name(api: &Api, kind: ObjectKind, name: &str) -> Result<String, Failure> {
    match kind {
        ObjectKind::User => Ok(api.person(name).await?.to_string()),
        ObjectKind::Point => match api.points.named(name).await {
            Ok(point) => Ok(point.id.to_string()),
            // By its id a point that was removed is still found in the past.
            Err(Error::NotFound { .. }) if name.parse::<PointId>().is_ok() => Ok(name.to_owned()),
            Err(error) => Err(error.into()),
        },
        _ if name.len() > bartizan_store::MAX_NAME => Err(missing(kind, name).into()),
        _ => Ok(name.to_owned()),
    }
}

fn missing(kind: ObjectKind, name: &str) -> Error {
    Error::NotFound { what: kind.as_str(), name: name.chars().take(64).collect() }
}

/// How many objects or changes are answered at once.
pub(crate) const MAX_PAGE: u32 = 1000;
