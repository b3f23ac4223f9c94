use bartizan_evidence::DeniedPerson;
use bartizan_ui::Language;

use super::*;
use crate::console::texts::CATALOG;

const DAY: u64 = 86_400;

fn now() -> Timestamp {
    "2026-03-11T15:30:00Z".parse().unwrap()
}

fn ago(seconds: u64) -> Timestamp {
    Timestamp::from_micros(now().as_micros() - i64::try_from(seconds).unwrap() * 1_000_000)
}

/// What is known where all is in order, but for what a test sets.
#[derive(Default)]
struct Case {
    points: Vec<Point>,
    spool: Spool,
    unindexed: u64,
    damages: u64,
    missed: u64,
    endings: Vec<Ending>,
    people: Vec<(&'static str, u64, u64)>,
    apps: Vec<Count>,
}

impl Case {
    fn notes(&self) -> Vec<Note> {
        let person = |(id, recent, before): &(&str, u64, u64)| DeniedPerson {
            id: (*id).into(),
            recent: *recent,
            before: *before,
        };
        let denied = Denied { since: ago(7 * DAY), people: self.people.iter().map(person).collect() };
        let known = Known {
            now: now(),
            points: &self.points,
            spool: self.spool,
            unindexed: self.unindexed,
            damages: self.damages,
            missed: self.missed,
            endings: &self.endings,
            denied: &denied,
            apps: &self.apps,
        };
        known.notes()
    }
}

fn point(lag_ms: u64, lease_ms: Option<u64>, connected: bool, backlog: u64) -> Point {
    Point {
        id: String::from("p"),
        name: String::from("gateway-1"),
        role: "gateway",
        scope: None,
        joined: ago(DAY),
        connected,
        revision: None,
        lag_ms: Some(lag_ms),
        lease_ms,
        backlog: Some(backlog),
        version: Some(String::from("1")),
        live_grants: Some(0),
    }
}

fn denials(app: &str, seconds_ago: u64, reason: &str, count: u64) -> Count {
    let (app, reason) = (Some(app.into()), Some(reason.into()));
    Count { at: ago(seconds_ago), app, outcome: Outcome::Deny, reason, count }
}

#[test]
fn where_all_is_in_order_nothing_needs_attention() {
    let own = Ending { names: Vec::new(), ends: now().plus(Duration::from_secs(30 * DAY)) };
    let case = Case {
        points: vec![point(400, Some(20_000), true, 12)],
        spool: Spool { used: 49, limit: 100, fails: false },
        unindexed: 3,
        endings: vec![own],
        people: vec![("u", 9, 0)],
        apps: vec![denials("wiki", 3600, "denied_by_policy", 19)],
        ..Case::default()
    };
    assert_eq!(case.notes(), []);
}

#[test]
fn certificates_need_attention_three_weeks_before_they_end() {
    let names = || vec![String::from("wiki.example.com")];
    let notes = |ends| Case { endings: vec![Ending { names: names(), ends }], ..Case::default() }.notes();
    let left = |seconds| now().plus(Duration::from_secs(seconds));
    assert_eq!(notes(left(21 * DAY)), []);
    assert_eq!(notes(left(21 * DAY - 1)), [Note::Ends(names(), 20)]);
    assert_eq!(notes(left(3600)), [Note::Ends(names(), 0)]);
    assert_eq!(notes(ago(1)), [Note::Ended(names())]);
}

#[test]
fn points_need_attention_when_they_lag_are_away_or_keep_what_the_log_has_not() {
    let name = || String::from("gateway-1");
    let notes = |point| Case { points: vec![point], ..Case::default() }.notes();
    assert_eq!(notes(point(4_900, Some(20_000), true, 0)), []);
    assert_eq!(notes(point(5_200, Some(20_000), true, 0)), [Note::PointBehind(name(), 5)]);
    assert_eq!(notes(point(0, Some(20_000), false, 0)), [Note::PointAway(name())]);
    assert_eq!(notes(point(0, None, false, 0)), [Note::PointOut(name())]);
    assert_eq!(notes(point(0, Some(20_000), true, 10_001)), [Note::PointFills(name(), 10_001)]);
}

#[test]
fn what_this_machine_cannot_do_needs_attention_first() {
    let case = Case {
        spool: Spool { used: 80, limit: 100, fails: true },
        damages: 3,
        missed: 2,
        unindexed: 60_000,
        people: vec![("u", 30, 0)],
        ..Case::default()
    };
    let expected = [
        Note::SpoolFails,
        Note::SpoolFills(80),
        Note::Damaged(3),
        Note::Missed(2),
        Note::Person(String::from("u"), 30, 0, 6),
        Note::Unindexed(60_000),
    ];
    assert_eq!(case.notes(), expected);
}

#[test]
fn denials_are_many_against_the_past_of_the_same_person() {
    for (recent, before, many) in [(9, 0, false), (10, 0, true), (40, 60, false), (41, 60, true)] {
        let case = Case { people: vec![("u", recent, before)], ..Case::default() };
        let note = Note::Person(String::from("u"), recent, before, 6);
        assert_eq!(case.notes(), if many { vec![note] } else { vec![] }, "{recent} after {before}");
    }
}

#[test]
fn denials_of_an_app_count_if_no_sign_in_would_turn_them_and_no_person_explains_them() {
    let apps = |reason| vec![denials("payroll", 3600, reason, 25), denials("payroll", 2 * DAY, reason, 12)];
    let note = Note::App(String::from("payroll"), 25, 12, 6);
    let of = |apps, people| Case { apps, people, ..Case::default() }.notes();
    assert_eq!(of(apps("denied_by_policy"), vec![]), std::slice::from_ref(&note));
    assert_eq!(of(apps("sign_in_required"), vec![]), []);
    let person = |recent| Note::Person(String::from("u"), recent, 0, 6);
    assert_eq!(of(apps("denied_by_policy"), vec![("u", 20, 0)]), [person(20)]);
    assert_eq!(of(apps("denied_by_policy"), vec![("u", 11, 0)]), [person(11), note]);
}

#[test]
fn every_note_is_said_with_its_next_step_in_every_language() {
    let name = || String::from("<gate & way>");
    let notes = [
        Note::SpoolFails,
        Note::SpoolFills(51),
        Note::Damaged(1),
        Note::Missed(1),
        Note::PointOut(name()),
        Note::PointAway(name()),
        Note::PointBehind(name(), 1),
        Note::PointFills(name(), 2),
        Note::Ends(Vec::new(), 0),
        Note::Ends(vec![name()], 1),
        Note::Ended(Vec::new()),
        Note::Ended(vec![name()]),
        Note::Person(String::from("u"), 12, 0, 6),
        Note::App(String::from("wiki"), 20, 3, 1),
        Note::Unindexed(60_000),
    ];
    for language in Language::ALL {
        let words = CATALOG.words(language);
        for note in &notes {
            let markup =
                list(words, std::slice::from_ref(note), |_| (name(), String::from("eve"))).into_string();
            assert!(!markup.contains("attention-") || markup.contains("attention\""), "{markup}");
            assert!(
                !markup.contains("<gate")
                    && (markup.contains("<a href=") || markup.contains("<code>bartizan"))
            );
            assert!(!markup.contains("{ $"), "{markup}");
        }
    }
    let words = CATALOG.words(Language::English);
    let person = list(words, &notes[12..13], |_| (String::from("Eve"), String::from("eve"))).into_string();
    assert!(
        person.contains("was denied 12 times in the last 24 hours, and never in the 6 days before."),
        "{person}"
    );
    assert!(person.contains("/decisions?user=eve&amp;outcome=deny&amp;since=24h"), "{person}");
    let german = list(CATALOG.words(Language::German), &notes[7..8], |_| Default::default()).into_string();
    assert!(german.contains("liegen 2 Ereignisse, die im Protokoll noch fehlen."), "{german}");
}
