//! A control that answers what it is told to.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bartizan_model::{
    AppFacts, Audit, AuthLevel, CredentialDigest, CredentialKind, DeviceFacts, DeviceId, GroupFacts, PointId,
    Relaxation, RequestId, Revision, SealingKeyId, Secret, SessionFacts, SessionId, Subject, Timestamp,
    UserFacts, UserId, UserState, WireRules,
};
use bartizan_policy::{Delta, PolicySource};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::wire::{Connection, Dial, Halves, Peer, Remote, Server, serve_connection};
use crate::{
    Acknowledged, Applied, Audience, Batch, Evidence, EvidenceError, Feed, FeedError, FeedMessage, Joined,
    Keys, KeysError, Membership, MembershipError, PointIdentity, PointScope, Redeemed, Redemption,
    Resolution, Resolved, Scope, Sessions, SessionsError, Standpoint, Subscription, Ticket,
};

pub(super) const POINT: PointId = PointId::from_bytes([1; 16]);

#[derive(Debug)]
pub(super) struct Control {
    sender: mpsc::Sender<FeedMessage>,
    receiver: Mutex<Option<mpsc::Receiver<FeedMessage>>>,
    standpoint: Mutex<Option<Standpoint>>,
    applied: Mutex<Option<Applied>>,
    refusal: Mutex<Option<FeedError>>,
    asked: AtomicU64,
}

impl Control {
    pub(super) fn new() -> Arc<Self> {
        let (sender, receiver) = mpsc::channel(8);
        Arc::new(Self {
            sender,
            receiver: Mutex::new(Some(receiver)),
            standpoint: Mutex::default(),
            applied: Mutex::default(),
            refusal: Mutex::default(),
            asked: AtomicU64::new(0),
        })
    }

    pub(super) async fn feed(&self, message: FeedMessage) {
        self.sender.send(message).await.unwrap();
    }

    pub(super) fn refuse(&self, error: FeedError) {
        *self.refusal.lock() = Some(error);
    }

    pub(super) fn standpoint(&self) -> Standpoint {
        self.standpoint.lock().clone().unwrap()
    }

    pub(super) fn applied(&self) -> Applied {
        self.applied.lock().clone().unwrap()
    }

    /// How many calls of points came through.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    fn count(&self, point: PointId) {
        assert_eq!(point, POINT);
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn server(self: &Arc<Self>) -> Server {
        let all = || Arc::clone(self);
        Server::new(Halves { feed: all(), evidence: all(), sessions: all(), keys: all(), membership: all() })
    }
}

/// The real client, whose connections this server serves.
pub(super) fn dialed(control: &Arc<Control>, peer: Peer) -> Remote {
    {
        let near: Arc<dyn Dial> = Arc::new(Near { server: control.server(), peer });
        Remote::new(&near)
    }
}

#[derive(Debug)]
struct Near {
    server: Server,
    peer: Peer,
}

#[async_trait]
impl Dial for Near {
    async fn dial(&self) -> Result<Box<dyn Connection>, String> {
        let (here, there) = tokio::io::duplex(64 << 10);
        drop(tokio_util::task::TaskTracker::new().spawn(serve_connection(
            there,
            self.peer,
            self.server.clone(),
            CancellationToken::new(),
        )));
        Ok(Box::new(here))
    }
}

#[async_trait]
impl Feed for Control {
    async fn subscribe(
        &self,
        point: PointId,
        at: Standpoint,
    ) -> Result<mpsc::Receiver<FeedMessage>, FeedError> {
        self.count(point);
        *self.standpoint.lock() = Some(at);
        match self.refusal.lock().take() {
            Some(error) => Err(error),
            None => self.receiver.lock().take().ok_or(FeedError::Unknown),
        }
    }

    async fn heartbeat(&self, point: PointId, applied: Applied) -> Result<Acknowledged, FeedError> {
        self.count(point);
        *self.applied.lock() = Some(applied);
        let answer = Acknowledged { behind: Duration::from_micros(77), now: Timestamp::from_micros(88) };
        self.refusal.lock().take().map_or(Ok(answer), Err)
    }
}

#[async_trait]
impl Evidence for Control {
    async fn position(&self, point: PointId) -> Result<u64, EvidenceError> {
        self.count(point);
        Ok(41)
    }

    async fn deliver(&self, batch: Batch) -> Result<u64, EvidenceError> {
        self.count(batch.point);
        if batch.entries == [b"bad".to_vec()] {
            return Err(EvidenceError::Refused("it is bad".into()));
        }
        Ok(batch.first + batch.entries.len() as u64 - 1)
    }
}

#[async_trait]
impl Sessions for Control {
    async fn resolve(
        &self,
        point: PointId,
        digest: CredentialDigest,
    ) -> Result<Option<Resolution>, SessionsError> {
        self.count(point);
        Ok((*digest.as_bytes() == [1; 32]).then(resolution))
    }

    async fn redeem(&self, point: PointId, asked: Redemption) -> Result<Option<Redeemed>, SessionsError> {
        self.count(point);
        let ours = redemption();
        assert_eq!((asked.code, &asked.host, asked.credential), (ours.code, &ours.host, ours.credential));
        assert_eq!((asked.source, asked.request_id), (ours.source, ours.request_id));
        assert!(asked.verifier.expose(|verifier| *verifier == [3; 32]));
        Ok(Some(Redeemed { resolution: resolution(), called: Some("Bob".into()) }))
    }
}

#[async_trait]
impl Keys for Control {
    async fn certify(&self, point: PointId, csr: Vec<u8>, _: &str) -> Result<Vec<Vec<u8>>, KeysError> {
        self.count(point);
        if csr == [0] { Err(KeysError::Refused("no".into())) } else { Ok(vec![csr, vec![2]]) }
    }

    async fn certify_publicly(
        &self,
        point: PointId,
        csr: Vec<u8>,
        _: &str,
    ) -> Result<Vec<Vec<u8>>, KeysError> {
        self.count(point);
        let later = || KeysError::Later { reason: "busy".into(), wait: Duration::from_secs(90) };
        if csr == [0] { Err(later()) } else { Ok(vec![vec![3]]) }
    }

    async fn challenge(&self, _host: &str, token: &str) -> Option<String> {
        (token == "token").then(|| "answer".into())
    }

    async fn publish(&self, point: PointId, _: serde_json::Value, _: Timestamp) -> Result<(), KeysError> {
        self.count(point);
        Ok(())
    }
}

#[async_trait]
impl Membership for Control {
    async fn join(
        &self,
        token: Secret<[u8; 32]>,
        _: PointId,
        csr: Vec<u8>,
    ) -> Result<Joined, MembershipError> {
        if token.expose(|token| *token != [8; 32]) {
            return Err(MembershipError::Refused("unknown".into()));
        }
        Ok(Joined {
            scope: PointScope::Only(["wiki".parse().unwrap()].into()),
            identity: PointIdentity { chain: vec![csr], authority: vec![7] },
            domain: "test".into(),
            issuer: "https://auth.test".into(),
        })
    }

    async fn renew(&self, point: PointId, csr: Vec<u8>) -> Result<PointIdentity, MembershipError> {
        self.count(point);
        if csr == [0] {
            return Err(MembershipError::Removed);
        }
        Ok(PointIdentity { chain: vec![csr], authority: vec![7] })
    }

    async fn leave(&self, point: PointId) -> Result<(), MembershipError> {
        self.count(point);
        Ok(())
    }
}

pub(super) fn resolved() -> Resolved {
    Resolved {
        session: SessionId::from_bytes([3; 16]),
        subject: Subject::User(UserId::from_bytes([2; 16])),
        kind: CredentialKind::Token,
        audience: Audience::Apps(["wiki".parse().unwrap()].into()),
        ends: Some(Timestamp::from_micros(99)),
    }
}

const SUBSCRIPTION: Subscription = Subscription::new(u64::MAX - 5);

fn resolution() -> Resolution {
    let revision = Revision::new(11);
    Resolution {
        subscription: SUBSCRIPTION,
        revision,
        resolved: resolved(),
        ticket: Ticket::from_bytes([6; 16]),
    }
}

pub(super) fn redemption() -> Redemption {
    Redemption {
        code: CredentialDigest::from_bytes([1; 32]),
        host: "wiki.test".into(),
        verifier: Secret::new([3; 32]),
        credential: CredentialDigest::from_bytes([2; 32]),
        source: IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]),
        request_id: RequestId::from_bytes([4; 16]),
    }
}

pub(super) fn user(number: u32) -> Delta {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    Delta::User(UserFacts {
        id: UserId::from_bytes(id),
        state: UserState::Active,
        groups: BTreeSet::from(["staff".parse().unwrap()]),
        sealing_key: Some((SealingKeyId::from_bytes([5; 16]), [6; 32])),
    })
}

pub(super) fn snapshot(revision: u64, people: u32, policies: usize) -> FeedMessage {
    let text = format!("permit(principal, action, resource); // {}", "x".repeat(60_000));
    let policy = |n| PolicySource::new(format!("p{n}").parse().unwrap(), "p.cedar", text.clone());
    FeedMessage {
        subscription: SUBSCRIPTION,
        revision: Revision::new(revision),
        scope: Scope::Snapshot,
        facts: (0..people).map(user).collect(),
        policies: Some((0..policies).map(policy).collect()),
        anonymous_key: Some((SealingKeyId::from_bytes([8; 16]), [9; 32])),
    }
}

pub(super) fn every_fact() -> Vec<Delta> {
    let session = SessionFacts {
        id: SessionId::from_bytes([1; 16]),
        subject: Subject::User(UserId::from_bytes([2; 16])),
        device: Some(DeviceId::from_bytes([3; 16])),
        auth_time: Timestamp::from_micros(-1),
        mfa_time: Some(Timestamp::from_micros(0)),
        amr: BTreeSet::from(["pwd".into(), "otp".into()]),
        level: AuthLevel::Strong,
        last_seen: Timestamp::MAX,
        idle_timeout: Duration::from_micros(123_456_789),
        absolute_end: Timestamp::from_micros(i64::MIN),
    };
    let app = AppFacts {
        name: "wiki".parse().unwrap(),
        host: "wiki.test".into(),
        upstream: Some("https://[::1]:8443".parse().unwrap()),
        ca: Some("PEM".into()),
        pass_host: true,
        audit: Audit::Strict,
        groups: BTreeSet::from(["staff".parse().unwrap()]),
        wire: WireRules {
            relax: Relaxation::ALL.into(),
            methods: BTreeSet::from(["PURGE".into()]),
            max_body: Some(0),
        },
        lease: Some(*AppFacts::LEASES.start()),
    };
    let bare = AppFacts {
        upstream: None,
        ca: None,
        pass_host: false,
        audit: Audit::Normal,
        groups: BTreeSet::new(),
        wire: WireRules::default(),
        lease: None,
        ..app.clone()
    };
    let group = GroupFacts {
        name: "staff".parse().unwrap(),
        parents: BTreeSet::from(["all".parse().unwrap(), "more".parse().unwrap()]),
    };
    let Delta::User(person) = user(9) else { panic!("not a person") };
    vec![
        Delta::User(UserFacts { state: UserState::Disabled, sealing_key: None, ..person.clone() }),
        Delta::User(person.clone()),
        Delta::UserGone(person.id),
        Delta::Group(group),
        Delta::GroupGone("staff".parse().unwrap()),
        Delta::App(app),
        Delta::App(bare),
        Delta::AppGone("wiki".parse().unwrap()),
        Delta::Session(SessionFacts {
            subject: Subject::Service("nightly".parse().unwrap()),
            ..session.clone()
        }),
        Delta::Session(SessionFacts {
            device: None,
            mfa_time: None,
            level: AuthLevel::None,
            ..session.clone()
        }),
        Delta::Session(SessionFacts { level: AuthLevel::Basic, ..session.clone() }),
        Delta::SessionGone(session.id),
        Delta::Session(session),
        Delta::Device(DeviceFacts {
            id: DeviceId::from_bytes([3; 16]),
            compliant: true,
            managed: false,
            valid_until: Timestamp::from_micros(7),
        }),
        Delta::DeviceGone(DeviceId::from_bytes([3; 16])),
        Delta::Risk(UserId::from_bytes([2; 16]), 255),
    ]
}
