//! What hosts are served with: one certificate for each, chosen by the name in the handshake.
//!
//! A browser may use one connection for all hosts that its certificate names. Since each of ours names one, it never does,
//! and every connection belongs to one host; where a certificate that was supplied names more, a request for another host
//! than that of its connection is refused. A host has the certificate that was supplied for it, else the one of a public
//! authority (`public`), else one of the deployment's own authority. Keys that are made here stay here.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bartizan_enforce::{Enforcer, Keys};
use bartizan_model::{BootTime, Timestamp};
use bartizan_pki::{CertificateChain, HostKey, Supplied};
use parking_lot::{Mutex, RwLock};
use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, ProducesTickets, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};
use rustls_pki_types::CertificateDer;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::certificates::Certificates;
use crate::error::Error;
use crate::tasks::Tasks;

/// The hosts that are served, and what they are served with.
#[derive(Debug)]
pub(crate) struct Hosts {
    enforcer: Arc<Enforcer>,
    keys: Arc<dyn Keys>,
    provider: Arc<CryptoProvider>,
    entries: Mutex<HashMap<Arc<str>, Arc<Entry>>>,
    /// What was supplied; replaced as a whole.
    certificates: RwLock<Arc<Certificates>>,
    refusing: Arc<ServerConfig>,
    tasks: Tasks,
}

/// What a connection is shown.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) host: Arc<str>,
    pub(crate) config: Arc<ServerConfig>,
    /// Whether browsers may be told to come over TLS only from now on.
    pub(crate) strict: bool,
}

#[derive(Debug)]
struct Entry {
    host: Arc<str>,
    /// Tickets are sealed under a key of this host: none is good at another.
    tickets: Arc<dyn ProducesTickets>,
    /// The supplied certificate that was taken up.
    supplied: RwLock<Option<(Arc<Supplied>, Served)>>,
    /// That of a public authority.
    public: RwLock<Option<Served>>,
    /// That of the deployment's own authority.
    own: RwLock<Option<Served>>,
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
    /// Whether this machine's roots vouch for it, as those of browsers do.
    trusted: bool,
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
        let (entries, certificates) = (Mutex::default(), RwLock::default());
        Ok(Arc::new(Self { enforcer, keys, provider, entries, certificates, refusing, tasks }))
    }

    pub(crate) const fn enforcer(&self) -> &Arc<Enforcer> {
        &self.enforcer
    }

    pub(crate) fn keys(&self) -> &dyn Keys {
        self.keys.as_ref()
    }

    pub(crate) fn refusing(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.refusing)
    }

    pub(crate) fn certificates(&self) -> Arc<Certificates> {
        Arc::clone(&self.certificates.read())
    }

    /// New connections are shown these; open ones go on.
    pub(crate) fn supply(&self, certificates: Certificates) {
        *self.certificates.write() = Arc::new(certificates);
        // Keys that are of no more use go.
        for entry in self.entries.lock().values() {
            *entry.supplied.write() = None;
        }
    }

    /// What the next connection to a host of ours is shown.
    pub(crate) async fn shown(self: &Arc<Self>, host: &str) -> Result<Shown, Error> {
        let entry = self.entry(host)?;
        let (certificates, now) = (self.certificates(), self.enforcer.clock().now());
        let public = || entry.public.read().clone().filter(|served| served.is_good(now));
        let served = match self.supplied(&entry, &certificates, now)?.or_else(public) {
            Some(served) => served,
            None => self.own(&entry, now).await?,
        };
        let strict = served.trusted && certificates.hsts();
        Ok(Shown { host: Arc::clone(&entry.host), config: served.config, strict })
    }

    /// The certificate that was supplied for the host; none if it is over.
    fn supplied(
        &self,
        entry: &Entry,
        certificates: &Certificates,
        now: Timestamp,
    ) -> Result<Option<Served>, Error> {
        let Some(found) = certificates.for_host(&entry.host) else { return Ok(None) };
        if let Some((taken, served)) = entry.supplied.read().as_ref()
            && Arc::ptr_eq(taken, found)
        {
            return Ok(Some(served.clone()).filter(|served| served.is_good(now)));
        }
        let trusted = certificates.are_trusted(found.chain(), &entry.host, now);
        let (begins, ends) = (found.begins(), found.ends());
        let config = self.configured(entry, Arc::clone(found.certified_key()))?;
        let served = Served { config, begins, renew_at: ends, ends, trusted };
        *entry.supplied.write() = Some((Arc::clone(found), served.clone()));
        Ok(Some(served).filter(|served| served.is_good(now)))
    }

    /// Takes up a certificate of a public authority; returns from when and until when it is good.
    pub(crate) fn take_up(
        &self,
        host: &str,
        key: &HostKey,
        chain: &CertificateChain,
    ) -> Result<(Timestamp, Timestamp), Error> {
        let entry = self.entry(host)?;
        let now = self.enforcer.clock().now();
        let (begins, ends) = check(host, chain.first())?;
        let certified = key
            .certified_key(chain.clone())
            .map_err(|source| Error::Key { host: host.to_owned(), source })?;
        let trusted = self.certificates().are_trusted(chain, host, now);
        let config = self.configured(&entry, certified)?;
        *entry.public.write() = Some(Served { config, begins, renew_at: ends, ends, trusted });
        Ok((begins, ends))
    }

    /// Whether a host has a good certificate of a public authority.
    pub(crate) fn has_public(&self, host: &str, now: Timestamp) -> bool {
        let entry = self.entries.lock().get(host).cloned();
        entry.is_some_and(|entry| entry.public.read().as_ref().is_some_and(|served| served.is_good(now)))
    }

    async fn own(self: &Arc<Self>, entry: &Arc<Entry>, now: Timestamp) -> Result<Served, Error> {
        let served = entry.own.read().clone();
        match served {
            Some(served) if served.is_fresh(now) => Ok(served),
            Some(served) if served.is_good(now) => {
                let (hosts, entry) = (Arc::clone(self), Arc::clone(entry));
                self.tasks.spawn(async move {
                    if let Err(error) = hosts.renew(&entry).await {
                        tracing::warn!(%error, host = &*entry.host, "a certificate could not be renewed yet");
                    }
                });
                Ok(served)
            }
            Some(_) | None => self.renew(entry).await,
        }
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
            supplied: RwLock::default(),
            public: RwLock::default(),
            own: RwLock::default(),
            asking: tokio::sync::Mutex::default(),
        });
        entries.insert(host, Arc::clone(&entry));
        Ok(entry)
    }

    /// Has a new key vouched for, unless somebody else just did.
    async fn renew(&self, entry: &Entry) -> Result<Served, Error> {
        let mut failed = entry.asking.lock().await;
        let now = self.enforcer.clock().now();
        if let Some(served) = entry.own.read().as_ref().filter(|served| served.is_fresh(now)) {
            return Ok(served.clone());
        }
        let boot = self.enforcer.clock().boot();
        if failed.is_some_and(|before| boot.since(before) < RETRY) {
            return Err(Error::Failing { host: entry.host.to_string() });
        }
        match self.make(entry, now).await {
            Ok(served) => {
                *failed = None;
                *entry.own.write() = Some(served.clone());
                Ok(served)
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
        let chain: CertificateChain = chain.into_iter().map(CertificateDer::from).collect();
        let (begins, ends) = check(&entry.host, chain.first())?;
        let certified = key.certified_key(chain).map_err(|source| Error::Key { host: host(), source })?;
        let config = self.configured(entry, certified)?;
        // With two thirds of its life over, there is time for another try each second.
        let renew_at = now.plus(ends.since(now) * 2 / 3);
        Ok(Served { config, begins, renew_at, ends, trusted: false })
    }

    fn configured(&self, entry: &Entry, certified: Arc<CertifiedKey>) -> Result<Arc<ServerConfig>, Error> {
        let mut config = server_config(&self.provider, Arc::new(Only(certified)))?;
        config.ticketer = Arc::clone(&entry.tickets);
        Ok(Arc::new(config))
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
