//! What was decided over time, as a chart and as the reasons of what was denied.

mod calendar;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bartizan_evidence::{Count, Hosts, Tally};
use bartizan_model::{Outcome, Timestamp};
use bartizan_ui::{Chart, Outcome as Drawn, Part, STACK, Scale, Series, Span as Drawing, Value, Words};
use maud::{Markup, html};

use self::calendar::{Day, clock};
use super::words::{badge, reason, shown};
use super::{Fields, said};

/// How much of the past is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    Day,
    Week,
    Month,
}

impl Span {
    const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The one that is asked for; a day if none is.
    pub(super) fn asked(fields: &Fields) -> Self {
        let asked = said(fields, "span").unwrap_or_default();
        Self::ALL.into_iter().find(|span| span.code() == asked).unwrap_or(Self::Day)
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    /// How long it is, and how long each of its columns, in seconds.
    const fn lengths(self) -> (i64, i64) {
        match self {
            Self::Day => (DAY, 1800),
            Self::Week => (7 * DAY, 3 * HOUR),
            Self::Month => (30 * DAY, DAY),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Day => "overview-span-day",
            Self::Week => "overview-span-week",
            Self::Month => "overview-span-month",
        }
    }

    const fn caption(self) -> &'static str {
        match self {
            Self::Day => "chart-caption-day",
            Self::Week => "chart-caption-week",
            Self::Month => "chart-caption-month",
        }
    }
}

/// What was decided in a span of time.
#[derive(Debug, Clone)]
pub(super) struct Activity {
    span: Span,
    /// Whether our own hosts are counted, too.
    own: bool,
    /// The end of the newest column, in seconds.
    end: i64,
    counts: Vec<Count>,
}

impl Activity {
    /// Of nothing yet.
    pub(super) fn new(span: Span, own: bool, now: Timestamp) -> Self {
        let (_, step) = span.lengths();
        let end = now.as_secs().div_euclid(step).saturating_add(1).saturating_mul(step);
        Self { span, own, end, counts: Vec::new() }
    }

    /// What there is to be counted for it.
    pub(super) fn tally(&self) -> Tally {
        let (length, step) = self.span.lengths();
        Tally {
            since: seconds(self.end - length),
            until: seconds(self.end),
            step: Some(Duration::from_secs(step.unsigned_abs())),
            hosts: if self.own { Hosts::All } else { Hosts::Apps },
            outcome: None,
            reason: None,
        }
    }

    /// With what was counted.
    pub(super) fn with(self, counts: Vec<Count>) -> Self {
        Self { counts, ..self }
    }

    /// What it is about.
    pub(super) const fn title(&self) -> &'static str {
        if self.own { "overview-all-decisions" } else { "overview-activity" }
    }

    /// Links to the spans that can be shown.
    pub(super) fn spans(&self, words: Words) -> Markup {
        let own = if self.own { "&hosts=all" } else { "" };
        html! {
            nav .segments aria-label=(words.say("overview-span")) {
                @for span in Span::ALL {
                    a href={ "/?span=" (span.code()) (own) } aria-current=[(span == self.span).then_some("true")] {
                        (words.say(span.name()))
                    }
                }
            }
        }
    }

    /// The chart; what would be here if there is nothing.
    pub(super) fn chart(&self, words: Words) -> Markup {
        if self.counts.is_empty() {
            return html! {
                div .empty {
                    p { (words.say("overview-nothing")) }
                    p { (words.markup("overview-nothing-try", &[], &[("command", html! { code { "bartizan why --user NAME --app APP" } })])) }
                }
            };
        }
        let number = |count| words.with("chart-number", &[("number", Value::Count(count))]);
        let (length, step) = self.span.lengths();
        let first = self.end - length;
        let mut cells: BTreeMap<i64, [Cell; 4]> = BTreeMap::new();
        let mut all = <[Cell; 4]>::default();
        for count in &self.counts {
            let outcome = shown(count.outcome, count.reason.as_deref());
            let cells = cells.entry(count.at.as_secs()).or_default();
            for ((cell, sum), of) in cells.iter_mut().zip(&mut all).zip(STACK) {
                if of == outcome {
                    cell.add(count);
                    sum.add(count);
                }
            }
        }
        let none = <[Cell; 4]>::default();
        let starts = (0..length / step).map(|number| first + number * step);
        let columns: Vec<Drawing> =
            starts.map(|at| self.column(words, at, cells.get(&at).unwrap_or(&none))).collect();
        let highest =
            columns.iter().map(|span| span.parts.iter().map(|part| part.count).sum()).max().unwrap_or(0);
        let names = NAMES.map(|id| words.say(id));
        let series = |name, cell: &Cell, outcome| {
            let url = self.list((first, self.end), Some(outcome), cell.only_reason());
            Series { name, sum: number(cell.count), url }
        };
        let ([permit, step_up, deny, cut], [permitted, stepped_up, denied, ended]) = (&names, &all);
        let chart = Chart {
            caption: &words.say(if self.own { self.title() } else { self.span.caption() }),
            series: [
                series(permit, permitted, Drawn::Permit),
                series(step_up, stepped_up, Drawn::StepUp),
                series(deny, denied, Drawn::Deny),
                series(cut, ended, Drawn::Cut),
            ],
            spans: columns,
            scale: Scale::up_to(highest, number),
            show_table: &words.say("chart-show-table"),
            time: &words.say("chart-time"),
            sum: &words.say("chart-sum"),
        };
        chart.markup()
    }

    fn column(&self, words: Words, at: i64, cells: &[Cell; 4]) -> Drawing {
        let (_, step) = self.span.lengths();
        let number = |count| words.with("chart-number", &[("number", Value::Count(count))]);
        let day = Day::of(at);
        let name = match self.span {
            Span::Day | Span::Week => words.with(
                "chart-hours",
                &[
                    ("day", (&day.named(words)).into()),
                    ("from", (&clock(at)).into()),
                    ("to", (&clock(at + step)).into()),
                ],
            ),
            Span::Month => day.dated(words),
        };
        let tick = match self.span {
            Span::Day => (at.rem_euclid(4 * HOUR) == 0).then(|| clock(at)),
            Span::Week => (at.rem_euclid(DAY) == 0).then(|| day.named(words)),
            Span::Month => (at.div_euclid(DAY).rem_euclid(5) == 0).then(|| day.dated(words)),
        };
        let bounds = (at, at + step);
        let said: Vec<String> = cells
            .iter()
            .zip(SAID)
            .filter(|(cell, _)| cell.count > 0)
            .map(|(cell, id)| words.with(id, &[("count", Value::Count(cell.count))]))
            .collect();
        let part = |cell: &Cell, outcome| Part {
            count: cell.count,
            text: number(cell.count),
            url: self.list(bounds, Some(outcome), cell.only_reason()),
        };
        let [permit, step_up, deny, cut] = cells;
        let parts = [
            part(permit, Drawn::Permit),
            part(step_up, Drawn::StepUp),
            part(deny, Drawn::Deny),
            part(cut, Drawn::Cut),
        ];
        // Cuts are listed by themselves.
        let only_cuts = permit.count + step_up.count + deny.count == 0;
        let url = self.list(bounds, only_cuts.then_some(Drawn::Cut), None);
        let said = words.with("chart-said", &[("when", (&name).into()), ("what", (&said.join(", ")).into())]);
        Drawing { name, said, tick, parts, url }
    }

    /// Where the decisions of a time are listed. A step-up is a denial that a stronger sign-in would turn: it is told from
    /// others by its reason, if there is one.
    fn list(&self, (since, until): (i64, i64), outcome: Option<Drawn>, only: Option<&str>) -> String {
        let [since, until] = [since, until].map(|at| seconds(at).to_string().replace(".000000", ""));
        let mut url = format!("/decisions?since={since}&until={until}");
        url.push_str(match outcome {
            None => "",
            Some(Drawn::Permit) => "&outcome=permit",
            Some(Drawn::StepUp | Drawn::Deny) => "&outcome=deny",
            Some(Drawn::Cut) => "&outcome=cut",
        });
        // A code as ours are: what points record is theirs to choose.
        let is_code = |code: &&str| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if let (Some(Drawn::StepUp | Drawn::Deny), Some(code)) = (outcome, only.filter(is_code)) {
            url.push_str("&reason=");
            url.push_str(code);
        }
        if self.own {
            url.push_str("&hosts=all");
        }
        url
    }

    /// Why what was denied was, most frequent first.
    pub(super) fn reasons(&self, words: Words) -> Markup {
        let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
        for count in self.counts.iter().filter(|count| count.outcome == Outcome::Deny) {
            *reasons.entry(count.reason.as_deref().unwrap_or_default()).or_insert(0) += count.count;
        }
        let mut reasons: Vec<(&str, u64)> = reasons.into_iter().collect();
        reasons.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
        let (length, _) = self.span.lengths();
        let url = |code| self.list((self.end - length, self.end), Some(Drawn::Deny), Some(code));
        html! {
            @if reasons.is_empty() { p .muted { (words.say("overview-no-reasons")) } }
            @else {
                ol .reasons {
                    @for (code, count) in reasons.iter().take(REASONS) {
                        li {
                            (badge(words, Outcome::Deny, Some(code)))
                            span { (reason(words, code)) }
                            a href=(url(code)) { (words.with("chart-number", &[("number", Value::Count(*count))])) }
                        }
                    }
                }
            }
        }
    }

    /// Whether our own hosts are counted, and what turns that round.
    pub(super) fn hosts(&self, words: Words) -> Markup {
        let (said, link, own) = if self.own {
            ("overview-own-counted", "overview-own-leave", "")
        } else {
            ("overview-left-out", "overview-own-count", "&hosts=all")
        };
        let url = format!("/?span={}{own}", self.span.code());
        html! { p .muted { (words.say(said)) " " a href=(url) { (words.say(link)) } } }
    }
}

/// How often one outcome was, and why.
#[derive(Debug, Clone, Default)]
struct Cell {
    count: u64,
    reasons: BTreeSet<Option<String>>,
}

impl Cell {
    fn add(&mut self, count: &Count) {
        self.count = self.count.saturating_add(count.count);
        self.reasons.insert(count.reason.clone());
    }

    /// The reason of all of them, if it is one.
    fn only_reason(&self) -> Option<&str> {
        let only = self.reasons.iter().next().filter(|_| self.reasons.len() == 1);
        only.and_then(|reason| reason.as_deref())
    }
}

fn seconds(of: i64) -> Timestamp {
    Timestamp::from_micros(of.saturating_mul(1_000_000))
}

/// Outcomes as the chart calls them, in the order in which it draws them.
const NAMES: [&str; 4] = ["chart-permit", "chart-step-up", "chart-deny", "chart-cut"];

/// The same with a count.
const SAID: [&str; 4] = ["chart-said-permit", "chart-said-step-up", "chart-said-deny", "chart-said-cut"];

const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

/// How many reasons are listed.
const REASONS: usize = 6;

#[cfg(test)]
mod tests;
