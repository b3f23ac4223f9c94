//! A small world that can change in every way, and a point that enforces it.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_model::{
    AccessRequest, Action, AppFacts, Audit, AuthLevel, Clock as _, CredentialDigest, DecisionId, DeviceFacts,
    DeviceId, GroupFacts, GroupName, HttpFacts, Outcome, PointId, RequestId, Resource, Revision,
    SealingKeyId, SessionFacts, SessionId, Subject, UserFacts, UserId, UserState,
};
use bartizan_pki::SealingKeyPair;
use bartizan_policy::{Delta, Engine, PolicySource, World};
use bartizan_testkit::{FakeClock, SeededEntropy};

use crate::spool::{Spool, SpoolConfig};
use crate::{
    Ask, Enforcer, EnforcerConfig, FeedMessage, LiveGrant, Recorder, Redeemed, Redemption, Resolution, Scope,
    Sessions, SessionsError, Subscription,
};

#[derive(Debug)]
struct Nobody;

#[async_trait]
impl Sessions for Nobody {
    async fn resolve(&self, _: PointId, _: CredentialDigest) -> Result<Option<Resolution>, SessionsError> {
        Ok(None)
    }

    async fn redeem(&self, _: PointId, _: Redemption) -> Result<Option<Redeemed>, SessionsError> {
        Ok(None)
    }
}

#[derive(Debug)]
pub(super) struct Question(AccessRequest);

impl Ask for Question {
    fn access_request(&self) -> &AccessRequest {
        &self.0
    }
}

#[derive(Debug)]
pub(super) struct Held {
    pub(super) live: LiveGrant<Question>,
    pub(super) request: AccessRequest,
}

#[derive(Debug)]
pub(super) struct Fixture {
    pub(super) enforcer: Arc<Enforcer>,
    pub(super) clock: Arc<FakeClock>,
    pub(super) users: Vec<UserId>,
    entropy: Arc<SeededEntropy>,
    world: World,
    engine: Engine,
    policies: Vec<PolicySource>,
    sessions: Vec<SessionId>,
    devices: Vec<DeviceId>,
    key: (SealingKeyId, [u8; 32]),
    _folder: tempfile::TempDir,
}

const POLICIES: [&str; 7] = [
    r#"@id("p0") permit (principal in Group::"g0", action in Action::"http", resource == App::"a0");"#,
    r#"@id("p1") permit (principal in Group::"g3", action == Action::"http:read", resource)
       when { context.session.level == "strong" };"#,
    r#"@id("p2") forbid (principal, action, resource == App::"a1") when { context.risk > 50 };"#,
    r#"@id("p3") permit (principal is User, action, resource == App::"a1") when { context.device.compliant };"#,
    r#"@id("p4") forbid (principal in Group::"g2", action == Action::"http:write", resource)
       unless { context.session.mfa_age < 120 };"#,
    r#"@id("p5") permit (principal in Group::"g1", action, resource) when { context.session.age < 200 };"#,
    r#"@id("p6") forbid (principal in Group::"g1", action, resource == App::"a0") when { context.risk > 80 };"#,
];

impl Fixture {
    pub(super) fn new(random: &SeededEntropy) -> Self {
        Self::with_max_live(random, 1000)
    }

    pub(super) fn with_max_live(random: &SeededEntropy, max_live: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::default());
        let entropy = Arc::new(SeededEntropy::new(random.next_u64()));
        let spool = Spool::open(SpoolConfig::at(folder.path().join("spool")), 0, entropy.as_ref()).unwrap();
        let recorder = Arc::new(Recorder::new(spool, Arc::clone(&clock) as _, Arc::clone(&entropy) as _));
        let config = EnforcerConfig { max_live, ..EnforcerConfig::default() };
        let enforcer = Enforcer::new(
            config,
            recorder,
            Arc::new(Nobody),
            Arc::clone(&clock) as _,
            Arc::clone(&entropy) as _,
        );
        let users = (0..3).map(|_| UserId::random(entropy.as_ref())).collect();
        let sessions = (0..4).map(|_| SessionId::ordered(clock.now(), entropy.as_ref())).collect();
        let devices = (0..2).map(|_| DeviceId::random(entropy.as_ref())).collect();
        let key = (SealingKeyId::random(entropy.as_ref()), SealingKeyPair::generate().unwrap().public());
        let policies: Vec<PolicySource> =
            POLICIES.iter().enumerate().map(|(n, text)| source(n, text)).collect();
        let engine = Engine::compile(Revision::new(1), &policies, None).unwrap();
        let mut fixture = Self {
            enforcer,
            clock,
            users,
            entropy,
            world: World::new(),
            engine,
            policies,
            sessions,
            devices,
            key,
            _folder: folder,
        };
        let mut facts: Vec<Delta> = (0..4).map(|n| fixture.group(n, &[n + 1])).collect();
        facts.extend((0..3).map(|n| fixture.user(n, UserState::Active, &[0])));
        facts.extend((0..2).map(|n| fixture.app(n, 0)));
        facts.extend((0..2).map(|n| fixture.device(n, true)));
        facts.extend((0..4).map(|n| fixture.session(n, AuthLevel::Strong)));
        let message = FeedMessage {
            subscription: Subscription::default(),
            revision: Revision::new(1),
            scope: Scope::Snapshot,
            facts: facts.clone(),
            policies: Some(fixture.policies.clone().into()),
            anonymous_key: Some(fixture.key),
        };
        fixture.enforcer.apply(&message).unwrap();
        (fixture.world, _) = fixture.world.apply(Revision::new(1), &facts);
        fixture.enforcer.renew_lease(fixture.clock.boot());
        fixture
    }

    /// Applies facts and policies to the point, and to the world that it is compared with.
    pub(super) fn apply(&mut self, facts: Vec<Delta>, policies: Option<Vec<PolicySource>>) {
        let revision = self.world.revision().next();
        (self.world, _) = self.world.apply(revision, &facts);
        if let Some(policies) = &policies {
            self.engine = Engine::compile(revision, policies, Some(&self.engine)).unwrap();
            self.policies.clone_from(policies);
        }
        let message = FeedMessage {
            subscription: Subscription::default(),
            revision,
            scope: Scope::Changes,
            facts,
            policies: policies.map(Into::into),
            anonymous_key: None,
        };
        self.enforcer.apply(&message).unwrap();
        self.enforcer.renew_lease(self.clock.boot());
    }

    pub(super) fn use_session(&mut self, n: usize) {
        let mut facts = self.world.session(self.sessions[n]).unwrap().as_ref().clone();
        facts.last_seen = self.clock.now();
        self.apply(vec![Delta::Session(facts)], None);
    }

    /// What deciding from nothing says, now.
    pub(super) fn fresh(&self, request: &AccessRequest) -> bool {
        let mut request = request.clone();
        request.now = self.clock.now();
        self.engine.evaluate(&self.world, &request).outcome() == Outcome::Permit
    }

    pub(super) fn question(&self, request: &AccessRequest) -> Question {
        let mut request = request.clone();
        request.now = self.clock.now();
        Question(request)
    }

    pub(super) fn request(&self, session: usize, app: usize, action: Action) -> AccessRequest {
        let now = self.clock.now();
        AccessRequest {
            request_id: RequestId::ordered(now, self.entropy.as_ref()),
            decision_id: DecisionId::ordered(now, self.entropy.as_ref()),
            now,
            subject: Subject::User(self.users[session % 3]),
            session: Some(self.sessions[session]),
            device: Some(self.devices[session % 2]),
            credential_ends: None,
            resource: Resource::App(format!("a{app}").parse().unwrap()),
            action,
            source: IpAddr::from([127, 0, 0, 1]),
            http: Some(Arc::new(HttpFacts { method: "GET".into(), host: "a".into(), path: "/".into() })),
            user_agent: None,
        }
    }

    pub(super) fn random_request(&self, random: &SeededEntropy) -> AccessRequest {
        let action = if random.below(3) == 0 { Action::HttpWrite } else { Action::HttpRead };
        let mut request = self.request(random.below(4), random.below(2), action);
        if random.below(3) == 0 {
            request.device = None;
        }
        request
    }

    /// One change of a random kind; what was done, for the message.
    pub(super) fn random_step(&mut self, random: &SeededEntropy) -> String {
        let n = random.below(4);
        let coin = random.below(2) == 0;
        let facts = match random.below(24) {
            0 | 1 => {
                let state = if coin { UserState::Active } else { UserState::Disabled };
                vec![self.user(n % 3, state, &[random.below(5)])]
            }
            2 | 3 => vec![self.user(n % 3, UserState::Active, &[random.below(5), random.below(5)])],
            4 => vec![Delta::UserGone(self.users[n % 3])],
            5..=7 => vec![self.group(n, &[random.below(5)])],
            8 => vec![Delta::GroupGone(format!("g{n}").parse().unwrap())],
            9 => vec![self.group(n, &[])],
            10 | 11 => vec![self.app(n % 2, random.below(3))],
            12 => vec![Delta::AppGone(format!("a{}", n % 2).parse().unwrap())],
            13 | 14 => vec![self.device(n % 2, coin)],
            15 => vec![Delta::DeviceGone(self.devices[n % 2])],
            16 | 17 => {
                let level = if coin { AuthLevel::Strong } else { AuthLevel::Basic };
                vec![self.session(n, level)]
            }
            18 => vec![Delta::SessionGone(self.sessions[n])],
            19 | 20 => {
                let score = u8::try_from(random.below(101)).unwrap();
                vec![Delta::Risk(self.users[n % 3], score)]
            }
            21 | 22 => {
                self.clock.advance(Duration::from_secs(u64::try_from(random.below(90)).unwrap()));
                self.enforcer.renew_lease(self.clock.boot());
                self.enforcer.tick();
                return String::from("time passed");
            }
            _ => {
                let mut policies = self.policies.clone();
                let at = random.below(POLICIES.len());
                if policies.iter().any(|policy| policy.id == source(at, POLICIES[at]).id)
                    && policies.len() > 3
                {
                    policies.retain(|policy| policy.id != source(at, POLICIES[at]).id);
                } else {
                    policies = POLICIES.iter().enumerate().map(|(n, text)| source(n, text)).collect();
                }
                self.apply(Vec::new(), Some(policies));
                return String::from("the policies changed");
            }
        };
        let what = format!("{facts:?}");
        self.apply(facts, None);
        what
    }

    fn user(&self, n: usize, state: UserState, groups: &[usize]) -> Delta {
        Delta::User(UserFacts {
            id: self.users[n],
            state,
            groups: names(groups),
            sealing_key: Some(self.key),
        })
    }

    fn group(&self, n: usize, parents: &[usize]) -> Delta {
        Delta::Group(GroupFacts { name: format!("g{n}").parse().unwrap(), parents: names(parents) })
    }

    /// An app says how long its lease is, in seconds.
    pub(super) fn app_with_lease(&self, n: usize, lease: u64) -> Delta {
        let Delta::App(app) = self.app(n, 0) else { panic!("not an app") };
        Delta::App(AppFacts { lease: Some(Duration::from_secs(lease)), ..app })
    }

    pub(super) fn app(&self, n: usize, version: usize) -> Delta {
        Delta::App(AppFacts {
            name: format!("a{n}").parse().unwrap(),
            host: format!("a{n}-{version}.example.com"),
            upstream: None,
            ca: None,
            pass_host: true,
            wire: bartizan_model::WireRules::default(),
            lease: None,
            audit: Audit::Normal,
            groups: BTreeSet::new(),
        })
    }

    fn device(&self, n: usize, compliant: bool) -> Delta {
        let valid_until = self.clock.now().plus(Duration::from_secs(100_000));
        Delta::Device(DeviceFacts { id: self.devices[n], compliant, managed: true, valid_until })
    }

    fn session(&self, n: usize, level: AuthLevel) -> Delta {
        let now = self.clock.now();
        Delta::Session(SessionFacts {
            id: self.sessions[n],
            subject: Subject::User(self.users[n % 3]),
            device: None,
            auth_time: now,
            mfa_time: (level == AuthLevel::Strong).then_some(now),
            amr: ["pwd"].map(String::from).into(),
            level,
            last_seen: now,
            idle_timeout: Duration::from_secs(300),
            absolute_end: now.plus(Duration::from_secs(3600)),
        })
    }
}

fn names(groups: &[usize]) -> BTreeSet<GroupName> {
    groups.iter().map(|n| format!("g{n}").parse().unwrap()).collect()
}

fn source(n: usize, text: &str) -> PolicySource {
    PolicySource::new(format!("p{n}").parse().unwrap(), format!("p{n}.cedar"), text)
}
