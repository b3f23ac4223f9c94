//! Times in words.

use std::time::Duration;

use maud::{Markup, html};

use crate::texts::words;
use crate::{Language, Words};

/// A moment: how long ago in words, and exactly (RFC 3339) when the pointer rests on it.
#[must_use]
pub fn time(exact: &str, age: Duration, language: Language) -> Markup {
    html! { time datetime=(exact) title=(exact) { (ago(age, language)) } }
}

/// How long ago: "just now", "5 minutes ago".
#[must_use]
pub fn ago(age: Duration, language: Language) -> String {
    let words = words(language);
    match largest(age.as_secs()) {
        (Unit::Second, _) => words.say("just-now"),
        (Unit::Minute, size) => count(words, "minutes-ago", age.as_secs() / size),
        (Unit::Hour, size) => count(words, "hours-ago", age.as_secs() / size),
        (Unit::Day, size) => count(words, "days-ago", age.as_secs() / size),
    }
}

/// How long to wait: "40 seconds". Never less than it takes.
#[must_use]
pub fn wait(left: Duration, language: Language) -> String {
    let seconds = left.as_secs().saturating_add(u64::from(left.subsec_nanos() > 0)).max(1);
    let (unit, size) = largest(seconds);
    let id = match unit {
        Unit::Second => "seconds",
        Unit::Minute => "minutes",
        Unit::Hour => "hours",
        Unit::Day => "days",
    };
    count(words(language), id, seconds.div_ceil(size))
}

/// A moment that was written exactly (RFC 3339, in UTC), to the minute: "29 November 2026, 14:05 UTC". As it is if it
/// was not.
#[must_use]
pub fn moment(exact: &str, language: Language) -> String {
    let parts = exact.split_once('T').and_then(|(date, time)| {
        let mut date = date.splitn(3, '-');
        let (year, month, day) = (date.next()?, date.next()?.parse::<u64>().ok()?, date.next()?);
        Some((year, month, day.trim_start_matches('0'), time.get(..5)?))
    });
    let Some((year, month, day, time)) = parts else { return exact.to_owned() };
    words(language).with(
        "moment",
        &[("year", year.into()), ("month", month.into()), ("day", day.into()), ("time", time.into())],
    )
}

#[derive(Clone, Copy)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
}

/// The largest unit that a length of time has one of, and its seconds.
const fn largest(seconds: u64) -> (Unit, u64) {
    match seconds {
        0..60 => (Unit::Second, 1),
        60..3600 => (Unit::Minute, 60),
        3600..86_400 => (Unit::Hour, 3600),
        _ => (Unit::Day, 86_400),
    }
}

fn count(words: Words, id: &'static str, count: u64) -> String {
    words.with(id, &[("count", count.into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_said_in_its_largest_unit() {
        for (seconds, text, german) in [
            (0, "just now", "gerade eben"),
            (59, "just now", "gerade eben"),
            (60, "1 minute ago", "vor 1 Minute"),
            (7199, "1 hour ago", "vor 1 Stunde"),
            (7200, "2 hours ago", "vor 2 Stunden"),
            (200_000, "2 days ago", "vor 2 Tagen"),
        ] {
            assert_eq!(ago(Duration::from_secs(seconds), Language::English), text);
            assert_eq!(ago(Duration::from_secs(seconds), Language::German), german);
        }
    }

    #[test]
    fn a_wait_is_never_said_too_short() {
        for (millis, text, french) in [
            (0, "1 second", "1 seconde"),
            (1500, "2 seconds", "2 secondes"),
            (40_000, "40 seconds", "40 secondes"),
            (61_000, "2 minutes", "2 minutes"),
            (3_600_001, "2 hours", "2 heures"),
            (86_401_000, "2 days", "2 jours"),
        ] {
            assert_eq!(wait(Duration::from_millis(millis), Language::English), text);
            assert_eq!(wait(Duration::from_millis(millis), Language::French), french);
        }
    }

    #[test]
    fn a_moment_is_written_as_the_language_writes_dates() {
        let exact = "2026-03-05T08:09:10.123456Z";
        for (language, text) in [
            (Language::English, "5 March 2026, 08:09 UTC"),
            (Language::German, "5. März 2026, 08:09 UTC"),
            (Language::French, "5 mars 2026, 08:09 UTC"),
            (Language::Spanish, "5 de marzo de 2026, 08:09 UTC"),
        ] {
            assert_eq!(moment(exact, language), text);
        }
        for month in 1..=12 {
            let text = moment(&format!("2026-{month:02}-30T08:09:10Z"), Language::English);
            assert_eq!(text.contains("December"), month == 12, "{text}");
        }
        for odd in ["", "soon", "2026-03T08", "2026-03-05T8"] {
            assert_eq!(moment(odd, Language::German), odd);
        }
    }
}
