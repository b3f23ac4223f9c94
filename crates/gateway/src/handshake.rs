//! TLS: one certificate for each host, with exactly that name, chosen by SNI.
//!
//! A browser may use one connection for all hosts that its certificate names. Since each of ours names one, it never
//! does, and every connection belongs to one host. A name that is not the host of an app ends the handshake. Keys are made
//! here and stay here; the control plane vouches for them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bartizan_enforce::{Enforcer, Keys};
use bartizan_model::{AppFacts, BootTime, Timestamp};
use bartizan_pki::HostKey;
use parking_lot::{Mutex, RwLock};
use rustls::crypto::CryptoProvider;
use rustls::server::{Acceptor, ClientHello, ProducesTickets, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};
use rustls_pki_types::CertificateDer;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::error::Error;
use crate::line::{Line, Wire};
use crate::tasks::Tasks;

/// What was agreed on.
#[derive(Debug)]
pub(crate) struct Agreed {
    pub(crate) stream: TlsStream<Wire>,
    pub(crate) host: Arc<str>,
    pub(crate) protocol: Protocol,
}

/// The version of HTTP that ALPN settled on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// Why there is no TLS connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    #[error("the handshake failed")]
    Io(#[from] std::io::Error),
    #[error("the client named no host that is served here")]
    UnknownHost,
    #[error(transparent)]
    NoCertificate(#[from] Error),
}

/// The hosts that are served, and what they are served with.
#[derive(Debug)]
pub(crate) struct Hosts {
    enforcer: Arc<Enforcer>,
    keys: Arc<dyn Keys>,
    provider: Arc<CryptoProvider>,
    entries: Mutex<HashMap<Arc<str>, Arc<Entry>>>,
    refusing: Arc<ServerConfig>,
    tasks: Tasks,
}

#[derive(Debug)]
struct Entry {
    host: Arc<str>,
    /// Tickets are sealed under a key of this host: none is good at another.
    tickets: Arc<dyn ProducesTickets>,
    served: RwLock<Option<Served>>,
    /// Held while a certificate is asked for, with the time of the last failure: of many connections one asks.
    asking: tokio::sync::Mutex<Option<BootTime>>,
}

#[derive(Debug, Clone)]
struct Served {
    config: Arc<ServerConfig>,
    /// Before this it is good for nobody: the clock was ahead when it was made, and has been set right.
    begins: Timestamp,
    renew_at: Timestamp,
    ends: Timestamp,
}

impl Served {
    fn is_good(&self, now: Timestamp) -> bool {
        self.begins <= now && now < self.ends
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        self.is_good(now) && now < self.renew_at
    }
}

impl Hosts {
    pub(crate) fn new(
        enforcer: Arc<Enforcer>,
        keys: Arc<dyn Keys>,
        tasks: Tasks,
    ) -> Result<Arc<Self>, Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let refusing = Arc::new(server_config(&provider, Arc::new(Nobody))?);
        Ok(Arc::new(Self { enforcer, keys, provider, entries: Mutex::default(), refusing, tasks }))
    }

    /// Shakes hands, for the host of an app that is `served` on this listener. The caller limits the time.
    ///
    /// Cancel safe: no; the connection is of no more use.
    pub(crate) async fn handshake(
        self: &Arc<Self>,
        line: &Arc<Line>,
        served: impl Fn(&AppFacts) -> bool,
    ) -> Result<Agreed, HandshakeError> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), Wire(Arc::clone(line))).await?;
        let name = start.client_hello().server_name().map(str::to_ascii_lowercase);
        let known = name.filter(|name| self.enforcer.app_by_host(name).is_some_and(|app| served(&app)));
        let Some(host) = known else {
            // A configuration without certificate makes rustls say so in an alert.
            let _refused = start.into_stream(Arc::clone(&self.refusing)).await;
            return Err(HandshakeError::UnknownHost);
        };
        let (host, config) = self.config_for(&host).await?;
        let stream = start.into_stream_with(config, |tls| tls.set_buffer_limit(Some(TLS_BUFFER))).await?;
        let protocol = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => Protocol::Http2,
            Some(_) | None => Protocol::Http1,
        };
        Ok(Agreed { stream, host, protocol })
    }

    async fn config_for(self: &Arc<Self>, host: &str) -> Result<(Arc<str>, Arc<ServerConfig>), Error> {
        let entry = self.entry(host)?;
        let now = self.enforcer.clock().now();
        let served = entry.served.read().clone();
        let config = match served {
            Some(served) if served.is_fresh(now) => served.config,
            Some(served) if served.is_good(now) => {
                let (hosts, entry) = (Arc::clone(self), Arc::clone(&entry));
                self.tasks.spawn(async move {
                    if let Err(error) = hosts.renew(&entry).await {
                        tracing::warn!(%error, host = &*entry.host, "a certificate could not be renewed yet");
                    }
                });
                served.config
            }
            Some(_) | None => self.renew(&entry).await?,
        };
        Ok((Arc::clone(&entry.host), config))
    }

    fn entry(&self, host: &str) -> Result<Arc<Entry>, Error> {
        let mut entries = self.entries.lock();
        if let Some(entry) = entries.get(host) {
            return Ok(Arc::clone(entry));
        }
        // Only hosts of apps come here, so there are as many entries as apps, but for those that are no more.
        entries.retain(|host, _| self.enforcer.app_by_host(host).is_some());
        let host: Arc<str> = host.into();
        let entry = Arc::new(Entry {
            host: Arc::clone(&host),
            tickets: rustls::crypto::aws_lc_rs::Ticketer::new()?,
            served: RwLock::default(),
            asking: tokio::sync::Mutex::default(),
        });
        entries.insert(host, Arc::clone(&entry));
        Ok(entry)
    }

    /// Has a new key vouched for, unless somebody else just did.
    async fn renew(&self, entry: &Entry) -> Result<Arc<ServerConfig>, Error> {
        let mut failed = entry.asking.lock().await;
        let now = self.enforcer.clock().now();
        if let Some(served) = entry.served.read().as_ref().filter(|served| served.is_fresh(now)) {
            return Ok(Arc::clone(&served.config));
        }
        let boot = self.enforcer.clock().boot();
        if failed.is_some_and(|before| boot.since(before) < RETRY) {
            return Err(Error::Failing { host: entry.host.to_string() });
        }
        match self.make(entry, now).await {
            Ok(served) => {
                *failed = None;
                *entry.served.write() = Some(served.clone());
                Ok(served.config)
            }
            Err(error) => {
                *failed = Some(boot);
                tracing::error!(%error, host = &*entry.host, "a host cannot be served");
                Err(error)
            }
        }
    }

    async fn make(&self, entry: &Entry, now: Timestamp) -> Result<Served, Error> {
        let host = || entry.host.to_string();
        let key = HostKey::generate().map_err(|source| Error::Key { host: host(), source })?;
        let csr = key.csr_der(&entry.host).map_err(|source| Error::Key { host: host(), source })?;
        let chain = self
            .keys
            .certify(self.enforcer.point(), csr, &entry.host)
            .await
            .map_err(|source| Error::Certificate { host: host(), source })?;
        let chain: Vec<CertificateDer<'static>> = chain.into_iter().map(CertificateDer::from).collect();
        let (begins, ends) = check(&entry.host, chain.first())?;
        let certified = key.certified_key(chain).map_err(|source| Error::Key { host: host(), source })?;
        let mut config = server_config(&self.provider, Arc::new(Only(certified)))?;
        config.ticketer = Arc::clone(&entry.tickets);
        // With two thirds of its life over, there is time for another try each second.
        let renew_at = now.plus(ends.since(now) * 2 / 3);
        Ok(Served { config: Arc::new(config), begins, renew_at, ends })
    }
}

fn server_config(
    provider: &Arc<CryptoProvider>,
    certificates: Arc<dyn ResolvesServerCert>,
) -> Result<ServerConfig, Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_protocol_versions(&[&version::TLS13])?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // A request that came with early data could be sent again by whoever recorded it (RFC 8446, 8).
    config.max_early_data_size = 0;
    Ok(config)
}

/// From when and until when this certificate is good, for this host and no other.
fn check(host: &str, leaf: Option<&CertificateDer<'_>>) -> Result<(Timestamp, Timestamp), Error> {
    let wrong = |problem| Error::WrongCertificate { host: host.to_owned(), problem };
    let leaf = leaf.ok_or_else(|| wrong("is missing"))?;
    let (_, certificate) = X509Certificate::from_der(leaf).map_err(|_unreadable| wrong("cannot be read"))?;
    let names = certificate.subject_alternative_name().map_err(|_unreadable| wrong("cannot be read"))?;
    match names.map(|names| names.value.general_names.as_slice()) {
        Some([GeneralName::DNSName(name)]) if *name == host => {}
        Some(_) | None => return Err(wrong("does not name exactly this host")),
    }
    let validity = certificate.validity();
    let at = |seconds: i64| Timestamp::from_micros(seconds.saturating_mul(1_000_000));
    Ok((at(validity.not_before.timestamp()), at(validity.not_after.timestamp())))
}

/// The one certificate of a host.
#[derive(Debug)]
struct Only(Arc<CertifiedKey>);

impl ResolvesServerCert for Only {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// No certificate.
#[derive(Debug)]
struct Nobody;

impl ResolvesServerCert for Nobody {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}

/// One TLS record: what waits below HTTP is bounded (`line`), and a full record is not split.
const TLS_BUFFER: usize = 17 * 1024;

/// How soon a failed request for a certificate is tried again.
const RETRY: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_for_one_host_and_no_other() {
        let now = Timestamp::from_micros(1_795_507_200_000_000);
        let hour = Duration::from_secs(3600);
        let authority = bartizan_pki::Authority::generate("Test", now, hour * 10).unwrap();
        let key = HostKey::generate().unwrap();
        let csr = key.csr_der("wiki.test").unwrap();
        let chain = authority.certify(&csr, "wiki.test", now, hour).unwrap();
        let (begins, ends) = check("wiki.test", chain.first()).unwrap();
        assert!(begins <= now && ends == now.plus(hour), "{begins} {ends}");
        assert!(matches!(check("payroll.test", chain.first()), Err(Error::WrongCertificate { .. })));
        assert!(matches!(
            check("wiki.test", Some(authority.certificate())),
            Err(Error::WrongCertificate { .. })
        ));
        assert!(matches!(check("wiki.test", None), Err(Error::WrongCertificate { .. })));
        let torn = CertificateDer::from(vec![0x30, 0x82]);
        assert!(matches!(check("wiki.test", Some(&torn)), Err(Error::WrongCertificate { .. })));
    }

    #[test]
    fn the_post_quantum_key_exchange_is_preferred() {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        assert_eq!(
            provider.kx_groups.first().map(|group| group.name()),
            Some(rustls::NamedGroup::X25519MLKEM768)
        );
    }
}
