//! A verdict holds until the instant that it names.

use bartizan_model::{Outcome, Revision, Timestamp};
use bartizan_policy::{Verdict, World};

use crate::scene::{Maker, NOW, asks, compile, engine, seconds, session, small_world};

const ENGINES: u64 = 30;
const REQUESTS: usize = 60;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn same(one: &Verdict, other: &Verdict) -> bool {
    (one.reason(), one.policies()) == (other.reason(), other.policies())
}

#[test]
fn nothing_changes_before_valid_until() {
    let (mut flips, mut changes) = (0_u32, 0_u32);
    for seed in 0..ENGINES {
        let mut maker = Maker::new(10_000 + seed);
        maker.opaque_clocks = false;
        let engine = compile(&maker.sources(12));
        for _ in 0..REQUESTS {
            let world = World::new().apply(Revision::new(1), &maker.facts()).0;
            let request = maker.request();
            let verdict = engine.evaluate(&world, &request);
            let (from, until) = (request.now.as_micros(), verdict.valid_until().as_micros());
            assert!(from < until, "seed {seed}");
            let end = until.min(from + 30 * 86_400 * 1_000_000);
            let width = u64::try_from(end - from).unwrap();
            let random = |_| from + i64::try_from(maker.entropy.next_u64() % width).unwrap();
            // Full seconds and milliseconds are where flips happen.
            let second = (from / 1_000_000 + 1 + i64::try_from(maker.below(8000)).unwrap()) * 1_000_000;
            let instants = [from + 1, end - 1, end - 1_000, second, second - 1].into_iter();
            for instant in instants.chain((0..4).map(random)).filter(|instant| (from..end).contains(instant))
            {
                let later = bartizan_model::AccessRequest { now: at(instant), ..request.clone() };
                let then = engine.evaluate(&world, &later);
                assert!(
                    same(&verdict, &then),
                    "seed {seed}: {request:#?}\n{verdict:#?}\nafter {} µs: {then:#?}",
                    instant - from
                );
            }
            if until < i64::MAX {
                flips += 1;
                let later = bartizan_model::AccessRequest { now: at(until), ..request.clone() };
                changes += u32::from(!same(&verdict, &engine.evaluate(&world, &later)));
            }
        }
    }
    // And something does change then, often enough for this to say something.
    assert!(changes > 200, "{changes} changes at {flips} flips");
}

#[test]
fn each_condition_on_time_flips_at_its_instant() {
    // The sign-in was an hour ago and 8:30 is 30 minutes past eight.
    for (condition, in_seconds) in [
        ("context.session.age < 3610", 10.0),
        ("context.session.age <= 3610", 11.0),
        ("3610 > context.session.age", 10.0),
        ("3610 >= context.session.age", 11.0),
        ("!(context.session.age >= 3610)", 10.0),
        ("context.session.age == 3600", 1.0),
        ("context.session.age != 3605", 5.0),
        ("context.time.epoch < 1795509020", 20.0),
        ("context.time.now < datetime(\"2026-11-24T08:30:02.500Z\")", 2.5),
        ("context.time.now <= datetime(\"2026-11-24T08:30:02.500Z\")", 2.501),
        ("context.time.now < datetime(\"2026-11-25\")", 55_800.0),
        ("context.time.hour == 8", 1800.0),
        ("context.time.weekday == 2", 55_800.0),
    ] {
        let engine =
            engine(&format!("@id(\"a\") permit(principal, action, resource) when {{ {condition} }};"));
        let mut facts = session(0, 0);
        facts.idle_timeout = seconds(1_000_000);
        facts.absolute_end = Timestamp::MAX;
        let world = small_world().apply(Revision::new(2), &[bartizan_policy::Delta::Session(facts)]).0;
        let request = asks(0, "wiki");
        let verdict = engine.evaluate(&world, &request);
        assert_eq!(verdict.outcome(), Outcome::Permit, "{condition}");
        let wait = verdict.valid_until().since(NOW).as_secs_f64();
        assert!((wait - in_seconds).abs() < 1e-9, "{condition}: {wait}");
        let later = bartizan_model::AccessRequest { now: verdict.valid_until(), ..request };
        assert_eq!(engine.evaluate(&world, &later).outcome(), Outcome::Deny, "{condition}");
    }
}

#[test]
fn a_clock_that_is_read_otherwise_is_looked_at_every_second() {
    for condition in [
        "context.session.age + 1 < 9000",
        "context.session.age < context.session.mfa_age",
        "context.time.now.toTime() < duration(\"9h\")",
        "{t: context.time}.t.hour < 9",
        "context.time == context.time",
    ] {
        let engine =
            engine(&format!("@id(\"a\") permit(principal, action, resource) when {{ {condition} }};"));
        let verdict = engine.evaluate(&small_world(), &asks(0, "wiki"));
        assert_eq!(verdict.outcome(), Outcome::Permit, "{condition}");
        assert_eq!(verdict.valid_until(), NOW.plus(seconds(1)), "{condition}");
    }
}

#[test]
fn the_first_deadline_of_session_credential_and_device_counts() {
    let engine = engine("@id(\"a\") permit(principal, action, resource);");
    let device =
        bartizan_model::DeviceFacts { valid_until: NOW.plus(seconds(700)), ..crate::scene::device(0) };
    let world = small_world().apply(Revision::new(2), &[bartizan_policy::Delta::Device(device.clone())]).0;
    let mut request = asks(0, "wiki");
    // Last seen a minute ago, 30 minutes of idleness.
    assert_eq!(engine.evaluate(&world, &request).valid_until(), NOW.plus(seconds(1740)));
    request.device = Some(device.id);
    assert_eq!(engine.evaluate(&world, &request).valid_until(), NOW.plus(seconds(700)));
    request.credential_ends = Some(NOW.plus(seconds(300)));
    assert_eq!(engine.evaluate(&world, &request).valid_until(), NOW.plus(seconds(300)));
}

#[test]
fn a_clock_that_was_set_back_makes_no_age_negative() {
    let engine = engine("@id(\"a\") permit(principal, action, resource) when { context.session.age == 0 };");
    let mut facts = session(0, 0);
    facts.auth_time = NOW.plus(seconds(5));
    let world = small_world().apply(Revision::new(2), &[bartizan_policy::Delta::Session(facts)]).0;
    let verdict = engine.evaluate(&world, &asks(0, "wiki"));
    assert_eq!(verdict.outcome(), Outcome::Permit);
    assert!(verdict.valid_until() <= NOW.plus(seconds(6)));
}
