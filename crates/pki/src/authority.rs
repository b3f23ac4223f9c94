//! The deployment's own certificate authority: it vouches for the hosts that have no certificate from elsewhere.

use std::time::Duration;

use bartizan_model::{Secret, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PublicKeyData as _, SanType, SerialNumber,
};
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer, PrivatePkcs8KeyDer};

use crate::Error;
use crate::host_key::params_for;

/// The certificate of a host first, then those of its issuers except the root.
pub type CertificateChain = Vec<CertificateDer<'static>>;

/// A certificate authority: an ECDSA P-256 key and its self-signed certificate.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    valid_until: Timestamp,
}

impl Authority {
    /// How long an authority lasts when nothing else is asked for.
    pub const LIFETIME: Duration = Duration::from_secs(3650 * 24 * 3600);

    /// A new authority. `name` appears where people look at certificates.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate(name: &str, now: Timestamp, valid_for: Duration) -> Result<Self, Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)
            .map_err(|source| Error::Certificate { doing: "make the authority's key", source })?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.serial_number = Some(random_serial()?);
        let valid_until = now.plus(valid_for);
        set_validity(&mut params, (now, SKEW), valid_until);
        let certificate = params
            .self_signed(&key)
            .map_err(|source| Error::Certificate { doing: "sign the authority's certificate", source })?;
        Ok(Self { certificate: certificate.der().clone(), issuer: Issuer::new(params, key), valid_until })
    }

    /// The key and the certificate, for keeping.
    #[must_use]
    pub fn to_secret(&self) -> Secret<Vec<u8>> {
        let key = self.issuer.key().serialized_der();
        let mut bytes = Vec::with_capacity(HEAD_LEN + key.len() + self.certificate.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.valid_until.as_micros().to_be_bytes());
        bytes.extend_from_slice(&u32::try_from(key.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(&self.certificate);
        Secret::new(bytes)
    }

    /// The authority that was kept.
    ///
    /// # Errors
    /// When the secret is not what [`to_secret`](Self::to_secret) gave.
    pub fn from_secret(secret: &Secret<Vec<u8>>) -> Result<Self, Error> {
        secret.expose(|bytes| Self::read(bytes))
    }

    fn read(bytes: &[u8]) -> Result<Self, Error> {
        let damaged = || Error::StoredForm { what: "certificate authority" };
        let (version, rest) = bytes.split_first().ok_or_else(damaged)?;
        let (valid_until, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
        let (key_len, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
        let key_len = usize::try_from(u32::from_be_bytes(*key_len)).ok().ok_or_else(damaged)?;
        let (key, certificate) = rest.split_at_checked(key_len).ok_or_else(damaged)?;
        if *version != VERSION {
            return Err(damaged());
        }
        let pkcs8 = PrivatePkcs8KeyDer::from(key);
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &PKCS_ECDSA_P256_SHA256)
            .map_err(|source| Error::Certificate { doing: "read the authority's key", source })?;
        let certificate = CertificateDer::from(certificate.to_vec());
        // Fails unless the certificate is for this key.
        CertifiedKey::from_der(
            vec![certificate.clone()],
            pkcs8.clone_key().into(),
            &rustls::crypto::aws_lc_rs::default_provider(),
        )
        .map_err(|source| Error::CertifiedKey { source })?;
        let issuer = Issuer::from_ca_cert_der(&certificate, pair)
            .map_err(|source| Error::Certificate { doing: "read the authority's certificate", source })?;
        let valid_until = Timestamp::from_micros(i64::from_be_bytes(*valid_until));
        Ok(Self { issuer, certificate, valid_until })
    }

    /// The certificate that clients are to trust.
    #[must_use]
    pub const fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The certificate as text (RFC 7468), for `ca.pem`.
    #[must_use]
    pub fn cert_pem(&self) -> String {
        use base64::Engine as _;
        let body = base64::engine::general_purpose::STANDARD.encode(&self.certificate);
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        for (place, character) in body.chars().enumerate() {
            if place > 0 && place.is_multiple_of(64) {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem.push_str("\n-----END CERTIFICATE-----\n");
        pem
    }

    /// Until when the authority can vouch for anything.
    #[must_use]
    pub const fn valid_until(&self) -> Timestamp {
        self.valid_until
    }

    /// Certifies the key of a request for exactly one DNS name, `host`, for server authentication.
    ///
    /// The request proves that its sender has the key, and must ask for `host` and nothing else. Whatever usages and
    /// names of people or organisations it asks for are left out. The certificate never outlives the authority.
    ///
    /// # Errors
    /// When the request is malformed, signed wrongly, for another name or kind of key, or the authority has expired.
    pub fn certify(
        &self,
        csr_der: &[u8],
        host: &str,
        now: Timestamp,
        valid_for: Duration,
    ) -> Result<CertificateChain, Error> {
        if now >= self.valid_until {
            return Err(Error::AuthorityExpired);
        }
        let request = checked(csr_der, host)?;
        let mut params = params_for(host)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        Ok(vec![self.issue(params, &request, (now, SKEW), valid_for)?])
    }

    /// Certifies the key of a request for what `params` name and are for, and for nothing that the request asks for.
    /// The certificate is good from `skew` seconds before `now`.
    pub(crate) fn issue(
        &self,
        mut params: CertificateParams,
        request: &CertificateSigningRequestParams,
        (now, skew): (Timestamp, i64),
        valid_for: Duration,
    ) -> Result<CertificateDer<'static>, Error> {
        if now >= self.valid_until {
            return Err(Error::AuthorityExpired);
        }
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(random_serial()?);
        set_validity(&mut params, (now, skew), now.plus(valid_for).min(self.valid_until));
        let certificate = params
            .signed_by(&request.public_key, &self.issuer)
            .map_err(|source| Error::Certificate { doing: "sign a certificate", source })?;
        Ok(certificate.der().clone())
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("valid_until", &self.valid_until).finish_non_exhaustive()
    }
}

/// Whether a request (PKCS #10, DER) asks for exactly this host, with a P-256 key that its sender has.
///
/// # Errors
/// When the request is malformed, signed wrongly, or for another name or kind of key.
pub fn check_request(csr_der: &[u8], host: &str) -> Result<(), Error> {
    checked(csr_der, host).map(drop)
}

fn checked(csr_der: &[u8], host: &str) -> Result<CertificateSigningRequestParams, Error> {
    let request = read_request(csr_der)?;
    check_names(&request.params.subject_alt_names, host)?;
    Ok(request)
}

/// A request with a P-256 key that its sender has, whatever names it asks for.
pub(crate) fn read_request(csr_der: &[u8]) -> Result<CertificateSigningRequestParams, Error> {
    // Verifies the request's signature, too.
    let request = CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(csr_der))
        .map_err(|source| Error::Certificate { doing: "read a certificate request", source })?;
    // A P-256 point, uncompressed (SEC 1, 2.3.3): 4, x, y. The library takes the kind of key from the signature.
    let point = request.public_key.der_bytes();
    let p256 = request.public_key.algorithm() == &PKCS_ECDSA_P256_SHA256;
    if !p256 || point.len() != 65 || point.first() != Some(&4) {
        return Err(Error::RequestKey);
    }
    Ok(request)
}

fn check_names(asked: &[SanType], host: &str) -> Result<(), Error> {
    if let [SanType::DnsName(name)] = asked
        && name.as_str() == host
    {
        return Ok(());
    }
    let mut names: String = format!("{asked:?}").chars().take(200).collect();
    if asked.is_empty() {
        names = String::from("no name");
    }
    Err(Error::OtherName { host: host.chars().take(255).collect(), asked: names })
}

fn set_validity(params: &mut CertificateParams, (now, skew): (Timestamp, i64), until: Timestamp) {
    let at = |seconds: i64| {
        let seconds = u64::try_from(seconds.clamp(0, LAST_SECOND)).unwrap_or(0);
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
    };
    params.not_before = at(now.as_secs().saturating_sub(skew));
    params.not_after = at(until.as_secs());
}

/// 127 random bits, never zero (RFC 5280, 4.1.2.2: positive, at most 20 octets).
fn random_serial() -> Result<SerialNumber, Error> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|source| Error::Library { doing: "draw a serial number", source })?;
    let [first, ..] = &mut bytes;
    *first = (*first & 0x7f) | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

const VERSION: u8 = 1;

/// Version, end of validity, length of the key.
const HEAD_LEN: usize = 1 + 8 + 4;

/// Clocks of clients may be this many seconds behind ours.
const SKEW: i64 = 300;

/// 9999-12-31T23:59:59Z, the last instant that a certificate can name (RFC 5280, 4.1.2.5).
const LAST_SECOND: i64 = 253_402_300_799;

#[cfg(test)]
mod tests;
