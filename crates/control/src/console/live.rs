//! Lists that show what comes, for who asks for it.
//!
//! Who watches asks once and is answered when something came (RFC 6202, 2.1: long polling). Asked again and again instead,
//! a list that nothing happens to would fill the log with who looked at it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bartizan_evidence::Query as Search;
use bartizan_model::BootTime;
use bartizan_ui::{Icon, Rendered, Words, icon};
use maud::{Markup, html};
use parking_lot::Mutex;

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
        fragment(self.rows(rows).into_string())
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

/// What was drawn a moment ago for somebody who watches the same in the same language: of many, few draw anything. Who gets it has
/// been permitted to see it like who drew it, and nothing in it is about its reader.
#[derive(Debug, Default)]
pub struct Drawn(Mutex<BTreeMap<String, Recent>>);

#[derive(Debug)]
struct Recent {
    at: BootTime,
    /// The entry of the log from which on something is newer than it.
    from: u64,
    rows: Arc<str>,
}

impl Drawn {
    /// What was drawn for this, if it was a moment ago and has something new after that entry.
    pub(super) fn get(&self, key: &str, after: u64, now: BootTime) -> Option<Rendered> {
        let drawn = self.0.lock();
        let recent = drawn.get(key).filter(|recent| now.since(recent.at) < KEPT && recent.from > after)?;
        Some(fragment(recent.rows.to_string()))
    }

    /// Keeps what was drawn; what is older than a moment goes.
    pub(super) fn keep(&self, key: String, from: u64, rows: &Rendered, now: BootTime) {
        let mut drawn = self.0.lock();
        drawn.retain(|_, recent| now.since(recent.at) < KEPT);
        if drawn.len() < MOST && rows.html.len() <= MOST_BYTES {
            drawn.insert(key, Recent { at: now, from, rows: rows.html.as_str().into() });
        }
    }
}

/// A part of a page: nothing in it runs, wherever it is shown.
fn fragment(html: String) -> Rendered {
    Rendered { html, csp: String::from("default-src 'none'") }
}

/// The field that asks for it.
pub(super) const FIELD: &str = "live";

/// 3 s: soon enough to see a denial while its person is on the phone.
const EVERY: u8 = 3;

/// 2 s, within which nobody sees that a time is told from a moment ago.
const KEPT: Duration = Duration::from_secs(2);

/// 8 different lists that are watched at once, each of 256 KiB at most.
const MOST: usize = 8;
const MOST_BYTES: usize = 256 << 10;

/// Well within what the gateway gives an answer, and a reload the connections of a listener that it takes away.
const WAITS: Duration = Duration::from_secs(15);
