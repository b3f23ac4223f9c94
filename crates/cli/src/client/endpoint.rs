//! A host that is called over HTTPS, and whom to trust that it is that host.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::PATIENCE;
use crate::output::{FAILED, Failure, UNREACHABLE, USAGE};

/// Whose certificates are good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trust {
    /// What chains to these (PEM).
    These(Vec<u8>),
    /// What this machine trusts.
    Machine,
}

impl Trust {
    /// The certificates of a file.
    pub(crate) fn of_file(file: &Path) -> Result<Self, Failure> {
        read(file).map(Self::These)
    }

    fn roots(&self) -> Result<RootCertStore, Failure> {
        let mut roots = RootCertStore::empty();
        match self {
            Self::These(pem) => {
                for certificate in CertificateDer::pem_slice_iter(pem) {
                    roots.add(certificate?)?;
                }
                if roots.is_empty() {
                    return Err(Failure::new(USAGE, "the file of --ca holds no certificate"));
                }
            }
            Self::Machine => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                if roots.is_empty() {
                    let why = "this machine trusts no authority: say --ca FILE";
                    return Err(Failure::new(USAGE, why));
                }
            }
        }
        Ok(roots)
    }
}

/// What is in a file that an option names.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file)
        .map_err(|error| Failure::new(FAILED, format!("`{}` cannot be read: {error}", file.display())))
}

/// Where to call, and whom to trust.
pub(crate) struct Endpoint {
    host: String,
    port: u16,
    tls: TlsConnector,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Endpoint {
    /// The server at this address.
    pub(crate) fn new(server: &str, trust: &Trust) -> Result<Self, Failure> {
        let wrong = |why: &str| Failure::new(USAGE, format!("`{server}` is not a server: {why}"));
        let uri: Uri = server.parse().map_err(|error| wrong(&format!("{error}")))?;
        if uri.scheme_str() != Some("https") {
            return Err(wrong("it must begin with https://"));
        }
        let host = uri.host().ok_or_else(|| wrong("it names no host"))?.to_owned();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(trust.roots()?)
            .with_no_client_auth();
        Ok(Self { host, port: uri.port_u16().unwrap_or(443), tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Its origin.
    pub(crate) fn origin(&self) -> String {
        format!("https://{}", self.authority())
    }

    fn authority(&self) -> String {
        if self.port == 443 { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// Sends one request. What is answered is read whole; nothing is followed.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        fields: Vec<(HeaderName, HeaderValue)>,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Response<Bytes>, Failure> {
        self.within(patience, self.exchange(method, path, fields, body)).await
    }

    async fn within<T>(
        &self,
        patience: Duration,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        match tokio::time::timeout(patience, work).await {
            Ok(done) => done,
            Err(_late) => Err(Failure::new(
                UNREACHABLE,
                format!("{} did not answer within {} s", self.host, patience.as_secs()),
            )),
        }
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        fields: Vec<(HeaderName, HeaderValue)>,
        body: Vec<u8>,
    ) -> Result<Response<Bytes>, Failure> {
        let unreachable = |error: &dyn std::fmt::Display| {
            Failure::new(UNREACHABLE, format!("{}:{}: {error}", self.host, self.port))
        };
        let reach = async {
            let stream = self.connect().await.map_err(|error| unreachable(&error))?;
            let name = ServerName::try_from(self.host.clone())?;
            self.tls.connect(name, stream).await.map_err(|error| unreachable(&error))
        };
        let stream = self.within(PATIENCE, reach).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| unreachable(&error))?;
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(connection);
        let mut request =
            Request::builder().method(method).uri(path).header(http::header::HOST, self.authority());
        for (name, value) in fields {
            request = request.header(name, value);
        }
        let response = sender
            .send_request(request.body(Full::<Bytes>::from(body))?)
            .await
            .map_err(|error| unreachable(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, LONGEST_ANSWER).collect().await;
        let body = body.map_err(|error| unreachable(&error))?.to_bytes();
        Ok(Response::from_parts(head, body))
    }

    async fn connect(&self) -> std::io::Result<TcpStream> {
        // RFC 6761, 6.3: `localhost` and all below it is this machine, whatever a resolver may say.
        if self.host == "localhost" || self.host.ends_with(".localhost") {
            return TcpStream::connect(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.port)).await;
        }
        TcpStream::connect((self.host.as_str(), self.port)).await
    }
}

/// More than 1,000 events with their sealed parts open.
const LONGEST_ANSWER: usize = 64 << 20;
