//! The gateway: what is made once, and shared by all connections.

use std::collections::BTreeMap;
use std::sync::Arc;

use bartizan_enforce::{Enforcer, Keys};
use bartizan_model::AppName;
use http::HeaderValue;
use parking_lot::RwLock;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::certificates::Certificates;
use crate::config::GatewayConfig;
use crate::counters::Counters;
use crate::error::Error;
use crate::hosts::Hosts;
use crate::listen::{self, Serves};
use crate::local::LocalService;
use crate::places::Places;
use crate::public::Public;
use crate::tasks::Tasks;
use crate::upstream::Upstreams;
use crate::workers::Workers;

/// The enforcement point for HTTP.
#[derive(Debug)]
pub struct Gateway {
    config: GatewayConfig,
    enforcer: Arc<Enforcer>,
    hosts: Arc<Hosts>,
    upstreams: Upstreams,
    own: RwLock<Own>,
    public: Public,
    places: Places,
    counters: Arc<Counters>,
    /// What outlives a connection: pooled upstream connections, renewals, WebSockets.
    tasks: Tasks,
    workers: Workers,
}

/// What it answers for itself.
#[derive(Debug)]
struct Own {
    /// Where people sign in.
    issuer: Arc<str>,
    local: BTreeMap<AppName, LocalService>,
}

impl Gateway {
    /// A gateway that asks this enforcer, and answers for our own hosts through these services.
    ///
    /// # Errors
    /// When TLS cannot be set up, or a thread cannot be started.
    pub fn new(
        config: GatewayConfig,
        enforcer: Arc<Enforcer>,
        keys: Arc<dyn Keys>,
        local: BTreeMap<AppName, LocalService>,
    ) -> Result<Arc<Self>, Error> {
        let tasks = Tasks::default();
        let hosts = Hosts::new(Arc::clone(&enforcer), Arc::clone(&keys), tasks.clone())?;
        let counters = Arc::<Counters>::default();
        let (counted, owner) = (Arc::clone(&counters), tasks.clone());
        let upstreams = Upstreams::new(&config, Arc::clone(&enforcer), keys, counted, owner);
        let workers = Workers::start(config.workers.get(), enforcer.clock()).map_err(Error::Workers)?;
        let (all, source) = (config.max_connections, config.max_connections_per_source);
        let places = Places::new(all, source, Arc::clone(&counters));
        let own = RwLock::new(Own { issuer: config.issuer.as_str().into(), local });
        let public = Public::default();
        Ok(Arc::new(Self {
            config,
            enforcer,
            hosts,
            upstreams,
            own,
            public,
            places,
            counters,
            tasks,
            workers,
        }))
    }

    /// Serves these hosts on connections from this listener until `shutdown` is cancelled, lets open requests end for
    /// [`GatewayConfig::drain_timeout`] and ends the rest. Several listeners may be served at once. What is served may
    /// change: then connections that are open end as soon as no request is open on them.
    ///
    /// Cancel safe: no; dropping it leaves connections without an owner until the gateway is dropped.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        serves: watch::Receiver<Serves>,
        shutdown: CancellationToken,
    ) {
        listen::serve(self, listener, serves, shutdown).await;
    }

    /// From now on connections are shown these certificates; open ones go on.
    pub fn supply(&self, certificates: Certificates) {
        self.hosts.supply(certificates);
    }

    /// From now on people sign in there, and our own hosts are answered by these services; open requests go on.
    pub fn replace_own(&self, issuer: &str, local: BTreeMap<AppName, LocalService>) {
        self.upstreams.assertions.replace_issuer(issuer);
        *self.own.write() = Own { issuer: issuer.into(), local };
    }

    /// The app hosts' upstreams.
    #[must_use]
    pub const fn upstreams(&self) -> &Upstreams {
        &self.upstreams
    }

    /// What has been counted since it was made.
    #[must_use]
    pub const fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// For how long one of the threads that serve apps has not come to its tasks; under a second if all is well.
    #[must_use]
    pub fn behind(&self) -> std::time::Duration {
        self.workers.behind(self.enforcer.clock().boot())
    }

    pub(crate) const fn workers(&self) -> &Workers {
        &self.workers
    }

    pub(crate) const fn config(&self) -> &GatewayConfig {
        &self.config
    }

    pub(crate) const fn enforcer(&self) -> &Arc<Enforcer> {
        &self.enforcer
    }

    pub(crate) const fn hosts(&self) -> &Arc<Hosts> {
        &self.hosts
    }

    pub(crate) const fn places(&self) -> &Places {
        &self.places
    }

    pub(crate) const fn public(&self) -> &Public {
        &self.public
    }

    pub(crate) fn local(&self, app: &AppName) -> Option<LocalService> {
        self.own.read().local.get(app).cloned()
    }

    /// Where people sign in.
    pub(crate) fn issuer(&self) -> Arc<str> {
        Arc::clone(&self.own.read().issuer)
    }

    /// Now, as HTTP writes it (RFC 9110, 5.6.7).
    pub(crate) fn http_date(&self) -> Option<HeaderValue> {
        let now = jiff::Timestamp::from_microsecond(self.enforcer.clock().now().as_micros()).ok()?;
        let text = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok()?;
        HeaderValue::try_from(text).ok()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.tasks.abort();
    }
}
