//! A gateway with everything around it, in this process.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_enforce::spool::{Spool, SpoolConfig, read_segment};
use bartizan_enforce::{
    Audience, Enforcer, EnforcerConfig, FeedMessage, Keys, KeysError, Recorder, Redeemed, Redemption,
    Resolution, Resolved, Scope, Sessions, SessionsError, Subscription, Ticket,
};
use bartizan_gateway::{Counters, Gateway, GatewayConfig, LocalService, Proxies, Serves};
use bartizan_model::{
    AppFacts, AppName, Audit, AuthLevel, Clock, CredentialDigest, CredentialKind, Entropy, GroupName,
    PointId, Revision, SealingKeyId, SessionFacts, SessionId, Subject, Timestamp, UserFacts, UserId,
    UserState,
};
use bartizan_pki::{Authority, SealingKeyPair, new_credential};
use bartizan_policy::Delta;
use bartizan_testkit::{FakeClock, SeededEntropy};
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;

/// The host of the app that everything happens at, and of one that is like it.
pub(crate) const WIKI: &str = "wiki.bartizan.test";
pub(crate) const OTHER: &str = "other.bartizan.test";
pub(crate) const PORTAL: &str = "portal.bartizan.test";
pub(crate) const AUTH: &str = "auth.bartizan.test";

pub(crate) struct Rig {
    pub(crate) enforcer: Arc<Enforcer>,
    pub(crate) gateway: Arc<Gateway>,
    /// What is served at `address`.
    pub(crate) rules: watch::Sender<Serves>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) entropy: Arc<SeededEntropy>,
    pub(crate) keys: Arc<TestKeys>,
    pub(crate) people: Arc<People>,
    pub(crate) address: SocketAddr,
    pub(crate) inner_address: SocketAddr,
    /// Behind proxies that announce their connections, and behind proxies that forward requests: from this machine.
    pub(crate) announced_address: SocketAddr,
    pub(crate) forwarded_address: SocketAddr,
    /// Plain HTTP, which sends to port 8443 for apps and to 443 for our own hosts.
    pub(crate) plain_address: SocketAddr,
    pub(crate) app: App,
    pub(crate) stop: CancellationToken,
    pub(crate) served: TaskTracker,
    folder: tempfile::TempDir,
}

/// A person who is signed in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) token: String,
    pub(crate) cookie: String,
}

#[derive(Debug)]
pub(crate) struct TestKeys {
    pub(crate) authority: Authority,
    clock: Arc<FakeClock>,
    pub(crate) published: Mutex<Vec<serde_json::Value>>,
    pub(crate) certified: Mutex<Vec<String>>,
    pub(crate) lifetime: Mutex<Duration>,
    pub(crate) down: Mutex<bool>,
    /// The public authority: what was ordered, whether it fails, and where orders stay until a permit is added.
    pub(crate) ordered: Mutex<Vec<String>>,
    pub(crate) public_down: Mutex<bool>,
    pub(crate) gate: tokio::sync::Semaphore,
}

#[async_trait]
impl Keys for TestKeys {
    async fn certify_publicly(
        &self,
        _point: PointId,
        csr: Vec<u8>,
        host: &str,
    ) -> Result<Vec<Vec<u8>>, KeysError> {
        self.ordered.lock().push(host.to_owned());
        self.gate.acquire().await.unwrap().forget();
        if *self.public_down.lock() {
            return Err(KeysError::Later { reason: "down".into(), wait: Duration::ZERO });
        }
        let lifetime = *self.lifetime.lock();
        let chain = self.authority.certify(&csr, host, self.clock.now(), lifetime).unwrap();
        Ok(chain.into_iter().map(|certificate| certificate.to_vec()).collect())
    }

    async fn challenge(&self, host: &str, token: &str) -> Option<String> {
        (token == "token").then(|| format!("token.for.{host}"))
    }

    async fn certify(&self, _point: PointId, csr: Vec<u8>, host: &str) -> Result<Vec<Vec<u8>>, KeysError> {
        if *self.down.lock() {
            return Err(KeysError::Unreachable("down".into()));
        }
        self.certified.lock().push(host.to_owned());
        let lifetime = *self.lifetime.lock();
        let chain = self.authority.certify(&csr, host, self.clock.now(), lifetime);
        chain
            .map(|chain| chain.into_iter().map(|certificate| certificate.to_vec()).collect())
            .map_err(|error| KeysError::Refused(error.to_string()))
    }

    async fn publish(
        &self,
        _point: PointId,
        jwk: serde_json::Value,
        _until: Timestamp,
    ) -> Result<(), KeysError> {
        if *self.down.lock() {
            return Err(KeysError::Unreachable("down".into()));
        }
        self.published.lock().push(jwk);
        Ok(())
    }
}

#[derive(Debug, Default)]
pub(crate) struct People {
    known: Mutex<HashMap<CredentialDigest, Resolved>>,
    /// The revision that control is at: what it answers is as of now.
    revision: Mutex<u64>,
    pub(crate) codes: Mutex<HashMap<CredentialDigest, Code>>,
    pub(crate) down: Mutex<bool>,
}

#[async_trait]
impl Sessions for People {
    async fn resolve(
        &self,
        _point: PointId,
        digest: CredentialDigest,
    ) -> Result<Option<Resolution>, SessionsError> {
        if *self.down.lock() {
            return Err(SessionsError::Unreachable("down".into()));
        }
        let resolved = self.known.lock().get(&digest).cloned();
        let revision = Revision::new(*self.revision.lock());
        Ok(resolved.map(|resolved| Resolution {
            subscription: Subscription::default(),
            revision,
            resolved,
            ticket: Ticket::default(),
        }))
    }

    async fn redeem(
        &self,
        _point: PointId,
        redemption: Redemption,
    ) -> Result<Option<Redeemed>, SessionsError> {
        let challenge = redemption.verifier.expose(|verifier| bartizan_pki::sha256(verifier));
        let mut codes = self.codes.lock();
        let fits = codes
            .get(&redemption.code)
            .is_some_and(|code| code.challenge == challenge && code.host == redemption.host);
        let Some(code) = codes.remove(&redemption.code).filter(|_| fits) else { return Ok(None) };
        let resolved = Resolved {
            session: code.session,
            subject: Subject::User(code.user),
            kind: CredentialKind::App,
            audience: Audience::Host(code.host),
            ends: None,
        };
        self.known.lock().insert(redemption.credential, resolved.clone());
        let revision = Revision::new(*self.revision.lock());
        let (subscription, ticket) = (Subscription::default(), Ticket::default());
        let resolution = Resolution { subscription, revision, resolved, ticket };
        Ok(Some(Redeemed { resolution, called: Some(String::from("Ada Ærlig")) }))
    }
}

/// A code that a sign-in has issued.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) host: String,
    pub(crate) challenge: [u8; 32],
}

impl Rig {
    pub(crate) async fn new() -> Self {
        Self::with(|_| (), BTreeMap::new()).await
    }

    pub(crate) async fn with(
        change: impl FnOnce(&mut GatewayConfig),
        local: BTreeMap<AppName, LocalService>,
    ) -> Self {
        let (clock, entropy) = (Arc::new(FakeClock::default()), Arc::new(SeededEntropy::new(7)));
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(SpoolConfig::at(folder.path().join("spool")), 0, entropy.as_ref()).unwrap();
        let (as_clock, as_entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) =
            (Arc::clone(&clock) as Arc<dyn Clock>, Arc::clone(&entropy) as Arc<dyn Entropy>);
        let recorder = Arc::new(Recorder::new(spool, Arc::clone(&as_clock), Arc::clone(&as_entropy)));
        let people = Arc::new(People::default());
        let enforcer = Enforcer::new(
            EnforcerConfig::default(),
            recorder,
            Arc::clone(&people) as Arc<dyn Sessions>,
            as_clock,
            as_entropy,
        );
        let authority = Authority::generate("Test", clock.now(), Duration::from_secs(86_400)).unwrap();
        let keys = Arc::new(TestKeys {
            authority,
            clock: Arc::clone(&clock),
            published: Mutex::default(),
            certified: Mutex::default(),
            lifetime: Mutex::new(Duration::from_secs(3600)),
            down: Mutex::default(),
            ordered: Mutex::default(),
            public_down: Mutex::default(),
            gate: tokio::sync::Semaphore::new(0),
        });
        let mut config = GatewayConfig::new("https://auth.bartizan.test");
        change(&mut config);
        let gateway =
            Gateway::new(config, Arc::clone(&enforcer), Arc::clone(&keys) as Arc<dyn Keys>, local).unwrap();
        let counters = Arc::clone(gateway.counters());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, served) = (CancellationToken::new(), TaskTracker::new());
        let own = ["auth", "portal", "console"].map(|name| name.parse().unwrap());
        let (rules, serves) = watch::channel(Serves::new(true, own));
        served.spawn(Arc::clone(&gateway).serve(listener, serves, stop.clone()));
        // Another, for the portal alone.
        let inner = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inner_address = inner.local_addr().unwrap();
        let portal = Serves::new(false, ["portal".parse().unwrap()]);
        served.spawn(Arc::clone(&gateway).serve(inner, watch::channel(portal).1, stop.clone()));
        let mut behind = Vec::new();
        for announce in [true, false] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            behind.push(listener.local_addr().unwrap());
            let proxies = Proxies::new(["127.0.0.1/32".parse().unwrap()], announce);
            let serves = Serves::new(true, []).behind(proxies);
            served.spawn(Arc::clone(&gateway).serve(listener, watch::channel(serves).1, stop.clone()));
        }
        let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let plain_address = plain.local_addr().unwrap();
        let port = |app: &AppFacts| if app.upstream.is_some() { 8443 } else { 443 };
        served.spawn(Arc::clone(&gateway).redirect(plain, port, stop.clone()));
        let app = App::start().await;
        let rig = Self {
            enforcer,
            gateway,
            rules,
            counters,
            clock,
            entropy,
            keys,
            people,
            address,
            inner_address,
            announced_address: behind[0],
            forwarded_address: behind[1],
            plain_address,
            app,
            stop,
            served,
            folder,
        };
        let upstream = rig.app.url();
        let facts = [
            ("wiki", WIKI, Some(&upstream)),
            ("other", OTHER, Some(&upstream)),
            ("portal", PORTAL, None),
            ("auth", AUTH, None),
        ]
        .map(|(name, host, upstream)| Delta::App(app_facts(name, host, upstream.map(String::as_str))));
        rig.apply(Scope::Snapshot, facts.to_vec(), Some(POLICY));
        rig
    }

    /// What control would send.
    pub(crate) fn apply(&self, scope: Scope, facts: Vec<Delta>, policy: Option<&str>) -> u64 {
        let mut revision = self.people.revision.lock();
        *revision += 1;
        let policies = policy.map(|text| {
            bartizan_policy::split_file("test.cedar", text)
                .unwrap_or_else(|findings| panic!("{findings:?}"))
                .into()
        });
        let anonymous_key =
            Some((SealingKeyId::random(self.entropy.as_ref()), SealingKeyPair::generate().unwrap().public()));
        let message = FeedMessage {
            subscription: Subscription::default(),
            revision: Revision::new(*revision),
            scope,
            facts,
            policies,
            anonymous_key,
        };
        let applied = self.enforcer.apply(&message).unwrap();
        self.enforcer.renew_lease(self.clock.boot());
        applied.cut
    }

    /// Somebody of the staff signs in; their token is good at the wiki and the portal, their cookie at `cookie_host`.
    pub(crate) fn sign_in_at(&self, cookie_host: &str) -> Person {
        let entropy = self.entropy.as_ref();
        let (user, session) = (UserId::random(entropy), SessionId::ordered(self.clock.now(), entropy));
        let key = SealingKeyPair::generate().unwrap().public();
        let facts = vec![
            Delta::User(UserFacts {
                id: user,
                state: UserState::Active,
                groups: BTreeSet::from([group("staff"), group("editors"), group("secret")]),
                sealing_key: Some((SealingKeyId::random(entropy), key)),
            }),
            Delta::Session(SessionFacts {
                id: session,
                subject: Subject::User(user),
                device: None,
                auth_time: self.clock.now(),
                mfa_time: None,
                amr: BTreeSet::from([String::from("pwd")]),
                level: AuthLevel::Basic,
                last_seen: self.clock.now(),
                idle_timeout: Duration::from_secs(3600),
                absolute_end: self.clock.now().plus(Duration::from_secs(36_000)),
            }),
        ];
        self.apply(Scope::Changes, facts, None);
        let apps = BTreeSet::from(["wiki", "portal"].map(|name| name.parse().unwrap()));
        let token = self.credential(user, session, CredentialKind::Token, Audience::Apps(apps));
        let cookie =
            self.credential(user, session, CredentialKind::App, Audience::Host(cookie_host.to_owned()));
        Person { user, session, token, cookie }
    }

    pub(crate) fn sign_in(&self) -> Person {
        self.sign_in_at(WIKI)
    }

    pub(crate) fn credential(
        &self,
        user: UserId,
        session: SessionId,
        kind: CredentialKind,
        audience: Audience,
    ) -> String {
        let (text, digest) = new_credential(kind, self.entropy.as_ref());
        let resolved = Resolved { session, subject: Subject::User(user), kind, audience, ends: None };
        self.people.known.lock().insert(digest, resolved);
        text.expose(Clone::clone)
    }

    /// The session ends; returns how many grants were cut.
    pub(crate) fn revoke(&self, person: &Person) -> u64 {
        self.people.known.lock().retain(|_, resolved| resolved.session != person.session);
        self.apply(Scope::Changes, vec![Delta::SessionGone(person.session)], None)
    }

    /// Time passes, and control is heard of all the while.
    pub(crate) fn later(&self, by: Duration) {
        self.clock.advance(by);
        self.enforcer.renew_lease(self.clock.boot());
    }

    /// Every event of this kind so far, as recorded.
    pub(crate) fn events(&self, kind: &str) -> Vec<serde_json::Value> {
        let mut events = Vec::new();
        let mut files: Vec<_> = std::fs::read_dir(self.folder.path().join("spool"))
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        for file in files {
            // A segment that was made ready and is not used yet has no header.
            let _ = read_segment(&std::fs::read(file).unwrap(), |_, payload| {
                events.push(serde_json::from_slice::<serde_json::Value>(payload).unwrap());
            });
        }
        events.retain(|event| event["kind"] == kind);
        events
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) fn group(name: &str) -> GroupName {
    name.parse().unwrap()
}

pub(crate) fn app_facts(name: &str, host: &str, upstream: Option<&str>) -> AppFacts {
    AppFacts {
        name: name.parse().unwrap(),
        host: host.to_owned(),
        upstream: upstream.map(|url| url.parse().unwrap()),
        ca: None,
        pass_host: true,
        wire: bartizan_model::WireRules::default(),
        lease: None,
        audit: Audit::Normal,
        groups: BTreeSet::from([group("staff"), group("editors"), group("absent")]),
    }
}

/// Waits until it is so, 5 s at most.
pub(crate) async fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("never: {what}");
}

const POLICY: &str = r#"
@id("staff")
permit (principal in Group::"staff", action in Action::"http", resource);

@id("public")
permit (principal, action == Action::"http:read", resource == App::"wiki")
when { context.request.path == "/public" };
"#;
