//! For whom is waited, and for how long, where apps say how long their leases are.

use bartizan_model::ObjectKind;
use serde_json::{Value, json};

use super::*;

fn at(seconds: u64) -> BootTime {
    BootTime::from_duration(Duration::from_secs(seconds))
}

fn change(revision: u64, kind: ObjectKind, name: &impl ToString, spec: Option<Value>) -> Change {
    let time = bartizan_model::Timestamp::from_micros(1);
    let (revision, name, author) = (Revision::new(revision), name.to_string(), "ada".into());
    Change { revision, kind, name, author, time, spec }
}

fn wiki(revision: u64, lease: Option<u64>) -> Change {
    let spec = json!({"host": "wiki.test", "upstream": "http://10.0.0.1", "lease_seconds": lease});
    change(revision, ObjectKind::App, &"wiki", Some(spec))
}

fn group(revision: u64) -> Change {
    change(revision, ObjectKind::Group, &format!("g{revision}"), Some(json!({})))
}

const NEAR: PointId = PointId::from_bytes([1; 16]);
const AWAY: PointId = PointId::from_bytes([2; 16]);

/// Two points, and an app; at revision 3.
fn directory(lease: Option<u64>) -> Directory {
    let mut directory = Directory::default();
    for (revision, point) in [(1, NEAR), (2, AWAY)] {
        let spec = json!({
            "name": format!("gateway-{revision}"), "role": "gateway", "scope": "apps", "joined": "2026-11-29T00:00:00Z", "key": "",
        });
        directory.step(&change(revision, ObjectKind::Point, &point, Some(spec))).unwrap();
    }
    directory.step(&wiki(3, lease)).unwrap();
    directory
}

fn state(lease: Option<u64>, formerly: u64, now: BootTime) -> State {
    let (own, formerly) = (Duration::from_secs(30), Duration::from_secs(formerly));
    State::new(directory(lease), Subscription::new(7), own, formerly, now)
}

type Messages = mpsc::Receiver<FeedMessage>;

/// The point is there, and has applied everything.
fn comes(state: &mut State, point: PointId, now: BootTime) -> Messages {
    let messages = state.subscribe(point, Standpoint::default(), &[], now).unwrap();
    confirms(state, point, state.world().revision().get(), now);
    messages
}

fn confirms(state: &mut State, point: PointId, revision: u64, now: BootTime) {
    let subscription = state.members[&point].subscription;
    let applied = Applied { subscription, revision: Revision::new(revision), ..Applied::default() };
    state.heard(point, applied, now).unwrap();
}

/// Whether there is nobody more to wait for, and all have confirmed.
fn everywhere(state: &mut State, revision: u64, seconds: u64) -> Option<bool> {
    state.applied(Revision::new(revision), at(seconds)).ok().map(|applied| applied.confirmed)
}

#[test]
fn who_is_away_is_waited_for_as_long_as_the_longest_lease_of_an_app() {
    for (lease, until) in [(None, 31), (Some(10), 31), (Some(60), 62), (Some(3600), 3720)] {
        let mut state = state(lease, 0, at(0));
        let near = comes(&mut state, NEAR, at(100));
        drop(comes(&mut state, AWAY, at(100)));
        state.take(&[group(4)], at(110));
        confirms(&mut state, NEAR, 4, at(110));
        assert_eq!(everywhere(&mut state, 4, 100 + until - 1), None, "{lease:?}");
        assert_eq!(everywhere(&mut state, 4, 100 + until), Some(false), "{lease:?}");
        drop(near);
    }
}

#[test]
fn a_lease_that_was_shortened_is_waited_for_by_who_may_not_know_of_it() {
    let mut state = state(Some(60), 0, at(0));
    let near = comes(&mut state, NEAR, at(100));
    drop(comes(&mut state, AWAY, at(100)));
    state.take(&[wiki(4, Some(10))], at(110));
    let longest = |state: &State, point: PointId, seconds: u64| {
        state.leases.longest(state.members[&point].acknowledged, at(seconds)).as_secs()
    };
    assert_eq!([longest(&state, NEAR, 110), longest(&state, AWAY, 110)], [60, 60]);
    confirms(&mut state, NEAR, 4, at(111));
    assert_eq!([longest(&state, NEAR, 111), longest(&state, AWAY, 111)], [30, 60], "one knows");
    // Both are away now. The one that knows is over first.
    drop(near);
    state.take(&[group(5)], at(112));
    assert_eq!(everywhere(&mut state, 5, 111 + 31), None, "the other may have the longer lease");
    assert_eq!(everywhere(&mut state, 5, 161), None);
    assert_eq!(everywhere(&mut state, 5, 162), Some(false));
    // 62 s after the change nobody can go by the longer one any more, who has confirmed what.
    assert_eq!([longest(&state, AWAY, 171), longest(&state, AWAY, 172)], [60, 30]);
}

#[test]
fn a_lease_that_was_lengthened_is_waited_for_at_once() {
    let mut state = state(None, 0, at(0));
    let messages = comes(&mut state, NEAR, at(100));
    state.left(AWAY);
    state.take(&[wiki(4, Some(60))], at(110));
    drop(messages);
    state.take(&[group(5)], at(111));
    assert_eq!(everywhere(&mut state, 5, 161), None, "it may have applied it, and not have said so yet");
    assert_eq!(everywhere(&mut state, 5, 162), Some(false));
}

#[test]
fn a_point_that_was_removed_is_waited_for_as_long() {
    let mut state = state(Some(60), 0, at(0));
    drop(comes(&mut state, AWAY, at(100)));
    state.left(NEAR);
    // Its lease is shortened together with it: it hears of neither.
    state.take(&[wiki(4, None), change(5, ObjectKind::Point, &AWAY, None)], at(110));
    assert!(state.member(AWAY).is_none());
    assert_eq!(everywhere(&mut state, 5, 161), None);
    assert_eq!(state.gone(AWAY, at(161)), Err(Duration::from_secs(1)));
    assert_eq!(everywhere(&mut state, 5, 162), Some(true));
    assert_eq!(state.gone(AWAY, at(162)), Ok(0));
    assert!(!state.members.contains_key(&AWAY), "it is here no longer than it is feared");
}

#[test]
fn after_a_restart_and_when_the_log_was_lost_leases_that_were_are_waited_for() {
    let mut started = state(Some(10), 60, at(100));
    assert_eq!(everywhere(&mut started, 3, 161), None, "whoever there is may have a lease of 60 s");
    assert_eq!(everywhere(&mut started, 3, 162), Some(false));

    let mut state = state(Some(60), 0, at(0));
    drop(comes(&mut state, AWAY, at(100)));
    state.left(NEAR);
    let mut other = directory(None);
    other.step(&group(9)).unwrap();
    state.replace(other, at(110));
    assert_eq!(everywhere(&mut state, 9, 161), None);
    assert_eq!(everywhere(&mut state, 9, 162), Some(false));
}
