//! Enforcement points on machines of their own, as the administration lets them in, sees and removes them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use bartizan_enforce::PointScope;
use bartizan_model::{AppName, ObjectKind, PointName, Revision, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, Sent};
use super::routes::{POINT, Route};
use super::{Api, Failure, record_change};
use crate::call::{Admitted, ReadObjects, WriteObjects};
use crate::error::Error;
use crate::plan::Verb;
use crate::points::{PointRole, Wanted};

/// The calls.
pub(super) fn routes() -> [Route; 3] {
    [
        Route::post(
            "/api/v1/join-tokens",
            create,
            "Makes a token with which one machine becomes an enforcement point, once.",
        )
        .needs::<WriteObjects>()
        .takes::<Asks>()
        .answers::<Made>()
        .fails(&[409, 413, 422]),
        Route::get("/api/v1/points", list, "Lists the enforcement points that joined, and how they keep up.")
            .needs::<ReadObjects>()
            .lists::<Shown>(),
        Route::delete(
            "/api/v1/points/{name}",
            remove,
            "Removes an enforcement point: its certificate and its keys are of no use any more.",
        )
        .needs::<WriteObjects>()
        .named("name", POINT)
        .asks::<Waits>()
        .answers::<Removed>()
        .fails(&[404, 409, 422]),
    ]
}

/// What a join token is to be for.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = JoinTokenWanted)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asks {
    /// `gateway`.
    pub(crate) role: String,
    /// The apps that it serves; every app that has an upstream, if it is not said.
    pub(crate) scope: Option<Vec<String>>,
    /// What the point is called; `gateway-1`, `gateway-2` and so on, if it is not said.
    pub(crate) name: Option<String>,
    /// For how long the token can be spent: 600 seconds, if it is not said, and never more than 86400.
    pub(crate) ttl_seconds: Option<u64>,
}

/// What `join-token create` prints.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JoinTokenMade)]
pub(crate) struct Made {
    /// The token: it is shown once.
    pub(crate) token: String,
    pub(crate) name: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) expires: Timestamp,
}

async fn create(
    admitted: Admitted<WriteObjects>,
    State(api): State<Arc<Api>>,
    Sent(asked): Sent<Asks>,
) -> Result<Json<Made>, Failure> {
    made(&admitted, &api, asked).await.map(Json)
}

/// Makes a join token. What is wrong with a field is said with its name ([`Error::Field`]).
pub(crate) async fn made(admitted: &Admitted<WriteObjects>, api: &Api, asked: Asks) -> Result<Made, Failure> {
    let role = PointRole::ALL.into_iter().find(|role| role.as_str() == asked.role);
    let role = role.ok_or_else(|| {
        let why = format!("there is no role `{}`: the one that there is is `gateway`", short(&asked.role));
        Error::Field { name: "role", why }
    })?;
    let app = |text| word::<AppName>("scope", text);
    let wanted = Wanted {
        role,
        scope: match asked.scope {
            Some(apps) => PointScope::Only(apps.into_iter().map(app).collect::<Result<BTreeSet<_>, _>>()?),
            None => PointScope::Apps,
        },
        name: asked.name.map(|text| word::<PointName>("name", text)).transpose()?,
        ttl: asked.ttl_seconds.map(Duration::from_secs),
    };
    let draft = api.points.draft(wanted).await?;
    let (kind, verb) = (ObjectKind::JoinToken.as_str(), Verb::Create.as_str());
    record_change(admitted, api, kind, &draft.object(), verb).await?;
    let made = api.points.make(draft, &admitted.author()).await?;
    let token = made.token.expose(Clone::clone);
    Ok(Made { token, name: made.name.into(), expires: made.expires })
}

/// A name as it must be written.
fn word<T: DeserializeOwned>(field: &'static str, text: String) -> Result<T, Error> {
    serde_json::from_value(Value::String(text))
        .map_err(|error| Error::Field { name: field, why: error.to_string() })
}

fn short(text: &str) -> String {
    text.chars().take(64).collect()
}

/// An enforcement point as `point list` prints it. What it never said, since it has not been heard of, is left out.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Point)]
pub(crate) struct Shown {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) role: &'static str,
    /// The apps that it serves; `null` if it serves every app that has an upstream.
    #[schema(value_type = Option<Vec<String>>, required = true)]
    pub(crate) scope: Option<BTreeSet<AppName>>,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) joined: Timestamp,
    /// Whether it is subscribed now.
    pub(crate) connected: bool,
    /// The revision that it has last confirmed.
    #[schema(value_type = Option<u64>, required = true)]
    pub(crate) revision: Option<Revision>,
    /// How long it has been behind.
    #[schema(required = true)]
    pub(crate) lag_ms: Option<u64>,
    /// For how long it may decide without hearing from control, on the app with the longest lease; nothing if it may not.
    #[schema(required = true)]
    pub(crate) lease_ms: Option<u64>,
    /// How many events wait there for the log.
    #[schema(required = true)]
    pub(crate) backlog: Option<u64>,
    /// The release that it runs.
    #[schema(required = true)]
    pub(crate) version: Option<String>,
    /// How many grants are live there.
    #[schema(required = true)]
    pub(crate) live_grants: Option<u64>,
}

async fn list(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
) -> Result<Json<Vec<Shown>>, Failure> {
    listed(&admitted, &api).await.map(Json)
}

/// The points by name.
pub(crate) async fn listed(_admitted: &Admitted<ReadObjects>, api: &Api) -> Result<Vec<Shown>, Failure> {
    let statuses = api.point_statuses.statuses();
    let points = api.points.list().await?.into_iter().map(|point| {
        let status = statuses.get(&point.id);
        Shown {
            id: point.id.to_string(),
            name: point.name.into(),
            role: point.role.as_str(),
            scope: match point.scope {
                PointScope::Apps => None,
                PointScope::Only(apps) => Some(apps),
            },
            joined: point.joined,
            connected: status.is_some_and(|status| status.connected),
            revision: status.map(|status| status.revision),
            lag_ms: status.map(|status| millis(status.lag)),
            lease_ms: status.and_then(|status| status.lease_left).map(millis),
            backlog: status.and_then(|status| status.backlog),
            version: status.map(|status| status.version.clone()),
            live_grants: status.map(|status| status.live),
        }
    });
    let mut points: Vec<Shown> = points.collect();
    points.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(points)
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Waits {
    /// Whether the answer waits until it is so everywhere.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    wait: bool,
}

/// What `point remove` prints.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PointRemoved)]
pub(crate) struct Removed {
    /// The id of the point that is no more.
    pub(crate) removed: String,
    #[schema(value_type = u64)]
    revision: Revision,
    /// How many grants were live there, as it last said, if it was waited for.
    pub(crate) cut: u64,
    pub(crate) applied_ms: f64,
}

async fn remove(
    admitted: Admitted<WriteObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Asked(asked): Asked<Waits>,
) -> Result<Json<Removed>, Failure> {
    removed(&admitted, &api, &name, asked.wait).await.map(Json)
}

/// Removes a point, by name or id.
pub(crate) async fn removed(
    admitted: &Admitted<WriteObjects>,
    api: &Api,
    name: &str,
    wait: bool,
) -> Result<Removed, Failure> {
    let began = api.enforcer.clock().boot();
    let id = api.points.named(name).await?.id;
    let point = id.to_string();
    record_change(admitted, api, ObjectKind::Point.as_str(), &point, Verb::Delete.as_str()).await?;
    // By its id: the name may be another's by now.
    let gone = api.points.remove(&point, &admitted.author()).await?;
    let cut = if wait { api.hub.gone(id).await } else { 0 };
    Ok(Removed {
        removed: point,
        cut,
        revision: gone.revision,
        applied_ms: api.enforcer.clock().boot().since(began).as_secs_f64() * 1000.0,
    })
}
