//! Certificates that an administrator supplied: which is for which host, and whether browsers at large trust it.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use bartizan_model::Timestamp;
use bartizan_pki::Supplied;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

/// The certificates that were supplied. A host without one is vouched for by an authority.
#[derive(Debug, Default)]
pub struct Certificates {
    exact: HashMap<String, Arc<Supplied>>,
    /// By what comes after the first label.
    wildcards: HashMap<String, Arc<Supplied>>,
    hsts: bool,
    roots: OnceLock<Roots>,
}

impl Certificates {
    /// These certificates; of several with one name the first counts. With `hsts`, browsers are told to come over TLS only
    /// where the certificate is one that they trust anyway. Reads the roots of this machine, so it may take a moment.
    #[must_use]
    pub fn new(supplied: impl IntoIterator<Item = Arc<Supplied>>, hsts: bool) -> Self {
        let mut certificates = Self { hsts, ..Self::default() };
        for supplied in supplied {
            for name in supplied.names() {
                let (names, name) = match name.strip_prefix("*.") {
                    Some(parent) => (&mut certificates.wildcards, parent),
                    None => (&mut certificates.exact, name.as_str()),
                };
                names.entry(name.to_owned()).or_insert_with(|| Arc::clone(&supplied));
            }
        }
        if !(certificates.exact.is_empty() && certificates.wildcards.is_empty()) {
            let _loaded = certificates.roots.get_or_init(Roots::of_machine);
        }
        certificates
    }

    /// The one for a host: of its name, else of a wildcard that stands for it.
    pub(crate) fn for_host(&self, host: &str) -> Option<&Arc<Supplied>> {
        let wildcard = || self.wildcards.get(host.split_once('.')?.1);
        self.exact.get(host).or_else(wildcard)
    }

    pub(crate) const fn hsts(&self) -> bool {
        self.hsts
    }

    /// Whether this chain is trusted for this host by those who trust what this machine does.
    pub(crate) fn are_trusted(&self, chain: &[CertificateDer<'_>], host: &str, now: Timestamp) -> bool {
        self.roots.get_or_init(Roots::of_machine).vouch_for(chain, host, now)
    }
}

/// The authorities that this machine trusts.
#[derive(Debug)]
struct Roots(Option<Arc<WebPkiServerVerifier>>);

impl Roots {
    fn of_machine() -> Self {
        let mut roots = RootCertStore::empty();
        let _counts = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        // Without any root there is nothing to build, and nothing is trusted.
        Self(WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().ok())
    }

    fn vouch_for(&self, chain: &[CertificateDer<'_>], host: &str, now: Timestamp) -> bool {
        let (Some(verifier), Some((leaf, issuers))) = (&self.0, chain.split_first()) else { return false };
        let Ok(name) = ServerName::try_from(host) else { return false };
        let seconds = u64::try_from(now.as_secs()).unwrap_or(0);
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        match verifier.verify_server_cert(leaf, issuers, &name, &[], now) {
            Ok(_verified) => true,
            Err(error) => {
                tracing::debug!(%error, host, "this machine does not trust the certificate of a host");
                false
            }
        }
    }
}
