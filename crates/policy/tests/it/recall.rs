//! A remembered verdict is the one that a fresh decision would give, or it is not used.

use std::time::Duration;

use bartizan_model::{AccessRequest, AppFacts, Denial, DeviceFacts, Revision, Timestamp};
use bartizan_policy::{Decision, Delta, Engine, Minter, Remembered, World};

use crate::scene::{
    Maker, NOW, anonymous, app, asks, compile, device, device_id, engine, group, groups, seconds, session,
    small_world, user, user_id,
};
use bartizan_model::GroupFacts;

const RUNS: u64 = 40;
const STEPS: usize = 500;

/// Everything that a decision says, in one form for yes and no.
fn said(decision: &Decision) -> (Option<Denial>, Vec<String>, String) {
    match decision {
        Decision::Permit(grant) => {
            let facts = format!("{:?} {:?} {:?}", grant.decision_id(), grant.context(), grant.app());
            (None, grant.policies().iter().map(ToString::to_string).collect(), facts)
        }
        Decision::Deny(refusal) => {
            (Some(refusal.denial.clone()), Vec::new(), format!("{:?}", refusal.context))
        }
    }
}

#[test]
fn what_is_recalled_is_what_would_be_decided() {
    let minter = Minter::new();
    let (mut recalled, mut asked) = (0_u32, 0_u32);
    for seed in 0..RUNS {
        let mut maker = Maker::new(30_000 + seed);
        maker.opaque_clocks = false;
        let engine = compile(&maker.sources(10));
        let mut world = World::new().apply(Revision::new(1), &maker.facts()).0;
        let mut memory: Vec<Remembered> = Vec::new();
        let requests: Vec<AccessRequest> = (0..6).map(|_| maker.request()).collect();
        let mut now = NOW;
        for step in 0..STEPS {
            match maker.below(12) {
                0 => {
                    world = world.apply(Revision::new(u64::try_from(step).unwrap() + 2), &[maker.delta()]).0;
                }
                1 => now = now.plus(Duration::from_millis(u64::try_from(maker.below(400_000)).unwrap())),
                2 => now = now.plus(Duration::from_millis(u64::try_from(maker.below(900)).unwrap())),
                3 => now = crate::scene::before(now, 2),
                _ => {}
            }
            let mut request = requests[maker.below(requests.len())].clone();
            request.now = now;
            request.decision_id = bartizan_model::DecisionId::from_bytes([maker.byte(256); 16]);
            if maker.chance(20) {
                let other = maker.request();
                request.http = other.http;
                request.source = other.source;
            }
            asked += 1;
            let fresh = engine.decide(&minter, &world, &request);
            for remembered in &memory {
                if let Some(answer) = engine.recall(&minter, &world, &request, remembered) {
                    recalled += 1;
                    assert_eq!(said(&answer), said(&fresh), "seed {seed} step {step}: {request:#?}");
                    let valid_until = |decision: &Decision| match decision {
                        Decision::Permit(grant) => Some(grant.valid_until()),
                        Decision::Deny(_) => None,
                    };
                    assert_eq!(valid_until(&answer), valid_until(&fresh), "seed {seed} step {step}");
                }
            }
            let (again, remembered) = engine.decide_and_remember(&minter, &world, &request);
            assert_eq!(said(&again), said(&fresh));
            if memory.len() >= 12 {
                memory.remove(maker.below(12));
            }
            memory.extend(remembered);
        }
    }
    assert!(recalled > asked / 2, "{recalled} recalled for {asked} questions: the test says little");
}

fn remember(engine: &Engine, world: &World, request: &AccessRequest) -> Remembered {
    engine.decide_and_remember(&Minter::new(), world, request).1.unwrap()
}

#[test]
fn it_answers_the_next_request_of_the_same_session() {
    let engine =
        engine("@id(\"a\") permit(principal in Group::\"staff\", action, resource == App::\"wiki\");");
    let world = small_world();
    let remembered = remember(&engine, &world, &asks(0, "wiki"));
    let recall = |request: &AccessRequest| engine.recall(&Minter::new(), &world, request, &remembered);
    assert!(matches!(recall(&asks(0, "wiki")), Some(Decision::Permit(_))));
    let later = AccessRequest { now: NOW.plus(seconds(60)), ..asks(0, "wiki") };
    assert!(matches!(recall(&later), Some(Decision::Permit(_))));
    // No policy reads the path, so another one is the same question.
    let mut elsewhere = asks(0, "wiki");
    elsewhere.http = None;
    assert!(recall(&elsewhere).is_some());

    for other in [
        asks(1, "wiki"),
        asks(0, "payroll"),
        anonymous("wiki"),
        AccessRequest { action: bartizan_model::Action::HttpWrite, ..asks(0, "wiki") },
        AccessRequest { credential_ends: Some(NOW.plus(seconds(5))), ..asks(0, "wiki") },
        AccessRequest { device: Some(crate::scene::device_id(0)), ..asks(0, "wiki") },
        AccessRequest { now: crate::scene::before(NOW, 1), ..asks(0, "wiki") },
        AccessRequest { now: remembered.valid_until(), ..asks(0, "wiki") },
    ] {
        assert!(recall(&other).is_none(), "{other:#?}");
    }
}

#[test]
fn it_is_void_when_a_fact_has_changed_and_only_then() {
    let engine =
        engine("@id(\"a\") permit(principal in Group::\"staff\", action, resource == App::\"wiki\");");
    let world = small_world();
    let request = asks(0, "wiki");
    let remembered = remember(&engine, &world, &request);
    let recalled = |deltas: &[Delta]| {
        let (next, _) = world.apply(Revision::new(2), deltas);
        engine.recall(&Minter::new(), &next, &request, &remembered).is_some()
    };
    let parents = |name: &str, of: &[&str]| {
        Delta::Group(GroupFacts { name: group(name), parents: groups(of.iter().copied()) })
    };
    let seen = bartizan_model::SessionFacts { last_seen: NOW, ..session(0, 0) };
    for (deltas, expected) in [
        (vec![], true),
        (vec![Delta::User(user(1, groups(["staff"])))], true),
        (vec![parents("elsewhere", &["staff"])], true),
        (vec![Delta::Risk(user_id(0), 99)], true),
        (vec![Delta::SessionGone(crate::scene::session_id(1))], true),
        (vec![Delta::User(user(0, groups(["finance"])))], true),
        (vec![Delta::User(user(0, groups(["finance", "more"])))], false),
        (vec![parents("finance", &[])], false),
        (vec![parents("staff", &["company"])], false),
        (vec![Delta::Session(seen)], false),
        (vec![Delta::SessionGone(crate::scene::session_id(0))], false),
        (vec![Delta::UserGone(user_id(0))], false),
        (vec![Delta::AppGone("wiki".parse().unwrap())], false),
    ] {
        assert_eq!(recalled(&deltas), expected, "{deltas:#?}");
    }
}

#[test]
fn it_is_void_when_the_device_or_the_app_has_changed() {
    let engine = engine("@id(\"a\") permit(principal, action, resource) when { context.device.compliant };");
    let world = small_world().apply(Revision::new(2), &[Delta::Device(device(0))]).0;
    let request = AccessRequest { device: Some(device_id(0)), ..asks(0, "wiki") };
    let remembered = remember(&engine, &world, &request);
    let recalled = |delta: Delta| {
        let (next, _) = world.apply(Revision::new(3), &[delta]);
        engine.recall(&Minter::new(), &next, &request, &remembered).is_some()
    };
    assert!(recalled(Delta::Device(device(0))));
    assert!(recalled(Delta::Device(device(1))));
    assert!(!recalled(Delta::Device(DeviceFacts { compliant: false, ..device(0) })));
    assert!(!recalled(Delta::DeviceGone(device_id(0))));
    assert!(recalled(Delta::App(app("payroll"))));
    // A grant carries the facts of its app, such as its upstream: an old one would lead to the old upstream.
    assert!(!recalled(Delta::App(AppFacts { pass_host: false, ..app("wiki") })));
}

#[test]
fn another_engine_does_not_use_it() {
    let text = "@id(\"a\") permit(principal, action, resource);";
    let (one, other) = (engine(text), engine(text));
    let world = small_world();
    let remembered = remember(&one, &world, &asks(0, "wiki"));
    assert!(one.recall(&Minter::new(), &world, &asks(0, "wiki"), &remembered).is_some());
    assert!(other.recall(&Minter::new(), &world, &asks(0, "wiki"), &remembered).is_none());
}

#[test]
fn values_that_were_read_must_be_the_same() {
    let engine = engine(
        "@id(\"a\") permit(principal, action, resource) when { context.request.path like \"/public/*\" && context.risk < 50 };",
    );
    let world = small_world();
    let at = |path: &str, source: &str| {
        let mut request = asks(0, "wiki");
        let mut http = (**request.http.as_ref().unwrap()).clone();
        http.path = path.into();
        request.http = Some(http.into());
        request.source = source.parse().unwrap();
        request
    };
    let remembered = remember(&engine, &world, &at("/public/a", "10.0.0.1"));
    let recall = |world: &World, request| engine.recall(&Minter::new(), world, &request, &remembered);
    assert!(recall(&world, at("/public/a", "10.0.0.2")).is_some());
    assert!(recall(&world, at("/public/b", "10.0.0.1")).is_none());
    assert!(recall(&world, at("/private", "10.0.0.1")).is_none());
    let (risky, _) = world.apply(Revision::new(2), &[Delta::Risk(user_id(0), 60)]);
    assert!(recall(&risky, at("/public/a", "10.0.0.1")).is_none());
}

#[test]
fn what_is_refused_before_the_policies_is_not_remembered() {
    let engine = engine("@id(\"a\") permit(principal, action, resource);");
    let late = AccessRequest { now: Timestamp::MAX, ..asks(0, "wiki") };
    let (decision, remembered) = engine.decide_and_remember(&Minter::new(), &small_world(), &late);
    assert!(matches!(decision, Decision::Deny(_)) && remembered.is_none());
}
