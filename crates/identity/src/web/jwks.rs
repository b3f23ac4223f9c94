//! The keys that verify what is signed here (RFC 7517, 5): assertions to upstreams, and what the OpenID provider issues. Two
//! sets, because the first has keys of enforcement points: a stolen one must not be able to sign anybody in elsewhere.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bartizan_model::{ObjectKind, Timestamp};
use http::StatusCode;
use serde_json::{Value, json};

use super::Auth;

pub(super) async fn keys(State(auth): State<Arc<Auth>>) -> Response {
    let now = auth.clock.now();
    match auth.store.list(ObjectKind::AssertionKey, None, MAX_KEYS).await {
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
            (StatusCode::SERVICE_UNAVAILABLE, "the keys cannot be read now").into_response()
        }
    }
}

/// Those of the OpenID provider.
pub(super) async fn signing_keys(State(auth): State<Arc<Auth>>) -> Response {
    match auth.signing_keys.published().await {
        // Any page may read what is public; no cookie of ours comes into it.
        Ok(keys) => {
            let fields = [("cache-control", "public, max-age=900"), ("access-control-allow-origin", "*")];
            (fields, Json(keys)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the signing keys cannot be read");
            (StatusCode::SERVICE_UNAVAILABLE, "the keys cannot be read now").into_response()
        }
    }
}

fn until(spec: &Value) -> Option<Timestamp> {
    spec.get("until")?.as_str()?.parse().ok()
}

/// More than a hundred points with two keys each.
const MAX_KEYS: u32 = 256;
