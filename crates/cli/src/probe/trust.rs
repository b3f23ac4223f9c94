//! Whose certificate a server shows, and whether it is trusted.

use std::sync::Arc;

use bartizan_control::{Distrust, Look, Seen, Shown, Stopped};
use bartizan_model::Timestamp;
use parking_lot::Mutex;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use super::short;

/// Shakes hands with a server, and notes the certificate that it shows.
pub(super) async fn prove(
    look: &Look,
    stream: TcpStream,
    seen: &mut Seen,
) -> Result<TlsStream<TcpStream>, Stopped> {
    let roots = bartizan_gateway::upstream_roots(look.ca.as_deref());
    let roots = roots.map_err(|problem| Stopped::Authority(short(&problem)))?;
    let wrong = |error: &dyn std::fmt::Display| Stopped::Authority(short(&error.to_string()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .map_err(|error| wrong(&error))?;
    let noting = Arc::new(Noting { verifier, shown: Mutex::new(None) });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::<Noting>::clone(&noting))
        .with_no_client_auth();
    let name = ServerName::try_from(look.upstream.host().to_owned()).map_err(|error| wrong(&error))?;
    let shaken = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    seen.certificate = noting.shown.lock().as_deref().and_then(read);
    match shaken {
        Ok(stream) => {
            seen.trusted = true;
            Ok(stream)
        }
        Err(error) => {
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            Err(match inner {
                Some(rustls::Error::InvalidCertificate(why)) => Stopped::Untrusted(distrust(why)),
                Some(rustls::Error::InvalidMessage(_)) => Stopped::NotTls,
                Some(_) | None => Stopped::NotHttp(short(&error.to_string())),
            })
        }
    }
}

/// Notes what a server shows, and has it verified as ever.
#[derive(Debug)]
struct Noting {
    verifier: Arc<WebPkiServerVerifier>,
    shown: Mutex<Option<Vec<u8>>>,
}

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.shown.lock() = Some(end_entity.to_vec());
        self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

fn distrust(why: &CertificateError) -> Distrust {
    match why {
        CertificateError::UnknownIssuer => Distrust::Issuer,
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Distrust::Time,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Distrust::Name,
        other => {
            let text = other.to_string();
            // A certificate that vouches for itself is nobody's whom one trusts.
            if text.contains("CaUsedAsEndEntity") { Distrust::Issuer } else { Distrust::Other(short(&text)) }
        }
    }
}

/// What of a certificate is for people.
fn read(der: &[u8]) -> Option<Shown> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.iter().flat_map(|names| &names.value.general_names).filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(short(name)),
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    });
    let called = |name: &x509_parser::x509::X509Name<'_>| {
        let common = name.iter_common_name().next().and_then(|name| name.as_str().ok()).map(short);
        common.unwrap_or_else(|| short(&name.to_string()))
    };
    let mut names: Vec<String> = names.take(NAMES).collect();
    if names.is_empty() {
        names.push(called(certificate.subject()));
    }
    let ends = certificate.validity().not_after.timestamp().saturating_mul(1_000_000);
    Some(Shown { names, issuer: called(certificate.issuer()), ends: Timestamp::from_micros(ends) })
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::IpAddr::from(four).to_string());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|sixteen| std::net::IpAddr::from(sixteen).to_string())
}

/// 4 names of a certificate are said.
const NAMES: usize = 4;
