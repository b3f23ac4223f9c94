//! The ways out of a denial.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What a person can do about a denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemedyKind {
    /// Sign in.
    SignIn,
    /// Prove another factor.
    StepUp,
    /// Sign in again.
    Reauthenticate,
    /// Enrol this device.
    EnrolDevice,
    /// Bring this device in order.
    MendDevice,
    /// Ask somebody for access.
    RequestAccess,
    /// Use another account.
    SwitchAccount,
    /// Wait.
    Wait,
}

/// One way out of a denial. Only those are offered for which a working page or command exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// Which way.
    pub kind: RemedyKind,
    /// What to do, in words for the person.
    pub text: String,
    /// Where to do it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// What the text is made of, for who says it in another language. It stays in the process that found the way.
    #[serde(skip)]
    pub said: Option<Said>,
}

/// What the text of a remedy is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What the person does.
    pub way: Way,
    /// What a policy says besides, as its author wrote it.
    pub advice: Option<String>,
}

/// What a person does to get out of a denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Sign in.
    SignIn,
    /// Sign in again, because the session has ended.
    SignInAgain,
    /// Sign in again, though the session lives.
    Reauthenticate,
    /// Prove a second factor.
    Confirm,
    /// Sign in again, and prove a second factor.
    SignInStrongly,
    /// Bring this device in order.
    MendDevice,
    /// Enrol this device.
    EnrolDevice,
    /// Use another account.
    SwitchAccount,
    /// Wait until somebody has looked at what was unusual.
    AwaitReview,
    /// Wait until this minute.
    AwaitTime(Timestamp),
}

impl Way {
    /// Which kind of way it is.
    #[must_use]
    pub const fn kind(self) -> RemedyKind {
        match self {
            Self::SignIn | Self::SignInAgain => RemedyKind::SignIn,
            Self::Reauthenticate => RemedyKind::Reauthenticate,
            Self::Confirm | Self::SignInStrongly => RemedyKind::StepUp,
            Self::MendDevice => RemedyKind::MendDevice,
            Self::EnrolDevice => RemedyKind::EnrolDevice,
            Self::SwitchAccount => RemedyKind::SwitchAccount,
            Self::AwaitReview | Self::AwaitTime(_) => RemedyKind::Wait,
        }
    }

    /// What to do, in English.
    #[must_use]
    pub fn text(self) -> String {
        String::from(match self {
            Self::SignIn => "Sign in",
            Self::SignInAgain | Self::Reauthenticate => "Sign in again",
            Self::Confirm => "Confirm that it is you with a second factor",
            Self::SignInStrongly => "Sign in again, with a second factor",
            Self::MendDevice => "Bring this device in order",
            Self::EnrolDevice => "Enrol this device",
            Self::SwitchAccount => "Use another account",
            Self::AwaitReview => "Wait until the unusual activity on this account has been looked at",
            Self::AwaitTime(minute) => {
                // RFC 3339, of which date, hour and minute are the first 16 characters.
                let minute = minute.to_string();
                return format!("Wait until {} UTC", minute.get(..16).unwrap_or_default().replace('T', " "));
            }
        })
    }
}

impl Remedy {
    /// A way, with what a policy says besides.
    #[must_use]
    pub fn new(way: Way, advice: Option<&str>) -> Self {
        let text = match advice {
            Some(advice) => format!("{}. {advice}", way.text()),
            None => way.text(),
        };
        let said = Some(Said { way, advice: advice.map(str::to_owned) });
        Self { kind: way.kind(), text, url: None, said }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_said_in_english_to_whoever_asks_for_no_other_language() {
        let minute: Timestamp = "2026-11-24T08:05:30Z".parse().unwrap();
        let remedy = Remedy::new(Way::AwaitTime(minute), Some("Backups run until then."));
        assert_eq!(remedy.text, "Wait until 2026-11-24 08:05 UTC. Backups run until then.");
        assert_eq!(
            serde_json::to_value(Remedy::new(Way::Reauthenticate, None)).unwrap(),
            serde_json::json!({"kind": "reauthenticate", "text": "Sign in again"})
        );
    }
}
