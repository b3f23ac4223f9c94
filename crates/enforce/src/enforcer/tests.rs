//! The invariant of enforcement: whatever happens in whatever order, what is live is what would be permitted now.

mod fixture;

use std::time::Duration;

use bartizan_model::{Action, Clock as _, DenyReason};
use bartizan_policy::{Delta, Key};
use bartizan_testkit::SeededEntropy;

use fixture::{Fixture, Held};

/// Random sequences; with `BARTIZAN_LONG` the number that the design asks for.
fn sequences() -> usize {
    if std::env::var_os("BARTIZAN_LONG").is_some() { 100_000 } else { 3_000 }
}

/// Runs sequences of deltas with admissions in between; says what was not as deciding from nothing would have it.
fn run(seed: u64, sequences: usize, blind: Option<fn(&Key) -> bool>) -> Result<(), String> {
    let random = SeededEntropy::new(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut done = 0;
    while done < sequences {
        // A fresh point now and then: its spool is on disk, and ends with it.
        let mut fixture = Fixture::new(&random);
        fixture.enforcer.table.lock().blind = blind;
        for _ in 0..250.min(sequences - done) {
            let mut held: Vec<Held> = Vec::new();
            for _ in 0..6 {
                for _ in 0..random.below(3) {
                    let request = fixture.random_request(&random);
                    let expected = fixture.fresh(&request);
                    let admitted = runtime.block_on(fixture.enforcer.admit(fixture.question(&request)));
                    if admitted.is_ok() != expected {
                        return Err(format!("seed {seed}: admitted {} but {request:?}", admitted.is_ok()));
                    }
                    held.extend(admitted.ok().map(|live| Held { live, request }));
                }
                let what = fixture.random_step(&random);
                for held in &held {
                    let alive = held.live.cut_reason().is_none();
                    let permitted = fixture.fresh(&held.request);
                    if alive && !permitted {
                        return Err(format!("seed {seed}: after {what} it lives on: {:?}", held.request));
                    }
                }
                // What was cut is not held to its word later; what was not cut must have been permitted.
                for Held { live, request } in held.extract_if(.., |held| held.live.cut_reason().is_some()) {
                    if fixture.fresh(&request) {
                        return Err(format!("seed {seed}: {what} cut what is permitted: {request:?}"));
                    }
                    drop(live);
                }
            }
            done += 1;
        }
        if fixture.enforcer.safety_round() != 0 && blind.is_none() {
            return Err(format!("seed {seed}: the safety round found something"));
        }
    }
    Ok(())
}

#[test]
fn what_is_live_is_what_deciding_from_nothing_permits() {
    run(0x0bad_5eed, sequences(), None).unwrap();
}

#[test]
fn a_point_that_forgets_any_one_kind_of_key_is_found_out() {
    type Keeps = fn(&Key) -> bool;
    let mutants: [(&str, Keeps); 6] = [
        ("subject", |key| matches!(key, Key::Subject(_))),
        ("group", |key| matches!(key, Key::Group(_))),
        ("session", |key| matches!(key, Key::Session(_))),
        ("device", |key| matches!(key, Key::Device(_))),
        ("resource", |key| matches!(key, Key::Resource(_))),
        ("risk", |key| matches!(key, Key::Risk(_))),
    ];
    for (kind, blind) in mutants {
        assert!(run(7, 2_000, Some(blind)).is_err(), "nobody noticed that {kind} is not indexed");
    }
}

#[test]
fn a_grant_is_cut_when_its_time_comes() {
    let random = SeededEntropy::new(1);
    let fixture = Fixture::new(&random);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let request = fixture.request(0, 0, Action::HttpRead);
    let live = runtime.block_on(fixture.enforcer.admit(fixture.question(&request))).unwrap();
    fixture.clock.advance(Duration::from_secs(299));
    assert_eq!(fixture.enforcer.tick(), 0);
    fixture.clock.advance(Duration::from_secs(2));
    assert_eq!(fixture.enforcer.tick(), 1, "the session has been idle for 5 minutes");
    assert_eq!(live.cut_reason().map(|denial| denial.reason), Some(DenyReason::SessionEnded));
    assert!(live.cut().is_cancelled());
}

#[test]
fn a_grant_is_cut_when_the_session_reaches_its_end_though_it_is_used() {
    let random = SeededEntropy::new(2);
    let mut fixture = Fixture::new(&random);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let request = fixture.request(0, 0, Action::HttpRead);
    let live = runtime.block_on(fixture.enforcer.admit(fixture.question(&request))).unwrap();
    for _ in 0..15 {
        fixture.clock.advance(Duration::from_secs(240));
        fixture.use_session(0);
        fixture.enforcer.tick();
    }
    assert!(live.cut_reason().is_some(), "an hour is the absolute lifetime, used or not");
}

#[test]
fn nothing_is_admitted_without_a_lease_and_what_is_live_is_cut() {
    let random = SeededEntropy::new(3);
    let fixture = Fixture::new(&random);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let request = fixture.request(0, 0, Action::HttpRead);
    let live = runtime.block_on(fixture.enforcer.admit(fixture.question(&request))).unwrap();
    assert_eq!(fixture.enforcer.enforce_lease(), 0);
    fixture.clock.advance(Duration::from_secs(31));
    let denial = runtime.block_on(fixture.enforcer.admit(fixture.question(&request))).unwrap_err();
    assert_eq!(denial.reason, DenyReason::LeaseExpired);
    assert_eq!(fixture.enforcer.enforce_lease(), 1);
    assert_eq!(live.cut_reason().map(|denial| denial.reason), Some(DenyReason::LeaseExpired));
}

/// What is asked for at an app now.
fn asked(runtime: &tokio::runtime::Runtime, fixture: &Fixture, app: usize) -> Result<Held, DenyReason> {
    let request = fixture.request(0, app, Action::HttpRead);
    let admitted = runtime.block_on(fixture.enforcer.admit(fixture.question(&request)));
    admitted.map(|live| Held { live, request }).map_err(|denial| denial.reason)
}

fn cut_reason(held: &Held) -> Option<DenyReason> {
    held.live.cut_reason().map(|denial| denial.reason)
}

#[test]
fn each_app_goes_on_for_its_own_lease_and_is_cut_at_its_end() {
    let mut fixture = Fixture::new(&SeededEntropy::new(8));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    fixture.apply(vec![fixture.app_with_lease(0, 5), fixture.app_with_lease(1, 60)], None);
    let (short, long) = (asked(&runtime, &fixture, 0).unwrap(), asked(&runtime, &fixture, 1).unwrap());
    fixture.clock.advance(Duration::from_millis(4_999));
    let last = asked(&runtime, &fixture, 0).unwrap();
    assert_eq!(fixture.enforcer.next_lease_end(), Some(Duration::from_millis(1)));
    assert_eq!(fixture.enforcer.enforce_lease(), 0);
    fixture.clock.advance(Duration::from_millis(1));
    assert_eq!(asked(&runtime, &fixture, 0).unwrap_err(), DenyReason::LeaseExpired);
    assert_eq!(fixture.enforcer.live(), 3, "what was refused has left nothing behind");
    assert_eq!(fixture.enforcer.enforce_lease(), 2);
    assert_eq!([cut_reason(&short), cut_reason(&last)], [Some(DenyReason::LeaseExpired); 2]);
    // That of the point is over in between: nothing that is open has it.
    assert_eq!(fixture.enforcer.lease_left(), Some(Duration::from_secs(25)));
    fixture.clock.advance(Duration::from_secs(26));
    assert_eq!((fixture.enforcer.lease_left(), fixture.enforcer.enforce_lease()), (None, 0));
    let later = asked(&runtime, &fixture, 1).unwrap();
    assert_eq!(fixture.enforcer.next_lease_end(), Some(Duration::from_secs(29)));
    fixture.clock.advance(Duration::from_secs(29));
    assert_eq!(asked(&runtime, &fixture, 1).unwrap_err(), DenyReason::LeaseExpired);
    assert_eq!(fixture.enforcer.enforce_lease(), 2);
    assert_eq!([cut_reason(&long), cut_reason(&later)], [Some(DenyReason::LeaseExpired); 2]);
    assert_eq!(fixture.enforcer.next_lease_end(), None);
    // Heard of again, all of it is there again.
    fixture.enforcer.renew_lease(fixture.clock.boot());
    assert!(asked(&runtime, &fixture, 0).is_ok() && asked(&runtime, &fixture, 1).is_ok());
}

#[test]
fn an_app_that_says_nothing_is_cut_when_the_lease_of_the_point_is_over_though_others_go_on() {
    let mut fixture = Fixture::new(&SeededEntropy::new(9));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    fixture.apply(vec![fixture.app_with_lease(1, 60)], None);
    let (plain, long) = (asked(&runtime, &fixture, 0).unwrap(), asked(&runtime, &fixture, 1).unwrap());
    fixture.clock.advance(Duration::from_secs(30));
    assert_eq!(asked(&runtime, &fixture, 0).unwrap_err(), DenyReason::LeaseExpired);
    assert_eq!(fixture.enforcer.enforce_lease(), 1);
    assert_eq!((cut_reason(&plain), cut_reason(&long)), (Some(DenyReason::LeaseExpired), None));
}

#[test]
fn a_lease_that_is_changed_counts_at_once_for_what_is_open() {
    let mut fixture = Fixture::new(&SeededEntropy::new(10));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (shortened, lengthened) =
        (asked(&runtime, &fixture, 0).unwrap(), asked(&runtime, &fixture, 1).unwrap());
    fixture.clock.advance(Duration::from_secs(10));
    fixture.apply(vec![fixture.app_with_lease(0, 5), fixture.app_with_lease(1, 60)], None);
    assert_eq!(cut_reason(&shortened), Some(DenyReason::LeaseExpired), "it was over already");
    fixture.clock.advance(Duration::from_secs(59));
    assert_eq!((fixture.enforcer.enforce_lease(), cut_reason(&lengthened)), (0, None));
    // Taken back, it is the point's.
    fixture.apply(vec![fixture.app(1, 0)], None);
    assert_eq!(cut_reason(&lengthened), Some(DenyReason::LeaseExpired));
    assert_eq!(fixture.enforcer.next_lease_end(), Some(Duration::from_secs(5)));
}

#[test]
fn a_lease_that_is_ended_is_over_on_everything_however_long_it_was() {
    let mut fixture = Fixture::new(&SeededEntropy::new(11));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    fixture.apply(vec![fixture.app_with_lease(1, 3600)], None);
    let (plain, long) = (asked(&runtime, &fixture, 0).unwrap(), asked(&runtime, &fixture, 1).unwrap());
    fixture.enforcer.refused(&crate::FeedError::Removed);
    assert_eq!([cut_reason(&plain), cut_reason(&long)], [Some(DenyReason::LeaseExpired); 2]);
    assert_eq!(asked(&runtime, &fixture, 1).unwrap_err(), DenyReason::LeaseExpired);
    assert_eq!(fixture.enforcer.next_lease_end(), None);
}

#[test]
fn a_wall_clock_set_back_does_not_lengthen_the_lease() {
    let random = SeededEntropy::new(4);
    let fixture = Fixture::new(&random);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let request = fixture.request(0, 0, Action::HttpRead);
    fixture.clock.advance(Duration::from_secs(31));
    fixture.clock.jump_to(request.now);
    let denial = runtime.block_on(fixture.enforcer.admit(fixture.question(&request))).unwrap_err();
    assert_eq!(denial.reason, DenyReason::LeaseExpired);
}

#[test]
fn too_many_live_grants_are_refused_and_room_comes_back() {
    let random = SeededEntropy::new(5);
    let fixture = Fixture::with_max_live(&random, 2);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let admit = || {
        let question = fixture.question(&fixture.request(0, 0, Action::HttpRead));
        runtime.block_on(fixture.enforcer.admit(question)).map_err(Box::new)
    };
    let (first, _second) = (admit().unwrap(), admit().unwrap());
    assert_eq!(admit().unwrap_err().reason, DenyReason::Overloaded);
    drop(first);
    assert!(admit().is_ok());
}

#[test]
fn a_refusal_leaves_nothing_in_the_table() {
    let random = SeededEntropy::new(6);
    let mut fixture = Fixture::new(&random);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let request = fixture.request(0, 0, Action::HttpRead);
    fixture.apply(vec![Delta::UserGone(fixture.users[0])], None);
    let denial = runtime.block_on(fixture.enforcer.admit(fixture.question(&request))).unwrap_err();
    assert_eq!(denial.reason, DenyReason::SubjectDisabled);
    assert_eq!(fixture.enforcer.live(), 0);
}

#[test]
fn what_is_decided_and_cut_is_counted_by_reason() {
    let mut fixture = Fixture::new(&SeededEntropy::new(7));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (user, request) = (fixture.users[0], fixture.request(0, 0, Action::HttpRead));
    let live = runtime.block_on(fixture.enforcer.admit(fixture.question(&request))).unwrap();
    assert_eq!(fixture.enforcer.counters().permitted(), 1);
    fixture.apply(vec![Delta::UserGone(user)], None);
    let reason = live.cut_reason().unwrap().reason;
    runtime.block_on(fixture.enforcer.admit(fixture.question(&request))).unwrap_err();
    assert!(fixture.enforcer.lease_left().is_some());
    fixture.enforcer.end_lease();
    assert_eq!(fixture.enforcer.lease_left(), None);
    runtime.block_on(fixture.enforcer.admit(fixture.question(&request))).unwrap_err();
    let counters = fixture.enforcer.counters();
    let count = |count: &dyn Fn(DenyReason) -> u64| DenyReason::ALL.map(count).iter().sum::<u64>();
    assert_eq!((counters.cut(reason), count(&|reason| counters.cut(reason))), (1, 1));
    assert_eq!((counters.denied(reason), counters.denied(DenyReason::LeaseExpired)), (1, 1));
    assert_eq!((counters.permitted(), count(&|reason| counters.denied(reason))), (1, 2));
}
