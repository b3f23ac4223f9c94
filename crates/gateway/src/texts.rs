//! What pages and problem documents say, in the languages that they are written in.

use std::sync::LazyLock;

use bartizan_model::{DenyReason, Remedy, Way};
use bartizan_ui::{Catalog, Texts, Words, moment};

use crate::request::BadRequest;

const TEXTS: Texts = Texts {
    english: include_str!("../words/en.ftl"),
    german: include_str!("../words/de.ftl"),
    french: include_str!("../words/fr.ftl"),
    spanish: include_str!("../words/es.ftl"),
};

/// The texts. Problem documents are in English whoever asks. A pure function of constants, computed once.
pub(crate) static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::new(&TEXTS));

/// A way out, in the reader's language; what an administrator wrote of it, as they wrote it.
pub(crate) fn way(remedy: &Remedy, words: Words) -> String {
    let Some(said) = &remedy.said else { return remedy.text.clone() };
    let way = match said.way {
        Way::SignIn => words.say("way-sign-in"),
        Way::SignInAgain | Way::Reauthenticate => words.say("way-sign-in-again"),
        Way::Confirm => words.say("way-confirm"),
        Way::SignInStrongly => words.say("way-sign-in-strongly"),
        Way::MendDevice => words.say("way-mend-device"),
        Way::EnrolDevice => words.say("way-enrol-device"),
        Way::SwitchAccount => words.say("way-switch-account"),
        Way::AwaitReview => words.say("way-await-review"),
        Way::AwaitTime(minute) => {
            let time = moment(&minute.to_string(), words.language());
            words.with("way-await-time", &[("time", (&time).into())])
        }
    };
    match &said.advice {
        Some(advice) => words.with("way-with-advice", &[("way", (&way).into()), ("advice", advice.into())]),
        None => way,
    }
}

/// The texts that say of a refusal what happened, and why.
pub(crate) const fn of_denial(reason: DenyReason) -> (&'static str, &'static str) {
    match reason {
        DenyReason::SignInRequired => ("sign-in-required", "sign-in-required-why"),
        DenyReason::SessionEnded => ("session-ended", "session-ended-why"),
        DenyReason::StepUpRequired => ("step-up-required", "step-up-required-why"),
        DenyReason::DeniedByPolicy => ("denied-by-policy", "denied-by-policy-why"),
        DenyReason::SubjectDisabled => ("subject-disabled", "subject-disabled-why"),
        DenyReason::RiskTooHigh => ("risk-too-high", "risk-too-high-why"),
        DenyReason::DeviceNotTrusted => ("device-not-trusted", "device-not-trusted-why"),
        DenyReason::EvidenceUnavailable => ("evidence-unavailable", "evidence-unavailable-why"),
        DenyReason::LeaseExpired => ("lease-expired", "lease-expired-why"),
        DenyReason::Overloaded => ("overloaded", "overloaded-why"),
    }
}

/// The text that says of a request why it was not read.
pub(crate) const fn of_bad(bad: BadRequest) -> &'static str {
    match bad {
        BadRequest::LineEnd => "bad-line-end",
        BadRequest::RequestLine => "bad-request-line",
        BadRequest::Field => "bad-field",
        BadRequest::Version => "bad-version",
        BadRequest::Method => "bad-method",
        BadRequest::Target => "bad-target",
        BadRequest::Host => "bad-host",
        BadRequest::WrongHost => "bad-wrong-host",
        BadRequest::PathEscape => "bad-path-escape",
        BadRequest::PathSeparator => "bad-path-separator",
        BadRequest::PathControl => "bad-path-control",
        BadRequest::PathEncoding => "bad-path-encoding",
        BadRequest::PathDoubleEncoding => "bad-path-double-encoding",
        BadRequest::PathDotSegment => "bad-path-dot-segment",
        BadRequest::PathEmptySegment => "bad-path-empty-segment",
        BadRequest::PathParameter => "bad-path-parameter",
        BadRequest::PathFragment => "bad-path-fragment",
        BadRequest::Framing => "bad-framing",
        BadRequest::Connection => "bad-connection",
        BadRequest::Forwarded => "bad-forwarded",
        BadRequest::Authorization => "bad-authorization",
        BadRequest::Credentials => "bad-credentials",
        BadRequest::Upgrade => "bad-upgrade",
        BadRequest::TargetTooLong => "bad-target-too-long",
        BadRequest::HeadersTooLarge => "bad-headers-too-large",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use bartizan_ui::lint;

    use super::TEXTS;

    #[test]
    fn every_text_is_there_in_every_language_and_used() {
        let code = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        assert_eq!(lint::words(&TEXTS, &code), Vec::<String>::new());
    }
}
