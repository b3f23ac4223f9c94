//! Lists that show what comes, for who asks for it.
//!
//! Who watches asks once and is answered when something came (RFC 6202, 2.1: long polling). Asked again and again instead,
//! a list that nothing happens to would fill the log with who looked at it.

use std::time::Duration;

use bartizan_evidence::Query as Search;
use bartizan_ui::{Icon, Rendered, Words, icon};
use maud::{Markup, html};

use super::Fields;
use super::list::Asked;
use crate::api::log::comes;
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadLog};

/// A list that may be watched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Live<'a> {
    asked: &'a Asked,
    /// The entry of the log from which on something is new.
    from: u64,
}

impl<'a> Live<'a> {
    pub(super) const fn of(asked: &'a Asked, from: u64) -> Self {
        Self { asked, from }
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
                (self.rows(rows))
            }
        }
    }

    fn rows(self, rows: &Markup) -> Markup {
        html! { div data-rows=(self.from) { (rows) } }
    }

    /// The rows alone, for who shows the page already.
    pub(super) fn part(self, rows: &Markup) -> Rendered {
        Rendered { html: self.rows(rows).into_string(), csp: String::from("default-src 'none'") }
    }
}

/// From which entry of the log on something is new to who asks, if they show the page already. No address holds it.
pub(super) fn after(asked: &mut Fields) -> Option<u64> {
    asked.remove("after")?.parse().ok()
}

/// Waits until something came from that entry on, or for as long as a browser is kept waiting; whether it did.
pub(super) async fn wait(
    admitted: &Admitted<ReadLog>,
    api: &Api,
    search: &Search,
    from: u64,
) -> Result<bool, Failure> {
    let newer = Search { from: Some(from), limit: Some(1), ..search.clone() };
    Ok(!comes(admitted, api, &newer, WAITS).await?.is_empty())
}

/// The field that asks for it.
pub(super) const FIELD: &str = "live";

/// 3 s: soon enough to see a denial while its person is on the phone.
const EVERY: u8 = 3;

/// Well within what the gateway gives an answer, and a reload the connections of a listener that it takes away.
const WAITS: Duration = Duration::from_secs(15);
