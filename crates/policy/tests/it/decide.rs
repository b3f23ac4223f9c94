//! What the engine answers, case by case.

use bartizan_model::{
    AccessRequest, Action, AdminArea, DenyReason, Outcome, Resource, Revision, Timestamp, UserFacts,
    UserState,
};
use bartizan_policy::{Decision, Delta, Engine, Minter, World, split_file};

use crate::scene::{
    Maker, NOW, anonymous, app, asks, before, compile, device, device_id, engine, groups, seconds, session,
    session_id, small_world, user, user_id,
};

const EVERYBODY: &str = "@id(\"everybody\") permit(principal, action, resource);";

fn reason(engine: &Engine, world: &World, request: &AccessRequest) -> Option<DenyReason> {
    engine.evaluate(world, request).reason()
}

fn after(deltas: &[Delta]) -> World {
    small_world().apply(Revision::new(9), deltas).0
}

#[test]
fn without_a_policy_everything_is_denied() {
    let none = Engine::compile(Revision::new(0), &[], None).unwrap();
    let maker = Maker::new(4);
    let world = World::new().apply(Revision::new(1), &maker.facts()).0;
    for _ in 0..500 {
        assert_eq!(none.evaluate(&world, &maker.request()).outcome(), Outcome::Deny);
    }
    assert_eq!(reason(&none, &small_world(), &asks(0, "wiki")), Some(DenyReason::DeniedByPolicy));
    assert_eq!(reason(&none, &small_world(), &anonymous("wiki")), Some(DenyReason::SignInRequired));
}

#[test]
fn a_forbid_wins_over_every_permit() {
    let maker = Maker::new(5);
    for _ in 0..20 {
        let mut sources = maker.sources(15);
        let forbid = "@id(\"no\") forbid(principal, action in Action::\"http\", resource == App::\"a1\");";
        sources.extend(split_file("no.cedar", forbid).unwrap());
        sources.extend(split_file("all.cedar", EVERYBODY).unwrap());
        let engine = compile(&sources);
        let world = World::new().apply(Revision::new(1), &maker.facts()).0;
        for _ in 0..50 {
            let mut request = maker.request();
            request.resource = Resource::App("a1".parse().unwrap());
            request.action = Action::HttpRead;
            assert_eq!(engine.evaluate(&world, &request).outcome(), Outcome::Deny);
        }
    }
}

#[test]
fn one_more_forbid_never_permits_more_and_one_more_permit_never_forbids_more() {
    let maker = Maker::new(6);
    for round in 0..40 {
        let mut sources = maker.sources(12);
        let world = World::new().apply(Revision::new(1), &maker.facts()).0;
        let whole = compile(&sources);
        let dropped = sources.swap_remove(maker.below(12));
        let without = Engine::compile(Revision::new(1), &sources, Some(&whole)).unwrap();
        for _ in 0..60 {
            let request = maker.request();
            let (with, without) = (whole.evaluate(&world, &request), without.evaluate(&world, &request));
            // A permit may fail, and then denies like a forbid; those that can are known by their product.
            let may_fail = dropped.text.contains("* 9223372036854775807");
            if dropped.text.contains(") forbid(") && with.outcome() == Outcome::Permit {
                assert_eq!(without.outcome(), Outcome::Permit, "round {round}: {dropped:#?}");
            }
            if dropped.text.contains(") permit(") && !may_fail && without.outcome() == Outcome::Permit {
                assert_eq!(with.outcome(), Outcome::Permit, "round {round}: {dropped:#?}");
            }
        }
    }
}

#[test]
fn a_policy_about_another_app_never_changes_a_decision() {
    let mut maker = Maker::new(7);
    maker.opaque_clocks = false;
    for round in 0..30 {
        let mut sources = maker.sources(12);
        let world = World::new().apply(Revision::new(1), &maker.facts()).0;
        let alone = compile(&sources);
        for number in 0..4 {
            let effect = maker.pick(&["permit", "forbid"]);
            // Even one that cannot be evaluated.
            let condition = maker.pick(&["true", "context.risk * 9223372036854775807 > 9223372036854775806"]);
            let text = format!(
                "@id(\"other{number}\") {effect}(principal, action, resource == App::\"other\") when {{ {condition} }};"
            );
            sources.extend(split_file("other.cedar", &text).unwrap());
        }
        let more = Engine::compile(Revision::new(1), &sources, Some(&alone)).unwrap();
        for _ in 0..60 {
            let request = maker.request();
            assert_eq!(alone.evaluate(&world, &request), more.evaluate(&world, &request), "round {round}");
        }
    }
}

#[test]
fn what_cannot_be_evaluated_denies() {
    // Cedar skips a policy that fails; here, 2 × the largest number is too large for it.
    for effect in ["forbid", "permit"] {
        let text = format!(
            "{EVERYBODY} @id(\"broken\") {effect}(principal, action, resource) when {{ context.risk * 9223372036854775807 < 0 }};"
        );
        let engine = engine(&text);
        let verdict = engine.evaluate(&after(&[Delta::Risk(user_id(0), 2)]), &asks(0, "wiki"));
        assert_eq!(verdict.reason(), Some(DenyReason::DeniedByPolicy), "{effect}");
        assert_eq!(verdict.policies().iter().map(ToString::to_string).collect::<Vec<_>>(), ["broken"]);
        let verdict = engine.evaluate(&small_world(), &asks(0, "wiki"));
        assert_eq!(verdict.outcome(), Outcome::Permit, "{effect} with risk 0, where the product is 0");
    }
}

#[test]
fn strangers_are_denied_before_any_policy() {
    let engine = engine(EVERYBODY);
    let permitted = |request: &AccessRequest, world: &World| reason(&engine, world, request).is_none();
    assert!(permitted(&asks(0, "wiki"), &small_world()));
    assert!(permitted(&anonymous("wiki"), &small_world()));

    let denied = |request: &AccessRequest, world: &World| {
        let verdict = engine.evaluate(world, request);
        assert!(verdict.policies().is_empty(), "{verdict:#?}");
        verdict.reason().unwrap()
    };
    // People.
    assert_eq!(denied(&asks(9, "wiki"), &small_world()), DenyReason::SubjectDisabled);
    let gone = after(&[Delta::UserGone(user_id(0))]);
    assert_eq!(denied(&asks(0, "wiki"), &gone), DenyReason::SubjectDisabled);
    let disabled = UserFacts { state: UserState::Disabled, ..user(0, groups(["finance"])) };
    assert_eq!(denied(&asks(0, "wiki"), &after(&[Delta::User(disabled)])), DenyReason::SubjectDisabled);
    // Apps. The parts of the administration are always there.
    assert_eq!(denied(&asks(0, "nowhere"), &small_world()), DenyReason::DeniedByPolicy);
    assert_eq!(denied(&anonymous("nowhere"), &small_world()), DenyReason::DeniedByPolicy);
    let admin = AccessRequest {
        resource: Resource::Admin(AdminArea::Log),
        action: Action::AdminRead,
        ..asks(0, "wiki")
    };
    assert!(permitted(&admin, &small_world()));
}

#[test]
fn a_session_must_be_there_be_theirs_and_be_alive() {
    let engine = engine(EVERYBODY);
    let ended = |request: &AccessRequest, world: &World| {
        assert_eq!(reason(&engine, world, request), Some(DenyReason::SessionEnded), "{request:#?}");
    };
    ended(&AccessRequest { session: None, ..asks(0, "wiki") }, &small_world());
    ended(&AccessRequest { session: Some(session_id(77)), ..asks(0, "wiki") }, &small_world());
    ended(&AccessRequest { session: Some(session_id(1)), ..asks(0, "wiki") }, &small_world());
    ended(&asks(0, "wiki"), &after(&[Delta::SessionGone(session_id(0))]));
    // It was last seen a minute ago and may lie unused for half an hour.
    let idle = NOW.plus(seconds(1740));
    assert_eq!(
        reason(&engine, &small_world(), &AccessRequest { now: before(idle, 1), ..asks(0, "wiki") }),
        None
    );
    ended(&AccessRequest { now: idle, ..asks(0, "wiki") }, &small_world());
    let mut used = session(0, 0);
    used.absolute_end = NOW;
    ended(&asks(0, "wiki"), &after(&[Delta::Session(used)]));
    ended(&AccessRequest { credential_ends: Some(NOW), ..asks(0, "wiki") }, &small_world());
    let later = NOW.plus(seconds(1));
    let request = AccessRequest { credential_ends: Some(later), ..asks(0, "wiki") };
    assert_eq!(reason(&engine, &small_world(), &request), None);
}

#[test]
fn a_device_must_be_enrolled_valid_and_the_one_that_signed_in() {
    let engine = engine(EVERYBODY);
    let from = |number: u8| AccessRequest { device: Some(device_id(number)), ..asks(0, "wiki") };
    assert_eq!(reason(&engine, &small_world(), &from(0)), Some(DenyReason::DeviceNotTrusted));
    let enrolled = after(&[Delta::Device(device(0)), Delta::Device(device(1))]);
    assert_eq!(reason(&engine, &enrolled, &from(0)), None);
    let mut expired = device(0);
    expired.valid_until = NOW;
    let expired = after(&[Delta::Device(expired)]);
    assert_eq!(reason(&engine, &expired, &from(0)), Some(DenyReason::DeviceNotTrusted));
    // The session was made on device 0 and shows up on device 1.
    let mut bound = session(0, 0);
    bound.device = Some(device_id(0));
    let bound = enrolled.apply(Revision::new(10), &[Delta::Session(bound)]).0;
    assert_eq!(reason(&engine, &bound, &from(0)), None);
    assert_eq!(reason(&engine, &bound, &from(1)), Some(DenyReason::DeviceNotTrusted));
    // No device proved itself: it counts as unknown, and the policy decides.
    assert_eq!(reason(&engine, &bound, &asks(0, "wiki")), None);
    let picky = crate::scene::engine(
        "@id(\"a\") permit(principal, action, resource) when { context.device.known || context.device.compliant };",
    );
    assert_eq!(reason(&picky, &bound, &asks(0, "wiki")), Some(DenyReason::DeviceNotTrusted));
    assert_eq!(reason(&picky, &bound, &from(0)), None);
}

#[test]
fn a_group_counts_through_other_groups() {
    let engine =
        engine("@id(\"staff\") permit(principal in Group::\"staff\", action, resource == App::\"wiki\");");
    assert_eq!(reason(&engine, &small_world(), &asks(0, "wiki")), None);
    assert_eq!(reason(&engine, &small_world(), &asks(1, "wiki")), Some(DenyReason::DeniedByPolicy));
    assert_eq!(reason(&engine, &small_world(), &asks(0, "payroll")), Some(DenyReason::DeniedByPolicy));
    let moved = after(&[Delta::User(user(0, groups(["elsewhere"])))]);
    assert_eq!(reason(&engine, &moved, &asks(0, "wiki")), Some(DenyReason::DeniedByPolicy));
}

#[test]
fn the_reason_is_what_alone_would_help() {
    for (condition, expected) in [
        ("context.session.level == \"strong\"", DenyReason::StepUpRequired),
        ("context.session.age < 60", DenyReason::StepUpRequired),
        ("context.session.mfa_age < 28800", DenyReason::StepUpRequired),
        ("context.session.amr.contains(\"otp\")", DenyReason::StepUpRequired),
        ("context.risk < 40", DenyReason::RiskTooHigh),
        ("context.device.compliant", DenyReason::DeviceNotTrusted),
        ("context.device.known && context.device.managed", DenyReason::DeviceNotTrusted),
        ("context.request.method == \"PUT\"", DenyReason::DeniedByPolicy),
        // Two at once: no single thing helps.
        ("context.risk < 40 && context.device.known", DenyReason::DeniedByPolicy),
        ("principal in Group::\"board\"", DenyReason::DeniedByPolicy),
    ] {
        let world = after(&[Delta::Risk(user_id(0), 50)]);
        let permit = format!("@id(\"a\") permit(principal, action, resource) when {{ {condition} }};");
        let verdict = engine(&permit).evaluate(&world, &asks(0, "wiki"));
        assert_eq!(verdict.reason(), Some(expected), "permit when {condition}");
        assert!(verdict.policies().is_empty());
        let forbid =
            format!("{EVERYBODY} @id(\"a\") forbid(principal, action, resource) unless {{ {condition} }};");
        let verdict = engine(&forbid).evaluate(&world, &asks(0, "wiki"));
        assert_eq!(verdict.reason(), Some(expected), "forbid unless {condition}");
        assert_eq!(verdict.policies().iter().map(ToString::to_string).collect::<Vec<_>>(), ["a"]);
    }
}

#[test]
fn what_is_unknown_never_helps() {
    // Each condition is one that a policy may ask for; to Anonymous nothing of it is true.
    for condition in [
        "context.session.level == \"basic\" || context.session.level == \"strong\"",
        "context.session.age < 300000000",
        "context.session.mfa_age < 300000000",
        "!context.session.amr.isEmpty()",
        "context.device.known || context.device.compliant || context.device.managed",
    ] {
        let engine =
            engine(&format!("@id(\"a\") permit(principal, action, resource) when {{ {condition} }};"));
        // A session in an anonymous request is nobody's sign-in.
        let carried = AccessRequest { session: Some(session_id(0)), ..anonymous("wiki") };
        for request in [anonymous("wiki"), carried] {
            assert_eq!(
                reason(&engine, &small_world(), &request),
                Some(DenyReason::SignInRequired),
                "{condition}"
            );
        }
    }
}

#[test]
fn what_is_public_is_permitted_to_anonymous_by_a_policy() {
    let engine = engine(
        "@id(\"public\") permit(principal is Anonymous, action == Action::\"http:read\", resource == App::\"wiki\") when { context.request.path like \"/public/*\" };",
    );
    let mut request = anonymous("wiki");
    assert_eq!(reason(&engine, &small_world(), &request), Some(DenyReason::SignInRequired));
    let mut http = (**request.http.as_ref().unwrap()).clone();
    http.path = String::from("/public/logo.svg");
    request.http = Some(http.into());
    assert_eq!(reason(&engine, &small_world(), &request), None);
    // It names Anonymous, so it is not about people.
    let person = AccessRequest { http: request.http, ..asks(0, "wiki") };
    assert_eq!(reason(&engine, &small_world(), &person), Some(DenyReason::DeniedByPolicy));
}

#[test]
fn a_grant_tells_what_was_decided_on() {
    let engine = engine(
        "@id(\"a\") permit(principal, action, resource == App::\"wiki\") when { context.session.level == \"basic\" && context.risk < 40 };
         @id(\"b\") permit(principal in Group::\"staff\", action, resource == App::\"wiki\");
         @id(\"c\") permit(principal, action in Action::\"admin\", resource);",
    );
    let world = after(&[Delta::Risk(user_id(0), 7), Delta::App(app("wiki"))]);
    let minter = Minter::new();
    let request = asks(0, "wiki");
    let Decision::Permit(grant) = engine.decide(&minter, &world, &request) else { panic!("denied") };
    assert_eq!(grant.decision_id(), request.decision_id);
    assert_eq!(grant.revision(), Revision::new(9));
    assert_eq!(grant.app().map(|app| app.host.as_str()), Some("wiki.example.org"));
    assert_eq!(grant.policies().iter().map(ToString::to_string).collect::<Vec<_>>(), ["a", "b"]);
    let context: Vec<(&str, &str)> =
        grant.context().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(context, [("risk", "7"), ("session.level", "basic")]);

    let admin = AccessRequest {
        resource: Resource::Admin(AdminArea::People),
        action: Action::AdminWrite,
        ..asks(0, "wiki")
    };
    let Decision::Permit(grant) = engine.decide(&minter, &world, &admin) else { panic!("denied") };
    assert!(grant.app().is_none() && grant.context().is_empty());

    let Decision::Deny(refusal) = engine.decide(&minter, &world, &asks(0, "payroll")) else {
        panic!("granted")
    };
    let denial = refusal.denial;
    assert_eq!((denial.request_id, denial.decision_id), (request.request_id, request.decision_id));
    assert_eq!((denial.reason, denial.revision), (DenyReason::DeniedByPolicy, Revision::new(9)));
    assert_eq!((denial.subject, denial.resource), (request.subject, asks(0, "payroll").resource));
    assert!(denial.remedies.is_empty() && denial.policies.is_empty());
}

#[test]
fn the_end_of_time_is_survived() {
    let engine = engine(
        "@id(\"a\") permit(principal, action, resource) when { context.time.hour < 30 && context.session.age >= 0 && context.time.now > datetime(\"1970-01-01\") };",
    );
    for instant in [Timestamp::MAX, Timestamp::from_micros(i64::MIN), Timestamp::from_micros(0)] {
        for request in [asks(0, "wiki"), anonymous("wiki")] {
            let request = AccessRequest { now: instant, ..request };
            let verdict = engine.evaluate(&small_world(), &request);
            assert!(verdict.valid_until() >= instant);
            assert!(engine.explain(&small_world(), &request).policies.len() <= 1);
            assert!(engine.remedies(&small_world(), &request).len() <= 3);
        }
    }
}

#[test]
fn a_reload_takes_over_what_has_not_changed() {
    let text = "@id(\"a\") permit(principal, action, resource == App::\"wiki\");\n@id(\"b\") forbid(principal, action, resource == App::\"payroll\");";
    let first = engine(text);
    assert_eq!(first.revision(), Revision::new(1));
    assert_eq!(first.policies().map(ToString::to_string).collect::<Vec<_>>(), ["a", "b"]);
    let changed = format!("\n// moved\n{}", text.replace("payroll", "wiki"));
    let sources = split_file("test.cedar", &changed).unwrap();
    let second = Engine::compile(Revision::new(5), &sources, Some(&first)).unwrap();
    assert_eq!(second.revision(), Revision::new(5));
    assert_eq!(first.evaluate(&small_world(), &asks(0, "wiki")).outcome(), Outcome::Permit);
    let verdict = second.evaluate(&small_world(), &asks(0, "wiki"));
    assert_eq!((verdict.outcome(), verdict.revision()), (Outcome::Deny, Revision::new(5)));
    // What was dropped is gone.
    let third = Engine::compile(Revision::new(6), &sources[..1], Some(&second)).unwrap();
    assert_eq!(third.evaluate(&small_world(), &asks(0, "wiki")).outcome(), Outcome::Permit);
}
