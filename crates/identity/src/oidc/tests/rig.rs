//! A provider over a real store, and an enforcement point that is told by hand what it decides on.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use bartizan_enforce::spool::{Spool, SpoolConfig, read_segment};
use bartizan_enforce::{
    Caller, Enforcer, EnforcerConfig, FeedMessage, Recorder, Redeemed, Redemption, Resolution, Scope,
    Sessions, SessionsError, Subscription, Ticket,
};
use bartizan_model::{
    AppFacts, Audit, ClientName, Clock, CredentialDigest, Entropy, Event, ObjectKind, PointId, RequestId,
    Revision, SealingKeyId, Secret, SessionId, Subject, UserFacts, UserId, UserState, WireRules,
};
use bartizan_pki::SealingKeyPair;
use bartizan_policy::{Delta, PolicySource};
use bartizan_store::{ChangeSet, Expect, MasterKey, SqliteStore, Store, Write};
use bartizan_testkit::{FakeClock, SeededEntropy};
use parking_lot::Mutex;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clients::{ClientAuth, ClientSpec, GrantType};
use crate::oidc::Provider;
use crate::people::to_value;
use crate::spec::session_facts;
use crate::{
    Attributes, Enrolment, Flow, NewPerson, People, SessionLifetimes, SignIns, SigningKeys, Step, TotpSecret,
    TotpStep, Visit,
};

pub(super) const ISSUER: &str = "https://auth.example.org";

/// The console, as programs reach it.
pub(super) const CONSOLE: &str = "https://console.example.org:8443";

/// What lets people have our command act for them.
pub(super) const PERMIT_CLI: &str = r#"
@id("c") permit (principal, action == Action::"token:issue", resource == Client::"bartizan-cli");
@id("a") permit (principal, action == Action::"token:issue", resource == App::"console");
"#;

pub(super) const PERMIT: &str =
    r#"@id("p") permit (principal, action == Action::"token:issue", resource == Client::"web");"#;

/// Control's answer about credentials, from the store.
#[derive(Debug)]
struct FromStore {
    sign_ins: SignIns,
    revision: Arc<Mutex<Revision>>,
}

#[async_trait]
impl Sessions for FromStore {
    async fn resolve(
        &self,
        _: PointId,
        digest: CredentialDigest,
    ) -> Result<Option<Resolution>, SessionsError> {
        let resolved = self.sign_ins.resolve(digest).await.unwrap();
        let (subscription, revision, ticket) =
            (Subscription::default(), *self.revision.lock(), Ticket::default());
        Ok(resolved.map(|resolved| Resolution { subscription, revision, resolved, ticket }))
    }

    async fn redeem(&self, _: PointId, _: Redemption) -> Result<Option<Redeemed>, SessionsError> {
        Ok(None)
    }
}

fn ports() -> crate::web::Ports {
    crate::web::Ports { apps: 8443, own: std::collections::BTreeMap::new() }
}

pub(super) struct Rig {
    folder: tempfile::TempDir,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<FakeClock>,
    entropy: Arc<SeededEntropy>,
    enforcer: Arc<Enforcer>,
    revision: Arc<Mutex<Revision>>,
    pub(super) people: People,
    pub(super) flow: Arc<Flow>,
    pub(super) provider: Provider,
    pub(super) user: UserId,
    pub(super) session: SessionId,
    pub(super) client: ClientName,
    _tasks: JoinSet<()>,
}

impl Rig {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, entropy) = (Arc::new(FakeClock::default()), Arc::new(SeededEntropy::new(7)));
        let (as_clock, as_entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (clock.clone(), entropy.clone());
        let (path, master) = (folder.path().join("bartizan.db"), MasterKey::from_bytes([7; 32]));
        let store = SqliteStore::open(&path, master, as_entropy.clone()).await.unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        let spool = Spool::open(SpoolConfig::at(folder.path().join("spool")), 0, entropy.as_ref()).unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::clone(&spool).run(CancellationToken::new()));
        let recorder = Arc::new(Recorder::new(spool, as_clock.clone(), as_entropy.clone()));
        let people = People::open(store.clone(), as_clock.clone(), as_entropy.clone()).await.unwrap();
        let lifetimes = SessionLifetimes::default();
        let sign_ins =
            SignIns::new(store.clone(), recorder.clone(), as_clock.clone(), as_entropy.clone(), lifetimes);
        let organisation = String::from("Rowing Club");
        let flow = Flow::open(
            store.clone(),
            people.clone(),
            sign_ins.clone(),
            recorder.clone(),
            as_clock.clone(),
            as_entropy.clone(),
            organisation,
        );
        let flow = Arc::new(flow.await.unwrap());
        let revision = Arc::new(Mutex::new(Revision::new(0)));
        let sessions = Arc::new(FromStore { sign_ins, revision: Arc::clone(&revision) });
        let enforcer =
            Enforcer::new(EnforcerConfig::default(), recorder, sessions, as_clock.clone(), as_entropy);
        let keys = Arc::new(SigningKeys::open(store.clone(), as_clock).await.unwrap());
        let provider = Provider::open(store.clone(), enforcer.clone(), flow.clone(), keys).await.unwrap();
        provider.reached_at(ports());
        let attributes =
            Attributes { login: "ada".into(), display: "Ada Martenquist".into(), mail: None, profile: None };
        let user = people.create(&NewPerson { attributes, admin: false }, "test").await.unwrap();
        let client = "web".parse().unwrap();
        let mut rig = Self {
            folder,
            store,
            clock,
            entropy,
            enforcer,
            revision,
            people,
            flow,
            provider,
            user,
            session: SessionId::from_bytes([0; 16]),
            client,
            _tasks: tasks,
        };
        rig.put_client(false).await;
        rig.put(
            "server",
            ClientSpec { audiences: ["https://api.example.org".into()].into(), ..ClientSpec::default() },
        )
        .await;
        rig.session = rig.sign_in().await;
        rig.tell().await;
        rig
    }

    /// Factors, and a sign-in by them.
    async fn sign_in(&self) -> SessionId {
        let (password, totp) = self.enrol().await;
        let start = self.flow.attempts().start(None);
        let step = self.flow.password(&start, "ada", &password, &self.visit()).await.unwrap();
        let Step::Next(attempt) = step else { panic!("{step:?}") };
        let code = totp.code(TotpStep::at(self.clock.now()));
        let step = self.flow.second_totp(&attempt, &code, &self.visit()).await.unwrap();
        let Step::SignedIn(signed_in) = step else { panic!("{step:?}") };
        signed_in.session
    }

    async fn enrol(&self) -> (Secret<String>, TotpSecret) {
        let password = Secret::new(format!("zebra {:x} teapot", self.entropy.next_u64()));
        let totp = TotpSecret::generate(self.entropy.as_ref());
        let enrolment = Enrolment {
            password: password.clone(),
            about: vec!["ada".into()],
            totp_secret: totp.clone(),
            first_code: totp.code(TotpStep::at(self.clock.now()).plus(-1)),
        };
        self.flow.factors().enrol(self.user, enrolment, "test").await.unwrap().unwrap();
        (password, totp)
    }

    pub(super) async fn enrol_again(&self) {
        self.enrol().await;
    }

    fn visit(&self) -> Visit {
        let (source, request_id) = (IpAddr::from([192, 0, 2, 1]), self.request_id());
        Visit { source, user_agent: None, request_id, device: None, provider: None }
    }

    fn request_id(&self) -> RequestId {
        RequestId::ordered(self.clock.now(), self.entropy.as_ref())
    }

    pub(super) fn caller(&self) -> Caller {
        Caller {
            subject: Subject::User(self.user),
            session: Some(self.session),
            device: None,
            credential: None,
            credential_ends: None,
            source: IpAddr::from([192, 0, 2, 1]),
            request_id: self.request_id(),
            user_agent: None,
        }
    }

    pub(super) async fn put_client(&self, disabled: bool) {
        let spec = ClientSpec { disabled, ..Self::client_spec() };
        self.put("web", spec).await;
    }

    /// The client, with what it may ask for.
    pub(super) async fn put_client_with(&self, scopes: &[&str], audiences: &[&str]) {
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let spec = ClientSpec { scopes: set(scopes), audiences: set(audiences), ..Self::client_spec() };
        self.put("web", spec).await;
    }

    /// The client, as it proves itself and comes to tokens.
    pub(super) async fn put_client_that(&self, auth: ClientAuth, grants: &[GrantType]) {
        let spec = ClientSpec { auth, grants: grants.iter().copied().collect(), ..Self::client_spec() };
        self.put("web", spec).await;
    }

    /// Another client, which may do the same.
    pub(super) async fn put_other_client(&self) {
        self.put("other", Self::client_spec()).await;
    }

    pub(super) async fn put_client_without_devices(&self) {
        let spec = ClientSpec { grants: GrantType::USUAL.into(), ..Self::client_spec() };
        self.put("web", spec).await;
    }

    fn client_spec() -> ClientSpec {
        ClientSpec {
            redirect_uris: [super::REDIRECT.parse().unwrap()].into(),
            grants: GrantType::ALL.iter().copied().collect(),
            ..ClientSpec::default()
        }
    }

    pub(super) async fn put(&self, name: &str, spec: ClientSpec) {
        let mut change = ChangeSet::new("test", self.clock.now());
        let (kind, name, spec) = (ObjectKind::Client, name.to_owned(), to_value(&spec));
        change.writes.push(Write::Put { kind, name, spec, lookups: Vec::new(), expect: Expect::Any });
        self.store.commit(change).await.unwrap();
    }

    pub(super) async fn delete(&self, kind: ObjectKind, name: &str) {
        let mut change = ChangeSet::new("test", self.clock.now());
        change.writes.push(Write::Delete { kind, name: name.to_owned(), expect: Expect::Any });
        self.store.commit(change).await.unwrap();
    }

    /// Tells the enforcement point of everybody.
    async fn tell(&self) {
        let name = self.session.to_string();
        let object = self.store.get(ObjectKind::Session, &name).await.unwrap().unwrap();
        let session = session_facts(&object.name, &object.spec).unwrap();
        let user = UserFacts {
            id: self.user,
            state: UserState::Active,
            groups: std::collections::BTreeSet::new(),
            sealing_key: Some(self.sealing_key()),
        };
        let console = AppFacts {
            name: "console".parse().unwrap(),
            host: "console.example.org".into(),
            upstream: None,
            ca: None,
            pass_host: true,
            audit: Audit::Normal,
            groups: std::collections::BTreeSet::new(),
            wire: WireRules::default(),
            lease: None,
        };
        let cli = crate::clients::CLI_CLIENT.parse().unwrap();
        let clients = [Delta::Client(self.client.clone()), Delta::Client(cli)];
        let facts = [Delta::User(user), Delta::Session(session), Delta::App(console)];
        let facts = facts.into_iter().chain(clients).collect();
        self.apply(Scope::Snapshot, facts, &format!("{PERMIT}\n{PERMIT_CLI}"));
    }

    /// Other policies from now on.
    pub(super) fn decide_by(&self, policies: &str) {
        self.apply(Scope::Changes, Vec::new(), policies);
    }

    /// More facts from now on.
    pub(super) fn also(&self, facts: Vec<Delta>) {
        self.tell_of(Scope::Changes, facts, None);
    }

    fn apply(&self, scope: Scope, facts: Vec<Delta>, policies: &str) {
        let policies = bartizan_policy::split_file("test.cedar", policies).unwrap();
        self.tell_of(scope, facts, Some(policies.into()));
    }

    fn tell_of(&self, scope: Scope, facts: Vec<Delta>, policies: Option<Arc<[PolicySource]>>) {
        let mut revision = self.revision.lock();
        *revision = revision.next();
        let message = FeedMessage {
            subscription: Subscription::default(),
            revision: *revision,
            scope,
            facts,
            policies,
            anonymous_key: Some(self.sealing_key()),
        };
        self.enforcer.apply(&message).unwrap();
        drop(revision);
        self.renew();
    }

    /// The point has heard from control now.
    pub(super) fn renew(&self) {
        self.enforcer.renew_lease(self.clock.boot());
    }

    fn sealing_key(&self) -> (SealingKeyId, [u8; 32]) {
        (SealingKeyId::random(self.entropy.as_ref()), SealingKeyPair::generate().unwrap().public())
    }

    /// The process ends and begins again: what it had in memory is gone.
    pub(super) async fn restart(&mut self) {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let keys = Arc::new(SigningKeys::open(self.store.clone(), clock).await.unwrap());
        let (store, enforcer, flow) = (self.store.clone(), self.enforcer.clone(), self.flow.clone());
        self.provider = Provider::open(store, enforcer, flow, keys).await.unwrap();
        self.provider.reached_at(ports());
    }

    /// The reasons of everything that was recorded.
    pub(super) fn reasons(&self) -> Vec<String> {
        self.events().into_iter().filter_map(|event| event.reason).collect()
    }

    /// Everything that was recorded.
    pub(super) fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for file in std::fs::read_dir(self.folder.path().join("spool")).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|ext| ext == "seg") {
                read_segment(&std::fs::read(path).unwrap(), |_, payload| {
                    let event: Event = serde_json::from_slice(payload).unwrap();
                    events.push(event);
                })
                .unwrap();
            }
        }
        events
    }
}
