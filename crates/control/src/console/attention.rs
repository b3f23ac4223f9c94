//! What needs attention, of what this process knows: few things, each true, each with its next step.

use std::time::Duration;

use bartizan_evidence::{Count, Denied};
use bartizan_model::{Outcome, Timestamp};
use bartizan_ui::{Icon, Words, icon, isolated};
use maud::{Markup, html};

use super::standing::Standing;
use crate::api::points::Shown as Point;
use crate::endings::Ending;

/// From what it is told what needs attention.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub(super) now: Timestamp,
    /// The points on other machines.
    pub(super) points: &'a [Point],
    pub(super) spool: Spool,
    /// How many entries of the log are not found by searches yet.
    pub(super) unindexed: u64,
    /// What was wrong with the log when it was last verified.
    pub(super) damages: u64,
    /// Grants that were found too late.
    pub(super) missed: u64,
    pub(super) endings: &'a [Ending],
    /// Denials by person: before the last day, and in it.
    pub(super) denied: &'a Denied,
    /// Denials by app and day, for as long.
    pub(super) apps: &'a [Count],
}

/// The spool of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spool {
    pub(super) used: u64,
    pub(super) limit: u64,
    /// Whether the disk refuses it.
    pub(super) fails: bool,
}

/// Something that needs attention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Note {
    /// Evidence cannot be written here.
    SpoolFails,
    /// Evidence waits, and takes so many hundredths of its room.
    SpoolFills(u64),
    /// So much was wrong with the log.
    Damaged(u64),
    /// So many grants were not cut when they should have been.
    Missed(u64),
    /// A point decides nothing any more.
    PointOut(String),
    /// A point is not heard of.
    PointAway(String),
    /// A point has not confirmed what changed so many seconds ago.
    PointBehind(String, u64),
    /// At a point so many events wait for the log.
    PointFills(String, u64),
    /// The certificate of these hosts, or the authority's own, ends in so many days.
    Ends(Vec<String>, u64),
    /// It has ended.
    Ended(Vec<String>),
    /// Somebody was denied so often in a day, and so often in so many days before.
    Person(String, u64, u64, u64),
    /// An app was.
    App(String, u64, u64, u64),
    /// Searches do not find so many of the newest entries of the log.
    Unindexed(u64),
}

impl Known<'_> {
    /// What needs attention, what is worst first.
    pub(super) fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        if self.spool.fails {
            notes.push(Note::SpoolFails);
        }
        let full = self.spool.used.saturating_mul(100) / self.spool.limit.max(1);
        if full >= FILLS {
            notes.push(Note::SpoolFills(full.min(100)));
        }
        if self.damages > 0 {
            notes.push(Note::Damaged(self.damages));
        }
        if self.missed > 0 {
            notes.push(Note::Missed(self.missed));
        }
        notes.extend(self.points.iter().flat_map(of_point));
        notes.extend(self.endings.iter().filter_map(|ending| self.of_ending(ending)));
        let people = self.people();
        let theirs: u64 = people.iter().map(|(_, recent, _)| recent).sum();
        let days = self.days();
        notes.extend(
            people.into_iter().take(FEW).map(|(id, recent, before)| Note::Person(id, recent, before, days)),
        );
        // What a person was denied who is named here need not be said of the app again.
        let apps = self.apps().into_iter().filter(|(_, recent, _)| theirs < recent / 2).take(FEW);
        notes.extend(apps.map(|(app, recent, before)| Note::App(app, recent, before, BEFORE_DAYS)));
        if self.unindexed > UNINDEXED {
            notes.push(Note::Unindexed(self.unindexed));
        }
        notes
    }

    fn of_ending(&self, ending: &Ending) -> Option<Note> {
        let left = ending.ends.since(self.now);
        match left.as_secs() / 86_400 {
            _ if left.is_zero() => Some(Note::Ended(ending.names.clone())),
            days if days < SOON_DAYS => Some(Note::Ends(ending.names.clone(), days)),
            _ => None,
        }
    }

    /// For how many whole days before the last one denials by person were counted.
    fn days(&self) -> u64 {
        (self.now.since(self.denied.since).as_secs() / 86_400).saturating_sub(1).max(1)
    }

    fn people(&self) -> Vec<(String, u64, u64)> {
        let days = self.days();
        let people = self.denied.people.iter();
        let many = people.filter(|person| is_much(person.recent, person.before, days, MANY_OF_PERSON));
        many.map(|person| (person.id.clone(), person.recent, person.before)).collect()
    }

    fn apps(&self) -> Vec<(String, u64, u64)> {
        let mut apps: std::collections::BTreeMap<&str, (u64, u64)> = std::collections::BTreeMap::new();
        let recent = |at: Timestamp| self.now.since(at) <= Duration::from_secs(86_400);
        for count in self.apps.iter().filter(|count| is_plain_denial(count)) {
            let (last, before) = apps.entry(count.app.as_deref().unwrap_or_default()).or_default();
            let of = if recent(count.at) { last } else { before };
            *of = of.saturating_add(count.count);
        }
        let mut apps: Vec<(String, u64, u64)> = apps
            .into_iter()
            .filter(|(_, (last, before))| is_much(*last, *before, BEFORE_DAYS, MANY_OF_APP))
            .map(|(app, (last, before))| (app.to_owned(), last, before))
            .collect();
        apps.sort_by_key(|(app, last, _)| (std::cmp::Reverse(*last), app.clone()));
        apps
    }
}

/// A denial that no sign-in would have turned.
fn is_plain_denial(count: &Count) -> bool {
    let better = ["sign_in_required", "step_up_required", "session_ended"];
    count.outcome == Outcome::Deny && !count.reason.as_deref().is_some_and(|reason| better.contains(&reason))
}

/// Whether a day had many, and many more than the days before it had.
const fn is_much(last: u64, before: u64, days: u64, many: u64) -> bool {
    last >= many && last.saturating_mul(days) > before.saturating_mul(TIMES)
}

fn of_point(point: &Point) -> Vec<Note> {
    let name = || point.name.clone();
    let mut notes = Vec::new();
    match Standing::of(point) {
        Standing::UpToDate => {}
        Standing::Behind(since) if since < BEHIND => {}
        Standing::Behind(since) => notes.push(Note::PointBehind(name(), since.as_secs())),
        Standing::Away(_) | Standing::Unheard => notes.push(Note::PointAway(name())),
        Standing::Out => notes.push(Note::PointOut(name())),
    }
    if let Some(waiting) = point.backlog.filter(|waiting| *waiting > BACKLOG) {
        notes.push(Note::PointFills(name(), waiting));
    }
    notes
}

/// A note as it is shown: what a person of a note is called, and signs in with, is asked of `called`.
pub(super) fn list(words: Words, notes: &[Note], called: impl Fn(&str) -> (String, String)) -> Markup {
    html! {
        section .attention {
            h2 { (words.say("attention-title")) }
            @if notes.is_empty() {
                p .row.tight { span .permit { (icon(Icon::Permit)) } (words.say("attention-nothing")) }
            } @else {
                ul .things { @for note in notes { li { (drawn(note)) div { (said(words, note, &called)) } (next(words, note, &called)) } } }
            }
        }
    }
}

fn drawn(note: &Note) -> Markup {
    let (class, picture) = match note {
        Note::SpoolFails | Note::Damaged(_) | Note::Missed(_) | Note::PointOut(_) | Note::Ended(_) => {
            ("deny", Icon::Deny)
        }
        Note::SpoolFills(_)
        | Note::PointAway(_)
        | Note::PointBehind(..)
        | Note::PointFills(..)
        | Note::Ends(..)
        | Note::Unindexed(_) => ("step", Icon::Warning),
        Note::Person(..) | Note::App(..) => ("step", Icon::Person),
    };
    html! { span .mark-of.(class) { (icon(picture)) } }
}

fn said(words: Words, note: &Note, called: &impl Fn(&str) -> (String, String)) -> Markup {
    let named = |id, name: &str, counts: &[(&'static str, u64)]| {
        let counts: Vec<_> = counts.iter().map(|(name, count)| (*name, (*count).into())).collect();
        words.markup(id, &counts, &[("name", html! { strong { (isolated(name)) } })])
    };
    match note {
        Note::SpoolFails => html! { (words.say("attention-spool-fails")) },
        Note::SpoolFills(percent) => {
            html! { (words.with("attention-spool-fills", &[("percent", (*percent).into())])) }
        }
        Note::Damaged(count) => html! { (words.with("attention-damaged", &[("count", (*count).into())])) },
        Note::Missed(count) => html! { (words.with("attention-missed", &[("count", (*count).into())])) },
        Note::PointOut(name) => named("attention-point-out", name, &[]),
        Note::PointAway(name) => named("attention-point-away", name, &[]),
        Note::PointBehind(name, seconds) => named("attention-point-behind", name, &[("seconds", *seconds)]),
        Note::PointFills(name, waiting) => named("attention-point-fills", name, &[("count", *waiting)]),
        Note::Ends(names, days) if names.is_empty() => {
            html! { (words.with("attention-authority-ends", &[("days", (*days).into())])) }
        }
        Note::Ends(names, days) => named("attention-certificate-ends", &names.join(", "), &[("days", *days)]),
        Note::Ended(names) if names.is_empty() => html! { (words.say("attention-authority-ended")) },
        Note::Ended(names) => named("attention-certificate-ended", &names.join(", "), &[]),
        Note::Person(id, recent, before, days) => named(
            "attention-person",
            &called(id).0,
            &[("recent", *recent), ("before", *before), ("days", *days)],
        ),
        Note::App(app, recent, before, days) => {
            named("attention-app", app, &[("recent", *recent), ("before", *before), ("days", *days)])
        }
        Note::Unindexed(count) => {
            html! { (words.with("attention-unindexed", &[("count", (*count).into())])) }
        }
    }
}

/// The next step: a page, or a command.
fn next(words: Words, note: &Note, called: &impl Fn(&str) -> (String, String)) -> Markup {
    let link = |id, url: String| html! { a href=(url) { (words.say(id)) } };
    match note {
        Note::SpoolFails | Note::SpoolFills(_) | Note::Ends(..) | Note::Ended(_) | Note::Unindexed(_) => {
            html! { code { "bartizan doctor" } }
        }
        Note::Damaged(_) => html! { code { "bartizan log verify" } },
        Note::Missed(_) => html! { code { "bartizan support" } },
        Note::PointOut(_) | Note::PointAway(_) | Note::PointBehind(..) | Note::PointFills(..) => {
            link("attention-see-points", String::from("/points"))
        }
        Note::Person(id, ..) => {
            let url = format!("/decisions?user={}&outcome=deny&since=24h", called(id).1);
            link("attention-see-denials", url)
        }
        Note::App(app, ..) => {
            link("attention-see-denials", format!("/decisions?app={app}&outcome=deny&since=24h"))
        }
    }
}

/// How many people, and how many apps, are named at most.
const FEW: usize = 3;

/// How full a spool is when it needs attention, in hundredths.
const FILLS: u64 = 50;

/// What waits for the log at a point for some seconds is no matter.
const BACKLOG: u64 = 10_000;

/// A change is confirmed in milliseconds.
const BEHIND: Duration = Duration::from_secs(5);

/// Entries that searches may lack while they catch up.
const UNINDEXED: u64 = 50_000;

/// Time enough to have a certificate renewed by hand.
const SOON_DAYS: u64 = 21;

/// How many denials in a day are many for a person, and for an app.
const MANY_OF_PERSON: u64 = 10;
const MANY_OF_APP: u64 = 20;

/// Many times what the days before had on average.
const TIMES: u64 = 4;

/// How many days before the last one apps are compared with.
pub(super) const BEFORE_DAYS: u64 = 6;

#[cfg(test)]
mod tests;
