//! Errors as problem documents.

use std::sync::Arc;

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
    /// What went wrong, if it was not refused.
    pub(crate) error: Option<Arc<Error>>,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Denied(denial) => answer(&Problem::from(denial.as_ref())),
            Self::Failed(error) => {
                let (status, reason, title) = kind_of(&error);
                if status >= 500 {
                    tracing::error!(%error, "a call of the administration failed");
                }
                // The request id of a failed call is in the response's header; the plane puts it there.
                let id = RequestId::from_bytes([0; 16]);
                let problem = Problem::new(status, reason, title, error.to_string(), id);
                told(Told { problem, findings: Vec::new(), error: Some(Arc::new(error)) })
            }
            Self::Findings(findings) => with_findings(&findings),
        }
    }
}

/// Status, reason and title of what went wrong.
pub(crate) fn kind_of(error: &Error) -> Kind {
    match error {
        Error::NotFound { .. } => (404, "not_found", "There is no such thing"),
        Error::Invalid(_) | Error::Field { .. } => INVALID,
        Error::RefusedForSafety(_) => (409, "refused_for_safety", "That would lock everybody out"),
        Error::TooLarge => (413, "too_large", "That is too large"),
        Error::Behind => UNANSWERED,
        Error::Store(error) => kind_of_store(error),
        Error::Identity(error) => kind_of_identity(error),
        Error::Unrecorded(_) => UNRECORDED,
        Error::Damaged { .. } | Error::Evidence(_) | Error::Key(_) => BROKEN,
    }
}

/// What a status, a reason and a title are.
type Kind = (u16, &'static str, &'static str);

const INVALID: Kind = (422, "invalid", "That is not in order");
const CONFLICT: Kind = (409, "conflict", "Somebody else changed it");
const UNANSWERED: Kind = (503, "store_unavailable", "The store does not answer");
const UNRECORDED: Kind = (503, "evidence_unavailable", "Nothing can be recorded");
const BROKEN: Kind = (500, "internal", "Something is broken here");

fn kind_of_store(error: &bartizan_store::Error) -> Kind {
    use bartizan_store::Error;
    match error {
        Error::NotFound { .. } => (404, "not_found", "There is no such thing"),
        Error::Conflict { .. } | Error::Moved { .. } | Error::LookupTaken { .. } => CONFLICT,
        Error::Invalid(_) => INVALID,
        _ => UNANSWERED,
    }
}

/// Each by its name: what comes to be refused there is thought of here, and is no fault of ours by default.
fn kind_of_identity(error: &bartizan_identity::Error) -> Kind {
    use bartizan_identity::Error;
    match error {
        Error::LoginForm(_) | Error::Lifetime => INVALID,
        Error::LoginTaken(_) => (409, "conflict", "That name is taken"),
        Error::Store(error) => kind_of_store(error),
        Error::NoSession => (404, "not_found", "There is no such session"),
        Error::Busy => (503, "busy", "There is too much to do"),
        Error::Evidence(_) => UNRECORDED,
        Error::Key(_) | Error::Damaged { .. } | Error::Password(_) | Error::Proofs => BROKEN,
        // Passkeys are not administered here, and nobody arrives.
        Error::Origin { .. } | Error::Passkey(_) | Error::NotWritten(_) => BROKEN,
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
    response.extensions_mut().insert(Told { problem, findings: findings.to_vec(), error: None });
    response
}

pub(crate) fn answer(problem: &Problem) -> Response {
    told(Told { problem: problem.clone(), findings: Vec::new(), error: None })
}

fn told(told: Told) -> Response {
    let problem = &told.problem;
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, Problem::MEDIA_TYPE)], body).into_response();
    response.extensions_mut().insert(told);
    response
}

pub(crate) async fn no_such_call(caller: Option<axum::Extension<Caller>>) -> Response {
    let id = caller.map_or(RequestId::from_bytes([0; 16]), |caller| caller.request_id);
    answer(&Problem::new(404, "not_found", "There is no such page", "Nothing is at this address.", id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_wrongly_is_no_fault_of_ours() {
        use bartizan_identity::Error as Identity;
        let login = |name: &str| String::from(name);
        assert_eq!(kind_of(&Error::Identity(Identity::LoginForm(login("æ")))).0, 422);
        assert_eq!(kind_of(&Error::Identity(Identity::Lifetime)).0, 422);
        assert_eq!(kind_of(&Error::Identity(Identity::LoginTaken(login("bob")))).0, 409);
        assert_eq!(kind_of(&Error::Identity(Identity::NoSession)).0, 404);
        assert_eq!(kind_of(&Error::Identity(Identity::Busy)).0, 503);
        assert_eq!(kind_of(&Error::Identity(Identity::Proofs)).0, 500);
    }
}
