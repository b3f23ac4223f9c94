//! Several operations in one request (RFC 7644, 3.7), each decided, tried and recorded as if it had come alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bartizan_enforce::Caller;
use http::StatusCode;
use serde_json::{Value, json};

use super::called::{Call, answered, refused};
use super::resources::{changed, created, replaced};
use crate::scim::{self, Bulk, Condition, Kept, Operation, Refusal, Step};
use crate::web::Auth;

pub(super) async fn run(State(auth): State<Arc<Auth>>, call: Call) -> Response {
    let bulk = match call.sent().and_then(|sent| Bulk::read(&sent)) {
        Ok(bulk) => bulk,
        Err(refusal) => return refused(&refusal),
    };
    let (mut made, mut errors) = (BTreeMap::new(), 0_u64);
    let mut answers: BTreeMap<usize, Value> = BTreeMap::new();
    for (place, operation) in bulk.in_order() {
        if bulk.is_over(errors) {
            break;
        }
        let done = one(&auth, &call.caller, operation, &made).await;
        match &done {
            Ok(Done { id: Some(id), .. }) => {
                if let (Step::Create, Some(bulk_id)) = (&operation.step, &operation.bulk_id) {
                    made.insert(bulk_id.clone(), id.clone());
                }
            }
            Ok(Done { id: None, .. }) => {}
            Err(_) => errors = errors.saturating_add(1),
        }
        answers.insert(place, operation.answer(done.map(|done| (done.status, done.location, done.version))));
    }
    let answers: Vec<Value> = answers.into_values().collect();
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"];
    answered(StatusCode::OK, json!({ "schemas": schemas, "Operations": answers }))
}

/// What became of an operation.
struct Done {
    status: u16,
    id: Option<String>,
    location: Option<String>,
    version: Option<String>,
}

async fn one(
    auth: &Auth,
    caller: &Caller,
    operation: &Operation,
    made: &BTreeMap<String, String>,
) -> Result<Done, Refusal> {
    let (kind, base) = (operation.kind, auth.scim_base());
    let condition = Condition::new(operation.version.clone());
    let data = operation.resolved(made)?;
    let at = |id: &str| made.get(id.trim_start_matches("bulkId:")).map_or(id, String::as_str).to_owned();
    let told = |status, kept: Kept| Done {
        status,
        location: Some(scim::location(kind, &kept.id, &base)),
        version: Some(kept.version()),
        id: Some(kept.id),
    };
    match &operation.step {
        Step::Create => Ok(told(201, created(auth, caller, kind, &data).await?)),
        Step::Replace(id) => Ok(told(200, replaced(auth, caller, (kind, &at(id)), &condition, &data).await?)),
        Step::Change(id) => Ok(told(200, changed(auth, caller, (kind, &at(id)), &condition, &data).await?)),
        Step::Delete(id) => {
            let id = at(id);
            auth.scim.delete(caller, kind, &id, &condition).await?;
            let location = Some(scim::location(kind, &id, &base));
            Ok(Done { status: 204, id: None, location, version: None })
        }
    }
}
