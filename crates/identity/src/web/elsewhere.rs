//! Ways from this host, which every page can name, to the other hosts of ours, whose ports are known here.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bartizan_model::RequestId;
use http::HeaderMap;

use super::Auth;
use super::answer::Onward;
use super::asked::Asked;
use super::broken::Broken;
use super::language::chosen;

/// To what the person may open, in the language that they chose here, if they did: a choice is kept by each host.
pub(super) async fn apps(State(auth): State<Arc<Auth>>, headers: HeaderMap) -> Response {
    let portal = auth.portal();
    let to = match chosen(&headers) {
        Some(language) => format!("{portal}/?lang={}", language.tag()),
        None => format!("{portal}/"),
    };
    Onward::to(to).into_response()
}

/// To why a request was answered as it was, for administrators: the console asks who they are.
pub(super) async fn why(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    let request: Option<RequestId> = asked.parameter("request").and_then(|id| id.parse().ok());
    let nothing = || super::broken::no_page().of(&asked.caller);
    let (request, console) = request.zip(auth.own_origin("console")).ok_or_else(nothing)?;
    Ok(Onward::to(format!("{console}/decisions/{request}")).into_response())
}
