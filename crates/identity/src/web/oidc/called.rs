//! A call of a program, and the answers that programs get.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, RawForm, Request};
use axum::response::{IntoResponse, Response};
use bartizan_enforce::Caller;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use zeroize::Zeroize as _;

use crate::oidc::refusal::{Code, Refusal};
use crate::web::Auth;
use crate::web::asked::pairs;

/// What came. Fields and form hold secrets, so it is not printed.
pub(super) struct Call {
    pub(super) caller: Caller,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) form: Form,
}

/// The fields of a form, among which are secrets.
pub(super) struct Form(pub(super) Vec<(String, String)>);

impl Drop for Form {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            value.zeroize();
        }
    }
}

impl FromRequest<Arc<Auth>> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, auth: &Arc<Auth>) -> Result<Self, Response> {
        // The plane puts the caller there; without one, somebody wired this service past the enforcement point.
        let Some(caller) = request.extensions().get::<Caller>().cloned() else {
            tracing::error!("an endpoint of the OpenID provider was called without a caller");
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        let (method, headers) = (request.method().clone(), request.headers().clone());
        let has_body = headers.contains_key(header::CONTENT_TYPE) && method == Method::POST;
        let form = if has_body {
            let read = RawForm::from_request(request, auth).await;
            let form = read.map_err(|rejection| {
                tracing::debug!(%rejection, "a call cannot be read");
                let why = "a form (`application/x-www-form-urlencoded`) of at most 64 KiB is expected";
                let mut answer = refused(&Refusal::new(Code::InvalidRequest, why));
                *answer.status_mut() = rejection.into_response().status();
                answer
            })?;
            pairs(&form.0)
        } else {
            Vec::new()
        };
        Ok(Self { caller, method, headers, form: Form(form) })
    }
}

/// What was asked for.
pub(super) fn answered(value: Value) -> Response {
    public(Json(value).into_response())
}

/// Why it is not given (RFC 6749, 5.2).
pub(super) fn refused(refusal: &Refusal) -> Response {
    let status = match refusal.code {
        Code::InvalidClient | Code::InvalidToken => StatusCode::UNAUTHORIZED,
        Code::InsufficientScope => StatusCode::FORBIDDEN,
        Code::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        Code::InvalidRequest
        | Code::InvalidGrant
        | Code::UnauthorizedClient
        | Code::UnsupportedGrantType
        | Code::UnsupportedResponseType
        | Code::InvalidScope
        | Code::InvalidTarget
        | Code::UnsupportedTokenType
        | Code::InvalidRequestUri
        | Code::RequestNotSupported
        | Code::AccessDenied
        | Code::LoginRequired
        | Code::InteractionRequired
        | Code::ConsentRequired
        | Code::InvalidDpopProof
        | Code::UseDpopNonce
        | Code::AuthorizationPending
        | Code::SlowDown
        | Code::ExpiredToken => StatusCode::BAD_REQUEST,
    };
    let body = json!({ "error": refusal.code.as_str(), "error_description": refusal.why });
    let mut response = public((status, Json(body)).into_response());
    if refusal.code == Code::TemporarilyUnavailable {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    response
}

/// For this caller at this moment, and for a page of any origin: no cookie comes into it, so nobody is asked by it who does
/// not hold what they send.
pub(super) fn public(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

const FIXED: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::PRAGMA, "no-cache"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, "DPoP-Nonce, WWW-Authenticate"),
];
