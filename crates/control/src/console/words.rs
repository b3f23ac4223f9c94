//! Counts, times and requests in words.

use std::time::Duration;

use bartizan_model::{Action, DenyReason, Outcome, Timestamp};
use bartizan_ui::{Language, outcome_badge, time};
use maud::Markup;

/// "1 live stream", "3 live streams".
pub(super) fn count(number: u64, one: &str) -> String {
    counted(number, one, &format!("{one}s"))
}

/// The same, of what has a plural of its own.
pub(super) fn counted(number: u64, one: &str, more: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {more}") }
}

/// A number of sessions or people as a count.
pub(super) fn many(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// A moment, seen from now.
pub(super) fn when(now: Timestamp, at: Timestamp) -> Markup {
    time(&at.to_string(), now.since(at), Language::English)
}

/// A length of time in its largest unit: "40 seconds", "9 hours".
pub(super) fn length(of: Duration) -> String {
    let seconds = of.as_secs();
    match seconds {
        0 => String::from("less than a second"),
        1..120 => count(seconds, "second"),
        120..7200 => count(seconds / 60, "minute"),
        7200..172_800 => count(seconds / 3600, "hour"),
        _ => count(seconds / 86_400, "day"),
    }
}

/// What was to be done with what: "read wiki", "change objects".
pub(super) fn to_do(action: &str, resource: &str) -> String {
    let verb = match Action::ALL.into_iter().find(|known| known.as_str() == action) {
        Some(Action::HttpRead) => "read",
        Some(Action::HttpWrite) => "write to",
        Some(Action::TokenIssue) => "have a token for",
        Some(Action::AdminRead) => "see the administration's",
        Some(Action::AdminWrite) => "change the administration's",
        None => action,
    };
    format!("{verb} {resource}")
}

/// How a decision came out.
pub(super) fn badge(outcome: Outcome, reason: Option<&str>) -> Markup {
    outcome_badge(shown(outcome, reason), reason, Language::English)
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

/// Each reason that a decision may have, in words for who administers.
pub(super) fn reason(code: &str) -> &str {
    match code {
        "sign_in_required" => "nobody is signed in",
        "session_ended" => "the sign-in has ended",
        "step_up_required" => "a stronger or newer sign-in is wanted",
        "denied_by_policy" => "no policy permits it, or one forbids it",
        "subject_disabled" => "the account is disabled",
        "risk_too_high" => "the account behaves unusually",
        "device_not_trusted" => "the device is not in order",
        "evidence_unavailable" => "nothing can be recorded",
        "lease_expired" => "the gateway is cut off from its control plane",
        "overloaded" => "too much is under way",
        other => other,
    }
}

/// Measured, as people read it: "12 ms", "1.4 s".
pub(super) fn took(millis: f64) -> String {
    if millis < 1000.0 { format!("{millis:.0} ms") } else { format!("{:.1} s", millis / 1000.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_as_people_say_them() {
        assert_eq!(
            (count(1, "live stream"), count(3, "live stream")),
            ("1 live stream".into(), "3 live streams".into())
        );
        assert_eq!((took(12.4), took(1440.0)), ("12 ms".into(), "1.4 s".into()));
        for (seconds, text) in [(1, "1 second"), (300, "5 minutes"), (32_400, "9 hours"), (200_000, "2 days")]
        {
            assert_eq!(length(Duration::from_secs(seconds)), text);
        }
        assert_eq!(to_do("http:write", "wiki"), "write to wiki");
    }

    #[test]
    fn a_denial_that_a_better_sign_in_mends_is_drawn_as_such() {
        assert_eq!(shown(Outcome::Deny, Some("step_up_required")), bartizan_ui::Outcome::StepUp);
        assert_eq!(shown(Outcome::Deny, Some("denied_by_policy")), bartizan_ui::Outcome::Deny);
    }
}
