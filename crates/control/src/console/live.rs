//! Lists that show what comes, for who asks for it.

use bartizan_ui::{Icon, Words, icon};
use maud::{Markup, html};

use super::list::Asked;

/// A list that may be watched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Live<'a> {
    asked: &'a Asked,
}

impl<'a> Live<'a> {
    pub(super) const fn of(asked: &'a Asked) -> Self {
        Self { asked }
    }

    /// How soon the browser asks again, in seconds, if it is to.
    pub(super) fn every(self) -> Option<u8> {
        self.asked.get(FIELD).map(|_| EVERY)
    }

    /// The rows, and above them what begins or ends the watching.
    pub(super) fn markup(self, words: Words, rows: &Markup) -> Markup {
        let every = self.every();
        html! {
            div data-live=[every] {
                p .row .small {
                    @if every.is_some() {
                        span .badge.permit {
                            (icon(Icon::Clock))
                            // A script says here since when nobody has answered.
                            span data-stale=(words.with("live-stale", &[("time", "{}".into())])) aria-live="polite" { (words.say("live-on")) }
                        }
                        a href=(self.asked.url(&[(FIELD, "")])) { (words.say("live-stop")) }
                    } @else {
                        a href=(self.asked.url(&[(FIELD, "1")])) { (words.say("live-start")) }
                    }
                }
                div data-rows { (rows) }
            }
        }
    }
}

/// The field that asks for it.
pub(super) const FIELD: &str = "live";

/// 3 s: soon enough to see a denial while its person is on the phone.
const EVERY: u8 = 3;
