//! What `auth.<domain>` serves.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use bartizan_model::{Clock, ObjectKind, Timestamp};
use bartizan_store::Store;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
struct Shared {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

/// The router of `auth.<domain>`.
pub fn router(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Router {
    Router::new().route("/.well-known/jwks.json", get(jwks)).with_state(Shared { store, clock })
}

/// The keys that verify `Bartizan-Assertion` (RFC 7517, 5).
async fn jwks(State(shared): State<Shared>) -> Response {
    let now = shared.clock.now();
    match shared.store.list(ObjectKind::AssertionKey, None, MAX_KEYS).await {
        Ok(keys) => {
            let keys: Vec<Value> = keys
                .into_iter()
                .filter(|key| until(&key.spec).is_some_and(|until| until > now))
                .filter_map(|mut key| key.spec.get_mut("jwk").map(Value::take))
                .collect();
            ([("cache-control", "public, max-age=60")], Json(json!({ "keys": keys }))).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the keys of assertions cannot be read");
            (axum::http::StatusCode::SERVICE_UNAVAILABLE, "the keys cannot be read now").into_response()
        }
    }
}

fn until(spec: &Value) -> Option<Timestamp> {
    spec.get("until")?.as_str()?.parse().ok()
}

/// More than a hundred points with two keys each.
const MAX_KEYS: u32 = 256;
