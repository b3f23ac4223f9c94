//! How enforcement points on other machines stand, in words.

use std::time::Duration;

use bartizan_ui::{Icon, Words, icon};
use maud::{Markup, html};

use super::words::length;
use crate::api::points::Shown as Point;

/// How a point stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has applied what there is.
    UpToDate,
    /// The oldest change that it has not confirmed has waited for so long.
    Behind(Duration),
    /// It is not heard of, and decides for so long at most.
    Away(Duration),
    /// It decides nothing any more until it is heard of.
    Out,
    /// It was never heard of since control started, so nobody knows what is left of its lease.
    Unheard,
}

impl Standing {
    pub(super) fn of(point: &Point) -> Self {
        let behind = Duration::from_millis(point.lag_ms.unwrap_or(0));
        match point.lease_ms.map(Duration::from_millis) {
            Some(left) if !point.connected => Self::Away(left),
            Some(_) if behind < NEWS => Self::UpToDate,
            Some(_) => Self::Behind(behind),
            None if point.version.as_ref().is_none_or(String::is_empty) => Self::Unheard,
            None => Self::Out,
        }
    }

    /// Whether nobody hears of it.
    pub(super) const fn is_away(self) -> bool {
        match self {
            Self::UpToDate | Self::Behind(_) => false,
            Self::Away(_) | Self::Out | Self::Unheard => true,
        }
    }

    /// As it is drawn.
    pub(super) fn badge(self, words: Words) -> Markup {
        let (class, picture, word) = match self {
            Self::UpToDate => ("permit", Icon::Permit, "standing-up-to-date"),
            Self::Behind(_) => ("step", Icon::Clock, "standing-behind"),
            Self::Away(_) | Self::Unheard => ("step", Icon::Unknown, "standing-away"),
            Self::Out => ("deny", Icon::Deny, "standing-away"),
        };
        html! { span class={ "badge " (class) } { (icon(picture)) (words.say(word)) } }
    }

    /// What the word leaves open.
    pub(super) fn more(self, words: Words) -> Option<String> {
        match self {
            Self::UpToDate => None,
            Self::Behind(since) => {
                Some(words.with("standing-behind-for", &[("length", (&length(words, since)).into())]))
            }
            Self::Away(left) => Some(words.with("standing-decides-for", &[("left", (&short(left)).into())])),
            Self::Out => Some(words.say("standing-decides-nothing")),
            Self::Unheard => Some(words.say("standing-unheard")),
        }
    }
}

/// How many points stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) up_to_date: u64,
    pub(super) behind: u64,
    pub(super) away: u64,
}

impl Tally {
    pub(super) fn of(points: &[Point]) -> Self {
        let mut tally = Self::default();
        for point in points {
            match Standing::of(point) {
                Standing::UpToDate => tally.up_to_date += 1,
                Standing::Behind(_) => tally.behind += 1,
                Standing::Away(_) | Standing::Out | Standing::Unheard => tally.away += 1,
            }
        }
        tally
    }

    /// The line that leads to the points; nothing if there are none.
    pub(super) fn line(self, words: Words) -> Markup {
        let all = self.up_to_date + self.behind + self.away;
        let parts = [
            (self.up_to_date, "permit", Icon::Permit, "points-up-to-date"),
            (self.behind, "step", Icon::Clock, "points-behind"),
            (self.away, "step", Icon::Unknown, "points-away"),
        ];
        html! {
            @if all > 0 {
                p .row.tight {
                    a href="/points" { (words.with("points-on-others", &[("count", all.into())])) }
                    @for (count, class, picture, id) in parts {
                        @if count > 0 { span class={ "badge " (class) } { (icon(picture)) (words.with(id, &[("count", count.into())])) } }
                    }
                }
            }
        }
    }
}

/// What is left, as it fits a column: never less than it is.
pub(super) fn short(left: Duration) -> String {
    format!("{} s", left.as_millis().div_ceil(1000))
}

/// A change is confirmed within milliseconds: what waits for less than this is no news.
const NEWS: Duration = Duration::from_secs(1);
