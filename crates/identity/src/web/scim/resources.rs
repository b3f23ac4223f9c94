//! Resources: found, shown, made, changed, taken away.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use bartizan_enforce::Caller;
use http::StatusCode;
use http::header::{self, HeaderValue};
use serde_json::Value;

use super::called::{Call, answered, empty, refused};
use crate::scim::{
    self, Condition, Fields, Found, Kept, Kind, Patch, Projection, Record, Refusal, ScimType, Search,
};
use crate::web::Auth;

/// Resources of one type (RFC 7644, 3.4.2).
pub(super) async fn list(kind: Kind, State(auth): State<Arc<Auth>>, call: Call) -> Response {
    let fields = call.fields();
    listed(&auth, &call, &[kind], fields).await
}

/// The same, asked for in a body (RFC 7644, 3.4.3), where no log of addresses keeps what is personal in a filter.
pub(super) async fn search(kind: Kind, State(auth): State<Arc<Auth>>, call: Call) -> Response {
    let fields = call.sent().and_then(|sent| Fields::of_body(&sent));
    listed(&auth, &call, &[kind], fields).await
}

/// Resources of all types.
pub(super) async fn list_all(State(auth): State<Arc<Auth>>, call: Call) -> Response {
    let fields = call.fields();
    listed(&auth, &call, &Kind::ALL, fields).await
}

/// The same, asked for in a body.
pub(super) async fn search_all(State(auth): State<Arc<Auth>>, call: Call) -> Response {
    let fields = call.sent().and_then(|sent| Fields::of_body(&sent));
    listed(&auth, &call, &Kind::ALL, fields).await
}

async fn listed(auth: &Auth, call: &Call, kinds: &[Kind], fields: Result<Fields, Refusal>) -> Response {
    match found(auth, &call.caller, kinds, fields).await {
        Ok(document) => answered(StatusCode::OK, document),
        Err(refusal) => refused(&refusal),
    }
}

/// One page of the resources of these types, one type after the other.
async fn found(
    auth: &Auth,
    caller: &Caller,
    kinds: &[Kind],
    fields: Result<Fields, Refusal>,
) -> Result<Value, Refusal> {
    let (fields, base) = (fields?, auth.scim_base());
    let (mut resources, mut total, mut asked, mut unreadable) = (Vec::new(), 0_usize, None, None);
    for kind in kinds {
        let search = match Search::read(*kind, &fields) {
            Ok(search) => search,
            // Of several types only some have what a filter names.
            Err(refusal) if refusal.scim_type == Some(ScimType::InvalidFilter) && kinds.len() > 1 => {
                unreadable = Some(refusal);
                continue;
            }
            Err(refusal) => return Err(refusal),
        };
        let whole: Search = asked.get_or_insert_with(|| search.clone()).clone();
        let part = Search {
            skip: whole.skip.saturating_sub(total),
            count: whole.count.saturating_sub(resources.len()),
            ..search
        };
        let Found { total: of_kind, page } = auth.scim.find(caller, *kind, &part).await?;
        total = total.saturating_add(of_kind);
        let wanted = Projection::read(*kind, &fields)?;
        resources.extend(page.iter().map(|kept| scim::answer(kept, &base, &wanted)));
    }
    match (asked, unreadable) {
        (Some(whole), _) => Ok(scim::listed(&resources, total, whole.skip)),
        (None, Some(refusal)) => Err(refusal),
        (None, None) => Ok(scim::listed(&resources, total, 0)),
    }
}

/// One resource (RFC 7644, 3.4.1).
pub(super) async fn show(
    kind: Kind,
    State(auth): State<Arc<Auth>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    let shown = async {
        let kept = auth.scim.get(&call.caller, kind, &id).await?;
        let known = call.has()?.names(&kept);
        Ok((kept, known))
    };
    match shown.await {
        Ok((kept, true)) => tagged(empty(StatusCode::NOT_MODIFIED), &kept),
        Ok((kept, false)) => one(&auth, &call, StatusCode::OK, &kept),
        Err(refusal) => refused(&refusal),
    }
}

/// Makes one (RFC 7644, 3.3).
pub(super) async fn create(kind: Kind, State(auth): State<Arc<Auth>>, call: Call) -> Response {
    let done = async {
        projection(&call, kind)?;
        created(&auth, &call.caller, kind, &call.sent()?).await
    };
    finished(&auth, &call, StatusCode::CREATED, done.await)
}

pub(super) async fn created(auth: &Auth, caller: &Caller, kind: Kind, sent: &Value) -> Result<Kept, Refusal> {
    auth.scim.create(caller, Record::sent(kind, sent)?).await
}

/// Puts another in its place (RFC 7644, 3.5.1).
pub(super) async fn replace(
    kind: Kind,
    State(auth): State<Arc<Auth>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    let done = async {
        projection(&call, kind)?;
        replaced(&auth, &call.caller, (kind, &id), &call.condition()?, &call.sent()?).await
    };
    finished(&auth, &call, StatusCode::OK, done.await)
}

pub(super) async fn replaced(
    auth: &Auth,
    caller: &Caller,
    (kind, id): (Kind, &str),
    condition: &Condition,
    sent: &Value,
) -> Result<Kept, Refusal> {
    let record = Record::sent(kind, sent)?;
    let edit = |kept: &Kept| {
        condition.check(kept)?;
        // Whether somebody may act is not changed by saying nothing of it.
        Ok(record.clone().keeping(&kept.record, sent))
    };
    auth.scim.change(caller, kind, id, &edit).await
}

/// Changes it (RFC 7644, 3.5.2). The answer is the whole resource.
pub(super) async fn change(
    kind: Kind,
    State(auth): State<Arc<Auth>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    let done = async {
        projection(&call, kind)?;
        changed(&auth, &call.caller, (kind, &id), &call.condition()?, &call.sent()?).await
    };
    finished(&auth, &call, StatusCode::OK, done.await)
}

pub(super) async fn changed(
    auth: &Auth,
    caller: &Caller,
    (kind, id): (Kind, &str),
    condition: &Condition,
    sent: &Value,
) -> Result<Kept, Refusal> {
    let (patch, base) = (Patch::read(kind, sent)?, auth.scim_base());
    let edit = |kept: &Kept| {
        condition.check(kept)?;
        Record::of(kind, &patch.apply(&kept.record.object(&base))?)
    };
    auth.scim.change(caller, kind, id, &edit).await
}

/// Takes it away (RFC 7644, 3.6).
pub(super) async fn delete(
    kind: Kind,
    State(auth): State<Arc<Auth>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    let done = async { auth.scim.delete(&call.caller, kind, &id, &call.condition()?).await };
    match done.await {
        Ok(()) => empty(StatusCode::NO_CONTENT),
        Err(refusal) => refused(&refusal),
    }
}

/// Which attributes the caller wants to see. Read before anything is done, so that what is refused was not done.
fn projection(call: &Call, kind: Kind) -> Result<Projection, Refusal> {
    Projection::read(kind, &call.fields()?)
}

fn finished(auth: &Auth, call: &Call, status: StatusCode, done: Result<Kept, Refusal>) -> Response {
    match done {
        Ok(kept) => one(auth, call, status, &kept),
        Err(refusal) => refused(&refusal),
    }
}

fn one(auth: &Auth, call: &Call, status: StatusCode, kept: &Kept) -> Response {
    let (kind, base) = (kept.record.kind(), auth.scim_base());
    let wanted = match projection(call, kind) {
        Ok(wanted) => wanted,
        Err(refusal) => return refused(&refusal),
    };
    let mut response = answered(status, scim::answer(kept, &base, &wanted));
    if let Ok(value) = HeaderValue::try_from(scim::location(kind, &kept.id, &base)) {
        let name = if status == StatusCode::CREATED { header::LOCATION } else { header::CONTENT_LOCATION };
        response.headers_mut().insert(name, value);
    }
    tagged(response, kept)
}

fn tagged(mut response: Response, kept: &Kept) -> Response {
    if let Ok(value) = HeaderValue::try_from(kept.version()) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}
