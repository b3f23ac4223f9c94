//! Errors as problem documents.

use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse, Response};
use bartizan_enforce::Caller;
use bartizan_model::{Denial, Problem, RequestId};
use bartizan_policy::Finding;
use http::{StatusCode, header};

use crate::error::Error;

/// Why a call was not answered.
#[derive(Debug)]
pub enum Failure {
    /// The engine said no.
    Denied(Box<Denial>),
    /// It was permitted, and did not work.
    Failed(Error),
    /// What was sent is not in order, in these places.
    Findings(Vec<Finding>),
}

impl Failure {
    /// A body that could not be read.
    pub(crate) fn body(rejection: &JsonRejection) -> Self {
        Self::Failed(match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
            _ => Error::Invalid(rejection.body_text()),
        })
    }

    pub(crate) fn internal() -> Self {
        Self::Failed(Error::Invalid(String::from("the call did not come through the enforcement point")))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<bartizan_identity::Error> for Failure {
    fn from(error: bartizan_identity::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<bartizan_store::Error> for Failure {
    fn from(error: bartizan_store::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// What a refusal says, beside its document: a page is made of it for who reads pages.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) problem: Problem,
    pub(crate) findings: Vec<Finding>,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let problem = match &self {
            Self::Denied(denial) => Problem::from(denial.as_ref()),
            Self::Failed(error) => {
                let (status, reason, title) = kind_of(error);
                if status >= 500 {
                    tracing::error!(%error, "a call of the administration failed");
                }
                // The request id of a failed call is in the response's header; the plane puts it there.
                Problem::new(status, reason, title, error.to_string(), RequestId::from_bytes([0; 16]))
            }
            Self::Findings(findings) => return with_findings(findings),
        };
        answer(&problem)
    }
}

/// Status, reason and title of what went wrong.
pub(crate) fn kind_of(error: &Error) -> (u16, &'static str, &'static str) {
    use bartizan_store::Error as Store;
    let store = |error: &Store| match error {
        Store::NotFound { .. } => (404, "not_found", "There is no such thing"),
        Store::Conflict { .. } | Store::Moved { .. } | Store::LookupTaken { .. } => {
            (409, "conflict", "Somebody else changed it")
        }
        Store::Invalid(_) => (422, "invalid", "That is not in order"),
        _ => (503, "store_unavailable", "The store does not answer"),
    };
    match error {
        Error::NotFound { .. } => (404, "not_found", "There is no such thing"),
        Error::Invalid(_) => (422, "invalid", "That is not in order"),
        Error::RefusedForSafety(_) => (409, "refused_for_safety", "That would lock everybody out"),
        Error::TooLarge => (413, "too_large", "That is too large"),
        Error::Behind => (503, "store_unavailable", "The store does not answer"),
        Error::Store(error) | Error::Identity(bartizan_identity::Error::Store(error)) => store(error),
        Error::Identity(bartizan_identity::Error::NoSession) => {
            (404, "not_found", "There is no such session")
        }
        Error::Unrecorded(_) | Error::Identity(bartizan_identity::Error::Evidence(_)) => {
            (503, "evidence_unavailable", "Nothing can be recorded")
        }
        Error::Identity(_) | Error::Damaged { .. } | Error::Evidence(_) | Error::Key(_) => {
            (500, "internal", "Something is broken here")
        }
    }
}

/// A problem document that lists what is wrong (CONTRACT.md, "Commands": findings).
fn with_findings(findings: &[Finding]) -> Response {
    let first = findings.first().map(ToString::to_string).unwrap_or_default();
    let more = match findings.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count.saturating_sub(1)),
    };
    let (detail, id) = (format!("{first}{more}"), RequestId::from_bytes([0; 16]));
    let problem = Problem::new(422, "invalid", "That is not in order", detail, id);
    let mut document = serde_json::to_value(&problem).unwrap_or_default();
    if let Some(fields) = document.as_object_mut() {
        let findings = serde_json::to_value(findings).unwrap_or_default();
        fields.insert(String::from("findings"), findings);
    }
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut response =
        (status, [(header::CONTENT_TYPE, Problem::MEDIA_TYPE)], document.to_string()).into_response();
    response.extensions_mut().insert(Told { problem, findings: findings.to_vec() });
    response
}

pub(crate) fn answer(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, Problem::MEDIA_TYPE)], body).into_response();
    response.extensions_mut().insert(Told { problem: problem.clone(), findings: Vec::new() });
    response
}

pub(super) async fn no_such_call(caller: Option<axum::Extension<Caller>>) -> Response {
    let id = caller.map_or(RequestId::from_bytes([0; 16]), |caller| caller.request_id);
    answer(&Problem::new(404, "not_found", "There is no such page", "Nothing is at this address.", id))
}
