//! The keys of services: made, shown once, listed and ended.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use bartizan_identity::{NoKey, ServiceKey, WantedKey};
use bartizan_model::{AppName, ClientName, ObjectKind, SessionFacts, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::Sent;
use super::routes::Route;
use super::shown::Names;
use super::{Api, Failure, record_change};
use crate::call::{Admitted, ReadObjects, WriteObjects};
use crate::error::Error;

const CLIENT: &str = "The name of the client.";

/// The calls.
pub(super) fn routes() -> [Route; 3] {
    [
        Route::get(
            "/api/v1/clients/{name}/keys",
            list,
            "Lists the keys with which a client acts for itself.",
        )
        .needs::<ReadObjects>()
        .named("name", CLIENT)
        .lists::<Shown>()
        .fails(&[404, 422]),
        Route::post("/api/v1/clients/{name}/keys", make, "Makes a key with which a client acts for itself.")
            .needs::<WriteObjects>()
            .named("name", CLIENT)
            .takes::<Wanted>()
            .answers::<Made>()
            .fails(&[404, 409, 413, 422]),
        Route::delete("/api/v1/clients/{name}/keys/{id}", end, "Ends a key, and cuts what it has open.")
            .needs::<WriteObjects>()
            .named("name", CLIENT)
            .named("id", "The id of the key.")
            .answers::<Ended>()
            .fails(&[404, 409, 422]),
    ]
}

/// A key as `client keys` prints it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceKey)]
pub(crate) struct Shown {
    #[schema(value_type = String)]
    pub(crate) id: SessionId,
    /// What it is for.
    pub(crate) label: Option<String>,
    /// The apps at which it is good.
    #[schema(value_type = Vec<String>)]
    pub(crate) apps: Vec<AppName>,
    /// Who made it.
    pub(crate) author: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created: Timestamp,
    /// When it was last used; `null` if it never was.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub(crate) last_used: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) ends: Timestamp,
    /// How many requests and streams of it are under way.
    pub(crate) live_grants: u64,
}

/// The key that somebody wants.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = WantedServiceKey)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// The apps at which it is to be good; `console` for this API.
    pub(crate) apps: Vec<String>,
    /// What it is for.
    pub(crate) label: Option<String>,
    /// How long it lives, in seconds: 3600 to 31622400; 90 days, if it is not said.
    pub(crate) ttl_seconds: Option<u64>,
}

/// A key that was made, as `client key` prints it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewServiceKey)]
pub(crate) struct Made {
    /// The text to present, as `Authorization: Bearer …` or `Bartizan-Token: …`. It is said once.
    pub(crate) key: String,
    #[serde(flatten)]
    pub(crate) shown: Shown,
}

/// A key that was ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EndedServiceKey)]
pub(crate) struct Ended {
    #[schema(value_type = String)]
    id: SessionId,
    /// How many live grants were cut.
    pub(crate) cut: u64,
}

async fn list(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<Vec<Shown>>, Failure> {
    listed(&admitted, &api, &known(&api, &name).await?).await.map(Json)
}

/// The keys of a client, the newest first.
pub(crate) async fn listed(
    _admitted: &Admitted<ReadObjects>,
    api: &Api,
    client: &ClientName,
) -> Result<Vec<Shown>, Failure> {
    let live = api.hub.live();
    let ids: Vec<SessionId> = sessions_of(api, client).iter().map(|session| session.id).collect();
    let mut names = Names::new(api);
    let mut shown = Vec::new();
    for key in api.sign_ins.keys_of(client, &ids).await.map_err(Error::from)? {
        let live = live.get(&key.id).copied().unwrap_or(0);
        shown.push(as_shown(&mut names, key, live).await?);
    }
    Ok(shown)
}

async fn make(
    admitted: Admitted<WriteObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Sent(wanted): Sent<Wanted>,
) -> Result<Json<Made>, Failure> {
    made(&admitted, &api, &name, wanted).await.map(Json)
}

/// Makes a key.
pub(crate) async fn made(
    admitted: &Admitted<WriteObjects>,
    api: &Api,
    name: &str,
    wanted: Wanted,
) -> Result<Made, Failure> {
    let client = known(api, name).await?;
    let world = api.hub.world();
    let field = |name, why| Failure::from(Error::Field { name, why });
    let mut apps = std::collections::BTreeSet::new();
    for app in &wanted.apps {
        let known = app.parse::<AppName>().ok().filter(|app| world.app(app).is_some());
        let short: String = app.chars().take(64).collect();
        apps.insert(known.ok_or_else(|| field("apps", format!("there is no app `{short}`")))?);
    }
    if sessions_of(api, &client).len() >= MAX_KEYS {
        return Err(field(
            "apps",
            format!("client `{client}` has {MAX_KEYS} keys: end one that nobody needs"),
        ));
    }
    let lives = wanted.ttl_seconds.map_or(USUAL, Duration::from_secs);
    record_change(admitted, api, ObjectKind::Client.as_str(), client.as_str(), "key").await?;
    let wanted = WantedKey { apps, label: wanted.label.map(|label| label.trim().to_owned()), lives };
    let made = api.sign_ins.new_key(&client, wanted, &admitted.author()).await.map_err(Error::from)?;
    let (key, text) = match made {
        Ok(made) => made,
        Err(NoKey::NoClient) => return Err(missing(name).into()),
        Err(why @ (NoKey::Disabled | NoKey::Form)) => return Err(Error::Invalid(why.to_string()).into()),
    };
    let shown = as_shown(&mut Names::new(api), key, 0).await?;
    Ok(Made { key: text.expose(Clone::clone), shown })
}

async fn end(
    admitted: Admitted<WriteObjects>,
    State(api): State<Arc<Api>>,
    Path((name, id)): Path<(String, String)>,
) -> Result<Json<Ended>, Failure> {
    ended(&admitted, &api, &name, &id).await.map(Json)
}

/// Ends a key of this client, and waits until that is so everywhere.
pub(crate) async fn ended(
    admitted: &Admitted<WriteObjects>,
    api: &Api,
    name: &str,
    id: &str,
) -> Result<Ended, Failure> {
    let gone = || Error::NotFound { what: "key", name: id.chars().take(64).collect() };
    let (client, id) = (known(api, name).await?, id.parse::<SessionId>().map_err(|_form| gone())?);
    // Of another client, or a person's sign-in: for who may end keys of this one, it is not there.
    let keys = api.sign_ins.keys_of(&client, &[id]).await.map_err(Error::from)?;
    if keys.is_empty() {
        return Err(gone().into());
    }
    record_change(admitted, api, ObjectKind::Client.as_str(), client.as_str(), "key_ended").await?;
    let ended = api.sign_ins.end(&[id], "revoked", &admitted.author()).await.map_err(Error::from)?;
    Ok(Ended { id, cut: api.hub.applied(ended.revision).await.cut })
}

async fn as_shown(names: &mut Names<'_>, key: ServiceKey, live_grants: u64) -> Result<Shown, Failure> {
    let ServiceKey { id, label, apps, author, created, last_used, ends } = key;
    let author = names.author(&author).await?;
    Ok(Shown { id, label, apps: apps.into_iter().collect(), author, created, last_used, ends, live_grants })
}

/// The sessions of a client that acts for itself: its keys, and those under which it gets tokens.
pub(super) fn sessions_of(api: &Api, client: &ClientName) -> Vec<Arc<SessionFacts>> {
    let world = api.hub.world();
    world.sessions().filter(|session| session.subject.service() == Some(client)).cloned().collect()
}

async fn known(api: &Api, name: &str) -> Result<ClientName, Failure> {
    let client: ClientName = name.parse().map_err(|_form| missing(name))?;
    let object = api.store.get(ObjectKind::Client, client.as_str()).await.map_err(Error::from)?;
    object.map(|_there| client).ok_or_else(|| missing(name).into())
}

fn missing(name: &str) -> Error {
    Error::NotFound { what: "client", name: name.chars().take(64).collect() }
}

/// A quarter of a year: somebody looks at it again before it is forgotten.
const USUAL: Duration = Duration::from_secs(90 * 24 * 3600);

/// More keys than a program has places where it runs.
const MAX_KEYS: usize = 100;
