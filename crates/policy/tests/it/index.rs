//! The index leaves out nothing that matters: the engine answers as Cedar does when it is given every policy.

use std::collections::{BTreeSet, HashSet};

use bartizan_model::{AccessRequest, AdminArea, AuthLevel, Outcome, Resource, Revision, Subject};
use bartizan_policy::{PolicySource, World, schema_text};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PolicyId,
    PolicySet, Request, Schema,
};
use serde_json::{Value, json};

use crate::scene::{Maker, compile};

/// Engines × worlds × circumstances × questions: more than 100,000 in all.
const ENGINES: u64 = 58;
const WORLDS: usize = 6;
const CIRCUMSTANCES: usize = 24;
const QUESTIONS: usize = 12;
const POLICIES: usize = 20;

/// Ten years: what the context says when something never happened.
const NEVER: i64 = 315_360_000;

#[test]
fn the_engine_answers_as_cedar_does_without_an_index() {
    let halves = [0..ENGINES / 2, ENGINES / 2..ENGINES];
    let total = std::thread::scope(|scope| {
        let threads =
            halves.map(|seeds| scope.spawn(|| seeds.map(compare).fold(Count::default(), Count::plus)));
        threads.into_iter().map(|thread| thread.join().unwrap()).fold(Count::default(), Count::plus)
    });
    assert!(total.asked >= 100_000, "{total:?}");
    assert!(total.permitted > total.asked / 20, "{total:?}: the test says little");
    assert!(total.failed > total.asked / 100, "{total:?}: the test says little");
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    asked: u32,
    permitted: u32,
    failed: u32,
}

impl Count {
    fn plus(self, other: Self) -> Self {
        Self {
            asked: self.asked + other.asked,
            permitted: self.permitted + other.permitted,
            failed: self.failed + other.failed,
        }
    }
}

/// Asks both of them, with the policies that follow from this seed.
fn compare(seed: u64) -> Count {
    let (schema, _) = Schema::from_cedarschema_str(schema_text()).unwrap();
    let authorizer = Authorizer::new();
    let maker = Maker::new(seed);
    let sources = maker.sources(POLICIES);
    let engine = compile(&sources);
    let whole = whole_set(&sources);
    let mut count = Count::default();
    for _ in 0..WORLDS {
        let world = World::new().apply(Revision::new(1), &maker.facts()).0;
        let entities = every_entity(&world, &schema);
        for _ in 0..CIRCUMSTANCES {
            let mut request = maker.request();
            // What is refused before the policies is no question for Cedar.
            make_acceptable(&world, &mut request);
            let context = full_context(&world, &request, &schema);
            for _ in 0..QUESTIONS {
                let verdict = engine.evaluate(&world, &request);
                let full = cedar_request(&request, context.clone());
                let answer = authorizer.is_authorized(&full, &whole, &entities);
                let failed = answer.diagnostics().errors().next().is_some();
                let expected = answer.decision() == Decision::Allow && !failed;
                assert_eq!(
                    verdict.outcome() == Outcome::Permit,
                    expected,
                    "seed {seed}: {request:#?}\n{verdict:#?}\n{answer:#?}\n{sources:#?}"
                );
                count = count.plus(Count { asked: 1, permitted: expected.into(), failed: failed.into() });
                if !failed {
                    // Cedar names what permitted; or what forbade, and nothing if nothing permitted.
                    let reasons: BTreeSet<String> =
                        answer.diagnostics().reason().map(ToString::to_string).collect();
                    let ours: BTreeSet<String> = verdict.policies().iter().map(ToString::to_string).collect();
                    assert_eq!(ours, reasons, "seed {seed}: {request:#?}");
                }
                let other = maker.request();
                (request.resource, request.action) = (other.resource, other.action);
            }
        }
    }
    count
}

fn whole_set(sources: &[PolicySource]) -> PolicySet {
    let policies = sources
        .iter()
        .map(|source| Policy::parse(Some(PolicyId::new(source.id.as_str())), &source.text).unwrap());
    PolicySet::from_policies(policies).unwrap()
}

fn make_acceptable(world: &World, request: &mut AccessRequest) {
    request.credential_ends = None;
    if request.subject != Subject::Anonymous {
        let session = world.session(request.session.unwrap()).unwrap();
        request.now = request.now.min(bartizan_model::Timestamp::from_micros(session.ends().as_micros() - 1));
        request.device = request.device.filter(|device| session.device.is_none_or(|made| made == *device));
    }
    request.device = request.device.filter(|device| request.now < world.device(*device).unwrap().valid_until);
}

fn uid(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.parse::<EntityTypeName>().unwrap(), EntityId::new(id))
}

/// Every entity of the world, each with its direct parents only.
fn every_entity(world: &World, schema: &Schema) -> Entities {
    let mut entities = vec![Entity::new_no_attrs(uid("Anonymous", "anonymous"), HashSet::new())];
    for user in world.users() {
        let parents = user.groups.iter().map(|group| uid("Group", group.as_str())).collect();
        entities.push(Entity::new_no_attrs(uid("User", &user.id.to_string()), parents));
    }
    for number in 0..crate::scene::GROUPS {
        let name = crate::scene::group(&format!("g{number}"));
        let facts = world.group(&name).unwrap();
        let parents = facts.parents.iter().map(|group| uid("Group", group.as_str())).collect();
        entities.push(Entity::new_no_attrs(uid("Group", name.as_str()), parents));
    }
    for app in world.apps() {
        entities.push(Entity::new_no_attrs(uid("App", app.name.as_str()), HashSet::new()));
    }
    for client in world.clients() {
        entities.push(Entity::new_no_attrs(uid("Service", client.as_str()), HashSet::new()));
        entities.push(Entity::new_no_attrs(uid("Client", client.as_str()), HashSet::new()));
    }
    for area in AdminArea::ALL {
        entities.push(Entity::new_no_attrs(uid("Admin", area.as_str()), HashSet::new()));
    }
    Entities::from_entities(entities, Some(schema)).unwrap()
}

/// Every attribute, made in another way than the engine does, and compared with the schema.
fn full_context(world: &World, request: &AccessRequest, schema: &Schema) -> Context {
    let action = uid("Action", request.action.as_str());
    let context = Context::from_json_value(context(world, request), Some((schema, &action))).unwrap();
    context.validate(schema, &action).unwrap();
    context
}

fn cedar_request(request: &AccessRequest, context: Context) -> Request {
    let (kind, id) = match &request.subject {
        Subject::User(user) => ("User", user.to_string()),
        Subject::Service(client) => ("Service", client.to_string()),
        Subject::Anonymous => ("Anonymous", String::from("anonymous")),
    };
    let resource = match &request.resource {
        Resource::App(name) => uid("App", name.as_str()),
        Resource::Client(name) => uid("Client", name.as_str()),
        Resource::Admin(area) => uid("Admin", area.as_str()),
    };
    Request::new(uid(kind, &id), uid("Action", request.action.as_str()), resource, context, None).unwrap()
}

fn context(world: &World, request: &AccessRequest) -> Value {
    let micros = request.now.as_micros();
    let session = request.session.map(|id| world.session(id).unwrap());
    let device = request.device.map(|id| world.device(id).unwrap());
    let age = |since: bartizan_model::Timestamp| (micros - since.as_micros()).max(0) / 1_000_000;
    let http = request.http.as_deref();
    json!({
        "session": {
            "level": match session.map(|session| session.level) {
                None | Some(AuthLevel::None) => "none",
                Some(AuthLevel::Basic) => "basic",
                Some(AuthLevel::Strong) => "strong",
            },
            "age": session.map_or(NEVER, |session| age(session.auth_time)),
            "mfa_age": session.and_then(|session| session.mfa_time).map_or(NEVER, age),
            "amr": session.map(|session| session.amr.clone()).unwrap_or_default(),
        },
        "device": {
            "known": device.is_some(),
            "compliant": device.is_some_and(|device| device.compliant),
            "managed": device.is_some_and(|device| device.managed),
        },
        "risk": request.subject.user().map_or(0, |user| world.risk(user)),
        "request": {
            "method": http.map_or("", |http| &http.method),
            "host": http.map_or("", |http| &http.host),
            "path": http.map_or("", |http| &http.path),
            "source": request.source.to_string(),
        },
        "time": {
            "now": format!("{}Z", request.now.to_string().chars().take(23).collect::<String>()),
            "epoch": micros / 1_000_000,
            "hour": micros / 1_000_000 / 3600 % 24,
            // The 5th of January 1970 was the first Monday.
            "weekday": (micros / 1_000_000 / 86_400 - 4) % 7 + 1,
        },
    })
}
