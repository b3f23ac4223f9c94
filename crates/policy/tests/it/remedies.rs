//! The ways out of a denial: each of them works.

use std::collections::BTreeSet;

use bartizan_model::{
    AccessRequest, AuthLevel, DenyReason, DeviceFacts, Outcome, Remedy, RemedyKind, Revision, SessionFacts,
    Subject, Timestamp,
};
use bartizan_policy::{Delta, Engine, World};

use crate::scene::{
    Maker, NOW, anonymous, asks, before, compile, device, device_id, engine, groups, seconds, session,
    session_id, small_world, user, user_id,
};

fn kinds(remedies: &[Remedy]) -> Vec<RemedyKind> {
    remedies.iter().map(|remedy| remedy.kind).collect()
}

fn permits(engine: &Engine, world: &World, deltas: &[Delta], request: &AccessRequest) -> bool {
    let (world, _) = world.apply(Revision::new(99), deltas);
    engine.evaluate(&world, request).outcome() == Outcome::Permit
}

#[test]
fn what_is_permitted_needs_no_remedy_and_for_some_things_there_is_none() {
    let open = engine("@id(\"a\") permit(principal, action, resource);");
    assert!(open.remedies(&small_world(), &asks(0, "wiki")).is_empty());
    let disabled =
        bartizan_model::UserFacts { state: bartizan_model::UserState::Disabled, ..user(0, BTreeSet::new()) };
    let world = small_world().apply(Revision::new(2), &[Delta::User(disabled)]).0;
    assert!(open.remedies(&world, &asks(0, "wiki")).is_empty());
    let closed = engine("@id(\"a\") permit(principal in Group::\"board\", action, resource);");
    assert!(closed.remedies(&small_world(), &asks(0, "wiki")).is_empty());
    let forbidden = engine(
        "@id(\"a\") permit(principal, action, resource); @id(\"b\") forbid(principal, action, resource == App::\"wiki\");",
    );
    assert!(forbidden.remedies(&small_world(), &asks(0, "wiki")).is_empty());
    assert!(forbidden.remedies(&small_world(), &anonymous("wiki")).is_empty());
}

#[test]
fn the_smallest_change_is_offered() {
    use RemedyKind::{EnrolDevice, MendDevice, Reauthenticate, StepUp, Wait};
    for (condition, expected) in [
        ("context.session.level == \"strong\"", vec![StepUp]),
        ("context.session.mfa_age < 60", vec![StepUp]),
        ("context.session.age < 60", vec![Reauthenticate]),
        ("context.session.age < 60 && context.session.level == \"strong\"", vec![StepUp]),
        ("context.device.known", vec![EnrolDevice]),
        ("context.risk < 40", vec![Wait]),
        ("context.risk < 40 || context.session.level == \"strong\"", vec![StepUp, Wait]),
        ("context.time.hour >= 9", vec![Wait]),
        ("context.time.weekday >= 3", vec![Wait]),
        ("context.time.now > datetime(\"2026-11-24T20:00:00Z\")", vec![Wait]),
        ("context.time.now > datetime(\"2026-11-26\")", vec![]),
        ("context.session.age > 4000", vec![Wait]),
        ("context.risk < 40 && context.session.level == \"strong\"", vec![]),
        ("context.request.method == \"PUT\"", vec![]),
    ] {
        let engine =
            engine(&format!("@id(\"a\") permit(principal, action, resource) when {{ {condition} }};"));
        let world = small_world().apply(Revision::new(2), &[Delta::Risk(user_id(0), 50)]).0;
        let remedies = engine.remedies(&world, &asks(0, "wiki"));
        assert_eq!(kinds(&remedies), expected, "{condition}");
        // A device that is known but not in order is mended.
        let broken = DeviceFacts { compliant: false, managed: false, ..device(0) };
        let world = world.apply(Revision::new(3), &[Delta::Device(broken)]).0;
        let request = AccessRequest { device: Some(device_id(0)), ..asks(0, "wiki") };
        let compliant = crate::scene::engine(
            "@id(\"a\") permit(principal, action, resource) when { context.device.compliant };",
        );
        assert_eq!(kinds(&compliant.remedies(&world, &request)), [MendDevice]);
    }
}

#[test]
fn waiting_says_until_when() {
    let engine = engine("@id(\"a\") permit(principal, action, resource) when { context.time.hour >= 9 };");
    let remedies = engine.remedies(&small_world(), &asks(0, "wiki"));
    assert_eq!(remedies[0].text, "Wait until 2026-11-24 09:00 UTC");
}

#[test]
fn the_words_of_the_policy_are_added() {
    let engine = engine(
        "@id(\"a\") @remedy(\"Ask the service desk for a key.\") permit(principal, action, resource) when { context.session.level == \"strong\" };",
    );
    let remedies = engine.remedies(&small_world(), &asks(0, "wiki"));
    assert_eq!(
        remedies[0].text,
        "Confirm that it is you with a second factor. Ask the service desk for a key."
    );
    assert_eq!(remedies[0].url, None);
}

#[test]
fn who_is_not_signed_in_is_sent_to_sign_in_only_if_somebody_could_get_in() {
    let engine = engine(
        "@id(\"a\") permit(principal in Group::\"finance\", action, resource == App::\"payroll\") when { context.session.level == \"strong\" };
         @id(\"b\") forbid(principal, action, resource == App::\"wiki\");
         @id(\"c\") permit(principal in Group::\"finance\", action, resource == App::\"wiki\");",
    );
    assert_eq!(kinds(&engine.remedies(&small_world(), &anonymous("payroll"))), [RemedyKind::SignIn]);
    assert!(engine.remedies(&small_world(), &anonymous("wiki")).is_empty());
}

#[test]
fn whose_session_has_ended_signs_in_again() {
    let open = engine(
        "@id(\"a\") permit(principal, action, resource) when { context.session.level == \"strong\" };",
    );
    let late = AccessRequest { now: NOW.plus(seconds(100_000)), ..asks(0, "wiki") };
    let remedies = open.remedies(&small_world(), &late);
    assert_eq!(kinds(&remedies), [RemedyKind::SignIn]);
    let gone = AccessRequest { session: Some(session_id(55)), ..asks(0, "wiki") };
    assert_eq!(kinds(&open.remedies(&small_world(), &gone)), [RemedyKind::SignIn]);
    let ended = AccessRequest { credential_ends: Some(before(NOW, 5)), ..asks(0, "wiki") };
    assert_eq!(kinds(&open.remedies(&small_world(), &ended)), [RemedyKind::SignIn]);
    let closed = engine("@id(\"a\") permit(principal in Group::\"board\", action, resource);");
    assert!(closed.remedies(&small_world(), &late).is_empty());
}

/// What a person does who takes this way, tried without the engine's own idea of it.
fn taken(remedy: &Remedy, world: &World, request: &AccessRequest) -> Vec<(Vec<Delta>, AccessRequest)> {
    let user = request.subject.user();
    let known = request.session.and_then(|id| world.session(id)).map(|session| (**session).clone());
    let fresh = |level: AuthLevel, auth_time: Timestamp| {
        let known = known.clone().unwrap_or_else(|| SessionFacts { device: request.device, ..session(0, 0) });
        let mut amr = known.amr.clone();
        amr.extend(["pwd".into(), "otp".into()]);
        SessionFacts { auth_time, mfa_time: Some(request.now), level, amr, ..known }
    };
    match remedy.kind {
        RemedyKind::StepUp => {
            let auth_time = known.as_ref().unwrap().auth_time;
            [auth_time, request.now]
                .map(|auth_time| (vec![Delta::Session(fresh(AuthLevel::Strong, auth_time))], request.clone()))
                .into()
        }
        RemedyKind::Reauthenticate => {
            let known = known.unwrap();
            let mfa_time = known.mfa_time.map(|_| request.now);
            let again = SessionFacts { auth_time: request.now, mfa_time, ..known };
            vec![(vec![Delta::Session(again)], request.clone())]
        }
        RemedyKind::SignIn => {
            let mut ways = Vec::new();
            for level in [AuthLevel::Basic, AuthLevel::Strong] {
                let mut again = SessionFacts {
                    id: session_id(66),
                    last_seen: request.now,
                    idle_timeout: seconds(600),
                    absolute_end: request.now.plus(seconds(600)),
                    device: request.device,
                    ..fresh(level, request.now)
                };
                if level == AuthLevel::Basic
                    && let Some(known) = &known
                {
                    again.level = known.level;
                    again.amr.clone_from(&known.amr);
                    again.mfa_time = known.mfa_time.map(|_| request.now);
                }
                let people = match user {
                    Some(user) => vec![world.user(user).map(|facts| (**facts).clone()).unwrap()],
                    // Everybody there could be, by their groups.
                    None => (0..1_u16 << crate::scene::GROUPS)
                        .map(|set| {
                            let names: Vec<String> = (0..crate::scene::GROUPS)
                                .filter(|number| set & (1 << number) != 0)
                                .map(|number| format!("g{number}"))
                                .collect();
                            crate::scene::user(50, groups(names.iter().map(String::as_str)))
                        })
                        .chain(world.users().map(|user| (**user).clone()))
                        .collect(),
                };
                for person in people {
                    let session = SessionFacts { subject: Subject::User(person.id), ..again.clone() };
                    let mut request = request.clone();
                    request.subject = Subject::User(person.id);
                    request.session = Some(session.id);
                    if user.is_some() {
                        request.credential_ends = None;
                    }
                    ways.push((vec![Delta::User(person), Delta::Session(session)], request));
                }
            }
            ways
        }
        RemedyKind::MendDevice => {
            let broken = world.device(request.device.unwrap()).unwrap();
            let mended = DeviceFacts { compliant: true, ..(**broken).clone() };
            vec![(vec![Delta::Device(mended)], request.clone())]
        }
        RemedyKind::EnrolDevice => [false, true]
            .map(|managed| {
                let made_on = known.as_ref().and_then(|session| session.device);
                let id = request.device.or(made_on).unwrap_or(device_id(40));
                let new = DeviceFacts { managed, ..device(0) };
                let new = DeviceFacts { id, valid_until: Timestamp::MAX, ..new };
                (vec![Delta::Device(new)], AccessRequest { device: Some(id), ..request.clone() })
            })
            .into(),
        RemedyKind::Wait => {
            let calm = user.map(|user| (vec![Delta::Risk(user, 0)], request.clone()));
            // Not any time, but the one that is named.
            let named = remedy.text.split_once("Wait until ").and_then(|(_, rest)| rest.split_once(" UTC"));
            let instants =
                named.and_then(|(minute, _)| format!("{}:00Z", minute.replace(' ', "T")).parse().ok());
            let instants = instants.into_iter();
            let waited = instants.map(|now: Timestamp| {
                let kept = known.clone().map(|session| {
                    let absolute_end = session.absolute_end.max(now.plus(seconds(60)));
                    Delta::Session(SessionFacts { last_seen: now, absolute_end, ..session })
                });
                (kept.into_iter().collect(), AccessRequest { now, ..request.clone() })
            });
            calm.into_iter().chain(waited).collect()
        }
        RemedyKind::RequestAccess | RemedyKind::SwitchAccount => {
            panic!("not the engine's to offer: {remedy:?}")
        }
    }
}

#[test]
fn each_remedy_flips_the_decision() {
    let mut offered = std::collections::BTreeMap::<RemedyKind, u32>::new();
    for seed in 0..450 {
        let mut maker = Maker::new(50_000 + seed);
        maker.opaque_clocks = false;
        let engine = compile(&maker.simple_sources());
        for _ in 0..6 {
            let world = World::new().apply(Revision::new(1), &maker.facts()).0;
            let mut request = maker.request();
            if maker.chance(15) {
                request.now = request.now.plus(seconds(9000));
            }
            let verdict = engine.evaluate(&world, &request);
            let remedies = engine.remedies(&world, &request);
            if verdict.outcome() == Outcome::Permit {
                assert!(remedies.is_empty());
                continue;
            }
            // Nobody signs in for a program, or confirms anything.
            if let Subject::Service(_) = request.subject {
                let reason = verdict.reason().unwrap();
                assert!(
                    !matches!(reason, DenyReason::SignInRequired | DenyReason::StepUpRequired),
                    "{reason}"
                );
                assert!(kinds(&remedies).iter().all(|kind| *kind == RemedyKind::Wait), "{remedies:#?}");
            }
            for remedy in remedies {
                *offered.entry(remedy.kind).or_default() += 1;
                let works = taken(&remedy, &world, &request)
                    .iter()
                    .any(|(deltas, request)| permits(&engine, &world, deltas, request));
                assert!(works, "seed {seed}: {remedy:#?}\n{request:#?}");
            }
            // And where the reason names a way, that way is among the remedies.
            let named = match verdict.reason() {
                Some(DenyReason::StepUpRequired) => {
                    let kinds = kinds(&engine.remedies(&world, &request));
                    kinds.contains(&RemedyKind::StepUp) || kinds.contains(&RemedyKind::Reauthenticate)
                }
                Some(DenyReason::RiskTooHigh) => {
                    kinds(&engine.remedies(&world, &request)).contains(&RemedyKind::Wait)
                }
                _ => true,
            };
            assert!(named, "seed {seed}: {verdict:#?}\n{request:#?}");
        }
    }
    for kind in [
        RemedyKind::SignIn,
        RemedyKind::StepUp,
        RemedyKind::Reauthenticate,
        RemedyKind::EnrolDevice,
        RemedyKind::MendDevice,
        RemedyKind::Wait,
    ] {
        assert!(offered.get(&kind).is_some_and(|count| *count >= 3), "{offered:?}");
    }
}
