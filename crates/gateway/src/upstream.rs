//! Connections to the servers of apps.
//!
//! Each app's server has a client of its own, keyed by where it is and what its certificate is checked against, so that a
//! connection that was checked against one authority is never used for an app that names another.

mod pool;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bartizan_enforce::{Enforcer, Keys};
use bartizan_model::{AppFacts, Upstream};
use http::Uri;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use parking_lot::Mutex;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio::sync::Semaphore;

use crate::assertion::Assertions;
use crate::config::GatewayConfig;
use crate::counters::Counters;
use crate::error::Error;
use crate::tasks::Tasks;

pub(crate) use pool::{Answer, NoAnswer, Pool, Switched};

/// The servers of apps: how to reach them and what they are told.
#[derive(Debug)]
pub struct Upstreams {
    pub(crate) enforcer: Arc<Enforcer>,
    pub(crate) assertions: Assertions,
    pub(crate) counters: Arc<Counters>,
    pub(crate) tasks: Tasks,
    pub(crate) answer_timeout: Duration,
    pub(crate) body_timeout: Duration,
    connect_timeout: Duration,
    workers: usize,
    /// Of connections to all servers together.
    places: Arc<Semaphore>,
    provider: Arc<CryptoProvider>,
    pools: Mutex<HashMap<Server, Arc<Pool>>>,
}

/// A server, and what its certificate is checked against.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Server {
    upstream: Upstream,
    ca: Option<String>,
}

impl Upstreams {
    pub(crate) fn new(
        config: &GatewayConfig,
        enforcer: Arc<Enforcer>,
        keys: Arc<dyn Keys>,
        counters: Arc<Counters>,
        tasks: Tasks,
    ) -> Self {
        let assertions = Assertions::new(config.issuer.clone(), keys, &enforcer);
        Self {
            enforcer,
            assertions,
            counters,
            tasks,
            answer_timeout: config.answer_timeout,
            body_timeout: config.body_timeout,
            connect_timeout: config.connect_timeout,
            workers: config.workers.get(),
            places: Arc::new(Semaphore::new(config.max_connections.min(Semaphore::MAX_PERMITS))),
            provider: Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
            pools: Mutex::default(),
        }
    }

    /// The pool for an app's server; connections are made when they are needed.
    pub(crate) fn pool(&self, app: &AppFacts, upstream: &Upstream) -> Result<Arc<Pool>, Error> {
        let server = Server { upstream: upstream.clone(), ca: app.ca.clone() };
        if let Some(pool) = self.pools.lock().get(&server) {
            return Ok(Arc::clone(pool));
        }
        let pool = self.make(app, &server)?;
        let mut pools = self.pools.lock();
        if pools.len() >= MAX_POOLS {
            // Far more than there are apps: what servers used to be. Those in use are made again.
            pools.clear();
        }
        Ok(Arc::clone(pools.entry(server).or_insert(pool)))
    }

    fn make(&self, app: &AppFacts, server: &Server) -> Result<Arc<Pool>, Error> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_keepalive(Some(Duration::from_secs(60)));
        // No client certificate yet; that of an app comes with `client_cert`.
        let tls = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(if server.upstream.tls() {
                roots_of(app)?
            } else {
                RootCertStore::empty()
            })
            .with_no_client_auth();
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let scheme = if server.upstream.tls() { "https" } else { "http" };
        let uri = Uri::builder().scheme(scheme).authority(server.upstream.authority()).path_and_query("/");
        let uri = uri.build().map_err(|source| Error::Upstream { app: app.name.to_string(), source })?;
        let pool = Arc::new(Pool::new(
            uri,
            https,
            self.tasks.clone(),
            Arc::clone(&self.places),
            self.workers,
            self.connect_timeout,
        ));
        let swept = Arc::downgrade(&pool);
        self.tasks.spawn(async move {
            let mut ticks = tokio::time::interval(SWEEP);
            loop {
                ticks.tick().await;
                let Some(pool) = swept.upgrade() else { return };
                pool.sweep();
            }
        });
        Ok(pool)
    }
}

fn roots_of(app: &AppFacts) -> Result<RootCertStore, Error> {
    roots(app.ca.as_deref()).map_err(|problem| Error::Roots { app: app.name.to_string(), problem })
}

/// What an app's server is checked against: the app's own certificates in the place of the system's.
///
/// # Errors
/// What is wrong with them.
pub fn roots(ca: Option<&str>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(|error| error.to_string())?;
                roots.add(certificate).map_err(|error| error.to_string())?;
            }
        }
        None => {
            let loaded = rustls_native_certs::load_native_certs();
            let (_added, ignored) = roots.add_parsable_certificates(loaded.certs);
            tracing::debug!(ignored, errors = loaded.errors.len(), "the system's certificates were read");
        }
    }
    if roots.is_empty() { Err(String::from("there are none")) } else { Ok(roots) }
}

/// How often connections that nobody uses any more are closed.
const SWEEP: Duration = Duration::from_secs(2);

const MAX_POOLS: usize = 10_000;
