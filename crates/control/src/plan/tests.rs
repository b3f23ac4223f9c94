use bartizan_model::{Audit, Upstream};
use bartizan_testkit::SeededEntropy;

use super::*;
use crate::spec::AppSpec;

fn files(texts: &[(&str, &str)]) -> Files {
    let texts: Vec<(String, String)> =
        texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Files::read(&texts).unwrap()
}

fn app(host: &str, upstream: Option<&str>) -> AppSpec {
    AppSpec {
        host: host.to_owned(),
        upstream: upstream.map(|text| text.parse::<Upstream>().unwrap()),
        ca: None,
        pass_host: false,
        relax: std::collections::BTreeSet::new(),
        methods: std::collections::BTreeSet::new(),
        max_body: None,
        lease_seconds: None,
        audit: Audit::Strict,
        groups: ["staff".parse().unwrap()].into(),
        upstream_plaintext: None,
    }
}

fn person(number: u8, login: &str, admin: bool) -> (String, (Revision, Person)) {
    let attributes =
        Attributes { login: login.to_owned(), display: login.to_uppercase(), mail: None, profile: None };
    let id = UserId::from_bytes([number; 16]);
    let person = Person { id, attributes: Some(attributes), state: UserState::Active, admin };
    (login.to_owned(), (Revision::new(3), person))
}

/// Own hosts, an app, a group, two policies of which one is ours, an administrator and a person.
fn stored() -> Stored {
    let apps = [
        ("auth", app("auth.example.com", None)),
        ("console", app("console.example.com", None)),
        ("wiki", app("wiki.example.com", Some("https://10.0.0.1"))),
    ];
    let staff = GroupSpec { users: [UserId::from_bytes([2; 16])].into(), ..GroupSpec::default() };
    Stored {
        apps: apps
            .into_iter()
            .map(|(name, spec)| (name.parse().unwrap(), (Revision::new(1), spec)))
            .collect(),
        clients: BTreeMap::new(),
        providers: BTreeMap::new(),
        groups: [("staff".parse().unwrap(), (Revision::new(2), staff))].into(),
        policies: [("own-sign-in", "a"), ("wiki", "b")]
            .map(|(id, text)| (id.parse().unwrap(), (Revision::new(2), text.to_owned())))
            .into(),
        people: [person(1, "ada", true), person(2, "bob", false)].into(),
    }
}

fn planned(stored: &Stored, texts: &[(&str, &str)], missing: Missing) -> Result<Plan, Vec<String>> {
    plan(stored, &files(texts), missing, &SeededEntropy::new(1))
        .map_err(|findings| findings.iter().map(ToString::to_string).collect())
}

fn keep(text: &str) -> Result<Plan, Vec<String>> {
    planned(&stored(), &[("a.toml", text)], Missing::Keep)
}

fn names(plan: &Plan) -> [Vec<String>; 4] {
    [plan.names(Verb::Create), plan.names(Verb::Change), plan.unchanged.clone(), plan.names(Verb::Delete)]
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What the store holds after a plan.
fn after(mut stored: Stored, plan: &Plan) -> Stored {
    for step in &plan.steps {
        match step.what.clone() {
            What::Put { kind: ObjectKind::App, name, spec, .. } => {
                let spec = serde_json::from_value(spec).unwrap();
                stored.apps.insert(name.parse().unwrap(), (Revision::new(9), spec));
            }
            What::Put { kind: ObjectKind::Group, name, spec, .. } => {
                let spec = serde_json::from_value(spec).unwrap();
                stored.groups.insert(name.parse().unwrap(), (Revision::new(9), spec));
            }
            What::Put { name, spec, .. } => {
                let text = spec["text"].as_str().unwrap().to_owned();
                stored.policies.insert(name.parse().unwrap(), (Revision::new(9), text));
            }
            What::NewPerson { id, person, state } => {
                let login = person.attributes.login.clone();
                let person = Person { id, attributes: Some(person.attributes), state, admin: person.admin };
                stored.people.insert(login, (Revision::new(9), person));
            }
            What::Person(to) => {
                let login = to.attributes.clone().unwrap().login;
                stored.people.insert(login, (Revision::new(9), to));
            }
            What::Delete { name, .. } => {
                stored.apps.retain(|known, _| known.as_str() != name);
                stored.groups.retain(|known, _| known.as_str() != name);
                stored.policies.retain(|known, _| known.as_str() != name);
                stored.people.retain(|_, (_, person)| person.id.to_string() != name);
            }
        }
    }
    stored
}

const FOLDER: &[(&str, &str)] = &[
    (
        "objects.toml",
        "[[app]]\nname = \"pay\"\nhost = \"pay.example.com\"\nupstream = \"http://127.0.0.1:9\"\n\
         [[app]]\nname = \"wiki\"\npass_host = true\n\
         [[group]]\nname = \"finance\"\nmembers = [\"cy\"]\n[[group]]\nname = \"staff\"\nmembers = [\"bob\", \"group:finance\"]\n\
         [[user]]\nname = \"cy\"\nmail = \"cy@example.com\"\n[[user]]\nname = \"bob\"\ndisplay = \"Bob\"\n",
    ),
    ("p.cedar", "@id(\"pay\") permit (principal in Group::\"finance\", action, resource == App::\"pay\");"),
];

#[test]
fn a_folder_becomes_what_is_new_and_what_differs() {
    let plan = planned(&stored(), FOLDER, Missing::Keep).unwrap();
    assert_eq!(
        names(&plan),
        [
            texts(&["app/pay", "group/finance", "policy/pay", "user/cy"]),
            texts(&["app/wiki", "group/staff", "user/bob"]),
            vec![],
            vec![]
        ]
    );
    assert_eq!(plan.policies.len(), 3, "those that no file names are still there");
}

#[test]
fn what_was_applied_is_unchanged_when_it_is_applied_again() {
    for missing in [Missing::Keep, Missing::Delete { caller: Some(UserId::from_bytes([1; 16])) }] {
        let first = planned(&stored(), FOLDER, missing).unwrap();
        let second = planned(&after(stored(), &first), FOLDER, missing).unwrap();
        assert_eq!(names(&second)[0], Vec::<String>::new());
        assert_eq!(names(&second)[1], Vec::<String>::new());
        assert_eq!(names(&second)[3], Vec::<String>::new());
        assert_eq!(names(&second)[2].len(), 7);
    }
}

#[test]
fn what_a_file_leaves_out_keeps_its_stored_value() {
    let mut stored = stored();
    stored.people.get_mut("bob").unwrap().1.state = UserState::Disabled;
    let name = "wiki".parse::<AppName>().unwrap();
    stored.apps.get_mut(&name).unwrap().1.lease_seconds = Some(10);
    let text = "[[user]]\nname = \"bob\"\nadmin = true\n[[app]]\nname = \"wiki\"\nhost = \"w.example.com\"\n[[group]]\nname = \"staff\"\n";
    let plan = planned(&stored, &[("a.toml", text)], Missing::Keep).unwrap();
    assert_eq!(names(&plan)[1], texts(&["app/wiki", "user/bob"]));
    assert_eq!(names(&plan)[2], texts(&["group/staff"]));
    let stored = after(stored, &plan);
    let bob = &stored.people["bob"].1;
    assert_eq!((bob.state, bob.admin), (UserState::Disabled, true), "apply never undoes `user disable`");
    let kept = app("w.example.com", Some("https://10.0.0.1"));
    assert_eq!(stored.apps[&name].1, AppSpec { lease_seconds: Some(10), ..kept.clone() });
    // Unless a file says so.
    let text = "[[user]]\nname = \"bob\"\ndisabled = false\n[[app]]\nname = \"wiki\"\nlease = 60\n";
    let plan = planned(&stored, &[("a.toml", text)], Missing::Keep).unwrap();
    let stored = after(stored, &plan);
    assert_eq!(stored.people["bob"].1.state, UserState::Active);
    assert_eq!(stored.apps[&name].1, AppSpec { lease_seconds: Some(60), ..kept });
}

#[test]
fn nothing_is_deleted_unless_it_is_asked_for() {
    let plan = planned(&stored(), &[("a.toml", "[[user]]\nname = \"zoe\"\n")], Missing::Keep).unwrap();
    assert_eq!(names(&plan)[3], Vec::<String>::new());
}

#[test]
fn pruning_spares_what_is_ours_and_who_asks() {
    let delete = Missing::Delete { caller: Some(UserId::from_bytes([1; 16])) };
    let plan = planned(&stored(), &[("a.toml", "[[user]]\nname = \"zoe\"\n")], delete).unwrap();
    assert_eq!(names(&plan)[3], texts(&["app/wiki", "group/staff", "policy/wiki", "user/bob"]));
    let kept: Vec<&str> = plan.policies.iter().map(|policy| policy.id.as_str()).collect();
    assert_eq!(kept, ["own-sign-in"]);
    // A folder that declares nobody says nothing of people.
    let plan = planned(&stored(), &[("a.toml", "[[group]]\nname = \"staff\"\n")], delete).unwrap();
    assert_eq!(names(&plan)[3], texts(&["app/wiki", "policy/wiki"]));
}

#[test]
fn an_app_needs_host_and_upstream_of_its_own() {
    let host = |host: &str| {
        keep(&format!("[[app]]\nname = \"a\"\nupstream = \"https://10.0.0.2\"\nhost = \"{host}\"\n"))
    };
    assert!(host("a.example.com").is_ok());
    for taken in
        ["wiki.example.com", "auth.example.com", "console.example.com", "portal.example.com", "example.com"]
    {
        let found = host(taken).unwrap_err();
        assert!(found.len() == 1 && found[0].starts_with("a.toml:4:8: the host"), "{found:?}");
    }
    let found = keep("[[app]]\nname = \"a\"\n").unwrap_err();
    assert_eq!(found, ["a.toml:2:8: app `a` has no `host`", "a.toml:2:8: app `a` has no `upstream`"]);
    let two = "[[app]]\nname = \"a\"\nhost = \"x.org\"\nupstream = \"https://h\"\n[[app]]\nname = \"b\"\nhost = \"x.org\"\nupstream = \"https://h\"\n";
    assert_eq!(keep(two).unwrap_err().len(), 1);
}

#[test]
fn plain_http_off_loopback_must_be_accepted() {
    let to = |upstream: &str, more: &str| {
        keep(&format!("[[app]]\nname = \"a\"\nhost = \"a.org\"\nupstream = \"{upstream}\"\n{more}"))
    };
    assert!(to("http://127.0.0.1:1", "").is_ok());
    assert!(to("https://10.0.0.1", "").is_ok());
    assert!(to("http://10.0.0.1", "upstream_plaintext = \"accepted\"\n").is_ok());
    for more in ["", "upstream_plaintext = \"refused\"\n"] {
        let found = to("http://10.0.0.1", more).unwrap_err();
        assert!(found[0].starts_with("a.toml:4:12: ") && found[0].contains("plain http"), "{found:?}");
    }
    // What was accepted stays so, and can be taken back.
    let accepted = to("http://10.0.0.1", "upstream_plaintext = \"accepted\"\n").unwrap();
    let stored = after(stored(), &accepted);
    let again = |more: &str| {
        planned(&stored, &[("a.toml", &format!("[[app]]\nname = \"a\"\n{more}"))], Missing::Keep)
    };
    assert!(again("").is_ok());
    assert!(again("upstream_plaintext = \"refused\"\n").is_err());
}

#[test]
fn members_must_be_somewhere_and_be_one_thing() {
    let members = |members: &str| keep(&format!("[[group]]\nname = \"bob\"\nmembers = [{members}]\n"));
    assert!(members("\"ada\", \"group:staff\", \"staff\", \"user:bob\"").is_ok());
    for (member, expected) in [
        ("bob", "is both a person and a group (write `user:bob` or `group:bob`)"),
        ("group:bob", "cannot be in itself"),
        ("adda", "there is no person or group `adda` (did you mean `ada`?)"),
        ("group:ada", "there is no group `ada`"),
        ("user:staff", "there is no person `staff`"),
    ] {
        let found = members(&format!("\"{member}\"")).unwrap_err();
        assert!(found.len() == 1 && found[0].contains(expected), "{member}: {found:?}");
    }
}

#[test]
fn a_group_does_not_keep_a_member_that_is_pruned() {
    let mut stored = stored();
    let staff = stored.groups.get_mut(&"staff".parse::<GroupName>().unwrap()).unwrap();
    staff.1.groups.insert("old".parse().unwrap());
    stored.groups.insert("old".parse().unwrap(), (Revision::new(1), GroupSpec::default()));
    let texts = [("a.toml", "[[group]]\nname = \"staff\"\n")];
    assert!(planned(&stored, &texts, Missing::Keep).is_ok());
    let found = planned(&stored, &texts, Missing::Delete { caller: None }).unwrap_err();
    assert!(found[0].contains("`group:old`, which no file declares"), "{found:?}");
}

#[test]
fn a_policy_that_names_a_person_is_stored_with_the_id() {
    let policy = |who: &str| {
        let text = format!("@id(\"p\")\npermit (principal == User::\"{who}\", action, resource);");
        planned(&stored(), &[("p.cedar", &text)], Missing::Keep)
    };
    let bob = UserId::from_bytes([2; 16]).to_string();
    for who in ["bob", &bob] {
        let plan = policy(who).unwrap();
        let What::Put { spec, .. } = &plan.steps[0].what else { panic!("{plan:?}") };
        assert!(spec["text"].as_str().unwrap().contains(&format!("User::\"{bob}\"")), "{spec}");
    }
    assert_eq!(
        policy("bobb").unwrap_err(),
        ["p.cedar:2:29: there is no person `bobb` (did you mean `bob`?)"]
    );
}

/// A folder of random declarations, each valid by itself.
fn random_folder(random: &SeededEntropy) -> String {
    let mut text = String::new();
    let people = ["ada", "bob", "cy", "dee"];
    let groups = ["staff", "finance", "it"];
    let some = |random: &SeededEntropy| random.below(2) == 0;
    for person in people.iter().filter(|_| some(random)) {
        text += &format!("[[user]]\nname = \"{person}\"\n");
        let lines = ["display = \"X\"", "mail = \"x@example.com\"", "mail = \"\"", "admin = true"];
        text += &format!("{}\n", lines[random.below(lines.len())]);
    }
    for group in groups.iter().filter(|_| some(random)) {
        text += &format!("[[group]]\nname = \"{group}\"\n");
        if some(random) {
            let members: Vec<String> =
                ["ada", "bob"].iter().filter(|_| some(random)).map(|who| format!("\"{who}\"")).collect();
            text += &format!("members = [{}]\n", members.join(", "));
        }
    }
    for number in (0..3).filter(|_| some(random)) {
        let audit = ["normal", "strict"][random.below(2)];
        text += &format!(
            "[[app]]\nname = \"a{number}\"\nhost = \"a{number}.org\"\nupstream = \"https://h\"\naudit = \"{audit}\"\n"
        );
    }
    text
}

#[test]
fn random_folders_settle_at_once_delete_only_when_asked_and_let_nobody_back_in() {
    let random = SeededEntropy::new(0x9a_11);
    let mut changed = 0;
    for round in 0..500 {
        let mut stored = stored();
        for (_, person) in stored.people.values_mut() {
            if random.below(2) == 0 {
                person.state = UserState::Disabled;
            }
        }
        let text = random_folder(&random);
        let missing = match random.below(2) {
            0 => Missing::Keep,
            _ => Missing::Delete { caller: Some(UserId::from_bytes([1; 16])) },
        };
        let first = match planned(&stored, &[("a.toml", &text)], missing) {
            Ok(plan) => plan,
            // A pruned person or group may still be a member.
            Err(findings) => {
                assert_ne!(missing, Missing::Keep, "round {round}: {findings:?}\n{text}");
                continue;
            }
        };
        changed += first.steps.len();
        assert!(missing != Missing::Keep || first.names(Verb::Delete).is_empty(), "round {round}:\n{text}");
        let then = after(stored.clone(), &first);
        for (login, (_, before)) in &stored.people {
            if let Some((_, now)) = then.people.get(login) {
                assert_eq!(now.state, before.state, "round {round}: {login}\n{text}");
            }
        }
        let second = planned(&then, &[("a.toml", &text)], missing).unwrap();
        assert!(second.steps.is_empty(), "round {round}: {:?}\n{text}", second.steps);
        assert_eq!(
            second.unchanged.len(),
            first.unchanged.len() + first.steps.len() - first.names(Verb::Delete).len()
        );
    }
    assert!(changed > 500, "{changed}");
}

#[test]
fn a_client_is_complete_and_keeps_its_secret_whatever_files_say() {
    let whole = "[[client]]\nname = \"c\"\nredirect_uris = [\"https://c.example.com/cb\"]\n";
    let made = planned(&stored(), &[("a.toml", whole)], Missing::Keep).unwrap();
    assert_eq!(made.names(Verb::Create), ["client/c"]);
    let What::Put { spec, .. } = &made.steps[0].what else { panic!("{:?}", made.steps) };
    let mut client: ClientSpec = serde_json::from_value(spec.clone()).unwrap();
    assert_eq!(client.auth.as_str(), "client_secret_basic");
    assert!(client.scopes.contains("offline_access") && !client.consent && !client.disabled);

    // It is known with a secret by now; a file that says nothing new changes nothing, and one that does keeps it.
    client.secret_set = Some(bartizan_model::Timestamp::from_micros(7));
    let mut stored = stored();
    stored.clients.insert("c".parse().unwrap(), (Revision::new(9), client));
    let same = planned(&stored, &[("a.toml", whole)], Missing::Keep).unwrap();
    assert_eq!((same.steps.len(), same.unchanged.as_slice()), (0, [String::from("client/c")].as_slice()));
    let disabled = format!("{whole}disabled = true\n");
    let changed = planned(&stored, &[("a.toml", &disabled)], Missing::Keep).unwrap();
    let What::Put { spec, .. } = &changed.steps[0].what else { panic!("{:?}", changed.steps) };
    assert_eq!((spec["disabled"].as_bool(), spec["secret_set"].is_null()), (Some(true), false));
    let gone =
        planned(&stored, &[("a.toml", "[[group]]\nname = \"staff\"\n")], Missing::Delete { caller: None });
    assert!(gone.unwrap().names(Verb::Delete).contains(&String::from("client/c")));

    for (lines, expected) in [
        ("", "has no `redirect_uris`"),
        ("redirect_uris = [\"https://c.example.com/cb\"]\nauth = \"private_key_jwt\"\n", "has no `jwks`"),
        (
            "redirect_uris = [\"https://c.example.com/cb\"]\njwks = '{\"keys\": [{\"kty\": \"EC\"}]}'\n",
            "which nothing uses",
        ),
        ("grants = [\"token_exchange\"]\nauth = \"none\"\n", "proves nothing"),
        ("grants = [\"token_exchange\"]\nconsent = true\n", "has `consent`"),
        ("grants = [\"token_exchange\"]\nexchanges_from = [\"d\"]\n", "has no `audiences`"),
        ("grants = []\nexchanges_from = [\"d\"]\n", "has `exchanges_from`, which nothing uses"),
        (
            "grants = [\"token_exchange\"]\naudiences = [\"https://d.example.com\"]\nexchanges_from = [\"nobody\"]\n",
            "there is no such client",
        ),
    ] {
        let text = format!("[[client]]\nname = \"d\"\n{lines}");
        let found = planned(&self::stored(), &[("a.toml", &text)], Missing::Keep).unwrap_err();
        assert!(found.len() == 1 && found[0].contains(expected), "{lines}: {found:?}");
    }
}
