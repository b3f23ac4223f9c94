//! The trace of a decision.

use bartizan_model::{AccessRequest, DenyReason, Outcome, Revision};
use bartizan_policy::{Condition, Delta, Trace, World};

use crate::scene::{Maker, anonymous, asks, compile, engine, small_world, user_id};

const PAYROLL: &str = r#"
@id("payroll-staff") @reason("Finance staff, strong sign-in, healthy device")
permit (principal in Group::"finance", action in Action::"http", resource == App::"payroll")
when { context.session.level == "strong" && context.session.mfa_age < 28800 && context.risk < 40 };

@id("payroll-never-for-contractors")
forbid (principal in Group::"contractors", action, resource == App::"payroll")
unless { context.request.source.isLoopback() || context.session.amr.contains("hwk") };

@id("wiki")
permit (principal is User, action, resource == App::"wiki");
"#;

fn trace(request: &AccessRequest) -> Trace {
    engine(PAYROLL).explain(&small_world(), request)
}

fn condition(text: &str, value: &str, holds: bool) -> Condition {
    Condition { text: text.into(), value: value.into(), holds }
}

#[test]
fn each_condition_is_shown_with_the_value_that_it_met() {
    let trace = trace(&asks(0, "payroll"));
    assert_eq!((trace.outcome, trace.reason), (Outcome::Deny, Some(DenyReason::StepUpRequired)));
    let ids: Vec<&str> = trace.policies.iter().map(|policy| policy.id.as_str()).collect();
    assert_eq!(ids, ["payroll-staff", "payroll-never-for-contractors"]);
    let subject = format!("User::\"{}\" in [finance, staff]", user_id(0));
    assert_eq!(
        trace.policies[0].conditions,
        [
            condition("principal in Group::\"finance\"", &subject, true),
            condition("action in Action::\"http\"", "Action::\"http:read\"", true),
            condition("resource == App::\"payroll\"", "App::\"payroll\"", true),
            condition("context.session.level == \"strong\"", "context.session.level = \"basic\"", false),
            condition("context.session.mfa_age < 28800", "context.session.mfa_age = 315360000", false),
            condition("context.risk < 40", "context.risk = 0", true),
        ]
    );
    assert!(!trace.policies[0].satisfied);
    assert_eq!(trace.policies[0].about.as_deref(), Some("Finance staff, strong sign-in, healthy device"));
    assert_eq!(
        trace.policies[1].conditions,
        [
            condition("principal in Group::\"contractors\"", &subject, false),
            condition("resource == App::\"payroll\"", "App::\"payroll\"", true),
            condition(
                "unless context.request.source.isLoopback()",
                "context.request.source = ip(\"127.0.0.1\")",
                false
            ),
            condition(
                "unless context.session.amr.contains(\"hwk\")",
                "context.session.amr = {\"pwd\"}",
                true
            ),
        ]
    );
}

#[test]
fn it_has_the_form_of_the_contract() {
    let json = serde_json::to_value(trace(&anonymous("payroll"))).unwrap();
    assert_eq!((&json["outcome"], &json["reason"]), (&"deny".into(), &"sign_in_required".into()));
    assert_eq!(json["revision"], 1);
    let policy = &json["policies"][0];
    assert_eq!((&policy["id"], &policy["effect"]), (&"payroll-staff".into(), &"permit".into()));
    assert_eq!(policy["satisfied"], false);
    assert_eq!(policy["conditions"][0]["text"], "principal in Group::\"finance\"");
    assert_eq!(policy["conditions"][0]["value"], "Anonymous");
    assert_eq!(policy["conditions"][0]["holds"], false);
    assert_eq!(json["policies"][1]["effect"], "forbid");
}

#[test]
fn what_decided_comes_first() {
    let engine = engine(
        "@id(\"a\") permit(principal, action, resource) when { context.device.known && context.device.compliant };
         @id(\"b\") permit(principal, action, resource);
         @id(\"c\") forbid(principal, action, resource) when { context.risk > 10 };
         @id(\"d\") permit(principal in Group::\"nobody\", action, resource) when { context.device.known && context.device.compliant };
         @id(\"e\") permit(principal, action, resource) when { context.device.known };
         @id(\"f\") permit(principal, action == Action::\"token:issue\", resource);",
    );
    let order = |risk: u8| {
        let world = small_world().apply(Revision::new(2), &[Delta::Risk(user_id(0), risk)]).0;
        let trace = engine.explain(&world, &asks(0, "wiki"));
        let ids: Vec<String> = trace.policies.iter().map(|policy| policy.id.to_string()).collect();
        (trace.outcome, ids.concat())
    };
    assert_eq!(order(0), (Outcome::Permit, String::from("beadcf")));
    assert_eq!(order(50), (Outcome::Deny, String::from("bceadf")));
}

#[test]
fn what_failed_says_so() {
    let engine = engine(
        "@id(\"a\") permit(principal, action, resource) when { context.risk * 9223372036854775807 > 3 };",
    );
    let world = small_world().apply(Revision::new(2), &[Delta::Risk(user_id(0), 50)]).0;
    let trace = engine.explain(&world, &asks(0, "wiki"));
    let condition = &trace.policies[0].conditions[0];
    assert!(
        !condition.holds && condition.value.starts_with("context.risk = 50, cannot be evaluated:"),
        "{trace:#?}"
    );
}

#[test]
fn a_policy_applies_exactly_when_all_its_conditions_hold() {
    for seed in 0..16 {
        let maker = Maker::new(40_000 + seed);
        let engine = compile(&maker.sources(14));
        let world = World::new().apply(Revision::new(1), &maker.facts()).0;
        for _ in 0..12 {
            let request = maker.request();
            let trace = engine.explain(&world, &request);
            let verdict = engine.evaluate(&world, &request);
            assert_eq!((trace.outcome, trace.reason), (verdict.outcome(), verdict.reason()));
            for policy in &trace.policies {
                let all = policy.conditions.iter().all(|condition| condition.holds);
                // A conjunct may fail to evaluate where an earlier one is false; then neither side says yes.
                assert_eq!(policy.satisfied, all, "seed {seed}: {request:#?}\n{policy:#?}");
            }
            let shown = |id: &bartizan_model::PolicyId| trace.policies.iter().any(|policy| policy.id == *id);
            assert!(verdict.policies().iter().all(shown), "seed {seed}: {trace:#?}");
        }
    }
}

#[test]
fn a_trace_is_never_longer_than_anybody_reads() {
    let text: String = (0..700)
        .map(|number| {
            format!("@id(\"p{number}\") permit(principal in Group::\"g{number}\", action, resource);\n")
        })
        .chain(["@id(\"z\") forbid(principal, action, resource == App::\"wiki\");".into()])
        .collect();
    let trace = engine(&text).explain(&small_world(), &asks(0, "wiki"));
    assert_eq!(trace.policies.len(), 50);
    assert_eq!(trace.policies[0].id.as_str(), "z");
}
