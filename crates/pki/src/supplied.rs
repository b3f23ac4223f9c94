//! A certificate that somebody else issued, with its key, as files hold them (PEM, RFC 7468).
//!
//! Everything that would fail at the first handshake is found when it is read, and said of the file that it is in.

use std::sync::Arc;

use bartizan_model::{Secret, Timestamp};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, DnsName, PrivateKeyDer};
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_PKCS1_RSAENCRYPTION, OID_SIG_ED25519,
};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};
use zeroize::Zeroize as _;

use crate::CertificateChain;

/// A certificate with its chain and its key, ready to be served for the hosts that it names.
pub struct Supplied {
    certified: Arc<CertifiedKey>,
    /// In lower case; a wildcard begins with `*.`.
    names: Vec<String>,
    begins: Timestamp,
    ends: Timestamp,
    leads_on: bool,
}

/// Why a supplied certificate cannot be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SuppliedError {
    /// The file of the chain cannot be used.
    #[error("{problem}")]
    Chain {
        /// What is wrong with it.
        problem: String,
        /// What would mend it.
        help: &'static str,
    },
    /// Its time is over.
    #[error("it expired at {at}")]
    Expired {
        /// When.
        at: Timestamp,
    },
    /// The file of the key cannot be used.
    #[error("{problem}")]
    Key {
        /// What is wrong with it.
        problem: String,
        /// What would mend it.
        help: &'static str,
    },
}

impl Supplied {
    /// Reads a chain, the host's own certificate first, and the private key that belongs to it.
    ///
    /// # Errors
    /// Whatever would keep it from being served at `now`.
    pub fn from_pem(chain: &[u8], key: &Secret<Vec<u8>>, now: Timestamp) -> Result<Self, SuppliedError> {
        let chain = certificates(chain)?;
        let leaf = chain.first().ok_or_else(|| wrong_chain("there is no certificate in it", WHOLE_CHAIN))?;
        let (_, read) = X509Certificate::from_der(leaf).map_err(|error| {
            wrong_chain(format!("its first certificate cannot be read: {error}"), WHOLE_CHAIN)
        })?;
        check_kind(&read)?;
        let names = names(&read)?;
        let at = |seconds: i64| Timestamp::from_micros(seconds.saturating_mul(1_000_000));
        let begins = at(read.validity().not_before.timestamp());
        let ends = at(read.validity().not_after.timestamp());
        if ends <= now {
            return Err(SuppliedError::Expired { at: ends });
        }
        if begins > now {
            let help = "wait until then; if that is past, set the clock of this machine";
            return Err(wrong_chain(format!("it is not valid before {begins}"), help));
        }
        let leads_on = chain.len() > 1 || read.issuer() == read.subject();
        let certified = Arc::new(CertifiedKey::new(chain.clone(), signing_key(key)?));
        certified.keys_match().map_err(|error| {
            let problem = format!("this key is not the one of the certificate ({error})");
            wrong_key(problem, "name the key that the certificate was asked for with; in the file of the chain the host's own certificate comes first")
        })?;
        Ok(Self { certified, names, begins, ends, leads_on })
    }

    /// The key and the chain as rustls serves them.
    #[must_use]
    pub const fn certified_key(&self) -> &Arc<CertifiedKey> {
        &self.certified
    }

    /// The chain, the host's own certificate first.
    #[must_use]
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.certified.cert
    }

    /// The names it is for, in lower case; a wildcard begins with `*.`.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Since when it is valid.
    #[must_use]
    pub const fn begins(&self) -> Timestamp {
        self.begins
    }

    /// Until when it is valid.
    #[must_use]
    pub const fn ends(&self) -> Timestamp {
        self.ends
    }

    /// Whether the file holds more than the host's own certificate, or this is its own issuer.
    #[must_use]
    pub const fn leads_on(&self) -> bool {
        self.leads_on
    }

    /// Whether it names this host: as it is, or by a wildcard in the place of its first label (RFC 9525, 6.3).
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        let rest = host.split_once('.').map(|(_, rest)| rest);
        self.names
            .iter()
            .any(|name| name == host || name.strip_prefix("*.").is_some_and(|parent| Some(parent) == rest))
    }
}

impl std::fmt::Debug for Supplied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Supplied")
            .field("names", &self.names)
            .field("ends", &self.ends)
            .finish_non_exhaustive()
    }
}

impl SuppliedError {
    /// What would mend it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Chain { help, .. } | Self::Key { help, .. } => help,
            Self::Expired { .. } => {
                "have it renewed, or leave it out: then the deployment's own authority vouches for its hosts"
            }
        }
    }
}

fn wrong_chain(problem: impl Into<String>, help: &'static str) -> SuppliedError {
    SuppliedError::Chain { problem: problem.into(), help }
}

fn wrong_key(problem: impl Into<String>, help: &'static str) -> SuppliedError {
    SuppliedError::Key { problem: problem.into(), help }
}

fn certificates(pem: &[u8]) -> Result<CertificateChain, SuppliedError> {
    let mut chain = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate =
            certificate.map_err(|error| wrong_chain(format!("it is not PEM: {error}"), WHOLE_CHAIN))?;
        if chain.len() >= MAX_CHAIN {
            return Err(wrong_chain(
                format!("there are more than {MAX_CHAIN} certificates in it"),
                WHOLE_CHAIN,
            ));
        }
        chain.push(certificate);
    }
    Ok(chain)
}

/// Only keys that each client of today can verify, and only certificates that are for servers.
fn check_kind(leaf: &X509Certificate<'_>) -> Result<(), SuppliedError> {
    let algorithm = &leaf.public_key().algorithm;
    let curve = algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    let known = if algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
        curve.is_some_and(|curve| curve == OID_EC_P256 || curve == OID_NIST_EC_P384)
    } else {
        algorithm.algorithm == OID_PKCS1_RSAENCRYPTION || algorithm.algorithm == OID_SIG_ED25519
    };
    if !known {
        let help = "ask for a certificate for an ECDSA P-256 key";
        return Err(wrong_chain("its key is neither RSA, ECDSA P-256 or P-384, nor Ed25519", help));
    }
    let usage = leaf
        .extended_key_usage()
        .map_err(|error| wrong_chain(format!("it cannot be read: {error}"), WHOLE_CHAIN))?;
    if usage.is_some_and(|usage| !usage.value.server_auth && !usage.value.any) {
        return Err(wrong_chain("it is not for servers", "ask for one with the usage serverAuth"));
    }
    Ok(())
}

fn names(leaf: &X509Certificate<'_>) -> Result<Vec<String>, SuppliedError> {
    let named = leaf
        .subject_alternative_name()
        .map_err(|error| wrong_chain(format!("its names cannot be read: {error}"), WHOLE_CHAIN))?;
    let mut names: Vec<String> = named
        .map(|named| named.value.general_names.as_slice())
        .unwrap_or_default()
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        })
        .filter(|name| DnsName::try_from(name.strip_prefix("*.").unwrap_or(name)).is_ok())
        .collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        let help =
            "ask for one with the host among its subject alternative names: a common name is not looked at";
        return Err(wrong_chain("it names no host", help));
    }
    Ok(names)
}

fn signing_key(pem: &Secret<Vec<u8>>) -> Result<Arc<dyn rustls::sign::SigningKey>, SuppliedError> {
    let mut der = pem.expose(|pem| PrivateKeyDer::from_pem_slice(pem)).map_err(|error| match error {
        rustls_pki_types::pem::Error::NoItemsFound => wrong_key(
            "there is no private key in it, or it is behind a passphrase",
            "`openssl pkey -in FILE` writes a key without one",
        ),
        // The library says what is wrong with the form, and shows none of the content.
        error => wrong_key(format!("it is not PEM: {error}"), "it begins with -----BEGIN PRIVATE KEY-----"),
    })?;
    let key = any_supported_type(&der);
    der.zeroize();
    key.map_err(|error| {
        wrong_key(
            format!("its key cannot be used: {error}"),
            "make an ECDSA P-256 key: `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`",
        )
    })
}

const WHOLE_CHAIN: &str = "it is PEM: the host's own certificate first, then those of its issuers, as in the fullchain.pem of certbot";

/// Chains of public authorities hold two or three.
const MAX_CHAIN: usize = 10;

#[cfg(test)]
mod tests;
