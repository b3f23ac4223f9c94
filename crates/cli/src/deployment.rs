//! Everything in one process: opens what is stored, starts control and enforcement, and joins the two.

mod seed;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bartizan_control::api::{self, Api, Drawn, Reached};
use bartizan_control::portal::{self, Portal};
use bartizan_control::{
    Arriving, Endings, Hub, KeyRing, Logouts, Looks, Members, Points, Provisioning, PublicAuthority,
    Receiver, Register, Uses, Vouch, keep_daily_key,
};
use bartizan_enforce::spool::{Spool, SpoolConfig, stored_point};
use bartizan_enforce::{Enforcer, EnforcerConfig, Point, Recorder};
use bartizan_evidence::{Log, LogConfig};
use bartizan_gateway::{Gateway, GatewayConfig, LocalService, Serves, Share};
use bartizan_identity::web::{Auth, CALLED_FROM_ANYWHERE, CALLED_WITH_A_TOKEN, Ports};
use bartizan_identity::{
    Federation, Flow, People, Provider, SessionLifetimes, SignIns, SigningKeys, Sweeper,
};
use bartizan_model::{AppFacts, AppName, Clock, Entropy, EventKind, Outcome, Personal, Secret};
use bartizan_pki::{AcmeDirectory, NoteKey};
use bartizan_store::{ChangeSet, MasterKey, SecretWrite, SqliteStore, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Service;
use crate::courier::Courier;
use crate::health::{Keeps, Parts};
use crate::host_keys::StoredHostKeys;
use crate::lock::Lock;
use crate::points::PointServer;
use crate::probe::Prober;
use crate::system::{SystemClock, SystemEntropy};

pub(crate) use seed::{OWN_POLICIES, domain_of, own_hosts, put};

/// What a deployment needs to know to start.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Where everything is kept.
    pub(crate) dir: PathBuf,
    /// The domain under which the own hosts are.
    pub(crate) domain: String,
    /// How long the certificate authority is valid, if it is made now.
    pub(crate) authority_valid_for: Duration,
    /// The public authority that certifies hosts, if there is one.
    pub(crate) acme: Option<AcmeDirectory>,
    /// How many requests are traced.
    pub(crate) traces: Share,
    /// Where points on other machines reach it, `HOST:PORT`, if they do.
    pub(crate) points: Option<String>,
}

/// The ports that clients use, by what they come for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PublicPorts(pub(crate) BTreeMap<Service, u16>);

impl PublicPorts {
    fn everything_on(port: u16) -> Self {
        Self(Service::ALL.map(|(_, service)| (service, port)).into())
    }

    /// The usual one, if nothing here serves it.
    pub(crate) fn of(&self, service: Service) -> u16 {
        self.0.get(&service).copied().unwrap_or(443)
    }

    /// The port of an app's host.
    pub(crate) fn of_app(&self, app: &AppFacts) -> u16 {
        let own = Service::ALL.iter().map(|(_, service)| *service);
        let own = own.into_iter().find(|service| service.own_apps().contains(&app.name.as_str()));
        self.of(own.unwrap_or(Service::Apps))
    }
}

/// A running deployment.
#[derive(Debug)]
pub(crate) struct Deployment {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) people: People,
    pub(crate) sign_ins: SignIns,
    pub(crate) flow: Arc<Flow>,
    signing_keys: Arc<SigningKeys>,
    provider: Arc<Provider>,
    federation: Arc<Federation>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) enforcer: Arc<Enforcer>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Which certificates end when.
    pub(crate) endings: Arc<Endings>,
    vouch: Arc<Vouch>,
    log: Arc<Log>,
    points: Arc<Points>,
    receiver: Arc<Receiver>,
    config: Config,
    point: Point,
    tasks: TaskTracker,
    stop: CancellationToken,
    _lock: Lock,
}

impl Deployment {
    /// Opens the data directory and starts everything but the listeners.
    pub(crate) async fn start(config: Config) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let keys = config.dir.join("keys");
        std::fs::create_dir_all(&keys).with_context(|| format!("cannot make `{}`", keys.display()))?;
        crate::lock::as_owner(&config.dir)?;
        private(&config.dir)?;
        private(&keys)?;
        let lock = crate::lock::take(&config.dir)?;

        let master = MasterKey::load_or_create(&keys.join("master"), entropy.as_ref())?;
        let store = SqliteStore::open(&config.dir.join("bartizan.db"), master, Arc::clone(&entropy)).await?;
        let store: Arc<dyn Store> = Arc::new(store);
        seed::own_objects(store.as_ref(), &config.domain, clock.now()).await?;
        if let Some(other) =
            seed::stored_domain(store.as_ref()).await?.filter(|stored| *stored != config.domain)
        {
            let (dir, domain) = (config.dir.display(), &config.domain);
            bail!("the data directory `{dir}` was made for `{other}`, and is to be used for `{domain}`");
        }
        keep_daily_key(store.as_ref(), clock.as_ref(), entropy.as_ref()).await?;

        let log_key = log_key(store.as_ref(), clock.as_ref(), &config.domain).await?;
        std::fs::write(keys.join("log.vkey"), format!("{}\n", log_key.verifier().vkey()))?;
        let log = Log::open(
            LogConfig {
                dir: config.dir.join("log"),
                index_path: config.dir.join("index.db"),
                key: log_key,
                origin: format!("{}/log", config.domain),
            },
            Arc::new(KeyRing::new(Arc::clone(&store), tokio::runtime::Handle::current())),
        )
        .await?;
        let log = Arc::new(log);

        let folder = config.dir.join("spool");
        let people = People::open(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&entropy)).await?;
        let delivered = match stored_point(&folder)? {
            Some(point) => log.position(point),
            None => 0,
        };
        let spool = Spool::open(SpoolConfig::at(folder), delivered, entropy.as_ref())?;
        let recorder = Arc::new(Recorder::new(spool, Arc::clone(&clock), Arc::clone(&entropy)));
        let sign_ins = SignIns::new(
            Arc::clone(&store),
            Arc::clone(&recorder),
            Arc::clone(&clock),
            Arc::clone(&entropy),
            SessionLifetimes::default(),
        );
        let flow = Arc::new(
            Flow::open(
                Arc::clone(&store),
                people.clone(),
                sign_ins.clone(),
                Arc::clone(&recorder),
                Arc::clone(&clock),
                Arc::clone(&entropy),
                config.domain.clone(),
            )
            .await?,
        );
        let signing_keys = Arc::new(SigningKeys::open(Arc::clone(&store), Arc::clone(&clock)).await?);
        let uses = Uses::new(sign_ins.clone());
        let bounds = EnforcerConfig::default();
        let hub = Hub::open(
            Arc::clone(&store),
            Arc::clone(&flow),
            bounds.lease,
            Arc::clone(&clock),
            entropy.as_ref(),
        )
        .await?;
        hub.own(recorder.spool().point());
        let receiver =
            Receiver::new(Arc::clone(&log), Arc::clone(&uses), Arc::clone(&hub), Arc::clone(&clock));
        let receiver = Arc::new(receiver);
        let sessions = Arc::clone(&hub);
        let enforcer =
            Enforcer::new(bounds, Arc::clone(&recorder), sessions, Arc::clone(&clock), Arc::clone(&entropy));
        let provider = Provider::open(
            Arc::clone(&store),
            Arc::clone(&enforcer),
            Arc::clone(&flow),
            Arc::clone(&signing_keys),
        )
        .await?;
        let provider = Arc::new(provider);
        let federation = Arc::new(Federation::new(&provider));
        let public = config
            .acme
            .clone()
            .map(|directory| PublicAuthority::new(directory, Arc::clone(&store), Arc::clone(&clock)));
        let vouch = Vouch::open(
            Arc::clone(&hub),
            Arc::clone(&store),
            &format!("{} access", config.domain),
            config.authority_valid_for,
            public,
            Arc::clone(&clock),
        )
        .await?;
        std::fs::write(config.dir.join("ca.pem"), vouch.certificate_pem())?;

        let points = Points::open(
            Arc::clone(&store),
            Arc::clone(&recorder),
            Arc::clone(&clock),
            Arc::clone(&entropy),
            config.domain.clone(),
            auth_origin(&config.domain, 443),
            config.points.clone(),
        )
        .await?;

        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        tasks.spawn(Arc::clone(&hub).run(stop.clone()));
        tasks.spawn(daily(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&entropy), stop.clone()));
        tasks.spawn(check_log(Arc::clone(&log), Arc::clone(&clock), stop.clone()));
        tasks.spawn(uses.run(stop.clone()));
        tasks.spawn(Sweeper::new(sign_ins.clone()).run(stop.clone()));
        tasks.spawn(Arc::clone(&signing_keys).run(stop.clone()));
        let feed = Arc::clone(&hub);
        let point = Point::start(&enforcer, feed, Arc::<Receiver>::clone(&receiver));
        recorder
            .record(recorder.event(EventKind::SystemStart, Outcome::Ok), &Personal::default(), None)
            .await?;

        let deployment = Self {
            store,
            people,
            sign_ins,
            flow,
            signing_keys,
            provider,
            federation,
            hub,
            enforcer,
            clock,
            entropy,
            endings: Arc::new(Endings::of(vouch.valid_until())),
            vouch,
            log,
            points,
            receiver,
            config,
            point,
            tasks,
            stop,
            _lock: lock,
        };
        deployment.caught_up().await?;
        Ok(deployment)
    }

    /// Waits until the enforcement point of this process decides on everything that is stored. Those elsewhere may be away, and
    /// are waited for by nobody who starts.
    pub(crate) async fn caught_up(&self) -> anyhow::Result<()> {
        let revision = self.store.revision().await?;
        let ready = async {
            while self.enforcer.revision() < revision || self.enforcer.lease_left().is_none() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let ready = tokio::time::timeout(Duration::from_secs(20), ready).await;
        ready.context("the enforcement point did not get ready (see the log lines above)")
    }

    /// Serves everything on one listener until the deployment stops.
    pub(crate) async fn serve(&self, listener: TcpListener) -> anyhow::Result<()> {
        let port = listener.local_addr()?.port();
        let gateway = self.gateway(&PublicPorts::everything_on(port)).await?;
        let own = Service::ALL.iter().flat_map(|(_, service)| service.own_apps());
        let own = own.filter_map(|app| app.parse().ok());
        let serves = watch::channel(Serves::new(true, own)).1;
        self.spawn(|stop| gateway.serve(listener, serves, stop));
        Ok(())
    }

    /// A gateway for it, whose clients come to these ports. It serves nothing yet.
    pub(crate) async fn gateway(&self, ports: &PublicPorts) -> anyhow::Result<Arc<Gateway>> {
        let (issuer, local) = self.own_services(ports)?;
        let (store, provider) = (Arc::clone(&self.store), Arc::clone(&self.provider));
        let courier = Arc::new(Courier::new()?);
        provider.asks_by(courier.clone());
        let logouts = Logouts::new(store, provider, courier);
        self.spawn(|stop| logouts.run(stop));
        let mut bounds = GatewayConfig::new(issuer);
        let files = crate::descriptors::connections(crate::descriptors::raise());
        bounds.max_connections = files.min(crate::memory::connections());
        bounds.traces = self.config.traces;
        bounds.public_authority = self.config.acme.is_some();
        let keys = Arc::clone(&self.vouch);
        let gateway = Gateway::new(bounds, Arc::clone(&self.enforcer), keys, local)?;
        if let Some(acme) = &self.config.acme {
            let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
            let kept = Arc::new(StoredHostKeys { store, clock, directory: acme.url.clone() });
            let recalled = gateway.recall(kept.as_ref()).await;
            let certified = Arc::clone(&gateway);
            self.spawn(|stop| certified.certify_hosts(kept, recalled, stop));
        }
        Ok(gateway)
    }

    /// Where people sign in, and the services behind our own hosts, if clients come to these ports.
    pub(crate) fn own_services(
        &self,
        ports: &PublicPorts,
    ) -> anyhow::Result<(String, BTreeMap<AppName, LocalService>)> {
        let issuer = auth_origin(&self.config.domain, ports.of(Service::Auth));
        self.points.set_issuer(issuer.clone());
        let api = Arc::new(Api {
            enforcer: Arc::clone(&self.enforcer),
            hub: Arc::clone(&self.hub),
            store: Arc::clone(&self.store),
            people: self.people.clone(),
            register: Register::new(Arc::clone(&self.store), self.people.clone()),
            sign_ins: self.sign_ins.clone(),
            flow: Arc::clone(&self.flow),
            signing_keys: Arc::clone(&self.signing_keys),
            federation: Arc::clone(&self.federation),
            auth_origin: issuer.clone(),
            log: Arc::clone(&self.log),
            points: Arc::clone(&self.points),
            point_statuses: Arc::<Hub>::clone(&self.hub),
            endings: Arc::clone(&self.endings),
            looks: Looks::new(Arc::new(Prober)),
            reached: Reached {
                apps_port: ports.of(Service::Apps),
                public_authority: self.config.acme.as_ref().map(|acme| acme.url.clone()),
                own_authority: self.ca_path(),
            },
            drawn: Drawn::default(),
            stop: self.stop.child_token(),
        });
        let [(_, auth_host), (_, console_host), (_, portal_host)] = own_hosts(&self.config.domain);
        let own = [
            (auth_host.clone(), ports.of(Service::Auth)),
            (console_host, ports.of(Service::Console)),
            (portal_host, ports.of(Service::Auth)),
        ];
        let browsers = Ports { apps: ports.of(Service::Apps), own: own.into() };
        self.provider.reached_at(browsers.clone());
        let portal = portal::router(Arc::new(Portal {
            enforcer: Arc::clone(&self.enforcer),
            people: self.people.clone(),
            log: Arc::clone(&self.log),
            auth_origin: issuer.clone(),
            ports: browsers.clone(),
        }));
        self.federation.serves(&issuer, Arriving::new(Arc::clone(&api)));
        let auth = bartizan_identity::web::router(Arc::new(Auth {
            flow: Arc::clone(&self.flow),
            enforcer: Arc::clone(&self.enforcer),
            store: Arc::clone(&self.store),
            signing_keys: Arc::clone(&self.signing_keys),
            provider: Arc::clone(&self.provider),
            federation: Arc::clone(&self.federation),
            scim: Provisioning::new(Arc::clone(&api)),
            clock: Arc::clone(&self.clock),
            host: auth_host,
            ports: browsers,
        }));
        let services = [
            (
                "auth",
                LocalService::new(auth)
                    .called_from_anywhere(&CALLED_FROM_ANYWHERE)
                    .called_with_a_token(&CALLED_WITH_A_TOKEN),
            ),
            ("console", LocalService::new(api::router(api))),
            ("portal", LocalService::new(portal)),
        ];
        let local = services.into_iter().map(|(name, service)| Ok((name.parse()?, service)));
        Ok((issuer, local.collect::<anyhow::Result<_>>()?))
    }

    /// Runs this until it ends; it is told when the deployment stops, which waits for it.
    pub(crate) fn spawn<F>(&self, work: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(work(self.stop.child_token()));
    }

    /// Serves points on other machines on this listener, until the deployment stops.
    pub(crate) fn serve_points(&self, listener: TcpListener) -> anyhow::Result<()> {
        let service = bartizan_enforce::wire::Server::new(bartizan_enforce::wire::Halves {
            feed: Arc::<Hub>::clone(&self.hub),
            evidence: Arc::<Receiver>::clone(&self.receiver),
            sessions: Arc::<Hub>::clone(&self.hub),
            keys: Arc::<Vouch>::clone(&self.vouch),
            membership: Members::new(Arc::clone(&self.points), Arc::clone(&self.hub)),
        });
        let server = PointServer::new(Arc::clone(&self.points), service)?;
        self.spawn(|stop| server.run(listener, stop));
        Ok(())
    }

    /// What is watched of it, with what the gateway counts.
    pub(crate) fn watched(&self, gateway: Arc<Gateway>) -> Parts {
        let kept = Some(Keeps { store: Arc::clone(&self.store), log: Arc::clone(&self.log) });
        Parts { enforcer: Arc::clone(&self.enforcer), kept, gateway, telemetry: None }
    }

    /// The certificate that clients trust.
    pub(crate) fn ca_path(&self) -> PathBuf {
        self.config.dir.join("ca.pem")
    }

    /// Stops accepting, drains, delivers what was recorded, closes.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.point.stop().await;
        // Its index opens personal parts with keys of the store, so it ends first.
        self.log.close().await;
        self.store.close().await;
    }
}

/// Where people sign in.
pub(crate) fn auth_origin(domain: &str, port: u16) -> String {
    if port == 443 { format!("https://auth.{domain}") } else { format!("https://auth.{domain}:{port}") }
}

async fn daily(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    stop: CancellationToken,
) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(600)) => (),
        }
        if let Err(error) = keep_daily_key(store.as_ref(), clock.as_ref(), entropy.as_ref()).await {
            tracing::error!(%error, "the key for events of nobody in particular cannot be renewed");
        }
    }
}

/// Verifies the whole log a little after the start, and once a day.
async fn check_log(log: Arc<Log>, clock: Arc<dyn Clock>, stop: CancellationToken) {
    // Whoever comes back after a restart goes first.
    let mut wait = Duration::from_secs(30);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => (),
        }
        // What is wrong with it is logged, and shown on the console.
        if let Err(error) = log.check(clock.now(), &stop).await {
            tracing::error!(%error, "the log cannot be verified");
        }
        wait = Duration::from_secs(24 * 3600);
    }
}

async fn log_key(store: &dyn Store, clock: &dyn Clock, domain: &str) -> anyhow::Result<NoteKey> {
    if let Some(secret) = store.secret(LOG_KEY).await? {
        return Ok(NoteKey::from_secret(&secret)?);
    }
    let key = NoteKey::generate(&format!("{domain}/log"))?;
    let mut change = ChangeSet::new("system", clock.now());
    let value: Secret<Vec<u8>> = key.to_secret()?;
    change.secrets.push(SecretWrite::Put { name: LOG_KEY.into(), value });
    store.commit(change).await?;
    Ok(key)
}

/// The secret that holds the key with which checkpoints of the log are signed.
pub(crate) const LOG_KEY: &str = "log-key";

/// Only who runs it may look into it.
fn private(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
        .with_context(|| format!("cannot make `{}` private", folder.display()))
}
