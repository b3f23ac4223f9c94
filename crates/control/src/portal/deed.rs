//! What events say was done in somebody's name, as that person would put it.

use std::time::Duration;

use bartizan_evidence::Found;
use bartizan_identity::Place;
use bartizan_model::{Action, DenyReason, EventKind, Outcome, Timestamp};

use crate::files::RESERVED;

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    /// An app was used.
    Used(String),
    /// A token for an app was made.
    Token(String),
    /// An app did not open.
    Denied(String, DenyReason),
    /// An app that was open was closed.
    Cut(String, DenyReason),
    /// Somebody signed in.
    SignedIn,
    /// A sign-in ended.
    Ended(End),
    /// A step of a sign-in that tells something.
    Step(Step),
}

/// How a sign-in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// By the person.
    SignedOut,
    /// By an administrator.
    Revoked,
    /// By itself.
    Over,
    /// Because what the person signs in with was changed.
    Changed,
    /// At the identity provider at which they signed in.
    AtProvider,
}

/// A step of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    WrongPassword,
    WrongCode,
    TooMany,
    SetUp,
    RecoveryCode,
    Link,
    WrongPasskey,
    PasskeyAdded,
    PasskeyRemoved,
    PasswordSet,
    PasswordRemoved,
    AppAdded,
    AppRemoved,
    ProviderLinked,
    ProviderUnlinked,
    NewCodes,
}

/// The same thing, done once or several times in a while from one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) deed: Deed,
    pub(super) count: u64,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    pub(super) place: Option<Place>,
    /// The last of the requests.
    pub(super) request: Option<String>,
}

impl Deed {
    /// What an event tells its person; nothing if it is about our own hosts, or a step that goes without saying.
    fn of(found: &Found) -> Option<Self> {
        let event = &found.event;
        let reason = event.reason.as_deref();
        match event.kind {
            EventKind::Decision | EventKind::GrantEnd => {
                let resource = event.resource.as_ref().filter(|resource| resource.kind == "App")?;
                if RESERVED.contains(&resource.name.as_str()) {
                    return None;
                }
                let app = resource.name.clone();
                let denied = || DenyReason::ALL.into_iter().find(|known| Some(known.as_str()) == reason);
                let token = event.action.as_deref() == Some(Action::TokenIssue.as_str());
                match (event.kind, event.outcome) {
                    (EventKind::Decision, Outcome::Permit) if token => Some(Self::Token(app)),
                    (EventKind::Decision, Outcome::Permit) => Some(Self::Used(app)),
                    (EventKind::Decision, Outcome::Deny) => Some(Self::Denied(app, denied()?)),
                    (EventKind::GrantEnd, Outcome::Cut) => Some(Self::Cut(app, denied()?)),
                    _ => None,
                }
            }
            EventKind::SessionStart => Some(Self::SignedIn),
            EventKind::SessionEnd => Some(Self::Ended(match reason {
                Some("signed_out") => End::SignedOut,
                Some("expired") => End::Over,
                Some("factors_changed" | "provider_unlinked") => End::Changed,
                Some("provider_logout") => End::AtProvider,
                _ => End::Revoked,
            })),
            EventKind::SigninStep => {
                Step::of(event.action.as_deref()?, event.outcome, reason).map(Self::Step)
            }
            EventKind::AdminChange | EventKind::SystemStart | EventKind::SystemRestore => None,
        }
    }
}

impl Step {
    fn of(action: &str, outcome: Outcome, reason: Option<&str>) -> Option<Self> {
        match (outcome, action, reason) {
            (Outcome::Failed, _, Some("wrong_password")) => Some(Self::WrongPassword),
            (Outcome::Failed, _, Some("wrong_code" | "used_code")) => Some(Self::WrongCode),
            (Outcome::Failed, _, Some("throttled")) => Some(Self::TooMany),
            (Outcome::Ok, "claim:finish" | "claim:passkey", _) => Some(Self::SetUp),
            (Outcome::Ok, "passkey:add", _) => Some(Self::PasskeyAdded),
            (Outcome::Ok, "passkey:remove", _) => Some(Self::PasskeyRemoved),
            (Outcome::Ok, "password:set", _) => Some(Self::PasswordSet),
            (Outcome::Ok, "password:remove", _) => Some(Self::PasswordRemoved),
            (Outcome::Ok, "app:add", _) => Some(Self::AppAdded),
            (Outcome::Ok, "app:remove", _) => Some(Self::AppRemoved),
            (Outcome::Ok, "provider:link", _) => Some(Self::ProviderLinked),
            (Outcome::Ok, "provider:unlink", _) => Some(Self::ProviderUnlinked),
            (Outcome::Ok, "codes:new", _) => Some(Self::NewCodes),
            (Outcome::Failed, "signin:passkey" | "signin:second_passkey" | "signin:confirm_passkey", _) => {
                Some(Self::WrongPasskey)
            }
            (Outcome::Ok, "signin:recovery", _) => Some(Self::RecoveryCode),
            (Outcome::Ok, "signin:link", _) => Some(Self::Link),
            _ => None,
        }
    }
}

/// Events, newest first, as entries, newest first: what was done again within half an hour from the same place is one.
pub(super) fn entries(found: &[Found]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for found in found {
        let Some(deed) = Deed::of(found) else { continue };
        let (time, personal) = (found.event.time, found.personal.as_ref());
        let place = personal.and_then(|personal| {
            let source = personal.source.as_deref()?.parse().ok()?;
            Some(Place::new(source, personal.user_agent.as_deref()))
        });
        let again = |entry: &&mut Entry| {
            entry.deed == deed && entry.place == place && entry.first.since(time) < TOGETHER
        };
        if let Some(entry) = entries.iter_mut().rev().take(NEAR).find(again) {
            entry.count = entry.count.saturating_add(1);
            entry.first = time;
        } else {
            let request = found.event.request_id.map(|id| id.to_string());
            entries.push(Entry { deed, count: 1, first: time, last: time, place, request });
        }
    }
    entries
}

const TOGETHER: Duration = Duration::from_secs(30 * 60);

/// So many entries back it is looked whether something was done again.
const NEAR: usize = 20;
