//! Counts, times and requests in words.

use std::time::Duration;

use bartizan_model::{DenyReason, Outcome, Remedy, Timestamp, Way};
use bartizan_ui::{Words, moment, outcome_badge, time};
use maud::Markup;

use super::frame::Frame;
use crate::why::Note;

/// A number of sessions or people as a count.
pub(super) fn many(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// A moment, seen from now.
pub(super) fn when(frame: &Frame, at: Timestamp) -> Markup {
    time(&at.to_string(), frame.now.since(at), frame.words.language())
}

/// A length of time in its largest unit: "40 seconds", "9 hours".
pub(super) fn length(words: Words, of: Duration) -> String {
    let seconds = of.as_secs();
    let count = |id, count: u64| words.with(id, &[("count", count.into())]);
    match seconds {
        0 => words.say("length-less"),
        1..120 => count("length-seconds", seconds),
        120..7200 => count("length-minutes", seconds / 60),
        7200..172_800 => count("length-hours", seconds / 3600),
        _ => count("length-days", seconds / 86_400),
    }
}

/// What was to be done with what: "read wiki", "change objects".
pub(super) fn to_do(words: Words, action: &str, resource: &str) -> String {
    words.with(
        "to-do",
        &[("action", (&key(action)).into()), ("verb", action.into()), ("resource", resource.into())],
    )
}

/// Some names one after the other: "a, b and c".
pub(super) fn together(words: Words, names: &[String]) -> String {
    match names.split_last() {
        Some((last, some)) if !some.is_empty() => {
            words.with("together", &[("some", (&some.join(", ")).into()), ("last", last.into())])
        }
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// An action as texts choose by it: `http:read` is `http-read` there.
pub(super) fn key(action: &str) -> String {
    action.replace(':', "-")
}

/// How a decision came out.
pub(super) fn badge(words: Words, outcome: Outcome, reason: Option<&str>) -> Markup {
    outcome_badge(shown(outcome, reason), reason, words.language())
}

/// The outcome as it is drawn: a no that a stronger sign-in would turn is not a plain no.
pub(super) fn shown(outcome: Outcome, reason: Option<&str>) -> bartizan_ui::Outcome {
    let step = [DenyReason::StepUpRequired, DenyReason::SignInRequired].map(DenyReason::as_str);
    match outcome {
        Outcome::Permit | Outcome::Ok => bartizan_ui::Outcome::Permit,
        Outcome::Deny if reason.is_some_and(|reason| step.contains(&reason)) => bartizan_ui::Outcome::StepUp,
        Outcome::Deny | Outcome::Failed => bartizan_ui::Outcome::Deny,
        Outcome::Cut => bartizan_ui::Outcome::Cut,
    }
}

/// Each reason that a decision may have, in words for who administers; as it is if we know no such reason.
pub(super) fn reason(words: Words, code: &str) -> String {
    match REASONS.into_iter().find(|known| known.as_str() == code) {
        Some(known) => words.say(match known {
            DenyReason::SignInRequired => "reason-sign-in-required",
            DenyReason::SessionEnded => "reason-session-ended",
            DenyReason::StepUpRequired => "reason-step-up-required",
            DenyReason::DeniedByPolicy => "reason-denied-by-policy",
            DenyReason::SubjectDisabled => "reason-subject-disabled",
            DenyReason::RiskTooHigh => "reason-risk-too-high",
            DenyReason::DeviceNotTrusted => "reason-device-not-trusted",
            DenyReason::EvidenceUnavailable => "reason-evidence-unavailable",
            DenyReason::LeaseExpired => "reason-lease-expired",
            DenyReason::Overloaded => "reason-overloaded",
        }),
        None => code.to_owned(),
    }
}

/// What a person is told who is refused for this reason.
pub(crate) fn refusal(words: Words, reason: DenyReason) -> String {
    words.say(match reason {
        DenyReason::SignInRequired => "refused-sign-in-required",
        DenyReason::SessionEnded => "refused-session-ended",
        DenyReason::StepUpRequired => "refused-step-up-required",
        DenyReason::DeniedByPolicy => "refused-denied-by-policy",
        DenyReason::SubjectDisabled => "refused-subject-disabled",
        DenyReason::RiskTooHigh => "refused-risk-too-high",
        DenyReason::DeviceNotTrusted => "refused-device-not-trusted",
        DenyReason::EvidenceUnavailable => "refused-evidence-unavailable",
        DenyReason::LeaseExpired => "refused-lease-expired",
        DenyReason::Overloaded => "refused-overloaded",
    })
}

/// A way out, without a period at its end; what an administrator wrote of it, as they wrote it.
pub(super) fn way(words: Words, remedy: &Remedy) -> String {
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
        Some(advice) => {
            let advice = advice.trim_end_matches('.');
            words.with("way-with-advice", &[("way", (&way).into()), ("advice", advice.into())])
        }
        None => way,
    }
}

/// What had to be assumed to explain a decision, without a period at its end.
pub(super) fn assumed(words: Words, note: &Note) -> String {
    match note {
        Note::Recorded { outcome, reason: Some(reason) } => words.with(
            "note-recorded-because",
            &[("outcome", outcome.as_str().into()), ("reason", reason.into())],
        ),
        Note::Recorded { outcome, reason: None } => {
            words.with("note-recorded", &[("outcome", outcome.as_str().into())])
        }
        Note::Sealed => words.say("note-sealed"),
        Note::NotKept(kind) => words.with("note-not-kept", &[("kind", kind.as_str().into())]),
        // Said of supposed questions, whose page says it in its own way.
        Note::UnderSession(_) | Note::SignInAssumed => note.to_string(),
    }
}

/// Measured, as people read it: "12 ms", "1.4 s".
pub(super) fn took(words: Words, millis: f64) -> String {
    if millis < 1000.0 {
        return words.with("took-millis", &[("millis", (&format!("{millis:.0}")).into())]);
    }
    let seconds = format!("{:.1}", millis / 1000.0);
    let (whole, tenths) = seconds.split_once('.').unwrap_or((&seconds, "0"));
    words.with("took-seconds", &[("whole", whole.into()), ("tenths", tenths.into())])
}

/// All reasons, the most frequent first.
pub(super) const REASONS: [DenyReason; 10] = [
    DenyReason::DeniedByPolicy,
    DenyReason::StepUpRequired,
    DenyReason::SignInRequired,
    DenyReason::SessionEnded,
    DenyReason::SubjectDisabled,
    DenyReason::RiskTooHigh,
    DenyReason::DeviceNotTrusted,
    DenyReason::EvidenceUnavailable,
    DenyReason::LeaseExpired,
    DenyReason::Overloaded,
];

#[cfg(test)]
mod tests {
    use bartizan_ui::Language;

    use super::*;
    use crate::console::texts::CATALOG;

    #[test]
    fn numbers_are_said_as_people_say_them() {
        let [english, german, french] =
            [Language::English, Language::German, Language::French].map(|language| CATALOG.words(language));
        assert_eq!((took(english, 12.4), took(english, 1440.0)), ("12 ms".into(), "1.4 s".into()));
        assert_eq!(took(german, 1440.0), "1,4 s");
        for (seconds, text, other) in [
            (0, "less than a second", "moins d’une seconde"),
            (1, "1 second", "1 seconde"),
            (300, "5 minutes", "5 minutes"),
            (32_400, "9 hours", "9 heures"),
            (200_000, "2 days", "2 jours"),
        ] {
            assert_eq!(length(english, Duration::from_secs(seconds)), text);
            assert_eq!(length(french, Duration::from_secs(seconds)), other);
        }
        assert_eq!(to_do(english, "http:write", "wiki"), "write to wiki");
        assert_eq!(to_do(english, "admin:write", "people"), "change the administration's people");
        assert_eq!(to_do(german, "http:read", "wiki"), "wiki lesen");
        assert_eq!(to_do(german, "new:thing", "wiki"), "new:thing: wiki");
    }

    #[test]
    fn a_reason_that_is_not_known_stays_as_it_is() {
        let german = CATALOG.words(Language::German);
        assert_eq!(reason(german, "subject_disabled"), "das Konto ist gesperrt");
        assert_eq!(reason(german, "of <another> release"), "of <another> release");
        for known in REASONS {
            let english = CATALOG.words(Language::English);
            assert_ne!(reason(english, known.as_str()), known.as_str());
            assert_eq!(refusal(english, known), known.title());
        }
    }

    #[test]
    fn what_was_assumed_is_said_as_programs_read_it_and_in_other_languages() {
        use bartizan_model::ObjectKind;
        let [english, german] = [Language::English, Language::German].map(|language| CATALOG.words(language));
        for (note, text) in [
            (
                Note::Recorded { outcome: Outcome::Deny, reason: Some(String::from("overloaded")) },
                "aufgezeichnet wurde damals „deny“ (overloaded); worauf das beruhte, ist nicht mehr alles da",
            ),
            (
                Note::Recorded { outcome: Outcome::Permit, reason: None },
                "aufgezeichnet wurde damals „permit“; worauf das beruhte, ist nicht mehr alles da",
            ),
            (
                Note::Sealed,
                "Pfad und Adresse waren für eine Person versiegelt, die gelöscht und unkenntlich ist",
            ),
            (
                Note::NotKept(ObjectKind::Session),
                "was damals über die Sitzung bekannt war, ist nicht mehr aufbewahrt",
            ),
        ] {
            assert_eq!(assumed(english, &note), note.to_string());
            assert_eq!(serde_json::to_value(&note).unwrap(), note.to_string());
            assert_eq!(assumed(german, &note), text);
        }
    }

    #[test]
    fn a_denial_that_a_better_sign_in_mends_is_drawn_as_such() {
        assert_eq!(shown(Outcome::Deny, Some("step_up_required")), bartizan_ui::Outcome::StepUp);
        assert_eq!(shown(Outcome::Deny, Some("denied_by_policy")), bartizan_ui::Outcome::Deny);
    }
}
