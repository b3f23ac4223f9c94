//! The gateway: what is made once, and shared by all connections.

use std::collections::BTreeMap;
use std::sync::Arc;

use bartizan_enforce::{Enforcer, Keys};
use bartizan_model::AppName;
use http::HeaderValue;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::GatewayConfig;
use crate::counters::Counters;
use crate::error::Error;
use crate::handshake::Hosts;
use crate::listen::{self, Serves};
use crate::local::LocalService;
use crate::places::Places;
use crate::tasks::Tasks;
use crate::upstream::Upstreams;

/// The enforcement point for HTTP.
#[derive(Debug)]
pub struct Gateway {
    config: GatewayConfig,
    enforcer: Arc<Enforcer>,
    hosts: Arc<Hosts>,
    upstreams: Upstreams,
    local: BTreeMap<AppName, LocalService>,
    places: Places,
    counters: Arc<Counters>,
    /// What outlives a connection: pooled upstream connections, renewals, WebSockets.
    tasks: Tasks,
}

impl Gateway {
    /// A gateway that asks this enforcer, and answers for our own hosts through these services.
    ///
    /// # Errors
    /// When TLS cannot be set up.
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
        let (all, source) = (config.max_connections, config.max_connections_per_source);
        let places = Places::new(all, source, Arc::clone(&counters));
        Ok(Arc::new(Self { config, enforcer, hosts, upstreams, local, places, counters, tasks }))
    }

    /// Serves these hosts on connections from this listener until `shutdown` is cancelled, lets open requests end for
    /// [`GatewayConfig::drain_timeout`] and ends the rest. Several listeners may be served at once.
    ///
    /// Cancel safe: no; dropping it leaves connections without an owner until the gateway is dropped.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, serves: Serves, shutdown: CancellationToken) {
        listen::serve(self, listener, serves, shutdown).await;
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

    pub(crate) fn local(&self, app: &AppName) -> Option<&LocalService> {
        self.local.get(app)
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
