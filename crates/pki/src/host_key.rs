//! The private key of a host. It is made where TLS ends and never leaves it.

use std::sync::Arc;

use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256, SanType};
use rustls::sign::CertifiedKey;
use rustls_pki_types::{DnsName, PrivatePkcs8KeyDer};

use crate::{CertificateChain, Error};

/// An ECDSA P-256 key that serves one host.
pub struct HostKey(KeyPair);

impl HostKey {
    /// A new key.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate() -> Result<Self, Error> {
        KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)
            .map(Self)
            .map_err(|source| Error::Certificate { doing: "make a host key", source })
    }

    /// A request (PKCS #10, DER) to certify this key for one host.
    ///
    /// # Errors
    /// When `host` is not a host name.
    pub fn csr_der(&self, host: &str) -> Result<Vec<u8>, Error> {
        let params = params_for(host)?;
        let request = params
            .serialize_request(&self.0)
            .map_err(|source| Error::Certificate { doing: "make a certificate request", source })?;
        Ok(request.der().to_vec())
    }

    /// The key and its certificate as rustls serves them.
    ///
    /// # Errors
    /// When the certificate is not for this key.
    pub fn certified_key(&self, chain: CertificateChain) -> Result<Arc<CertifiedKey>, Error> {
        let key = PrivatePkcs8KeyDer::from(self.0.serialized_der().to_vec());
        CertifiedKey::from_der(chain, key.into(), &rustls::crypto::aws_lc_rs::default_provider())
            .map(Arc::new)
            .map_err(|source| Error::CertifiedKey { source })
    }
}

impl std::fmt::Debug for HostKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HostKey([redacted])")
    }
}

/// What certificates and requests for a host have in common: no subject, one DNS name (RFC 9525, 2).
pub(crate) fn params_for(host: &str) -> Result<CertificateParams, Error> {
    let refused = || Error::Host { host: host.chars().take(255).collect() };
    let lower = !host.bytes().any(|byte| byte.is_ascii_uppercase());
    if !lower || host.ends_with('.') || DnsName::try_from(host).is_err() {
        return Err(refused());
    }
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let name = host
        .try_into()
        .map_err(|source| Error::Certificate { doing: "write a host name into a certificate", source })?;
    params.subject_alt_names = vec![SanType::DnsName(name)];
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_host_name_can_be_asked_for() {
        let key = HostKey::generate().unwrap();
        assert!(key.csr_der("wiki.example.org").is_ok());
        for bad in
            ["", "*.example.org", "Wiki.example.org", "a b", "wiki.example.org.", "wiki:443", "127.0.0.1/x"]
        {
            assert!(matches!(key.csr_der(bad), Err(Error::Host { .. })), "{bad}");
        }
    }

    #[test]
    fn debug_output_shows_no_key() {
        assert_eq!(format!("{:?}", HostKey::generate().unwrap()), "HostKey([redacted])");
    }
}
