//! The evidence log: searched here, and handed out file by file, so that clients verify it themselves.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use bartizan_evidence::{Found, Query as Search, TilePath, TileSource as _};
use bartizan_model::{EventId, EventKind, Outcome, RequestId, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Api, Failure};
use crate::call::{Admitted, ReadLog};
use crate::error::Error;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    user: Option<String>,
    app: Option<String>,
    kind: Option<EventKind>,
    outcome: Option<Outcome>,
    reason: Option<String>,
    request: Option<RequestId>,
    event: Option<EventId>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
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

pub(super) async fn search(
    admitted: Admitted<ReadLog>,
    State(api): State<Arc<Api>>,
    Query(filter): Query<Filter>,
) -> Result<Json<Vec<Value>>, Failure> {
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
    for event in &found {
        shown.push(show(&api, event).await?);
    }
    Ok(Json(shown))
}

/// An event as it is shown to who may read it all (CONTRACT.md, "Events").
async fn show(api: &Api, found: &Found) -> Result<Value, Failure> {
    let event = &found.event;
    let personal = found.personal.clone().unwrap_or_default();
    let mut subject = serde_json::to_value(&event.subject).unwrap_or_default();
    if let Some(fields) = subject.as_object_mut() {
        let id = fields.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        if let Some(id) = id {
            let person = api.people.get(id).await?;
            let name = person.and_then(|person| person.attributes).map(|attributes| attributes.login);
            fields.insert(String::from("name"), json!(name));
        }
    }
    let request = event
        .request
        .as_ref()
        .map(|request| json!({ "method": request.method, "host": request.host, "path": personal.path }));
    Ok(json!({
        "id": event.id,
        "time": event.time,
        "kind": event.kind,
        "outcome": event.outcome,
        "reason": event.reason,
        "request_id": event.request_id,
        "decision_id": event.decision_id,
        "revision": event.revision,
        "policies": event.policies,
        "subject": subject,
        "session": event.session,
        "device": event.device,
        "resource": event.resource,
        "action": event.action,
        "request": request,
        "object": event.object,
        "source": personal.source,
        "user_agent": personal.user_agent,
        "context": personal.context,
        "latency_us": event.latency_us,
        "bytes_in": event.bytes_in,
        "bytes_out": event.bytes_out,
        "log_index": found.log_index,
    }))
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
