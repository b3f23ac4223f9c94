//! Lists and the pages of what is in them, in each language.

use std::sync::Arc;

use bartizan_identity::{Attributes, Person};
use bartizan_ui::Language;
use serde_json::Value;

use super::*;
use crate::api::objects::{Apps, Groups, Policies};
use crate::console::account::disable_page;
use crate::console::apps::Row;
use crate::console::history::Past;
use crate::console::history::back_page;
use crate::console::list::{Asked, Part};
use crate::register::{Entries, Entry, Says};

fn in_each_language(name: &str, page: impl Fn(Frame) -> Rendered) {
    for language in Language::ALL {
        let frame = Frame { words: crate::console::texts::CATALOG.words(language), ..frame() };
        let page = page(frame);
        in_order(&format!("{name} in {}", language.tag()), &page);
        assert!(!page.html.contains("<img"), "{name} in {}", language.tag());
    }
}

fn entry(says: Says) -> Arc<Entry> {
    Arc::new(Entry::for_test("thing", says, now()))
}

fn row(says: Says) -> Row {
    Row { entry: entry(says), author: HOSTILE.to_owned() }
}

fn part<T>(rows: Vec<T>) -> Part<T> {
    Part { total: rows.len() + 120, rows, from: 50 }
}

fn asked(path: &'static str) -> Asked {
    Asked::new(
        path,
        Fields::from([
            (String::from("q"), HOSTILE.to_owned()),
            (String::from("sort"), String::from("-changed")),
        ]),
    )
}

fn person(attributes: bool) -> Person {
    let attributes = attributes.then(|| Attributes {
        login: String::from("eve"),
        display: HOSTILE.to_owned(),
        mail: Some(HOSTILE.to_owned()),
        profile: None,
    });
    Person { id: eve().id, attributes, state: UserState::Disabled, admin: true }
}

fn deleted() -> Object {
    let mut object = object("thing", json!({}), 4);
    object.spec = None;
    object
}

fn app(spec: Value) -> Says {
    Says::App(serde_json::from_value(spec).unwrap())
}

fn app_spec() -> Value {
    json!({"host": "wiki.example.com", "upstream": "https://10.0.0.1:8443", "groups": ["staff"],
           "lease_seconds": 5, "upstream_plaintext": "accepted"})
}

#[test]
fn lists_are_in_order_in_every_language() {
    in_each_language("people", |frame| {
        let rows = [Says::Person(person(true)), Says::Person(person(false)), Says::Damaged(HOSTILE.into())];
        let rows = rows.map(|says| people::Row { entry: entry(says), sign_ins: 1, live: 3 }).into();
        let problem = Some(HOSTILE.to_owned());
        let typed = Fields::from([(String::from("login"), HOSTILE.to_owned())]);
        people::page(&people::View { frame, asked: asked("/people"), people: Ok(part(rows)), problem, typed })
    });
    in_each_language("people that are being read", |frame| {
        let (asked, typed) = (asked("/people"), Fields::new());
        people::page(&people::View { frame, asked, people: Err(12_000), problem: None, typed })
    });
    in_each_language("apps", |frame| {
        let rows = vec![row(app(app_spec())), row(Says::Damaged(HOSTILE.into()))];
        apps::page(&apps::View { frame, asked: asked("/apps"), apps: part(rows), may_protect: true })
    });
    in_each_language("no apps", |frame| {
        let (asked, apps) = (Asked::new("/apps", Fields::new()), Part { rows: vec![], from: 0, total: 0 });
        apps::page(&apps::View { frame, asked, apps, may_protect: false })
    });
    in_each_language("groups", |frame| {
        let group = Says::Group(serde_json::from_value(json!({"users": [], "groups": ["staff"]})).unwrap());
        let rows = vec![groups::Line { row: row(group), people: 3 }];
        groups::page(&groups::View { frame, asked: asked("/groups"), groups: part(rows) })
    });
    in_each_language("policies", |frame| {
        let rows = ["", HOSTILE].map(|about| {
            let row = row(Says::policy_for_test(FINANCE));
            policies::Line { row, about: about.to_owned() }
        });
        let (policies, may) = (part(rows.into()), super::policy::May::Change);
        policies::page(&policies::View { frame, asked: asked("/policies"), policies, may })
    });
}

#[test]
fn what_is_found_is_in_order_in_every_language() {
    let hit =
        find::Hit { kind: HOSTILE.to_owned(), text: HOSTILE.to_owned(), url: String::from("/people/x") };
    for hits in [Vec::new(), vec![hit]] {
        in_each_language("find", |frame| find::page(&frame, &asked("/find"), &hits));
    }
}

#[test]
fn maps_are_in_order_in_every_language() {
    let verdict = |reason| access::Row {
        entry: entry(Says::Person(person(true))),
        reason,
        policies: vec!["p".parse().unwrap(), "gone".parse().unwrap()],
    };
    let line = || access::Line {
        id: HOSTILE.to_owned(),
        head: bartizan_policy::PolicySource::new("p".parse().unwrap(), "", FINANCE).head(),
        people: 3,
    };
    in_each_language("no map", |frame| {
        access::page_of(frame, asked("/access"), access::About::Policies(part(Vec::new())))
    });
    in_each_language("policies", |frame| {
        access::page_of(frame, asked("/access"), access::About::Policies(part(vec![line()])))
    });
    in_each_language("of an app", |frame| {
        let rows = part(vec![
            verdict(None),
            verdict(Some(DenyReason::DeniedByPolicy)),
            verdict(Some(DenyReason::SubjectDisabled)),
        ]);
        access::page_of(
            frame,
            asked("/access"),
            access::About::App { app: HOSTILE.to_owned(), rows, only_page: true },
        )
    });
    in_each_language("of a person", |frame| {
        let rows = part(vec![verdict(None), verdict(Some(DenyReason::DeniedByPolicy))]);
        access::page_of(
            frame,
            asked("/access"),
            access::About::Person { entry: entry(Says::Person(person(false))), rows },
        )
    });
}

#[test]
fn pages_of_objects_are_in_order_in_every_language() {
    let told = || Told::Problem(HOSTILE.to_owned(), HOSTILE.to_owned());
    let gone = deleted();
    in_each_language("app", |frame| {
        let changes = vec![object("thing", app_spec(), 5), object("thing", json!({"host": HOSTILE}), 3)];
        let policies = vec![(String::from("p"), FINANCE.to_owned(), HOSTILE.to_owned())];
        let name = String::from("thing");
        apps::one_page(&apps::One {
            frame,
            name,
            told: told(),
            past: Past { changes, back: true },
            policies,
            decisions: Some(Vec::new()),
        })
    });
    in_each_language("group", |frame| {
        let changes = vec![object("thing", json!({"members": ["ada", HOSTILE]}), 5)];
        let (inner, outer) = (vec![String::from("staff")], Vec::new());
        let people = (vec![Named { display: HOSTILE.to_owned(), ..eve() }], 300);
        groups::one_page(&groups::One {
            frame,
            name: String::from("thing"),
            told: told(),
            past: Past { changes, back: true },
            people,
            inner,
            outer,
        })
    });
    for back in [true, false] {
        let changes = vec![object("thing", app_spec(), 5), object("thing", app_spec(), 3)];
        let past = Past { changes, back };
        let page = history::history::<Apps>(&frame(), "thing", &past).into_string();
        assert_eq!(page.contains("/apps/thing/rollback?to=3"), back, "only who may is offered it");
    }
    for known in [true, false] {
        in_each_language("person", |frame| {
            let spec =
                json!({"name": "eve", "display": HOSTILE, "mail": null, "admin": false, "disabled": true});
            person::page(&person::View {
                frame,
                id: eve().id,
                told: told(),
                person: Some(person(known)),
                groups: vec![String::from("staff")],
                sessions: Some(vec![session(1, 3), session(2, 0)]),
                decisions: Some(Vec::new()),
                past: Past { changes: vec![object("thing", spec, 5)], back: true },
            })
        });
    }
    in_each_language("what was deleted", |frame| {
        let (changes, policies) = (vec![deleted()], Vec::new());
        apps::one_page(&apps::One {
            frame,
            name: String::from("thing"),
            told: Told::Nothing,
            past: Past { changes, back: true },
            policies,
            decisions: None,
        })
    });
    in_each_language("roll back", |frame| {
        back_page::<Apps>(&frame, ("thing", HOSTILE), &object("thing", app_spec(), 5), &gone)
    });
    in_each_language("disable", |frame| {
        disable_page(&frame, &Named { display: HOSTILE.to_owned(), ..eve() }, 1, 3)
    });
}

#[test]
fn rolling_back_shows_what_becomes_of_each_line() {
    let (old, new) = (json!({"members": ["ada", "bob"]}), json!({"members": ["ada"]}));
    let page = back_page::<Groups>(&frame(), ("g", "g"), &object("g", new, 5), &object("g", old, 3));
    assert!(
        page.html.contains("name=\"to\" value=\"3\"") && page.html.contains("name=\"revision\" value=\"5\"")
    );
    assert!(page.html.contains("&quot;bob&quot;"), "{}", page.html);
    let (old, new) = (FINANCE.replace("only", "and more"), FINANCE);
    let text = |text: &str| object("p", json!({ "text": text }), 3);
    let page = back_page::<Policies>(&frame(), ("p", "p"), &text(new), &text(&old));
    assert!(page.html.contains("Finance &lt;and more&gt;") && page.html.contains("class=\"gone\""));
}

#[test]
fn a_circle_of_groups_has_an_end_and_nobody_counts_twice() {
    let user = |id| UserId::from_bytes([id; 16]);
    let group = |users: &[UserId], groups: &[&str]| {
        Says::Group(serde_json::from_value(json!({"users": users, "groups": groups})).unwrap())
    };
    let entries: Entries = [
        ("a", group(&[user(1), user(2)], &["b"])),
        ("b", group(&[user(2), user(3)], &["c", "missing"])),
        ("c", group(&[], &["a"])),
    ]
    .into_iter()
    .map(|(name, says)| (Box::<str>::from(name), Arc::new(Entry::for_test(name, says, now()))))
    .collect();
    for name in ["a", "b", "c"] {
        assert_eq!(groups::in_effect(&entries, name).len(), 3, "{name}");
    }
    assert!(groups::in_effect(&entries, "missing").is_empty());
}
