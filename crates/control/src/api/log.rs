//! The evidence log: searched here, and handed out file by file, so that clients verify it themselves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use bartizan_evidence::{Count, Denied, Found, Query as Search, Tally, TilePath, TileSource as _};
use bartizan_model::{
    DecisionId, DeviceId, EventId, EventKind, ObjectRef, Outcome, PolicyId, RequestId, ResourceRef, Revision,
    SessionId, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::asked::Asked;
use super::{Api, Failure, described};
use crate::call::{Admitted, ReadLog};
use crate::error::Error;

/// How soon the log is searched again for who waits.
const PACE: Duration = Duration::from_secs(1);

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// Who asked or acted: login name or id.
    user: Option<String>,
    /// For which app.
    app: Option<String>,
    #[param(value_type = Option<described::EventKind>, inline)]
    kind: Option<EventKind>,
    #[param(value_type = Option<described::Outcome>, inline)]
    outcome: Option<Outcome>,
    /// Why, as a stable code.
    reason: Option<String>,
    /// Of which request.
    #[param(value_type = Option<String>)]
    request: Option<RequestId>,
    /// This event.
    #[param(value_type = Option<String>)]
    event: Option<EventId>,
    /// From this moment on.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// Before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// At most so many, the newest: 100, if it is not said, and never more than 1000.
    #[param(format = Int64, maximum = 4294967295_f64)]
    limit: Option<u32>,
}

/// The events that are searched for, oldest first.
pub(crate) async fn searched(
    _admitted: &Admitted<ReadLog>,
    api: &Api,
    search: &Search,
) -> Result<Vec<Found>, Failure> {
    Ok(api.log.search(search).await.map_err(|error| Error::Evidence(error.to_string()))?)
}

/// The same; where there are none yet, once there are some, within that time. It ends early with the right to see them,
/// and with this server.
pub(crate) async fn comes(
    admitted: &Admitted<ReadLog>,
    api: &Api,
    search: &Search,
    within: Duration,
) -> Result<Vec<Found>, Failure> {
    let cut = admitted.cut();
    tokio::select! {
        biased;
        () = api.stop.cancelled() => Ok(Vec::new()),
        () = cut.cancelled() => Ok(Vec::new()),
        found = api.log.wait_for(search, within, PACE) => {
            Ok(found.map_err(|error| Error::Evidence(error.to_string()))?)
        }
    }
}

/// How many decisions and cuts there were, counted.
pub(crate) async fn tallied(
    _admitted: &Admitted<ReadLog>,
    api: &Api,
    tally: &Tally,
) -> Result<Vec<Count>, Failure> {
    Ok(api.log.tally(tally).await.map_err(|error| Error::Evidence(error.to_string()))?)
}

/// Who was denied how often since then, and since a recent moment.
pub(crate) async fn denied(
    _admitted: &Admitted<ReadLog>,
    api: &Api,
    since: Timestamp,
    recent: Timestamp,
) -> Result<Denied, Failure> {
    Ok(api.log.denied(since, recent).await.map_err(|error| Error::Evidence(error.to_string()))?)
}

pub(super) async fn search(
    admitted: Admitted<ReadLog>,
    State(api): State<Arc<Api>>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Vec<Shown>>, Failure> {
    let user = match &filter.user {
        Some(name) => Some(api.person(name).await?.to_string()),
        None => None,
    };
    let search = Search {
        user,
        app: filter.app,
        kind: filter.kind,
        outcome: filter.outcome,
        reason: filter.reason,
        request: filter.request,
        since: filter.since,
        until: filter.until,
        limit: Some(filter.limit.unwrap_or(100).clamp(1, 1000)),
        event: filter.event,
        ..Search::default()
    };
    let found = searched(&admitted, &api, &search).await?;
    let mut shown = Vec::with_capacity(found.len());
    for event in found {
        shown.push(show(&api, event).await?);
    }
    Ok(Json(shown))
}

/// An event as it is shown to who may read it all (CONTRACT.md, "Events").
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event, description = "An event of the evidence log.")]
pub(super) struct Shown {
    #[schema(value_type = String)]
    id: EventId,
    #[schema(value_type = String, format = DateTime)]
    time: Timestamp,
    #[schema(value_type = described::EventKind)]
    kind: EventKind,
    #[schema(value_type = described::Outcome)]
    outcome: Outcome,
    /// Why, as a stable code.
    #[schema(required = true)]
    reason: Option<String>,
    #[schema(value_type = Option<String>, required = true)]
    request_id: Option<RequestId>,
    #[schema(value_type = Option<String>, required = true)]
    decision_id: Option<DecisionId>,
    /// The revision that it happened at.
    #[schema(value_type = Option<u64>, required = true)]
    revision: Option<Revision>,
    /// The policies that determined it.
    #[schema(value_type = Vec<String>)]
    policies: Vec<PolicyId>,
    #[schema(value_type = Option<described::Subject>, required = true)]
    subject: Value,
    /// Under which sign-in.
    #[schema(value_type = Option<String>, required = true)]
    session: Option<SessionId>,
    /// From which device.
    #[schema(value_type = Option<String>, required = true)]
    device: Option<DeviceId>,
    #[schema(value_type = Option<described::Resource>, required = true)]
    resource: Option<ResourceRef>,
    /// To do what.
    #[schema(required = true)]
    action: Option<String>,
    #[schema(value_type = Option<described::RequestOfEvent>, required = true)]
    request: Option<Value>,
    #[schema(value_type = Option<described::ObjectOfEvent>, required = true)]
    object: Option<ObjectRef>,
    /// The network address; none once the person was erased.
    #[schema(required = true)]
    source: Option<String>,
    /// How the client describes itself.
    #[schema(required = true)]
    user_agent: Option<String>,
    /// The values of the context that the decision read.
    context: BTreeMap<String, String>,
    /// How long it took, in microseconds.
    #[schema(required = true)]
    latency_us: Option<u64>,
    /// Bytes received from the client.
    #[schema(required = true)]
    bytes_in: Option<u64>,
    /// Bytes sent to the client.
    #[schema(required = true)]
    bytes_out: Option<u64>,
    /// Which entry of the log it is.
    log_index: u64,
}

async fn show(api: &Api, found: Found) -> Result<Shown, Failure> {
    let Found { log_index, event, personal } = found;
    let personal = personal.unwrap_or_default();
    let mut subject = serde_json::to_value(&event.subject).unwrap_or_default();
    if let Some(fields) = subject.as_object_mut() {
        let id = fields.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        if let Some(id) = id {
            let person = api.people.get(id).await?;
            let name = person.and_then(|person| person.attributes).map(|attributes| attributes.login);
            fields.insert(String::from("name"), json!(name));
        }
    }
    let path = personal.path;
    let request =
        event.request.map(|request| json!({ "method": request.method, "host": request.host, "path": path }));
    Ok(Shown {
        id: event.id,
        time: event.time,
        kind: event.kind,
        outcome: event.outcome,
        reason: event.reason,
        request_id: event.request_id,
        decision_id: event.decision_id,
        revision: event.revision,
        policies: event.policies,
        subject,
        session: event.session,
        device: event.device,
        resource: event.resource,
        action: event.action,
        request,
        object: event.object,
        source: personal.source,
        user_agent: personal.user_agent,
        context: personal.context,
        latency_us: event.latency_us,
        bytes_in: event.bytes_in,
        bytes_out: event.bytes_out,
        log_index,
    })
}

/// The key that verifies the log's checkpoints.
pub(super) async fn key(_admitted: Admitted<ReadLog>, State(api): State<Arc<Api>>) -> String {
    format!("{}\n", api.log.verifier().vkey())
}

/// A file of the log: `checkpoint`, or one below `tile/`.
pub(super) async fn file(
    _admitted: Admitted<ReadLog>,
    State(api): State<Arc<Api>>,
    Path(path): Path<String>,
) -> Result<Response, Failure> {
    let missing = || Error::NotFound { what: "file of the log", name: path.chars().take(64).collect() };
    // Only names that the format has: nothing else of the disk can be asked for.
    if path != "checkpoint" && TilePath::parse(&path).is_none() {
        return Err(missing().into());
    }
    let (source, name) = (api.log.source(), path.clone());
    let read = tokio::task::spawn_blocking(move || source.read(&name)).await;
    let read = read.map_err(|error| Error::Evidence(error.to_string()))?;
    let bytes = read.map_err(|error| Error::Evidence(error.to_string()))?.ok_or_else(missing)?;
    Ok(([(http::header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}
