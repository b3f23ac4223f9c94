//! A call of a provisioner, and the answers that it gets.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse as _, Response};
use bartizan_enforce::Caller;
use bartizan_model::{CredentialKind, Subject};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use crate::scim::{self, Condition, Fields, Refusal, ScimType};
use crate::web::Auth;
use crate::web::asked::pairs;

/// What came. It holds what is personal, so it is not printed.
pub(super) struct Call {
    pub(super) caller: Caller,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
}

impl FromRequest<Arc<Auth>> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, auth: &Arc<Auth>) -> Result<Self, Response> {
        // The plane puts the caller there; without one, somebody wired this service past the enforcement point.
        let Some(caller) = request.extensions().get::<Caller>().cloned() else {
            tracing::error!("SCIM was called without a caller");
            return Err(refused(&Refusal::new(500, "the call did not come through the enforcement point")));
        };
        // A cookie goes wherever a browser goes, so it never says who provisions.
        let by_cookie = matches!(caller.credential, Some(CredentialKind::SignIn | CredentialKind::App));
        if caller.subject == Subject::Anonymous || by_cookie {
            return Err(refused(&Refusal::new(
                401,
                "a token of this deployment is needed, whose audience is `auth`",
            )));
        }
        let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
        let (method, headers) = (request.method().clone(), request.headers().clone());
        let sends = [Method::POST, Method::PUT, Method::PATCH].contains(&method);
        let body = if sends {
            Bytes::from_request(request, auth).await.map_err(|rejection| {
                let status = rejection.status();
                let why = match status {
                    StatusCode::PAYLOAD_TOO_LARGE => format!("at most {} bytes are read", scim::MAX_BODY),
                    _ => String::from("what was sent did not come to its end"),
                };
                refused(&Refusal::new(status.as_u16(), why))
            })?
        } else {
            Bytes::new()
        };
        Ok(Self { caller, query, headers, body })
    }
}

impl Call {
    /// The parameters of the query.
    pub(super) fn fields(&self) -> Result<Fields, Refusal> {
        Fields::of_query(&self.query)
    }

    /// What was sent.
    pub(super) fn sent(&self) -> Result<Value, Refusal> {
        if !is_json(&self.headers) {
            let expected = format!("what is sent has to be `{}`, or `application/json`", scim::MEDIA_TYPE);
            return Err(Refusal::new(415, expected));
        }
        scim::json(&self.body)
    }

    /// `If-Match`.
    pub(super) fn condition(&self) -> Result<Condition, Refusal> {
        self.tags(&header::IF_MATCH).map(Condition::new)
    }

    /// `If-None-Match`.
    pub(super) fn has(&self) -> Result<Condition, Refusal> {
        self.tags(&header::IF_NONE_MATCH).map(Condition::new)
    }

    /// The entity tags of all fields of a name.
    fn tags(&self, name: &HeaderName) -> Result<Option<String>, Refusal> {
        let mut tags = Vec::new();
        for field in self.headers.get_all(name) {
            let text = field.to_str().map_err(|_not_text| {
                Refusal::bad(ScimType::InvalidSyntax, format!("`{name}` cannot be read"))
            })?;
            tags.push(text);
        }
        Ok((!tags.is_empty()).then(|| tags.join(",")))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let named = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = named.split(';').next().unwrap_or_default().trim();
    [scim::MEDIA_TYPE, "application/json"].iter().any(|known| known.eq_ignore_ascii_case(media_type))
}

/// What was asked for.
pub(super) fn answered(status: StatusCode, document: Value) -> Response {
    let body = document.to_string();
    drop(document);
    closed((status, [(header::CONTENT_TYPE, scim::MEDIA_TYPE)], body).into_response())
}

/// Nothing, and that is all.
pub(super) fn empty(status: StatusCode) -> Response {
    closed(status.into_response())
}

/// Why it was not done.
pub(super) fn refused(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = answered(status, refusal.document());
    let mut set = |name, value| {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    };
    match status {
        // RFC 6750, 3.
        StatusCode::UNAUTHORIZED => set(header::WWW_AUTHENTICATE, "Bearer realm=\"scim\""),
        StatusCode::SERVICE_UNAVAILABLE => set(header::RETRY_AFTER, "5"),
        _ => {}
    }
    response
}

/// For this caller at this moment only.
fn closed(mut response: Response) -> Response {
    for (name, value) in [(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
