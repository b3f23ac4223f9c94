//! No change of the world changes a decision without touching a key of it.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_model::{Resource, Revision};
use bartizan_policy::{Delta, Key, World};

use crate::scene::{Maker, app, asks, compile, group, groups, session, small_world, user, user_id};
use bartizan_model::{GroupFacts, Subject};

const RUNS: u64 = 16;
const STEPS: usize = 150;

#[test]
fn a_decision_changes_only_with_a_touched_key() {
    // For each kind of key: how often a decision changed that had been touched by this key alone.
    let mut alone: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..RUNS {
        let mut maker = Maker::new(20_000 + seed);
        maker.opaque_clocks = false;
        let engine = compile(&maker.sources(16));
        let mut world = World::new().apply(Revision::new(1), &maker.facts()).0;
        let requests: Vec<_> = (0..12).map(|_| maker.request()).collect();
        for step in 0..STEPS {
            let deltas: Vec<Delta> = (0..=maker.below(2)).map(|_| maker.delta()).collect();
            let revision = Revision::new(u64::try_from(step).unwrap() + 2);
            let (next, touched) = world.apply(revision, &deltas);
            assert_eq!(next.revision(), revision);
            for request in &requests {
                let (before, after) = (engine.evaluate(&world, request), engine.evaluate(&next, request));
                let changed = (before.reason(), before.policies(), before.valid_until(), before.context())
                    != (after.reason(), after.policies(), after.valid_until(), after.context());
                let read: BTreeSet<Key> = world.keys(request).into_iter().chain(next.keys(request)).collect();
                let found: Vec<&Key> = read.intersection(&touched.keys).collect();
                assert!(!changed || !found.is_empty(), "seed {seed}: {deltas:#?} changes {request:#?}");
                if changed && let [only] = found.as_slice() {
                    *alone.entry(kind(only)).or_default() += 1;
                }
            }
            world = next;
        }
    }
    // Each kind of key is the only one that saves some decision from being missed.
    for kind in ["subject", "group", "session", "device", "resource", "risk"] {
        assert!(alone.get(kind).is_some_and(|count| *count >= 10), "{kind}: {alone:?}");
    }
}

fn kind(key: &Key) -> &'static str {
    match key {
        Key::Subject(_) => "subject",
        Key::Group(_) => "group",
        Key::Session(_) => "session",
        Key::Device(_) => "device",
        Key::Resource(_) => "resource",
        Key::Risk(_) => "risk",
    }
}

#[test]
fn facts_that_stay_the_same_touch_nothing() {
    let maker = Maker::new(1);
    let facts = maker.facts();
    let (world, touched) = World::new().apply(Revision::new(1), &facts);
    assert!(touched.keys.len() > 20);
    let (next, touched) = world.apply(Revision::new(2), &facts);
    assert!(touched.keys.is_empty(), "{touched:?}");
    assert_eq!(next.revision(), Revision::new(2));
    let gone =
        [Delta::UserGone(user_id(99)), Delta::GroupGone(group("nowhere")), Delta::Risk(user_id(99), 0)];
    assert!(world.apply(Revision::new(2), &gone).1.keys.is_empty());
}

#[test]
fn an_old_world_stays_as_it_was() {
    let old = small_world();
    let (new, _) = old.apply(Revision::new(2), &[Delta::UserGone(user_id(0)), Delta::App(app("third"))]);
    assert!(old.user(user_id(0)).is_some() && new.user(user_id(0)).is_none());
    assert_eq!((old.apps().count(), new.apps().count()), (2, 3));
    assert_eq!((old.revision(), new.revision()), (Revision::new(1), Revision::new(2)));
}

#[test]
fn groups_are_reached_through_groups_and_cycles_end() {
    let parents = |name: &str, parents: &[&str]| {
        Delta::Group(GroupFacts { name: group(name), parents: groups(parents.iter().copied()) })
    };
    let deltas = [
        parents("team", &["department"]),
        parents("department", &["company", "team"]),
        parents("company", &["holding"]),
        parents("other", &["elsewhere"]),
        Delta::User(user(0, groups(["team", "unknown"]))),
    ];
    let (world, _) = World::new().apply(Revision::new(1), &deltas);
    let reached = groups(["team", "department", "company", "holding", "unknown"]);
    assert_eq!(world.groups_of(user_id(0)), reached);
    assert!(world.groups_of(user_id(1)).is_empty());
    let keys = world.keys(&asks(0, "wiki"));
    for name in reached {
        assert!(keys.contains(&Key::Group(name)));
    }
    // A group three levels up that nobody described yet gets a parent: whoever reaches it is touched.
    let (next, touched) = world.apply(Revision::new(2), &[parents("holding", &["world"])]);
    assert_eq!(touched.keys, BTreeSet::from([Key::Group(group("holding"))]));
    assert!(next.groups_of(user_id(0)).contains(&group("world")));
}

#[test]
fn a_long_chain_of_groups_is_followed_to_its_end() {
    let chain: Vec<Delta> = (0..5000)
        .map(|number| {
            let parents = groups([format!("c{}", number + 1).as_str()]);
            Delta::Group(GroupFacts { name: group(&format!("c{number}")), parents })
        })
        .chain([Delta::User(user(0, groups(["c0"])))])
        .collect();
    let (world, _) = World::new().apply(Revision::new(1), &chain);
    assert_eq!(world.groups_of(user_id(0)).len(), 5001);
}

#[test]
fn a_host_leads_to_the_one_app_that_claims_it() {
    let world = small_world();
    let name = |host: &str, world: &World| world.app_by_host(host).map(|app| app.name.to_string());
    assert_eq!(name("wiki.example.org", &world), Some(String::from("wiki")));
    assert_eq!(name("nobody.example.org", &world), None);
    let mut thief = app("thief");
    thief.host = String::from("wiki.example.org");
    let (both, _) = world.apply(Revision::new(2), &[Delta::App(thief.clone())]);
    assert_eq!(name("wiki.example.org", &both), None);
    thief.host = String::from("thief.example.org");
    let (moved, touched) = both.apply(Revision::new(3), &[Delta::App(thief)]);
    assert_eq!(name("wiki.example.org", &moved), Some(String::from("wiki")));
    assert_eq!(name("thief.example.org", &moved), Some(String::from("thief")));
    let key = Key::Resource(Resource::App("thief".parse().unwrap()));
    assert_eq!(touched.keys, BTreeSet::from([key]));
    let (gone, _) = moved.apply(Revision::new(4), &[Delta::AppGone("wiki".parse().unwrap())]);
    assert_eq!(name("wiki.example.org", &gone), None);
}

#[test]
fn risk_is_at_most_a_hundred_and_zero_when_unknown() {
    let (world, touched) = World::new().apply(Revision::new(1), &[Delta::Risk(user_id(0), 250)]);
    assert_eq!((world.risk(user_id(0)), world.risk(user_id(1))), (100, 0));
    assert_eq!(touched.keys, BTreeSet::from([Key::Risk(user_id(0))]));
    assert!(world.apply(Revision::new(2), &[Delta::Risk(user_id(0), 100)]).1.keys.is_empty());
    assert_eq!(world.apply(Revision::new(2), &[Delta::Risk(user_id(0), 0)]).0.risk(user_id(0)), 0);
}

#[test]
fn a_delta_survives_its_json_form() {
    let maker = Maker::new(3);
    for _ in 0..200 {
        let delta = maker.delta();
        let text = serde_json::to_string(&delta).unwrap();
        assert_eq!(serde_json::from_str::<Delta>(&text).unwrap(), delta, "{text}");
    }
    let ended = serde_json::to_value(Delta::SessionGone(session(0, 0).id)).unwrap();
    assert_eq!(ended["session_gone"], "65656565-6565-6565-6565-656565656565");
    assert_eq!(small_world().keys(&asks(0, "wiki"))[0], Key::Subject(Subject::User(user_id(0))));
}
