//! A gateway on a machine of its own: enforcement here, control elsewhere, and the same four traits between them.

mod clock;
mod dial;
mod kept;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bartizan_enforce::spool::{Spool, SpoolConfig};
use bartizan_enforce::wire::{Dial, Remote};
use bartizan_enforce::{
    Enforcer, EnforcerConfig, Evidence as _, EvidenceError, Membership as _, Point, Recorder,
};
use bartizan_gateway::{Gateway, GatewayConfig, Serves};
use bartizan_model::{Clock, Entropy, EventKind, Outcome, Personal};
use bartizan_pki::{JoinToken, point_request};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::clock::{Steered, SteeredFeed};
use self::dial::{Control, Joining};
use self::kept::Kept;
use crate::health::Parts;
use crate::lock::Lock;
use crate::system::{SystemClock, SystemEntropy};

/// What such a gateway needs to know to start.
#[derive(Debug)]
pub(crate) struct Config {
    /// Where its key, its certificate and its spool are kept.
    pub(crate) dir: PathBuf,
    /// What it was given to join with, if it has not yet.
    pub(crate) join: Option<JoinToken>,
}

/// A running gateway.
#[derive(Debug)]
pub(crate) struct Apart {
    kept: Kept,
    remote: Arc<Remote>,
    enforcer: Arc<Enforcer>,
    point: Point,
    tasks: TaskTracker,
    stop: CancellationToken,
    _lock: Lock,
}

impl Apart {
    /// Joins, if that is still to be done, and starts everything but the listener.
    pub(crate) async fn start(config: Config) -> anyhow::Result<Self> {
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let lock = kept::open(&config.dir)?;
        let folder = config.dir.join("spool");
        let kept = match (Kept::read(&config.dir)?, config.join) {
            (Some(kept), None) => kept,
            (None, Some(token)) => join(&config.dir, token, entropy.as_ref()).await?,
            (Some(kept), Some(_)) => bail!(
                "`{}` has joined `{}` already: leave --join out, or name another folder to join once more",
                config.dir.display(),
                kept.domain
            ),
            (None, None) => bail!(
                "`{}` has not joined a deployment: `bartizan join-token create --role gateway` there prints a token, to be \
                 given to --join here",
                config.dir.display()
            ),
        };
        let control = Control::new(&kept)?;
        let dial: Arc<dyn Dial> = Arc::<Control>::clone(&control);
        let remote = Arc::new(Remote::new(&dial));
        let delivered = position(&remote, &kept).await?;
        let spool = Spool::open(SpoolConfig::at(folder), delivered, entropy.as_ref())?;
        let clock = Arc::new(Steered::new(SystemClock));
        let deciding: Arc<dyn Clock> = Arc::<Steered<SystemClock>>::clone(&clock);
        let recorder = Arc::new(Recorder::new(spool, Arc::clone(&deciding), Arc::clone(&entropy)));
        let sessions = Arc::<Remote>::clone(&remote);
        let enforcer =
            Enforcer::new(EnforcerConfig::default(), Arc::clone(&recorder), sessions, deciding, entropy);
        let feed = Arc::new(SteeredFeed::new(Arc::clone(&remote), clock));
        let point = Point::start(&enforcer, feed, Arc::<Remote>::clone(&remote));
        recorder
            .record(recorder.event(EventKind::SystemStart, Outcome::Ok), &Personal::default(), None)
            .await?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let renewing = renew(config.dir, kept.clone(), Arc::clone(&remote), control, stop.child_token());
        tasks.spawn(renewing);
        Ok(Self { kept, remote, enforcer, point, tasks, stop, _lock: lock })
    }

    /// Serves the apps of its scope until it is stopped. What can be watched of it.
    pub(crate) fn serve(&self, listener: TcpListener) -> anyhow::Result<Parts> {
        let mut bounds = GatewayConfig::new(self.kept.issuer.clone());
        let files = crate::descriptors::connections(crate::descriptors::raise());
        bounds.max_connections = files.min(crate::memory::connections());
        let keys = Arc::<Remote>::clone(&self.remote);
        let gateway = Gateway::new(bounds, Arc::clone(&self.enforcer), keys, BTreeMap::new())?;
        let serves = watch::channel(Serves::new(true, [])).1;
        self.tasks.spawn(Arc::clone(&gateway).serve(listener, serves, self.stop.child_token()));
        Ok(Parts { enforcer: Arc::clone(&self.enforcer), kept: None, gateway, telemetry: None })
    }

    /// Waits until it decides on what control holds.
    pub(crate) async fn ready(&self) {
        while self.enforcer.lease_left().is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Which point of which deployment it is.
    pub(crate) fn who(&self) -> (String, &str) {
        (self.enforcer.point().to_string(), &self.kept.domain)
    }

    /// Stops accepting, drains, delivers what was recorded, and says that it is gone: nobody waits for its lease.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        let point = self.enforcer.point();
        self.point.stop().await;
        if let Err(error) = self.remote.leave(point).await {
            tracing::warn!(%error, "control was not told that this point has stopped; it waits for the lease");
        }
    }
}

/// Makes a key and a spool, and spends the token.
async fn join(dir: &std::path::Path, token: JoinToken, entropy: &dyn Entropy) -> anyhow::Result<Kept> {
    let point = Spool::open(SpoolConfig::at(dir.join("spool")), 0, entropy)?.point();
    let (key, csr_der) = point_request()?;
    let address = token.address.clone();
    let dial: Arc<dyn Dial> = Arc::new(Joining::new(&token)?);
    let remote = Remote::new(&dial);
    let joined = remote.join(token.secret, point, csr_der).await;
    let joined = joined.with_context(|| format!("`{address}` does not let this machine join"))?;
    let kept =
        Kept { address, domain: joined.domain, issuer: joined.issuer, point, key, identity: joined.identity };
    kept.write(dir)?;
    Ok(kept)
}

/// How far this point's evidence has come in the log. Waited for: what is recorded from here on goes after it.
async fn position(remote: &Remote, kept: &Kept) -> anyhow::Result<u64> {
    let mut wait = Duration::from_millis(100);
    loop {
        match remote.position(kept.point).await {
            Ok(position) => return Ok(position),
            Err(EvidenceError::Refused(why)) => {
                bail!("control at `{}` refuses this point: {why}", kept.address)
            }
            Err(error) => {
                tracing::warn!(%error, address = kept.address, "control cannot be reached; nothing is served until it is");
            }
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(5));
    }
}

/// Has the certificate renewed several times within its life, each time with a new key. Nothing is read from the clock: how
/// long a machine was off, and how wrong its time is, does not matter as long as the certificate is good.
async fn renew(
    dir: PathBuf,
    mut kept: Kept,
    remote: Arc<Remote>,
    control: Arc<Control>,
    stop: CancellationToken,
) {
    let mut wait = RETRY;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => (),
        }
        match renewed(&kept, &remote).await {
            Ok(new) => {
                // Written before it is used: a process that is killed in between has one that is good.
                match new.write(&dir).and_then(|()| control.replace(&new)) {
                    Ok(()) => tracing::info!("the certificate of this point was renewed"),
                    Err(error) => tracing::error!(%error, "the renewed certificate cannot be kept"),
                }
                (kept, wait) = (new, RENEW);
            }
            Err(error) => {
                wait = RETRY;
                tracing::warn!(%error, "the certificate of this point is not renewed");
            }
        }
    }
}

async fn renewed(kept: &Kept, remote: &Remote) -> anyhow::Result<Kept> {
    let (key, csr_der) = point_request()?;
    let identity = remote.renew(kept.point, csr_der).await?;
    Ok(Kept { key, identity, ..kept.clone() })
}

/// Makes the folder that everything is kept in.
pub(crate) fn make(dir: &std::path::Path) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make `{}`", dir.display()))?;
    Ok(dir.canonicalize()?)
}

/// Listens there.
pub(crate) fn listen(address: SocketAddr) -> Result<TcpListener, crate::output::Failure> {
    let mut sockets = crate::sockets::Sockets::given();
    let listener = sockets.listen(address);
    sockets.name_unused();
    listener
}

/// Certificates are good for a day.
const RENEW: Duration = Duration::from_secs(8 * 3600);

/// How soon after a start, and after one that failed, a renewal is tried.
const RETRY: Duration = Duration::from_secs(60);
