//! The process of points: each with a spool, an enforcer and connections of its own, as `bartizan gateway` has them.

use std::io::BufRead as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use async_trait::async_trait;
use bartizan_enforce::spool::{Class, Spool, SpoolConfig};
use bartizan_enforce::wire::{Connection, Dial, Remote};
use bartizan_enforce::{
    Acknowledged, Applied, Enforcer, EnforcerConfig, Feed, FeedError, FeedMessage, Point, Recorder,
    Standpoint, Subscription,
};
use bartizan_model::{Clock, Entropy, PointId, Secret};
use bartizan_pki::{point_request, point_tls};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use super::{fill, since_boot};
use crate::evidence::Maker;
use crate::fixture::{RealClock, RealEntropy};
use crate::{cpu, streams};

/// The first argument of such a process.
pub(crate) const CHILD: &str = "points-elsewhere";

/// Tokens that are brought at once.
const AT_ONCE: usize = 40;

/// How long something may take before it is given up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs until it is ended. What goes wrong is said in the answer.
pub(crate) fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{}", json!({ "failed": format!("{error:#}") }));
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    streams::raise_files();
    let mut args = std::env::args().skip(2);
    let folder = PathBuf::from(args.next().context("no folder")?);
    let number: usize = args.next().context("no number")?.parse()?;
    let runtime = super::runtime()?;
    let mut made =
        (0..number).map(|number| Made::new(&folder, number)).collect::<anyhow::Result<Vec<_>>>()?;
    let told: Vec<Value> = made.iter().map(Made::told).collect();
    println!("{}", Value::from(told));
    let mut points: Vec<Here> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let answer = match asked["do"].as_str() {
            None => {
                let identities = asked["identities"].as_array().context("no identities")?;
                for (made, identity) in made.drain(..).zip(identities) {
                    points.push(made.joined(&asked, identity)?);
                }
                json!({})
            }
            Some("start") => {
                for point in &mut points {
                    if let Some(running) = point.running.take() {
                        runtime.block_on(running.stop());
                    }
                    let _inside = runtime.enter();
                    let feed = Arc::<Timed>::clone(&point.feed);
                    let evidence = Arc::clone(&point.feed.remote);
                    point.running = Some(Point::start(&point.enforcer, feed, evidence));
                }
                json!({})
            }
            Some("leased") => {
                let since = asked["since"].as_f64().context("no time")?;
                json!({ "points": runtime.block_on(leased(&points, since))? })
            }
            Some("meet") => meet(&runtime, &points, asked["people"].as_u64().context("no number")? as usize)?,
            Some("record") => record(&runtime, &points, &asked)?,
            Some("stand") => {
                let subscribed: u64 = points.iter().map(|point| point.feed.state.lock().times).sum();
                let sessions: usize =
                    points.iter().map(|point| point.enforcer.standpoint().interest.len()).sum();
                json!({ "subscribed": subscribed, "sessions": sessions, "resident": cpu::resident(std::process::id()) })
            }
            Some(other) => bail!("nobody knows how to `{other}`"),
        };
        println!("{answer}");
    }
    Ok(())
}

/// A point that has not joined.
struct Made {
    spool: Arc<Spool>,
    key: Secret<Vec<u8>>,
    request: Vec<u8>,
}

impl Made {
    fn new(folder: &Path, number: usize) -> anyhow::Result<Self> {
        let spool = Spool::open(SpoolConfig::at(folder.join(number.to_string())), 0, &RealEntropy)?;
        let (key, request) = point_request()?;
        Ok(Self { spool, key, request })
    }

    fn told(&self) -> Value {
        json!({ "point": self.spool.point().to_string(), "request": STANDARD.encode(&self.request) })
    }

    fn joined(self, deployment: &Value, identity: &Value) -> anyhow::Result<Here> {
        let bytes = |value: &Value| anyhow::Ok(STANDARD.decode(value.as_str().context("no text")?)?);
        let chain = identity["chain"].as_array().context("no chain")?.iter();
        let chain = chain.map(|der| Ok(bytes(der)?.into())).collect::<anyhow::Result<Vec<_>>>()?;
        let tls = point_tls(&bytes(&identity["authority"])?, Some((chain, &self.key)))?;
        let domain = deployment["domain"].as_str().context("no domain")?;
        let dial: Arc<dyn Dial> = Arc::new(Control {
            address: deployment["address"].as_str().context("no address")?.parse()?,
            name: ServerName::try_from(format!("points.{domain}"))?,
            tls: Arc::new(tls),
        });
        let remote = Arc::new(Remote::new(&dial));
        let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) =
            (Arc::new(RealClock), Arc::new(RealEntropy));
        let recorder = Arc::new(Recorder::new(self.spool, Arc::clone(&clock), Arc::clone(&entropy)));
        let sessions = Arc::<Remote>::clone(&remote);
        let enforcer = Enforcer::new(EnforcerConfig::default(), recorder, sessions, clock, entropy);
        let feed = Arc::new(Timed { remote, state: Mutex::default() });
        Ok(Here { enforcer, feed, running: None })
    }
}

/// A point that has joined.
struct Here {
    enforcer: Arc<Enforcer>,
    feed: Arc<Timed>,
    running: Option<Point>,
}

#[derive(Debug)]
struct Control {
    address: SocketAddr,
    name: ServerName<'static>,
    tls: Arc<rustls::ClientConfig>,
}

#[async_trait]
impl Dial for Control {
    async fn dial(&self) -> Result<Box<dyn Connection>, String> {
        let tcp = TcpStream::connect(self.address).await.map_err(|error| error.to_string())?;
        tcp.set_nodelay(true).map_err(|error| error.to_string())?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let stream = connector.connect(self.name.clone(), tcp).await.map_err(|error| error.to_string())?;
        Ok(Box::new(stream))
    }
}

/// The feed, with a look at the clock.
#[derive(Debug)]
struct Timed {
    remote: Arc<Remote>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    asked: f64,
    leased: f64,
    stream: Option<Subscription>,
    times: u64,
}

#[async_trait]
impl Feed for Timed {
    async fn subscribe(
        &self,
        point: PointId,
        standpoint: Standpoint,
    ) -> Result<mpsc::Receiver<FeedMessage>, FeedError> {
        let asked = since_boot();
        let messages = self.remote.subscribe(point, standpoint).await?;
        let mut state = self.state.lock();
        (state.asked, state.times) = (asked, state.times + 1);
        Ok(messages)
    }

    async fn heartbeat(&self, point: PointId, applied: Applied) -> Result<Acknowledged, FeedError> {
        let stream = applied.subscription;
        let acknowledged = self.remote.heartbeat(point, applied).await?;
        let mut state = self.state.lock();
        if state.stream.replace(stream) != Some(stream) {
            state.leased = since_boot();
        }
        Ok(acknowledged)
    }
}

/// Waits until each has had a lease by a stream that it asked for since then.
async fn leased(points: &[Here], since: f64) -> anyhow::Result<Vec<Value>> {
    let began = Instant::now();
    let mut least = vec![f64::INFINITY; points.len()];
    loop {
        for (least, point) in least.iter_mut().zip(points) {
            let left = point.enforcer.lease_left().map_or(0.0, |left| left.as_secs_f64() * 1000.0);
            *least = least.min(left);
        }
        if points.iter().all(|point| point.feed.state.lock().leased >= since) {
            let told = points.iter().zip(least).map(|(point, least)| {
                let state = point.feed.state.lock();
                json!({ "asked": state.asked, "leased": state.leased, "least": least })
            });
            return Ok(told.collect());
        }
        if began.elapsed() > PATIENCE {
            let without = points.iter().filter(|point| point.feed.state.lock().leased < since).count();
            bail!("{without} points have no lease");
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Each point is brought the token of each of these people.
fn meet(runtime: &Runtime, points: &[Here], people: usize) -> anyhow::Result<Value> {
    let began = Instant::now();
    let (next, all) = (Arc::new(AtomicUsize::new(0)), people * points.len());
    let enforcers: Arc<[Arc<Enforcer>]> = points.iter().map(|point| Arc::clone(&point.enforcer)).collect();
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (next, enforcers) = (Arc::clone(&next), Arc::clone(&enforcers));
            tasks.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= all {
                        return anyhow::Ok(());
                    }
                    let credential = fill::credential(number / enforcers.len());
                    let source = IpAddr::from([127, 0, 0, 1]);
                    let found = enforcers[number % enforcers.len()].resolve(&credential, source).await?;
                    found.context("a token is not known")?;
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        anyhow::Ok(())
    })?;
    Ok(json!({ "seconds": began.elapsed().as_secs_f64() }))
}

/// Each point records so many events, and delivers none of them yet.
fn record(runtime: &Runtime, points: &[Here], asked: &Value) -> anyhow::Result<Value> {
    let events = asked["events"].as_u64().context("no number")?;
    let key = asked["key"].as_str().context("no key")?.parse()?;
    let public = STANDARD.decode(asked["public"].as_str().context("no key")?)?;
    let public: [u8; 32] = public.as_slice().try_into()?;
    let mut bytes = 0;
    for point in points {
        let spool = point.enforcer.recorder().spool();
        let mut maker = Maker::sealing_to(key, &public);
        runtime.block_on(async {
            let stop = CancellationToken::new();
            let mut written = JoinSet::new();
            written.spawn(Arc::clone(spool).run(stop.clone()));
            for entry in maker.entries(events) {
                bytes += entry.len();
                spool.record(Class::Essential, entry)?;
            }
            spool.durable(spool.newest()).await?;
            stop.cancel();
            while written.join_next().await.is_some() {}
            anyhow::Ok(())
        })?;
    }
    Ok(json!({ "bytes": bytes }))
}
