//! What directories send, read and applied.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn ada() -> Object {
    let ada = json!({
        "schemas": [Kind::User.schema()], "id": "7", "externalId": "A1", "userName": "Ada@example.org",
        "displayName": "Ada Lovelace", "active": true, "name": { "familyName": "Lovelace", "givenName": "Ada" },
        "emails": [
            { "value": "ada@example.org", "type": "work", "primary": true },
            { "value": "ada@home.example", "type": "home" },
        ],
        "meta": { "resourceType": "User", "lastModified": "2026-11-24T08:30:00.000000Z" },
    });
    ada.as_object().unwrap().clone()
}

fn holds(text: &str) -> bool {
    Filter::parse(text, Kind::User).unwrap_or_else(|refusal| panic!("{text}: {refusal:?}")).holds(&ada())
}

#[test]
fn a_filter_asks_what_it_says() {
    for (text, expected) in [
        (r#"userName eq "ada@EXAMPLE.org""#, true),
        (r#"USERNAME EQ "ada@example.org""#, true),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ADA""#, true),
        (r#"userName ne "ada@example.org""#, false),
        (r#"nickName ne "x""#, true),
        (r#"externalId eq "a1""#, false),
        (r#"externalId eq "A1""#, true),
        (r#"name.familyName co "love""#, true),
        (r#"name.familyName ew "lace" and not (active eq false)"#, true),
        (r#"emails co "home.example""#, true),
        (r#"emails.type eq "work""#, true),
        (r#"emails[type eq "work" and value co "home"]"#, false),
        (r#"emails[type eq "home" and value co "home"]"#, true),
        (r#"emails[not (type eq "work")]"#, true),
        (r#"phoneNumbers[type eq "work" and value sw "]"].value pr"#, false),
        ("name pr and name.formatted pr", false),
        ("title pr or displayName pr", true),
        (r#"displayName eq "x" or userName sw "ada" and active eq true"#, true),
        (r#"(displayName eq "x" or userName sw "ada") and active eq false"#, false),
        (r#"active eq "True""#, true),
        ("active eq TRUE", true),
        ("externalId eq null", false),
        ("title eq null", true),
        (r#"meta.lastModified ge "2026-11-24T08:30:00Z""#, true),
        (r#"meta.lastModified gt "2026-11-24T09:30:00+01:00""#, false),
        (r#"meta.resourceType eq "User""#, true),
        (r#"userName gt "aaa" and userName lt "b""#, true),
        (r#"userName eq "a\"b""#, false),
        (r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "x""#, false),
    ] {
        if text.ends_with("].value pr") {
            assert!(Filter::parse(text, Kind::User).is_err(), "{text}");
        } else {
            assert_eq!(holds(text), expected, "{text}");
        }
    }
}

#[test]
fn a_filter_that_cannot_be_asked_is_refused() {
    for text in [
        "",
        "   ",
        "userName",
        "userName eq",
        r#"userName eq "x"#,
        "userName eq x",
        r#"userName is "x""#,
        r#"nobody eq "x""#,
        r#"name.nobody eq "x""#,
        r#"name eq "x""#,
        r#"active co "t""#,
        "active gt true",
        "userName co 3",
        r#"meta.lastModified gt "yesterday""#,
        r#"meta.created gt "2026-11-24T08:30:00Z""#,
        r#"(userName eq "x""#,
        r#"userName eq "x")"#,
        r#"userName eq "x" and"#,
        r#"userName eq "x" userName eq "y""#,
        r#"emails[type eq "work""#,
        r#"emails[type eq "work"]]"#,
        r#"userName[type eq "work"]"#,
        r#"emails[emails[type eq "work"]]"#,
        "not",
        r#"not userName eq "x""#,
        "userName eq [1]",
        "userName eq {}",
    ] {
        let refusal = Filter::parse(text, Kind::User).unwrap_err();
        assert_eq!((refusal.status, refusal.scim_type), (400, Some(ScimType::InvalidFilter)), "{text}");
    }
}

/// CVE class 18: a filter that is nested without end took the stack of the process.
#[test]
fn class_18_a_filter_nested_a_hundred_thousand_deep_is_refused_at_once() {
    let deep = 100_000;
    for open in ["(", "not (", "not(", "emails[", "emails[not (", "((((not ("] {
        for close in ["", ")", "]"] {
            let text = format!("{}userName pr{}", open.repeat(deep), close.repeat(deep));
            assert!(Filter::parse(&text, Kind::User).is_err(), "{open}");
            assert!(Path::parse(&text, Kind::User).is_err(), "{open}");
            let short: String = text.chars().take(4000).collect();
            assert!(Filter::parse(&short, Kind::User).is_err(), "{open}");
            assert!(Path::parse(&format!("emails[{short}"), Kind::User).is_err(), "{open}");
        }
    }
    let many = vec!["userName pr"; 65].join(" or ");
    assert!(Filter::parse(&many, Kind::User).is_err(), "each comparison is asked of everybody");
    let nested = format!("{}userName pr{}", "(".repeat(15), ")".repeat(15));
    assert!(holds(&nested), "what somebody may write is read");
    let json = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(super::json(json.as_bytes()).is_err(), "and so is JSON");
}

proptest! {
    #[test]
    fn whatever_is_read_as_a_filter_or_a_path_reads_the_same_again(text in ".{0,80}") {
        read_anything(&text);
    }

    #[test]
    fn so_is_what_looks_like_one(words in prop::collection::vec(prop::sample::select(vec![
        "userName", "emails", "name.givenName", "type", "value", "eq", "ne", "co", "pr", "gt", "and", "or", "not", "(", ")",
        "[", "]", ".", "\"x\"", "\"\\\"", "true", "null", "3", " ", "urn:x:y", "members", "displayName", "phoneNumbers",
    ]), 0..14), spaced: bool) {
        read_anything(&words.join(if spaced { " " } else { "" }));
    }
}

fn patched(kind: Kind, object: &Object, operations: Value) -> Result<Object, Refusal> {
    let sent = Value::Object([(String::from("Operations"), operations)].into_iter().collect());
    Patch::read(kind, &sent)?.apply(object)
}

fn user(operations: Value) -> Object {
    patched(Kind::User, &ada(), operations).unwrap()
}

/// As Entra ID sends them (learn.microsoft.com, "Develop a SCIM endpoint").
#[test]
fn a_patch_of_entra_is_applied() {
    let disabled = user(json!([{ "op": "Replace", "path": "active", "value": "False" }]));
    assert_eq!(disabled["active"], json!(false));
    let changed = user(json!([
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "ada@new.example" },
        { "op": "Add", "path": "emails[type eq \"other\"].value", "value": "ada@other.example" },
        { "op": "Replace", "path": "name.familyName", "value": "King" },
        { "op": "Add", "path": "externalId", "value": "E9" },
        { "op": "Add", "path": "phoneNumbers[type eq \"work\"].value", "value": "1" },
        { "op": "Add", "path": "addresses[type eq \"work\"].formatted", "value": "1" },
        { "op": "Replace", "path": "title", "value": "Countess" },
        { "op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "x" },
        { "op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", "value": "x" },
    ]));
    assert_eq!(changed["emails"][0], json!({ "value": "ada@new.example", "type": "work", "primary": true }));
    assert_eq!(changed["emails"][2], json!({ "value": "ada@other.example", "type": "other" }));
    assert_eq!(changed["name"], json!({ "familyName": "King", "givenName": "Ada" }));
    assert_eq!(changed["externalId"], "E9");
    assert!(!changed.contains_key("title") && !changed.contains_key("phoneNumbers"));
    let without_a_path = user(json!([{ "op": "Replace", "value": {
        "displayName": "Ada K.", "name.givenName": "Augusta", "active": "True", "title": "x", "nobody": "x",
        "emails[type eq \"work\"].value": "a@b.example", "schemas": ["x"], "password": "secret",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "x",
    } }]));
    assert_eq!(without_a_path["displayName"], "Ada K.");
    assert_eq!(without_a_path["name"]["givenName"], "Augusta");
    assert_eq!(without_a_path["emails"][0]["value"], "a@b.example");
    assert!(!without_a_path.contains_key("nobody"));
}

/// As Okta sends them (developer.okta.com, "SCIM 2.0 protocol reference").
#[test]
fn a_patch_of_okta_is_applied() {
    assert_eq!(user(json!([{ "op": "replace", "value": { "active": false } }]))["active"], json!(false));
    let group =
        json!({ "displayName": "staff", "members": [{ "value": "1" }, { "value": "2" }, { "value": "3" }] });
    let group = group.as_object().unwrap();
    let members = |operations: Value| {
        let patched = patched(Kind::Group, group, operations).unwrap();
        let members = patched.get("members").and_then(Value::as_array).cloned().unwrap_or_default();
        members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(members(json!([{ "op": "remove", "path": "members[value eq \"2\"]" }])), ["1", "3"]);
    assert_eq!(
        members(
            json!([{ "op": "Remove", "path": "members", "value": [{ "value": "1" }, { "value": "3" }] }])
        ),
        ["2"]
    );
    assert_eq!(
        members(
            json!([{ "op": "add", "path": "members", "value": [{ "value": "2", "display": "x" }, { "value": "4" }] }])
        ),
        ["1", "2", "3", "4"]
    );
    assert_eq!(
        members(json!([{ "op": "replace", "path": "members", "value": [{ "value": "9", "display": "x" }] }])),
        ["9"]
    );
    assert!(members(json!([{ "op": "remove", "path": "members" }])).is_empty());
    assert!(members(json!([{ "op": "replace", "path": "members", "value": [] }])).is_empty());
    let renamed = patched(
        Kind::Group,
        group,
        json!([{ "op": "replace", "value": { "id": "staff", "displayName": "Staff" } }]),
    );
    assert_eq!(renamed.unwrap()["displayName"], "Staff");
}

#[test]
fn a_patch_changes_what_it_names_and_nothing_else() {
    let primary = user(json!([{ "op": "add", "path": "emails", "value": [
        { "value": "c@d.example", "type": "other", "primary": true }] }]));
    let primaries: Vec<bool> =
        primary["emails"].as_array().unwrap().iter().map(|email| email["primary"] == true).collect();
    assert_eq!(primaries, [false, false, true], "of several one is the primary one");
    let same = user(
        json!([{ "op": "add", "path": "emails", "value": [{ "value": "ada@home.example", "type": "home" }] }]),
    );
    assert_eq!(same, ada(), "what is there is not added again");
    let gone = user(json!([
        { "op": "remove", "path": "emails[type eq \"home\"]" },
        { "op": "remove", "path": "name" },
        { "op": "remove", "path": "displayName" },
    ]));
    assert_eq!(gone["emails"].as_array().unwrap().len(), 1);
    assert!(!gone.contains_key("name") && !gone.contains_key("displayName"));
    let nothing = user(json!([{ "op": "remove", "path": "emails[type eq \"none\"]" }]));
    assert_eq!(nothing, ada());
    for nothing in [
        json!([{ "op": "add", "path": "emails", "value": [] }]),
        json!([{ "op": "add", "path": "emails[type eq \"work\"]", "value": {} }]),
        json!([{ "op": "add", "path": "emails[type eq \"work\"].value", "value": "" }]),
        json!([{ "op": "add", "path": "name.givenName", "value": "" }]),
        json!([{ "op": "add", "value": { "emails": [], "name": null, "displayName": "" } }]),
        json!([{ "op": "remove", "path": "emails", "value": [] }]),
        json!([{ "op": "remove", "path": "emails", "value": [{ "type": "work" }] }]),
    ] {
        assert_eq!(user(nothing.clone()), ada(), "who adds or removes nothing changes nothing: {nothing}");
    }
    let null = user(json!([{ "op": "replace", "path": "displayName", "value": null }]));
    assert!(!null.contains_key("displayName"), "null is no value (RFC 7643, 2.5)");
}

#[test]
fn a_patch_that_cannot_be_meant_is_refused() {
    use ScimType::{InvalidFilter, InvalidPath, InvalidSyntax, InvalidValue, Mutability, NoTarget};
    for (operations, expected) in [
        (json!([]), InvalidSyntax),
        (json!("x"), InvalidSyntax),
        (json!([{ "op": "move", "path": "active" }]), InvalidSyntax),
        (json!([{ "path": "active", "value": true }]), InvalidSyntax),
        (json!([{ "op": "remove" }]), NoTarget),
        (
            json!([{ "op": "replace", "path": "emails[type sw \"x\"].value", "value": "a@b.example" }]),
            NoTarget,
        ),
        (json!([{ "op": "replace", "path": "nobody", "value": 1 }]), InvalidPath),
        (json!([{ "op": "replace", "path": "name.nobody", "value": "x" }]), InvalidPath),
        (json!([{ "op": "replace", "path": "emails[type eq \"work\"].nobody", "value": "x" }]), InvalidPath),
        (json!([{ "op": "replace", "path": "userName[type eq \"work\"]", "value": "x" }]), InvalidPath),
        (json!([{ "op": "replace", "path": "emails[type is \"work\"]", "value": "x" }]), InvalidFilter),
        (json!([{ "op": "replace", "path": "id", "value": "x" }]), Mutability),
        (json!([{ "op": "replace", "path": "meta.created", "value": "x" }]), Mutability),
        (json!([{ "op": "replace", "path": "password", "value": "x" }]), Mutability),
        (json!([{ "op": "replace", "path": "active", "value": "perhaps" }]), InvalidValue),
        (json!([{ "op": "replace", "path": "userName", "value": { "a": 1 } }]), InvalidValue),
        (json!([{ "op": "add", "path": "displayName" }]), InvalidValue),
        (json!([{ "op": "add", "value": "x" }]), InvalidValue),
    ] {
        let refusal = patched(Kind::User, &ada(), operations.clone()).unwrap_err();
        assert_eq!(refusal.scim_type, Some(expected), "{operations}: {}", refusal.detail);
    }
}

/// CVE class 30: what a change comes to is looked at as if it were to be created.
#[test]
fn class_30_no_change_leads_to_what_could_not_be_created() {
    for operations in [
        json!([{ "op": "remove", "path": "userName" }]),
        json!([{ "op": "replace", "path": "userName", "value": "" }]),
        json!([{ "op": "replace", "path": "userName", "value": "<script>" }]),
        json!([{ "op": "replace", "path": "displayName", "value": "a\u{0}b" }]),
        json!([{ "op": "replace", "path": "displayName", "value": "x".repeat(255) }]),
        json!([{ "op": "replace", "path": "emails[type eq \"home\"].value", "value": "nowhere" }]),
        json!([{ "op": "add", "path": "emails", "value": (0..11).map(|n| json!({ "value": format!("{n}@x.example") })).collect::<Vec<_>>() }]),
        json!([{ "op": "replace", "path": "emails", "value": [
            { "value": "a@b.example", "primary": true }, { "value": "c@d.example", "primary": true }] }]),
    ] {
        let to = patched(Kind::User, &ada(), operations.clone()).unwrap();
        let refusal = Record::of(Kind::User, &to).unwrap_err();
        assert_eq!(refusal.scim_type, Some(ScimType::InvalidValue), "{operations}");
        let mut created = to;
        created.insert("schemas".into(), json!([Kind::User.schema()]));
        assert!(Record::sent(Kind::User, &Value::Object(created)).is_err(), "{operations}");
    }
}

#[test]
fn a_resource_is_read_whatever_the_spelling_and_keeps_only_what_is_ours() {
    let sent = json!({
        "Schemas": ["URN:ietf:params:scim:schemas:core:2.0:User"], "USERNAME": "Bob", "Active": "FALSE",
        "NAME": { "FamilyName": "B", "middleName": "x" }, "emails": { "value": "b@x.example" }, "title": "x",
        "password": "secret", "id": "7", "meta": {}, "groups": [{ "value": "admins" }], "roles": ["admin"],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "x" }, "nobody": [[1]],
    });
    let Ok(Record::User(user)) = Record::sent(Kind::User, &sent) else { panic!() };
    assert_eq!((user.user_name.as_str(), user.active, user.display.as_deref()), ("Bob", false, None));
    assert_eq!(user.name.family.as_deref(), Some("B"));
    assert_eq!(user.emails.len(), 1);
    for bad in [
        json!([]),
        json!({ "userName": "bob" }),
        json!({ "schemas": [Kind::Group.schema()], "userName": "bob" }),
        json!({ "schemas": [Kind::User.schema()] }),
        json!({ "schemas": [Kind::User.schema()], "userName": "bob", "username": "eve" }),
        json!({ "schemas": [Kind::User.schema()], "userName": 7 }),
        json!({ "schemas": [Kind::User.schema()], "userName": "bob", "emails": [7] }),
        json!({ "schemas": [Kind::User.schema()], "userName": "bob", "active": 1 }),
    ] {
        assert!(Record::sent(Kind::User, &bad).is_err(), "{bad}");
    }
    assert!(super::json(br#"{"userName":"bob","userName":"eve"}"#).is_err(), "a member twice");
}

fn person(attributes: &crate::Attributes) -> crate::Person {
    crate::Person {
        id: bartizan_model::UserId::from_bytes([7; 16]),
        attributes: Some(attributes.clone()),
        state: bartizan_model::UserState::Active,
        admin: false,
    }
}

/// CVE class 19 (CVE-2025-41115): an `externalId` was taken for an id of the server's own.
#[test]
fn class_19_what_one_directory_calls_somebody_is_nothing_to_another() {
    let Ok(Record::User(sent)) = Record::of(Kind::User, &ada()) else { panic!() };
    let attributes = sent.onto(None, "Service:entra").unwrap();
    let other = User::of_person(&person(&attributes), "Service:okta").unwrap();
    assert_eq!(other.external_id, None);
    let both =
        User { external_id: Some("O1".into()), ..other }.onto(Some(&attributes), "Service:okta").unwrap();
    let told = |provisioner: &str| User::of_person(&person(&both), provisioner).unwrap().external_id;
    assert_eq!((told("Service:entra").as_deref(), told("Service:okta").as_deref()), (Some("A1"), Some("O1")));
    assert_eq!(told("User:entra"), None, "a person and a service of one name are two");
    let gone = User { external_id: None, ..*sent }.onto(Some(&both), "Service:entra").unwrap();
    assert_eq!(gone.profile.unwrap().external.len(), 1, "what is taken back is one's own");
}

#[test]
fn a_person_is_told_as_they_were_sent() {
    let Ok(Record::User(sent)) = Record::of(Kind::User, &ada()) else { panic!() };
    let attributes = sent.onto(None, "Service:entra").unwrap();
    assert_eq!(attributes.login, "ada@example.org");
    assert_eq!(
        (attributes.display.as_str(), attributes.mail.as_deref()),
        ("Ada Lovelace", Some("ada@example.org"))
    );
    assert_eq!(User::of_person(&person(&attributes), "Service:entra").as_ref(), Some(&*sent));
    // Changed elsewhere meanwhile.
    let elsewhere =
        crate::Attributes { mail: Some("new@x.example".into()), display: "A".into(), ..attributes };
    let told = User::of_person(&person(&elsewhere), "Service:entra").unwrap();
    assert_eq!((told.display.as_deref(), told.emails.len()), (Some("A"), 1));
    assert_eq!(told.emails[0].value, "new@x.example");
    // Nobody said what they are called.
    let unsaid = User { display: None, ..*sent }.onto(None, "x").unwrap();
    assert_eq!(unsaid.display, "Ada Lovelace");
    assert_eq!(User::of_person(&person(&unsaid), "x").unwrap().display, None);
}

#[test]
fn a_group_gets_a_name_that_policies_can_have() {
    for (display, expected) in [
        ("finance", "finance"),
        ("Finance", "finance"),
        ("Finance Team (EU)", "finance-team-eu"),
        ("  --Ünïted & Co--  ", "n-ted-co"),
        ("k8s.prod_eu", "k8s.prod_eu"),
    ] {
        assert_eq!(group_name(display).unwrap().as_str(), expected, "{display}");
    }
    let long = group_name(&"Long name ".repeat(20)).unwrap();
    assert!(long.as_str().len() <= 63 && long.as_str().starts_with("long-name-long"), "{long}");
    for without in ["财务部", "财务部 1", "!!", "", "00000000-0000-4000-8000-000000000000"] {
        let name = group_name(without).unwrap();
        assert!(name.as_str().starts_with("group-") && name.as_str().len() == 22, "{without}: {name}");
    }
    assert_ne!(group_name("财务部"), group_name("财务"));
}

/// CVE class 33: numbers of a page at their ends.
#[test]
fn class_33_a_page_has_any_number_and_is_bounded() {
    let read = |start: &str, count: &str| {
        let pairs = [("startIndex", start), ("count", count)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Search::read(Kind::User, &Fields::of_query(&pairs).unwrap())
    };
    for (start, count, expected) in [
        ("1", "10", (0, 10)),
        ("", "", (0, 100)),
        ("0", "0", (0, 0)),
        ("-5", "-5", (0, 0)),
        ("7", "100000", (6, MAX_COUNT)),
        (
            "99999999999999999999999999999999999999999999",
            "9999999999999999999999999",
            (usize::MAX, MAX_COUNT),
        ),
        ("-99999999999999999999999999999999999999999999", "+3", (0, 3)),
    ] {
        let search = read(start, count).unwrap();
        assert_eq!((search.skip, search.count), expected, "{start} {count}");
    }
    for bad in ["x", "1.5", "1e3", "--1", "0x10", "-"] {
        assert!(read(bad, "1").is_err() && read("1", bad).is_err(), "{bad}");
    }
    let twice = [("count", "1"), ("COUNT", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert!(Fields::of_query(&twice).is_err());
}

#[test]
fn what_can_be_looked_up_is_not_searched_for() {
    let exact = |kind: Kind, filter: &str| {
        let fields = Fields::of_body(&json!({ "filter": filter })).unwrap();
        let search = Search::read(kind, &fields).unwrap();
        search.exact().map(|exact| format!("{exact:?}"))
    };
    for (filter, expected) in [
        (r#"userName eq "ada""#, Some(r#"UserName("ada")"#)),
        (r#"active eq true and USERNAME eq "ada""#, Some(r#"UserName("ada")"#)),
        (r#"externalId eq "1" and emails pr"#, Some(r#"ExternalId("1")"#)),
        (r#"(id eq "7" and userName eq "ada")"#, Some(r#"Id("7")"#)),
        (r#"userName eq "ada" or userName eq "bob""#, None),
        (r#"not (userName eq "ada")"#, None),
        (r#"userName sw "ada""#, None),
        (r#"emails[value eq "ada"]"#, None),
    ] {
        assert_eq!(exact(Kind::User, filter).as_deref(), expected, "{filter}");
    }
}

fn kept() -> Kept {
    Kept {
        id: String::from("7"),
        record: Record::of(Kind::User, &ada()).unwrap(),
        revision: bartizan_model::Revision::new(42),
        created: None,
        modified: bartizan_model::Timestamp::from_micros(0),
    }
}

#[test]
fn what_is_wanted_is_shown_and_what_is_not_is_not() {
    let shown = |name: &str, list: &str| {
        let fields = Fields::of_query(&[(name.to_owned(), list.to_owned())]).unwrap();
        let shown =
            answer(&kept(), "https://auth.test/scim/v2", &Projection::read(Kind::User, &fields).unwrap());
        let mut names: Vec<&str> = shown.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        names.join(" ")
    };
    assert_eq!(shown("x", ""), "active displayName emails externalId id meta name schemas userName");
    assert_eq!(shown("attributes", "USERNAME, nobody"), "id schemas userName");
    assert_eq!(
        shown("excludedAttributes", "emails,id,schemas,urn:ietf:params:scim:schemas:core:2.0:User:name"),
        "active displayName externalId id meta schemas userName"
    );
    let fields = Fields::of_body(&json!({ "attributes": ["name.givenName", "emails.value"] })).unwrap();
    let parts = answer(&kept(), "", &Projection::read(Kind::User, &fields).unwrap());
    assert_eq!(parts["name"], json!({ "givenName": "Ada" }));
    assert_eq!(parts["emails"][0], json!({ "value": "ada@example.org" }));
    let both = Fields::of_body(&json!({ "attributes": "id", "excludedAttributes": "id" })).unwrap();
    assert!(Projection::read(Kind::User, &both).is_err());
}

#[test]
fn a_condition_is_met_by_the_version_that_it_names() {
    let with = |field: Option<&str>| Condition::new(field.map(str::to_owned));
    for met in [None, Some("*"), Some("W/\"42\""), Some("\"42\""), Some("\"1\", W/\"42\"")] {
        assert!(with(met).check(&kept()).is_ok(), "{met:?}");
    }
    for unmet in ["W/\"41\"", "\"4\"", "\"\"", "\"42\"x"] {
        assert_eq!(with(Some(unmet)).check(&kept()).unwrap_err().status, 412, "{unmet}");
    }
    assert!(with(Some("W/\"42\"")).names(&kept()) && !with(None).names(&kept()));
}

#[test]
fn what_bulk_makes_is_there_before_it_is_named() {
    let sent = json!({ "failOnErrors": 2, "Operations": [
        { "method": "post", "path": "/Groups", "bulkId": "g", "data": { "members": [{ "value": "bulkId:u" }, { "value": "bulkId:g" }] } },
        { "method": "DELETE", "path": "/Users/7", "version": "W/\"1\"" },
        { "method": "POST", "path": "/Users", "bulkId": "u", "data": { "userName": "u" } },
    ]});
    let bulk = Bulk::read(&sent).unwrap();
    let order: Vec<usize> = bulk.in_order().into_iter().map(|(place, _)| place).collect();
    assert_eq!(order, [1, 2, 0]);
    assert!(!bulk.is_over(1) && bulk.is_over(2));
    let made = [("u".to_owned(), "9".to_owned())].into();
    let (_, group) = bulk.in_order().pop().unwrap();
    assert!(group.resolved(&made).is_err(), "it names itself, which is not there yet");
    let circle = json!({ "Operations": [
        { "method": "POST", "path": "/Groups", "bulkId": "a", "data": { "members": [{ "value": "bulkId:b" }] } },
        { "method": "POST", "path": "/Groups", "bulkId": "b", "data": { "members": [{ "value": "bulkId:a" }] } },
    ]});
    assert_eq!(Bulk::read(&circle).unwrap().in_order().len(), 2, "a circle ends");
    for bad in [
        json!({}),
        json!({ "Operations": [{ "method": "POST", "path": "/Users", "data": {} }] }),
        json!({ "Operations": [{ "method": "PUT", "path": "/Users", "data": {} }] }),
        json!({ "Operations": [{ "method": "GET", "path": "/Users/7" }] }),
        json!({ "Operations": [{ "method": "DELETE", "path": "/Users/7/8" }] }),
        json!({ "Operations": [{ "method": "DELETE", "path": "/Usersx" }] }),
        json!({ "Operations": [], "failOnErrors": -1 }),
        json!({ "Operations": vec![json!({ "method": "DELETE", "path": "/Users/7" }); 101] }),
    ] {
        assert!(Bulk::read(&bad).is_err(), "{bad}");
    }
}
