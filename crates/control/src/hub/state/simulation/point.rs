//! An enforcement point: the real one, without its tasks. What those do is done here, one step at a time.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_enforce::spool::{Spool, SpoolConfig};
use bartizan_enforce::wire::{Assembler, Frame};
use bartizan_enforce::{
    Ask, Enforcer, EnforcerConfig, FeedMessage, LiveGrant, Recorder, Redeemed, Redemption, Resolution,
    Sessions, SessionsError, Subscription,
};
use bartizan_model::{
    AccessRequest, Action, Clock as _, CredentialDigest, DecisionId, HttpFacts, PointId, RequestId, Resource,
    Subject,
};
use bartizan_testkit::{FakeClock, SeededEntropy};

use super::truth::{session_id, user_id};

/// Where points record. It is on disk, and outlives many histories.
#[derive(Debug)]
pub(super) struct Records {
    recorder: Arc<Recorder>,
    entropy: Arc<SeededEntropy>,
    _folder: tempfile::TempDir,
}

impl Records {
    pub(super) fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let entropy = Arc::new(SeededEntropy::new(seed));
        let spool = Spool::open(SpoolConfig::at(folder.path().join("spool")), 0, entropy.as_ref()).unwrap();
        let clock = Arc::new(FakeClock::default());
        let recorder = Arc::new(Recorder::new(spool, clock, Arc::clone(&entropy) as _));
        Self { recorder, entropy, _folder: folder }
    }

    pub(super) fn point(&self) -> PointId {
        self.recorder.spool().point()
    }
}

/// What is open: under which session, at which app.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) live: LiveGrant<Question>,
    pub(super) session: u8,
    pub(super) app: u8,
}

#[derive(Debug)]
pub(super) struct Point {
    pub(super) id: PointId,
    pub(super) enforcer: Arc<Enforcer>,
    /// How often it was started: answers to what an earlier run asked find nobody.
    pub(super) run: u32,
    clock: Arc<FakeClock>,
    /// How fast its clock goes, in thousandths of control's.
    rate: u32,
    pub(super) link: Option<u32>,
    assembler: Assembler,
    pub(super) inbox: VecDeque<FeedMessage>,
    pub(super) subscribing: bool,
    /// It neither applies nor subscribes; its heartbeats go on.
    pub(super) hangs: bool,
    pub(super) held: Vec<Held>,
    /// The sessions that it has met, and by which stream it was told of them.
    pub(super) met: BTreeMap<u8, Subscription>,
    recorder: Arc<Recorder>,
    entropy: Arc<SeededEntropy>,
}

impl Point {
    pub(super) fn new(records: &Records, rate: u32) -> Self {
        let clock = Arc::new(FakeClock::default());
        let (recorder, entropy) = (Arc::clone(&records.recorder), Arc::clone(&records.entropy));
        let enforcer = enforcer(&recorder, &clock, &entropy);
        Self {
            id: records.point(),
            enforcer,
            run: 0,
            clock,
            rate,
            link: None,
            assembler: Assembler::default(),
            inbox: VecDeque::new(),
            subscribing: false,
            hangs: false,
            held: Vec::new(),
            met: BTreeMap::new(),
            recorder,
            entropy,
        }
    }

    /// It is killed, and started again: it knows nothing.
    pub(super) fn restart(&mut self) {
        self.held.clear();
        self.enforcer = enforcer(&self.recorder, &self.clock, &self.entropy);
        self.run += 1;
        (self.subscribing, self.hangs) = (false, false);
        self.inbox.clear();
        self.met.clear();
        self.unlink();
    }

    /// The stream has ended.
    pub(super) fn unlink(&mut self) {
        self.link = None;
        self.assembler = Assembler::default();
    }

    /// Time passes; what the lease no longer covers is cut.
    pub(super) fn pass(&self, time: Duration) {
        self.clock.advance(time * self.rate / 1000);
        self.enforcer.enforce_lease();
    }

    /// A frame arrives. Whether the stream is still in order.
    pub(super) fn take(&mut self, frame: Frame) -> bool {
        match self.assembler.take(frame) {
            Ok(message) => {
                self.inbox.extend(message);
                true
            }
            Err(_not_in_order) => {
                self.unlink();
                false
            }
        }
    }

    /// Asks for access. Whether it is granted: then it is held open.
    pub(super) fn ask(&mut self, runtime: &tokio::runtime::Runtime, session: u8, user: u8, app: u8) -> bool {
        let now = self.clock.now();
        let request = AccessRequest {
            request_id: RequestId::ordered(now, self.entropy.as_ref()),
            decision_id: DecisionId::ordered(now, self.entropy.as_ref()),
            now,
            subject: Subject::User(user_id(user)),
            session: Some(session_id(session)),
            device: None,
            credential_ends: None,
            resource: Resource::App(format!("a{app}").parse().unwrap()),
            action: Action::HttpRead,
            source: IpAddr::from([127, 0, 0, 1]),
            http: Some(Arc::new(HttpFacts { method: "GET".into(), host: "a".into(), path: "/".into() })),
            user_agent: None,
        };
        let admitted = runtime.block_on(self.enforcer.admit(Question(request)));
        let granted = admitted.is_ok();
        self.held.extend(admitted.ok().map(|live| Held { live, session, app }));
        granted
    }
}

fn enforcer(recorder: &Arc<Recorder>, clock: &Arc<FakeClock>, entropy: &Arc<SeededEntropy>) -> Arc<Enforcer> {
    let (clock, entropy) = (Arc::clone(clock) as _, Arc::clone(entropy) as _);
    Enforcer::new(EnforcerConfig::default(), Arc::clone(recorder), Arc::new(Nobody), clock, entropy)
}

#[derive(Debug)]
pub(super) struct Question(AccessRequest);

impl Ask for Question {
    fn access_request(&self) -> &AccessRequest {
        &self.0
    }
}

/// Credentials are not looked up here: what they bring is met in a step of its own.
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
