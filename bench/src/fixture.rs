//! Worlds, policies and questions of any size, as in an organisation: ten policies for each app, two hundred groups,
//! everybody in ten of them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_enforce::spool::{Spool, SpoolConfig};
use bartizan_enforce::{
    Ask, Enforcer, EnforcerConfig, FeedMessage, LiveGrant, Recorder, Redeemed, Redemption, Resolution, Scope,
    Sessions, SessionsError, Subscription,
};
use bartizan_model::{
    AccessRequest, Action, AppFacts, Audit, AuthLevel, BootTime, Clock, CredentialDigest, DecisionId,
    DenyReason, DeviceFacts, DeviceId, Entropy, GroupFacts, GroupName, HttpFacts, PointId, RequestId,
    Resource, Revision, SealingKeyId, SessionFacts, SessionId, Subject, Timestamp, UserFacts, UserId,
    UserState,
};
use bartizan_pki::SealingKeyPair;
use bartizan_policy::{Delta, Engine, PolicySource, World};
use rustix::time::{ClockId, Timespec, clock_gettime};
use tokio::runtime::Runtime;

const GROUPS: usize = 200;
const BLOCK: usize = 10;
const BLOCKS: usize = GROUPS / BLOCK;

/// This machine's clocks.
#[derive(Debug)]
pub(crate) struct RealClock;

impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::Realtime);
        Timestamp::from_micros(tv_sec * 1_000_000 + tv_nsec / 1000)
    }

    fn boot(&self) -> BootTime {
        let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::Boottime);
        BootTime::from_duration(Duration::new(tv_sec as u64, tv_nsec as u32))
    }
}

/// The randomness that the product uses, too: what it costs is part of a decision.
#[derive(Debug)]
pub(crate) struct RealEntropy;

impl Entropy for RealEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).unwrap();
    }
}

/// Numbers that look random and are the same in every run.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

fn id(kind: u8, number: usize) -> [u8; 16] {
    // Spread over the key space, as random ids are.
    let mixed = (number as u64 ^ u64::from(kind) << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut bytes = [kind; 16];
    bytes[..8].copy_from_slice(&mixed.to_be_bytes());
    bytes[8..].copy_from_slice(&(number as u64).to_be_bytes());
    bytes
}

pub(crate) fn user_id(person: usize) -> UserId {
    UserId::from_bytes(id(1, person))
}

pub(crate) fn session_id(person: usize) -> SessionId {
    SessionId::from_bytes(id(2, person))
}

fn device_id(person: usize) -> DeviceId {
    DeviceId::from_bytes(id(3, person))
}

fn group(number: usize) -> GroupName {
    format!("g{number}").parse().unwrap()
}

/// The groups of a person, and of an app.
pub(crate) fn block(of: usize) -> impl Iterator<Item = usize> {
    let first = of % BLOCKS * BLOCK;
    first..first + BLOCK
}

/// One key for everybody: making a hundred thousand would measure something else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sealing {
    pub(crate) key: (SealingKeyId, [u8; 32]),
}

impl Sealing {
    pub(crate) fn new() -> Self {
        Self { key: (SealingKeyId::random(&RealEntropy), SealingKeyPair::generate().unwrap().public()) }
    }
}

pub(crate) fn user(person: usize, sealing: Sealing) -> UserFacts {
    UserFacts {
        id: user_id(person),
        state: UserState::Active,
        groups: block(person).map(group).collect(),
        sealing_key: Some(sealing.key),
    }
}

pub(crate) fn session(person: usize, last_seen: Timestamp) -> SessionFacts {
    let earlier = Timestamp::from_micros(last_seen.as_micros() - 600_000_000);
    SessionFacts {
        id: session_id(person),
        subject: Subject::User(user_id(person)),
        device: Some(device_id(person)),
        auth_time: earlier,
        mfa_time: Some(earlier),
        amr: ["pwd", "otp"].map(String::from).into(),
        level: AuthLevel::Strong,
        last_seen,
        idle_timeout: Duration::from_secs(3600),
        absolute_end: last_seen.plus(Duration::from_secs(36_000)),
    }
}

pub(crate) fn group_facts(number: usize, parents: &[usize]) -> GroupFacts {
    GroupFacts { name: group(number), parents: parents.iter().map(|parent| group(*parent)).collect() }
}

/// Everything that so many people and apps come with.
pub(crate) fn facts(people: usize, apps: usize, sealing: Sealing) -> Vec<Delta> {
    let now = RealClock.now();
    let mut facts: Vec<Delta> = (0..GROUPS).map(|number| Delta::Group(group_facts(number, &[]))).collect();
    facts.extend((0..apps).map(|number| {
        Delta::App(AppFacts {
            name: format!("a{number}").parse().unwrap(),
            host: format!("a{number}.example.org"),
            upstream: None,
            ca: None,
            pass_host: true,
            wire: bartizan_model::WireRules::default(),
            lease: None,
            audit: Audit::Normal,
            groups: BTreeSet::new(),
        })
    }));
    for person in 0..people {
        facts.push(Delta::User(user(person, sealing)));
        facts.push(Delta::Session(session(person, now)));
        facts.push(Delta::Device(DeviceFacts {
            id: device_id(person),
            compliant: true,
            managed: true,
            valid_until: now.plus(Duration::from_secs(86_400)),
        }));
    }
    facts
}

/// The policies: for each app nine that permit, of one group each, and one that forbids.
pub(crate) fn policies(number: usize) -> Vec<PolicySource> {
    let mut sources = Vec::with_capacity(number);
    for app in 0..number.div_ceil(BLOCK) {
        for (place, group) in block(app).enumerate() {
            let name = format!("a{app}-{place}");
            let text = if place == 0 {
                format!(
                    "@id(\"{name}\") forbid (principal, action in Action::\"http\", resource == App::\"a{app}\")\n\
                     when {{ context.risk > 80 }};"
                )
            } else {
                format!(
                    "@id(\"{name}\") permit (principal in Group::\"g{group}\", action in Action::\"http\", resource == App::\"a{app}\")\n\
                     when {{ context.device.compliant && context.risk < 50 && context.session.mfa_age < 7200 }};"
                )
            };
            sources.push(PolicySource::new(name.parse().unwrap(), "bench.cedar", text));
        }
    }
    sources.truncate(number);
    sources
}

/// The same, with another number in one of them.
pub(crate) fn with_one_changed(sources: &[PolicySource]) -> Vec<PolicySource> {
    let mut sources = sources.to_vec();
    let last = sources.last_mut().unwrap();
    last.text = last.text.replace("7200", "7199").replace("> 80", "> 81");
    sources
}

/// The same, with another number in each of them.
pub(crate) fn with_all_changed(sources: &[PolicySource]) -> Vec<PolicySource> {
    let mut sources = sources.to_vec();
    for source in &mut sources {
        source.text = source.text.replace("7200", "7100").replace("> 80", "> 82");
    }
    sources
}

/// Somebody, and an app that all ten policies let them into.
pub(crate) fn pair(dice: &mut Dice, people: usize, apps: usize) -> (usize, usize) {
    let person = dice.below(people);
    // An app of the same block, or the first: with few apps only some people match.
    let app = dice.below(apps.div_ceil(BLOCKS)) * BLOCKS + person % BLOCKS;
    if app < apps { (person, app) } else { (person / BLOCKS * BLOCKS, 0) }
}

/// The question, made as a gateway makes it.
pub(crate) fn request(person: usize, app: usize) -> AccessRequest {
    let now = RealClock.now();
    AccessRequest {
        request_id: RequestId::ordered(now, &RealEntropy),
        decision_id: DecisionId::ordered(now, &RealEntropy),
        now,
        subject: Subject::User(user_id(person)),
        session: Some(session_id(person)),
        device: Some(device_id(person)),
        credential_ends: None,
        resource: Resource::App(format!("a{app}").parse().unwrap()),
        action: Action::HttpRead,
        source: IpAddr::from([127, 0, 0, 1]),
        http: Some(Arc::new(HttpFacts {
            method: String::from("GET"),
            host: format!("a{app}.example.org"),
            path: String::from("/"),
        })),
        user_agent: None,
    }
}

pub(crate) fn world(people: usize, apps: usize, sealing: Sealing) -> World {
    World::new().apply(Revision::new(1), &facts(people, apps, sealing)).0
}

pub(crate) fn compile(sources: &[PolicySource], previous: Option<&Engine>) -> Engine {
    Engine::compile(Revision::new(1), sources, previous).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

/// A question that can be admitted.
#[derive(Debug)]
pub(crate) struct Question(AccessRequest);

impl Ask for Question {
    fn access_request(&self) -> &AccessRequest {
        &self.0
    }
}

/// Asks an enforcement point.
pub(crate) fn admit(
    runtime: &Runtime,
    enforcer: &Arc<Enforcer>,
    request: AccessRequest,
) -> Result<LiveGrant<Question>, DenyReason> {
    runtime.block_on(enforcer.admit(Question(request))).map_err(|denial| denial.reason)
}

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

/// An enforcement point with a spool of its own, and no control plane.
#[derive(Debug)]
pub(crate) struct Point {
    pub(crate) enforcer: Arc<Enforcer>,
    pub(crate) sealing: Sealing,
    revision: u64,
    _folder: tempfile::TempDir,
}

impl Point {
    pub(crate) fn new(people: usize, policies: &[PolicySource]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) =
            (Arc::new(RealClock), Arc::new(RealEntropy));
        let spool = Spool::open(SpoolConfig::at(folder.path().join("spool")), 0, entropy.as_ref()).unwrap();
        let recorder = Arc::new(Recorder::new(spool, Arc::clone(&clock), Arc::clone(&entropy)));
        let config = EnforcerConfig { lease: Duration::from_secs(86_400), ..EnforcerConfig::default() };
        let enforcer = Enforcer::new(config, recorder, Arc::new(Nobody), clock, entropy);
        enforcer.renew_lease(enforcer.clock().boot());
        let sealing = Sealing::new();
        let mut point = Self { enforcer, sealing, revision: 0, _folder: folder };
        let facts = facts(people, policies.len().div_ceil(BLOCK), sealing);
        point.apply(Scope::Snapshot, facts, Some(policies));
        point
    }

    pub(crate) fn apply(
        &mut self,
        scope: Scope,
        facts: Vec<Delta>,
        policies: Option<&[PolicySource]>,
    ) -> u64 {
        let message = self.message(scope, facts, policies);
        self.enforcer.apply(&message).unwrap().cut
    }

    pub(crate) fn message(
        &mut self,
        scope: Scope,
        facts: Vec<Delta>,
        policies: Option<&[PolicySource]>,
    ) -> FeedMessage {
        self.revision += 1;
        FeedMessage {
            subscription: Subscription::default(),
            revision: Revision::new(self.revision),
            scope,
            facts,
            policies: policies.map(Into::into),
            anonymous_key: Some(self.sealing.key),
        }
    }
}
