//! Enforcement points and the control plane, to each other: certificates of an authority that certifies nobody else.
//!
//! The authority is a second one beside that of the hosts, so that no certificate of a host is good for the connection
//! between points and control, and none of a point is good for a host. A point is known by one URI
//! (`spiffe://<domain>/point/<id>`, as SPIFFE writes identities), control by one DNS name (`points.<domain>`), and each
//! certificate is good for its own end of the connection only.

mod tls;

use std::time::Duration;

use bartizan_model::{PointId, Secret, Timestamp};
use rcgen::{
    CertificateParams, DistinguishedName, ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P256_SHA256, SanType,
};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

pub use tls::{control_tls, joining_tls, point_tls};

use crate::authority::read_request;
use crate::host_key::params_for;
use crate::{Authority, CertificateChain, Error, sha256};

/// The identity of a point of a deployment, as its certificate has it.
#[must_use]
pub fn point_name(domain: &str, point: PointId) -> String {
    format!("spiffe://{domain}/point/{point}")
}

/// The name by which control's certificate is checked, whatever address it is reached at.
#[must_use]
pub fn control_name(domain: &str) -> String {
    format!("points.{domain}")
}

impl Authority {
    /// Certifies the key of a request for one point, for client authentication.
    ///
    /// The request proves that its sender has the key; which names it asks for is of no account. `spiffe` is what
    /// [`point_name`] gave. The certificate never outlives the authority.
    ///
    /// # Errors
    /// When the request is malformed, signed wrongly, for another kind of key, or the authority has expired.
    pub fn certify_point(
        &self,
        csr_der: &[u8],
        spiffe: &str,
        now: Timestamp,
        valid_for: Duration,
    ) -> Result<CertificateChain, Error> {
        let request = read_request(csr_der)?;
        let mut params = nameless();
        let name = spiffe.try_into().map_err(|source| Error::Certificate {
            doing: "write the name of a point into a certificate",
            source,
        })?;
        params.subject_alt_names = vec![SanType::URI(name)];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        Ok(vec![self.issue(params, &request, (now, SKEW), valid_for)?])
    }

    /// Certifies the key of a request for control itself, for server authentication. `name` is what [`control_name`] gave.
    ///
    /// The authority's own certificate is part of the chain: a machine that joins knows no more of it than its digest.
    ///
    /// # Errors
    /// As [`certify_point`](Self::certify_point).
    pub fn certify_control(
        &self,
        csr_der: &[u8],
        name: &str,
        now: Timestamp,
        valid_for: Duration,
    ) -> Result<CertificateChain, Error> {
        let request = read_request(csr_der)?;
        let mut params = params_for(name)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = self.issue(params, &request, (now, SKEW), valid_for)?;
        Ok(vec![certificate, self.certificate().clone()])
    }
}

/// A new key (PKCS #8, DER), and a request to certify it that asks for no name: control says who it is for.
///
/// # Errors
/// When the system has no randomness.
pub fn point_request() -> Result<(Secret<Vec<u8>>, Vec<u8>), Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)
        .map_err(|source| Error::Certificate { doing: "make the key of a point", source })?;
    let request = nameless()
        .serialize_request(&key)
        .map_err(|source| Error::Certificate { doing: "make a certificate request", source })?;
    Ok((Secret::new(key.serialize_der()), request.der().to_vec()))
}

/// Which point of a deployment a certificate is of. The certificate must have been verified: this reads only its name.
///
/// `None` if it has any name but exactly that of one point of this domain.
#[must_use]
pub fn point_of(certificate_der: &[u8], domain: &str) -> Option<PointId> {
    let (rest, certificate) = X509Certificate::from_der(certificate_der).ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    let [GeneralName::URI(name)] = names.value.general_names.as_slice() else { return None };
    let (_, id) = name.rsplit_once('/')?;
    let id = id.parse().ok()?;
    // Written again, so that one point has one spelling.
    (rest.is_empty() && *name == point_name(domain, id)).then_some(id)
}

/// The SHA-256 of the public key (SubjectPublicKeyInfo, DER) of a certificate, by which people compare keys.
#[must_use]
pub fn key_digest(certificate_der: &[u8]) -> Option<[u8; 32]> {
    let (_, certificate) = X509Certificate::from_der(certificate_der).ok()?;
    Some(sha256(certificate.public_key().raw))
}

fn nameless() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
}

/// How many seconds before it was issued a certificate is good: the clocks of points may be ten minutes off, and a
/// certificate that is not good yet would keep a point out for no gain.
const SKEW: i64 = 3600;

#[cfg(test)]
mod tests;
