//! Requests that a page of another site makes a browser send: a change that comes by cookie proves that a page of ours
//! sent it.
//!
//! The gateway has looked at `Origin` already. This is the second lock, and it is in one place, before all handlers, so
//! that none can forget it: the token of the session, in the field `csrf` of a form or in the header `Bartizan-Csrf`.
//! A bearer token is sent by nobody's browser on its own, so it proves enough.

use std::sync::Arc;

use axum::Form;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest as _, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bartizan_enforce::Caller;
use bartizan_model::{CredentialKind, Problem};
use http::header;
use serde::Deserialize;

use super::Api;
use super::failure::answer;

/// Lets a request pass that changes nothing, or that is no forgery.
pub(super) async fn guard(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    // Whoever comes without a caller is refused where the call is admitted.
    let caller = request.extensions().get::<Caller>().cloned();
    match caller.filter(|caller| !request.method().is_safe() && is_by_cookie(caller)) {
        None => next.run(request).await,
        Some(caller) => match proven(&api, &caller, request).await {
            Ok(request) => next.run(request).await,
            Err(detail) => {
                let title = "This did not come from a page of the console";
                answer(&Problem::new(403, "cross_site", title, detail, caller.request_id))
            }
        },
    }
}

fn is_by_cookie(caller: &Caller) -> bool {
    match caller.credential {
        Some(CredentialKind::App | CredentialKind::SignIn) => true,
        // A code opens nothing, and nobody's request is refused for what it is.
        Some(CredentialKind::Token | CredentialKind::Code) | None => false,
    }
}

#[derive(Debug, Deserialize)]
struct Proof {
    csrf: String,
}

/// The request again, if it proves where it came from; else what it lacks.
async fn proven(api: &Api, caller: &Caller, request: Request) -> Result<Request, &'static str> {
    let is_proof = |token: &str| caller.session.is_some_and(|session| api.flow.is_form_token(session, token));
    if let Some(token) = request.headers().get(HEADER) {
        return if token.to_str().is_ok_and(is_proof) { Ok(request) } else { Err(WRONG) };
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Err(MISSING);
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_FORM).await else {
        return Err(TOO_LONG);
    };
    let form = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    match Form::<Proof>::from_request(form, &()).await {
        Ok(Form(proof)) if is_proof(&proof.csrf) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(_) => Err(WRONG),
        Err(_no_field) => Err(MISSING),
    }
}

/// The header in which scripts prove that they run in a page of ours.
const HEADER: &str = "bartizan-csrf";

pub(crate) const MISSING: &str = "A change by cookie needs the token of the session, in the form's field `csrf` or in the header \
                       `Bartizan-Csrf`. Nothing was changed. Open the page again and send it from there.";

pub(crate) const WRONG: &str = "The token is of another sign-in than the one that sent it: somebody else's, or one that has ended. \
                     Nothing was changed. Open the page again and send it from there.";

pub(crate) const TOO_LONG: &str = "The form is longer than 512 KiB, so it was not read. Nothing was changed.";

/// The longest form: a policy of 64 KiB, of which each byte may be written as three, twice over.
const MAX_FORM: usize = 512 * 1024;
