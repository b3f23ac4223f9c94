//! What the two ends of the connection between points and control accept of each other.

use std::sync::Arc;

use bartizan_model::Secret;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};

use crate::{CertificateChain, Error, sha256};

/// Control's end. Clients may come without a certificate, since who joins has none yet; what they may do then is for the
/// caller to limit. Who brings one must have it from `authority`, and for client authentication.
///
/// Nothing of a connection outlives it: a point that was removed has no ticket with which to come back.
///
/// # Errors
/// [`Error::Tls`] if `authority` is no certificate, or `key` (PKCS #8, DER) is not that of `chain`.
pub fn control_tls(
    authority: &CertificateDer<'static>,
    chain: CertificateChain,
    key: &Secret<Vec<u8>>,
) -> Result<ServerConfig, Error> {
    let doing = "set up TLS for enforcement points";
    let roots = Arc::new(only(authority.clone())?);
    let clients = WebPkiClientVerifier::builder_with_provider(roots, provider())
        .allow_unauthenticated()
        .build()
        .map_err(|error| Error::Tls { doing, source: rustls::Error::General(error.to_string()) })?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(VERSIONS)
        .map_err(|source| Error::Tls { doing, source })?
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, private(key))
        .map_err(|source| Error::Tls { doing, source })?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// A point's end: control must have its certificate from `authority_der`, and the point shows its own if it has one.
///
/// # Errors
/// [`Error::Tls`] if `authority_der` is no certificate, or the key (PKCS #8, DER) is not that of the chain.
pub fn point_tls(
    authority_der: &[u8],
    identity: Option<(CertificateChain, &Secret<Vec<u8>>)>,
) -> Result<ClientConfig, Error> {
    let doing = "set up TLS for the connection to control";
    let roots = only(CertificateDer::from(authority_der.to_vec()))?;
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(VERSIONS)
        .map_err(|source| Error::Tls { doing, source })?
        .with_root_certificates(roots);
    let config = match identity {
        Some((chain, key)) => config
            .with_client_auth_cert(chain, private(key))
            .map_err(|source| Error::Tls { doing, source })?,
        None => config.with_no_client_auth(),
    };
    Ok(finished(config))
}

/// The end of a machine that joins and knows only the SHA-256 of the authority's certificate: control must send that
/// certificate with its own, and is then checked against it as ever.
///
/// # Errors
/// [`Error::Tls`] if the library refuses its own versions.
pub fn joining_tls(authority_sha256: [u8; 32]) -> Result<ClientConfig, Error> {
    let verifier = Pinned { authority_sha256, provider: provider() };
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(VERSIONS)
        .map_err(|source| Error::Tls { doing: "set up TLS for joining", source })?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(finished(config))
}

fn finished(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.resumption = Resumption::disabled();
    config
}

/// Trusts the authority with this digest, wherever it stands in what the server sends.
#[derive(Debug)]
struct Pinned {
    authority_sha256: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let authority = intermediates
            .iter()
            .find(|certificate| sha256(certificate) == self.authority_sha256)
            .ok_or(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
                .build()
                .map_err(|error| rustls::Error::General(error.to_string()))?;
        // The authority certifies directly; nothing else that was sent can be part of the path.
        verifier.verify_server_cert(end_entity, &[], server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn only(authority: CertificateDer<'static>) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    roots
        .add(authority)
        .map_err(|source| Error::Tls { doing: "read the certificate of the points' authority", source })?;
    Ok(roots)
}

fn private(key: &Secret<Vec<u8>>) -> PrivateKeyDer<'static> {
    key.expose(|der| PrivatePkcs8KeyDer::from(der.clone()).into())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

const VERSIONS: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS13];

const ALPN: &[u8] = b"h2";
