//! The client of a running deployment: HTTPS with the deployment's own certificate authority.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::AppFacts;
use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::args::Global;
use crate::output::{
    CONFLICT, DENIED, FAILED, Failure, INVALID, NOT_FOUND, NOT_SIGNED_IN, UNREACHABLE, USAGE,
};

/// Where to call, whom to trust, and what to present.
#[derive(Debug)]
pub(crate) struct Client {
    host: String,
    port: u16,
    tls: TlsConnector2,
    token: String,
}

/// A connector that can be shown without showing what is in it.
struct TlsConnector2(TlsConnector);

impl std::fmt::Debug for TlsConnector2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsConnector")
    }
}

impl Client {
    /// The client that the global options describe.
    pub(crate) fn from_options(global: &Global) -> Result<Self, Failure> {
        let missing = |what: &str| {
            Failure::new(
                USAGE,
                format!("say which deployment: {what} is missing (--server URL --ca FILE --token-file FILE)"),
            )
        };
        let server = global.server.as_deref().ok_or_else(|| missing("--server"))?;
        let ca = global.ca.as_ref().ok_or_else(|| missing("--ca"))?;
        let token_file = global.token_file.as_ref().ok_or_else(|| missing("--token-file"))?;
        let read = |path: &std::path::Path| {
            std::fs::read(path).map_err(|error| {
                Failure::new(FAILED, format!("`{}` cannot be read: {error}", path.display()))
            })
        };
        let token = String::from_utf8_lossy(&read(token_file)?).trim().to_owned();
        Self::new(server, &read(ca)?, token)
    }

    fn new(server: &str, ca_pem: &[u8], token: String) -> Result<Self, Failure> {
        let wrong = |why: &str| Failure::new(USAGE, format!("`{server}` is not a server: {why}"));
        let uri: Uri = server.parse().map_err(|error| wrong(&format!("{error}")))?;
        if uri.scheme_str() != Some("https") {
            return Err(wrong("it must begin with https://"));
        }
        let host = uri.host().ok_or_else(|| wrong("it names no host"))?.to_owned();
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(ca_pem) {
            roots.add(certificate?)?;
        }
        if roots.is_empty() {
            return Err(Failure::new(USAGE, "the file of --ca holds no certificate"));
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let tls = TlsConnector2(TlsConnector::from(Arc::new(config)));
        Ok(Self { host, port: uri.port_u16().unwrap_or(443), tls, token })
    }

    /// Reads JSON from a path below the API.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        let (_, body) = self.call(Method::GET, path, None).await?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Sends JSON to a path below the API.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let (_, body) = self.call(Method::POST, path, Some(body)).await?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Deletes what is at a path below the API.
    pub(crate) async fn delete(&self, path: &str) -> Result<Value, Failure> {
        let (_, body) = self.call(Method::DELETE, path, None).await?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Reads bytes; `None` if there are none at that path.
    pub(crate) async fn bytes(&self, path: &str) -> Result<Option<Bytes>, Failure> {
        match self.call(Method::GET, path, None).await {
            Ok((_, body)) => Ok(Some(body)),
            Err(failure) if failure.code == NOT_FOUND => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Bytes), Failure> {
        let patience = if method == Method::GET { PATIENCE } else { FOR_A_CHANGE };
        let (status, body) = self.within(patience, self.exchange(method, path, body)).await?;
        if status.is_success() {
            return Ok((status, body));
        }
        let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
        let text = |field: &str| problem.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let code = match status.as_u16() {
            401 => NOT_SIGNED_IN,
            403 => DENIED,
            404 => NOT_FOUND,
            409 => CONFLICT,
            400 | 413 | 422 => INVALID,
            _ => FAILED,
        };
        let (detail, reason) = (text("detail"), text("reason"));
        let said = if detail.is_empty() { status.to_string() } else { format!("{detail} ({reason})") };
        let findings = problem.get("findings").cloned().unwrap_or_default();
        let findings = serde_json::from_value(findings).unwrap_or_default();
        Err(Failure { findings, ..Failure::new(code, said) })
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
        body: Option<&Value>,
    ) -> Result<(StatusCode, Bytes), Failure> {
        let unreachable = |error: &dyn std::fmt::Display| {
            Failure::new(UNREACHABLE, format!("{}:{}: {error}", self.host, self.port))
        };
        let reach = async {
            let stream = self.connect().await.map_err(|error| unreachable(&error))?;
            let name = ServerName::try_from(self.host.clone())?;
            self.tls.0.connect(name, stream).await.map_err(|error| unreachable(&error))
        };
        let stream = self.within(PATIENCE, reach).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| unreachable(&error))?;
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(connection);
        let host = if self.port == 443 { self.host.clone() } else { format!("{}:{}", self.host, self.port) };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(http::header::HOST, host)
            .header("bartizan-token", &self.token);
        if body.is_some() {
            request = request.header(http::header::CONTENT_TYPE, "application/json");
        }
        let bytes = body.map(serde_json::to_vec).transpose()?.unwrap_or_default();
        let response = sender
            .send_request(request.body(Full::<Bytes>::from(bytes))?)
            .await
            .map_err(|error| unreachable(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LONGEST_ANSWER).collect().await;
        let body = body.map_err(|error| unreachable(&error))?.to_bytes();
        Ok((status, body))
    }

    async fn connect(&self) -> std::io::Result<TcpStream> {
        // RFC 6761, 6.3: `localhost` and all below it is this machine, whatever a resolver may say.
        if self.host == "localhost" || self.host.ends_with(".localhost") {
            return TcpStream::connect(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.port)).await;
        }
        TcpStream::connect((self.host.as_str(), self.port)).await
    }
}

/// For what waits for nobody else.
const PATIENCE: Duration = Duration::from_secs(45);

/// Longer than what waits for an enforcement point that is away: the longest lease that an app can have, and a little.
const FOR_A_CHANGE: Duration = Duration::from_secs(AppFacts::LEASES.end().as_secs() * 31 / 30 + 15);

/// More than 1,000 events with their sealed parts open.
const LONGEST_ANSWER: usize = 64 << 20;
