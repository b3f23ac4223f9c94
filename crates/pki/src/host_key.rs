//! The private key of a host. It is made where TLS ends and never leaves it.

use std::sync::Arc;

use bartizan_model::Secret;
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256, SanType};
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, DnsName, PrivatePkcs8KeyDer};

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

    /// The key and its certificate, for keeping.
    #[must_use]
    pub fn to_secret(&self, chain: &CertificateChain) -> Secret<Vec<u8>> {
        let key = self.0.serialized_der();
        let parts = || std::iter::once(key).chain(chain.iter().map(|certificate| certificate.as_ref()));
        // Grows to its end at once: no copy of the key is left behind.
        let mut bytes = Vec::with_capacity(1 + parts().map(|part| 4 + part.len()).sum::<usize>());
        bytes.push(VERSION);
        for part in parts() {
            bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        Secret::new(bytes)
    }

    /// The key and the certificate that were kept.
    ///
    /// # Errors
    /// When the secret is not what [`to_secret`](Self::to_secret) gave.
    pub fn from_secret(secret: &Secret<Vec<u8>>) -> Result<(Self, CertificateChain), Error> {
        secret.expose(|bytes| Self::read(bytes))
    }

    fn read(bytes: &[u8]) -> Result<(Self, CertificateChain), Error> {
        let damaged = || Error::StoredForm { what: "key of a host" };
        let (version, mut rest) = bytes.split_first().ok_or_else(damaged)?;
        if *version != VERSION {
            return Err(damaged());
        }
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let (len, after) = rest.split_first_chunk().ok_or_else(damaged)?;
            let len = usize::try_from(u32::from_be_bytes(*len)).ok().ok_or_else(damaged)?;
            let (part, after) = after.split_at_checked(len).ok_or_else(damaged)?;
            parts.push(part);
            rest = after;
        }
        let (key, chain) = parts.split_first().filter(|(_, chain)| !chain.is_empty()).ok_or_else(damaged)?;
        let key = PrivatePkcs8KeyDer::from(*key);
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(&key, &PKCS_ECDSA_P256_SHA256)
            .map_err(|source| Error::Certificate { doing: "read the key of a host", source })?;
        Ok((Self(pair), chain.iter().map(|der| CertificateDer::from(der.to_vec())).collect()))
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

const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_with_its_certificate_and_nothing_else_is_taken_for_it() {
        let now = bartizan_model::Timestamp::from_micros(1_795_507_200_000_000);
        let hour = std::time::Duration::from_secs(3600);
        let authority = crate::Authority::generate("Test", now, hour).unwrap();
        let key = HostKey::generate().unwrap();
        let csr = key.csr_der("wiki.test").unwrap();
        crate::check_request(&csr, "wiki.test").unwrap();
        assert!(crate::check_request(&csr, "other.test").is_err());
        let mut chain = authority.certify(&csr, "wiki.test", now, hour).unwrap();
        chain.push(authority.certificate().clone());
        let kept = key.to_secret(&chain);
        let (again, same) = HostKey::from_secret(&kept).unwrap();
        assert_eq!(same, chain);
        again.certified_key(same).unwrap();
        let bytes = kept.expose(Clone::clone);
        for len in 0..bytes.len() {
            let cut = Secret::new(bytes[..len].to_vec());
            // Only at the end of a certificate is it whole.
            if let Ok((_, chain)) = HostKey::from_secret(&cut) {
                assert_eq!(chain.len(), 1);
            }
        }
        assert!(HostKey::from_secret(&Secret::new([&[9], &bytes[1..]].concat())).is_err());
    }

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
