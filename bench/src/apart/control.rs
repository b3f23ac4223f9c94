//! Control in this process: store, hub and log as `bartizan serve` has them, and the listener that points reach.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bartizan_control::{Hub, KeyRing, Members, Points, Receiver, Uses, Vouch, keep_daily_key};
use bartizan_enforce::spool::{Spool, SpoolConfig};
use bartizan_enforce::wire::{Halves, Peer, Server, serve_connection};
use bartizan_enforce::{EnforcerConfig, Membership as _, PointIdentity, Recorder};
use bartizan_evidence::{Log, LogConfig};
use bartizan_identity::{Flow, People, SessionLifetimes, SignIns};
use bartizan_model::{Clock, Entropy, ObjectKind, PointId};
use bartizan_pki::{NoteKey, point_of};
use bartizan_store::{ChangeSet, Expect, Lookup, MasterKey, SqliteStore, Store, Write};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::fixture::{RealClock, RealEntropy};

pub(super) const DOMAIN: &str = "example.org";

fn clock() -> Arc<dyn Clock> {
    Arc::new(RealClock)
}

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(RealEntropy)
}

/// The store of a data directory, where `bartizan serve` has it.
pub(super) async fn store(folder: &Path) -> anyhow::Result<Arc<dyn Store>> {
    let keys = folder.join("keys");
    std::fs::create_dir_all(&keys)?;
    let master = MasterKey::load_or_create(&keys.join("master"), &RealEntropy)?;
    Ok(Arc::new(SqliteStore::open(&folder.join("bartizan.db"), master, entropy()).await?))
}

/// A running control.
#[derive(Debug)]
pub(super) struct Control {
    pub(super) store: Arc<dyn Store>,
    pub(super) hub: Arc<Hub>,
    pub(super) log: Arc<Log>,
    pub(super) address: SocketAddr,
    tasks: TaskTracker,
    stop: CancellationToken,
    _spool: TempDir,
}

impl Control {
    /// Control of what is stored in this folder.
    pub(super) async fn open(folder: &Path) -> anyhow::Result<Self> {
        let store = store(folder).await?;
        keep_daily_key(store.as_ref(), &RealClock, &RealEntropy).await?;
        let log = LogConfig {
            dir: folder.join("log"),
            index_path: folder.join("index.db"),
            key: NoteKey::generate(DOMAIN)?,
            origin: DOMAIN.into(),
        };
        let keys = KeyRing::new(Arc::clone(&store), tokio::runtime::Handle::current());
        let log = Arc::new(Log::open(log, Arc::new(keys)).await?);
        let (spool, recorder) = recorder()?;
        let people = People::open(Arc::clone(&store), clock(), entropy()).await?;
        let lifetimes = SessionLifetimes::default();
        let sign_ins = SignIns::new(Arc::clone(&store), Arc::clone(&recorder), clock(), entropy(), lifetimes);
        let domain = DOMAIN.to_owned();
        let flow = Flow::open(
            Arc::clone(&store),
            people,
            sign_ins.clone(),
            Arc::clone(&recorder),
            clock(),
            entropy(),
            domain.clone(),
        );
        let flow = Arc::new(flow.await?);
        let uses = Uses::new(sign_ins);
        let lease = EnforcerConfig::default().lease;
        let hub = Hub::open(Arc::clone(&store), flow, lease, clock(), &RealEntropy).await?;
        let receiver = Receiver::new(Arc::clone(&log), Arc::clone(&uses), Arc::clone(&hub), clock());
        let life = Duration::from_secs(86_400);
        let vouch = Vouch::open(Arc::clone(&hub), Arc::clone(&store), DOMAIN, life, None, clock()).await?;
        let points = Points::open(
            Arc::clone(&store),
            recorder,
            clock(),
            entropy(),
            domain,
            format!("https://auth.{DOMAIN}"),
            None,
        )
        .await?;
        let server = Server::new(Halves {
            feed: Arc::<Hub>::clone(&hub),
            evidence: Arc::new(receiver),
            sessions: Arc::<Hub>::clone(&hub),
            keys: vouch,
            membership: Members::new(Arc::clone(&points), Arc::clone(&hub)),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        tasks.spawn(Arc::clone(&hub).run(stop.clone()));
        tasks.spawn(uses.run(stop.clone()));
        tasks.spawn(listen(listener, points, server, stop.clone()));
        Ok(Self { store, hub, log, address, tasks, stop, _spool: spool })
    }

    pub(super) async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.log.close().await;
        self.store.close().await;
    }
}

fn recorder() -> anyhow::Result<(TempDir, Arc<Recorder>)> {
    let folder = tempfile::tempdir()?;
    let spool = Spool::open(SpoolConfig::at(folder.path().join("spool")), 0, &RealEntropy)?;
    Ok((folder, Arc::new(Recorder::new(spool, clock(), entropy()))))
}

/// As the listener of `bartizan serve`: who connects shows which point it is.
async fn listen(listener: TcpListener, points: Arc<Points>, server: Server, stop: CancellationToken) {
    let tls = TlsAcceptor::from(points.tls().unwrap());
    let connections = TaskTracker::new();
    while let Some(Ok((stream, _))) = stop.run_until_cancelled(listener.accept()).await {
        let (tls, server, stop) = (tls.clone(), server.clone(), stop.clone());
        connections.spawn(async move {
            // Who ends one in the middle is none of ours.
            let _ = one(stream, tls, server, stop).await;
        });
    }
    connections.close();
    connections.wait().await;
}

async fn one(
    stream: TcpStream,
    tls: TlsAcceptor,
    server: Server,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let stream = tls.accept(stream).await?;
    let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let point = leaf.and_then(|leaf| point_of(leaf, DOMAIN)).context("no point")?;
    serve_connection(stream, Peer::Point(point), server, stop).await;
    Ok(())
}

/// Makes points of these, as if each had come with a token, and certifies their keys.
pub(super) async fn enrol(
    store: &Arc<dyn Store>,
    domain: &str,
    scope: &Value,
    requests: &[(PointId, Vec<u8>)],
) -> anyhow::Result<Vec<PointIdentity>> {
    let (_spool, recorder) = recorder()?;
    let store = Arc::clone(store);
    let issuer = format!("https://auth.{domain}");
    let points =
        Points::open(Arc::clone(&store), recorder, clock(), entropy(), domain.to_owned(), issuer, None)
            .await?;
    let mut change = ChangeSet::new("bench", RealClock.now());
    for (number, (point, _)) in requests.iter().enumerate() {
        let mut unlike = [0; 4];
        RealEntropy.fill(&mut unlike);
        let name = format!("p{number}-{:08x}", u32::from_be_bytes(unlike));
        change.writes.push(Write::Put {
            kind: ObjectKind::Point,
            name: point.to_string(),
            spec: json!({
                "name": name, "role": "gateway", "scope": scope, "joined": RealClock.now(), "key": "0".repeat(64),
            }),
            lookups: vec![Lookup::new("point-name", name)],
            expect: Expect::Absent,
        });
    }
    store.commit(change).await?;
    let mut identities = Vec::with_capacity(requests.len());
    for (point, request) in requests {
        identities.push(points.renew(*point, request.clone()).await?);
    }
    Ok(identities)
}
