use bartizan_identity::{Attributes, NewPerson};
use bartizan_model::{Clock, Entropy, UserState};
use bartizan_store::{ChangeSet, Expect, MasterKey, SqliteStore, Write};
use bartizan_testkit::{FakeClock, SeededEntropy};
use serde_json::json;

use super::*;

struct Rig {
    register: Arc<Register>,
    store: Arc<dyn Store>,
    people: People,
    clock: Arc<dyn Clock>,
    _dir: tempfile::TempDir,
}

impl Rig {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(7));
        let clock: Arc<dyn Clock> = Arc::new(FakeClock::default());
        let master = MasterKey::from_bytes([3; 32]);
        let store = SqliteStore::open(&dir.path().join("db"), master, Arc::clone(&entropy)).await.unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        let people = People::open(Arc::clone(&store), Arc::clone(&clock), entropy).await.unwrap();
        let register = Register::new(Arc::clone(&store), people.clone());
        Self { register, store, people, clock, _dir: dir }
    }

    async fn person(&self, login: &str, display: &str) -> UserId {
        let (login, display) = (login.to_owned(), display.to_owned());
        let attributes =
            Attributes { login, display, mail: Some(String::from("m@example.org")), profile: None };
        self.people.create(&NewPerson { attributes, admin: false }, "ada").await.unwrap()
    }

    async fn write(&self, write: Write) {
        let mut change = ChangeSet::new("ada", self.clock.now());
        change.writes.push(write);
        self.store.commit(change).await.unwrap();
    }

    async fn put(&self, kind: ObjectKind, name: &str, spec: serde_json::Value) {
        self.write(Write::Put { kind, name: name.into(), spec, lookups: Vec::new(), expect: Expect::Any })
            .await;
    }

    async fn all(&self, roll: Roll) -> Entries {
        match self.register.of(roll).await.unwrap() {
            Known::All(entries) => entries,
            Known::Reading(read) => panic!("only {read} were read"),
        }
    }

    /// The labels of what is found by these words, by label.
    async fn found(&self, roll: Roll, words: &[&str]) -> Vec<String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let all = self.all(roll).await;
        let mut found: Vec<String> =
            all.values().filter(|entry| entry.has(&words)).map(|entry| entry.label.to_string()).collect();
        found.sort();
        found
    }
}

#[tokio::test]
async fn people_are_found_by_what_is_sealed_and_by_nothing_once_they_are_gone() {
    let rig = Rig::new().await;
    let ann = rig.person("ann", "Ann Ödegård").await;
    let bob = rig.person("bob", "Bob Berg").await;
    assert_eq!(rig.found(Roll::People, &[]).await, ["ann ödegård", "bob berg"]);
    assert_eq!(rig.found(Roll::People, &["ödeg"]).await, ["ann ödegård"]);
    assert_eq!(rig.found(Roll::People, &["b", "erg", "example"]).await, ["bob berg"]);
    assert_eq!(rig.found(Roll::People, &[&ann.to_string()]).await, ["ann ödegård"]);

    rig.people.set_state(bob, UserState::Disabled, "ada").await.unwrap();
    let all = rig.all(Roll::People).await;
    let Says::Person(person) = &all.get(bob.to_string().as_str()).unwrap().says else { panic!() };
    assert_eq!(person.state, UserState::Disabled, "what is changed is told");

    let erasure = rig.people.erasure(ann).await.unwrap().unwrap();
    let mut change = ChangeSet::new("ada", rig.clock.now());
    change.writes.extend(erasure.person);
    change.secrets = erasure.secrets;
    rig.store.commit(change).await.unwrap();
    assert_eq!(rig.found(Roll::People, &[]).await, ["bob berg"]);
    assert!(!format!("{:?}", rig.register).contains("degård"), "nothing of them is kept");
}

#[tokio::test]
async fn a_register_is_what_the_store_holds_whatever_was_changed_in_between() {
    let rig = Rig::new().await;
    let app = |host: &str| json!({"host": host, "upstream": "http://10.0.0.1:80"});
    for hundred in 0..25 {
        let mut change = ChangeSet::new("ada", rig.clock.now());
        change.writes = (0..100)
            .map(|number| {
                let name = format!("app{:04}", hundred * 100 + number);
                let spec = app(&format!("{name}.example.org"));
                Write::Put { kind: ObjectKind::App, name, spec, lookups: Vec::new(), expect: Expect::Any }
            })
            .collect();
        rig.store.commit(change).await.unwrap();
        if hundred % 7 == 0 {
            assert_eq!(rig.all(Roll::Apps).await.len(), (hundred + 1) * 100);
        }
    }
    rig.put(ObjectKind::App, "app0003", app("other.example.org")).await;
    rig.write(Write::Delete { kind: ObjectKind::App, name: "app0004".into(), expect: Expect::Any }).await;
    rig.put(ObjectKind::App, "broken", json!({"x": 1})).await;
    rig.put(ObjectKind::Group, "staff", json!({"users": [], "groups": ["finance"]})).await;
    let all = rig.all(Roll::Apps).await;
    let mut after: Option<String> = None;
    let mut count = 0;
    loop {
        let listed = rig.store.list(ObjectKind::App, after.as_deref(), 1000).await.unwrap();
        let Some(last) = listed.last() else { break };
        after = Some(last.name.clone());
        for object in &listed {
            assert_eq!(all.get(object.name.as_str()).map(|entry| entry.revision), Some(object.revision));
        }
        count += listed.len();
    }
    assert_eq!(all.len(), count);
    assert_eq!(rig.found(Roll::Apps, &["other.example"]).await, ["app0003"]);
    assert!(matches!(all.get("broken").unwrap().says, Says::Damaged(_)), "what is damaged is listed as that");
    assert_eq!(rig.found(Roll::Groups, &[]).await, ["staff"]);
}

#[tokio::test]
async fn policies_are_found_by_what_they_are_for() {
    let rig = Rig::new().await;
    let text = "@id(\"p\")\n@reason(\"Finance reads Payroll\")\npermit (principal, action, resource);\n";
    rig.put(ObjectKind::Policy, "p", json!({ "text": text })).await;
    assert_eq!(rig.found(Roll::Policies, &["payroll"]).await, ["p"]);
    assert_eq!(rig.found(Roll::Policies, &["principal"]).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_compacted_away_is_read_again() {
    let rig = Rig::new().await;
    let ann = rig.person("ann", "Ann").await;
    assert_eq!(rig.found(Roll::People, &[]).await, ["ann"]);
    for state in [UserState::Disabled, UserState::Active].into_iter().cycle().take(20) {
        rig.people.set_state(ann, state, "ada").await.unwrap();
    }
    let session = json!({});
    for _ in 0..3 {
        rig.put(ObjectKind::Session, "s", session.clone()).await;
    }
    let later = Timestamp::from_micros(rig.clock.now().as_micros() + 1_000_000);
    assert!(rig.store.compact(later).await.unwrap() > 0, "something was compacted");
    rig.person("bob", "Bob").await;
    assert_eq!(rig.found(Roll::People, &[]).await, ["ann", "bob"]);
}
