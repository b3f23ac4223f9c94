//! Times in words.

use std::time::Duration;

use maud::{Markup, html};

/// A moment: how long ago in words, and exactly (RFC 3339) when the pointer rests on it.
#[must_use]
pub fn time(exact: &str, age: Duration) -> Markup {
    html! { time datetime=(exact) title=(exact) { (ago(age)) } }
}

/// How long ago: "just now", "5 minutes ago".
#[must_use]
pub fn ago(age: Duration) -> String {
    if age.as_secs() < 60 {
        "just now".to_owned()
    } else {
        format!("{} ago", words(age.as_secs(), Round::Down))
    }
}

/// How long to wait: "40 seconds". Never less than it takes.
#[must_use]
pub fn wait(left: Duration) -> String {
    let seconds = left.as_secs().saturating_add(u64::from(left.subsec_nanos() > 0)).max(1);
    words(seconds, Round::Up)
}

#[derive(Clone, Copy)]
enum Round {
    Down,
    Up,
}

/// A length of time in its largest unit.
fn words(seconds: u64, round: Round) -> String {
    let (unit, name) = match seconds {
        0..60 => (1, "second"),
        60..3600 => (60, "minute"),
        3600..86_400 => (3600, "hour"),
        _ => (86_400, "day"),
    };
    let count = match round {
        Round::Down => seconds / unit,
        Round::Up => seconds.div_ceil(unit),
    };
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_said_in_its_largest_unit() {
        for (seconds, text) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7199, "1 hour ago"),
            (7200, "2 hours ago"),
            (200_000, "2 days ago"),
        ] {
            assert_eq!(ago(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_wait_is_never_said_too_short() {
        for (millis, text) in
            [(0, "1 second"), (1500, "2 seconds"), (40_000, "40 seconds"), (61_000, "2 minutes")]
        {
            assert_eq!(wait(Duration::from_millis(millis)), text);
        }
    }
}
