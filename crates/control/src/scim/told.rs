//! What went wrong, as provisioners are told.

use bartizan_identity::scim::{Refusal, ScimType};
use bartizan_model::{Denial, DenyReason, Problem};

use crate::api::Failure;
use crate::api::failure::kind_of;
use crate::error::Error;

/// The engine said no. A program cannot step up, so that it would have to is a refusal like any other.
pub(super) fn denied(denial: &Denial) -> Refusal {
    let status = match denial.reason {
        DenyReason::StepUpRequired => 403,
        reason => reason.status(),
    };
    Refusal::new(status, Problem::from(denial).detail)
}

/// The store did not do as asked.
pub(super) fn store(error: bartizan_store::Error) -> Refusal {
    failed(&Error::from(error))
}

/// People could not be read or changed.
pub(super) fn identity(error: bartizan_identity::Error) -> Refusal {
    failed(&Error::from(error))
}

pub(super) fn failure(failure: Failure) -> Refusal {
    match failure {
        Failure::Denied(denial) => denied(&denial),
        Failure::Failed(error) => failed(&error),
        // No policy is among what is written here, so those that there are would not compile any more.
        Failure::Findings(findings) => {
            tracing::error!(?findings, "the policies do not compile");
            Refusal::new(500, "the policies of this deployment are not in order")
        }
    }
}

pub(super) fn failed(error: &Error) -> Refusal {
    if let Some(taken) = taken(error) {
        return Refusal::bad(ScimType::Uniqueness, format!("another person already has this `{taken}`"));
    }
    let (status, _, title) = kind_of(error);
    match status {
        500.. => {
            tracing::error!(%error, "a call of SCIM failed");
            Refusal::new(status, title)
        }
        422 => Refusal::bad(ScimType::InvalidValue, error.to_string()),
        status => Refusal::new(status, error.to_string()),
    }
}

/// The attribute that somebody else has already.
fn taken(error: &Error) -> Option<&'static str> {
    use bartizan_identity::Error as Identity;
    use bartizan_store::Error as Store;
    match error {
        Error::Identity(Identity::LoginTaken(_)) => Some("userName"),
        Error::Store(Store::LookupTaken { space })
        | Error::Identity(Identity::Store(Store::LookupTaken { space })) => {
            Some(if space == "login" { "userName" } else { "externalId" })
        }
        _ => None,
    }
}
