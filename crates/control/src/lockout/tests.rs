use std::collections::BTreeSet;

use bartizan_model::{AppFacts, Audit, GroupName, Revision};
use bartizan_policy::{PolicySource, split_file};

use super::*;

/// The policies that every deployment begins with, in their essence.
const OWN: &str = r#"
@id("own-sign-in") permit (principal, action in Action::"http", resource == App::"auth");
@id("own-console") permit (principal in Group::"admins", action in Action::"http", resource == App::"console")
when { context.session.level == "strong" };
@id("own-administration") permit (principal in Group::"admins", action in Action::"admin", resource)
when { context.session.level == "strong" };
"#;

fn user(number: u8, state: UserState, groups: &[&str]) -> Delta {
    let groups = groups.iter().map(|group| group.parse::<GroupName>().unwrap()).collect::<BTreeSet<_>>();
    Delta::User(UserFacts { id: UserId::from_bytes([number; 16]), state, groups, sealing_key: None })
}

fn app(name: &str) -> Delta {
    Delta::App(AppFacts {
        name: name.parse().unwrap(),
        host: format!("{name}.example.com"),
        upstream: None,
        ca: None,
        pass_host: true,
        wire: bartizan_model::WireRules::default(),
        lease: None,
        audit: Audit::Normal,
        groups: BTreeSet::new(),
    })
}

fn asked(policies: &str, facts: &[Delta]) -> Result<(), String> {
    let sources: Vec<PolicySource> = split_file("own.cedar", policies).unwrap();
    let engine = Engine::compile(Revision::new(1), &sources, None).unwrap();
    let (world, _) = World::new().apply(Revision::new(1), facts);
    // 2026-11-24T08:00:00Z
    let now = Timestamp::from_micros(1_795_507_200_000_000);
    keep_the_door_open(&engine, &world, now, IpAddr::from([192, 0, 2, 1])).map_err(|error| error.to_string())
}

fn usual() -> Vec<Delta> {
    vec![
        app("auth"),
        app("console"),
        user(1, UserState::Active, &["admins"]),
        user(2, UserState::Active, &[]),
    ]
}

#[test]
fn the_usual_deployment_is_open() {
    assert_eq!(asked(OWN, &usual()), Ok(()));
}

#[test]
fn it_makes_no_difference_by_which_way_the_door_is_shut() {
    let administrators = "no active administrator would be left";
    let sign_in = "nobody could sign in any more";
    let without = |id: &str| {
        let kept = OWN.split_inclusive(";\n").filter(|policy| !policy.contains(&format!("\"{id}\"")));
        kept.collect::<String>()
    };
    let with = |more: &str| format!("{OWN}{more}");
    let people = |people: &[Delta]| [&[app("auth"), app("console")][..], people].concat();
    for (what, policies, facts, expected) in [
        ("no account", OWN.to_owned(), people(&[]), administrators),
        ("disabled", OWN.to_owned(), people(&[user(1, UserState::Disabled, &["admins"])]), administrators),
        ("left the group", OWN.to_owned(), people(&[user(1, UserState::Active, &["staff"])]), administrators),
        ("policy gone", without("own-administration"), usual(), administrators),
        ("console closed", without("own-console"), usual(), administrators),
        ("sign-in closed", without("own-sign-in"), usual(), sign_in),
        (
            "one area closed",
            with(
                "@id(\"f\") forbid (principal, action == Action::\"admin:write\", resource == Admin::\"people\");",
            ),
            usual(),
            administrators,
        ),
        (
            "address",
            with(
                "@id(\"f\") forbid (principal, action in Action::\"admin\", resource) unless { context.request.source.isInRange(ip(\"10.0.0.0/8\")) };",
            ),
            usual(),
            administrators,
        ),
        (
            "anonymous may read and not post",
            with("@id(\"f\") forbid (principal is Anonymous, action == Action::\"http:write\", resource);"),
            usual(),
            sign_in,
        ),
        ("auth gone", OWN.to_owned(), usual()[1..].to_vec(), sign_in),
        ("console gone", OWN.to_owned(), [vec![app("auth")], usual()[2..].to_vec()].concat(), administrators),
    ] {
        let refused = asked(&policies, &facts).unwrap_err();
        assert!(refused.contains(expected), "{what}: {refused}");
    }
}

#[test]
fn what_leaves_one_way_open_is_permitted() {
    // Somebody who administers by another group than ours.
    let policies = OWN.replace("Group::\"admins\"", "Group::\"operators\"");
    assert!(asked(&policies, &usual()).is_err());
    let mut facts = usual();
    facts.push(user(3, UserState::Active, &["operators"]));
    assert_eq!(asked(&policies, &facts), Ok(()));
    // The second administrator is enough.
    let mut facts = usual();
    facts[2] = user(1, UserState::Disabled, &["admins"]);
    facts.push(user(3, UserState::Active, &["admins"]));
    assert_eq!(asked(OWN, &facts), Ok(()));
    // A forbid that a fresh sign-in does not meet.
    let fresh = "@id(\"f\") forbid (principal, action in Action::\"admin\", resource) when { context.session.mfa_age > 900 };";
    assert_eq!(asked(&format!("{OWN}{fresh}"), &usual()), Ok(()));
}
