//! Refusals on the wire: a code of gRPC, and a reason of ours where the code alone does not say what the other side must do.

use std::time::Duration;

use bartizan_model::Revision;
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};

use super::WireError;
use crate::evidence::EvidenceError;
use crate::feed::FeedError;
use crate::keys::KeysError;
use crate::membership::MembershipError;
use crate::sessions::SessionsError;

/// Under which name the reason travels.
const REASON: &str = "bartizan-reason";
/// Numbers that go with it.
const HERE: &str = "bartizan-here";
const THERE: &str = "bartizan-there";
const WAIT: &str = "bartizan-wait";

const REMOVED: &str = "removed";
const UNKNOWN: &str = "unknown";
const OLDER: &str = "older";
const REFUSED: &str = "refused";
const LATER: &str = "later";

fn because(code: Code, reason: &'static str, text: String) -> Status {
    let mut status = Status::new(code, text);
    status.metadata_mut().insert(REASON, MetadataValue::from_static(reason));
    status
}

fn number(status: &mut Status, name: &'static str, number: u64) {
    status.metadata_mut().insert(name, MetadataValue::from(number));
}

fn read(status: &Status, name: &str) -> u64 {
    status.metadata().get(name).and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0)
}

fn reason(status: &Status) -> Option<&str> {
    status.metadata().get(REASON)?.to_str().ok()
}

/// What the other side said, for a line of the log.
fn said(status: &Status) -> String {
    let text = format!("{:?}: {}", status.code(), status.message());
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}

/// What came in is not in order.
pub(super) fn malformed(error: &WireError) -> Status {
    Status::invalid_argument(error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "as the others, for `map_err`")]
pub(super) fn of_feed(error: FeedError) -> Status {
    let text = error.to_string();
    match error {
        FeedError::Unreachable(_) => Status::unavailable(text),
        FeedError::Unknown => because(Code::FailedPrecondition, UNKNOWN, text),
        FeedError::Removed => because(Code::PermissionDenied, REMOVED, text),
        FeedError::Older { here, there } => {
            let mut status = because(Code::FailedPrecondition, OLDER, text);
            number(&mut status, HERE, here.get());
            number(&mut status, THERE, there.get());
            status
        }
    }
}

pub(super) fn feed(status: &Status) -> FeedError {
    match reason(status) {
        Some(REMOVED) => FeedError::Removed,
        Some(UNKNOWN) => FeedError::Unknown,
        Some(OLDER) => FeedError::Older {
            here: Revision::new(read(status, HERE)),
            there: Revision::new(read(status, THERE)),
        },
        Some(_) | None => FeedError::Unreachable(said(status)),
    }
}

pub(super) fn of_evidence(error: EvidenceError) -> Status {
    match error {
        EvidenceError::Unreachable(why) => Status::unavailable(why),
        EvidenceError::Refused(why) => because(Code::PermissionDenied, REFUSED, why),
    }
}

pub(super) fn evidence(status: &Status) -> EvidenceError {
    match reason(status) {
        Some(REFUSED) => EvidenceError::Refused(said(status)),
        Some(_) | None => EvidenceError::Unreachable(said(status)),
    }
}

pub(super) fn of_sessions(error: SessionsError) -> Status {
    match error {
        SessionsError::Unreachable(why) => Status::unavailable(why),
    }
}

pub(super) fn sessions(status: &Status) -> SessionsError {
    SessionsError::Unreachable(said(status))
}

pub(super) fn of_keys(error: KeysError) -> Status {
    match error {
        KeysError::Unreachable(why) => Status::unavailable(why),
        KeysError::Refused(why) => because(Code::PermissionDenied, REFUSED, why),
        KeysError::Later { reason, wait } => {
            let mut status = because(Code::Unavailable, LATER, reason);
            number(&mut status, WAIT, wait.as_secs());
            status
        }
    }
}

pub(super) fn keys(status: &Status) -> KeysError {
    match reason(status) {
        Some(REFUSED) => KeysError::Refused(said(status)),
        Some(LATER) => {
            // However long it asks for: a day later it may be asked again.
            let wait = Duration::from_secs(read(status, WAIT)).min(Duration::from_secs(24 * 3600));
            KeysError::Later { reason: said(status), wait }
        }
        Some(_) | None => KeysError::Unreachable(said(status)),
    }
}

pub(super) fn of_membership(error: MembershipError) -> Status {
    match error {
        MembershipError::Unreachable(why) => Status::unavailable(why),
        MembershipError::Refused(why) => because(Code::PermissionDenied, REFUSED, why),
        MembershipError::Removed => because(Code::PermissionDenied, REMOVED, error.to_string()),
    }
}

pub(super) fn membership(status: &Status) -> MembershipError {
    match reason(status) {
        Some(REMOVED) => MembershipError::Removed,
        Some(REFUSED) => MembershipError::Refused(said(status)),
        Some(_) | None if status.code() == Code::FailedPrecondition => MembershipError::Refused(said(status)),
        Some(_) | None => MembershipError::Unreachable(said(status)),
    }
}

const LONGEST: usize = 300;
