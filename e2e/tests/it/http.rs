//! A client of the gateway, over HTTP/1.1 and HTTP/2, from an address of choice.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::demo::Demo;

#[derive(Clone)]
pub(crate) struct Client {
    roots: Arc<RootCertStore>,
    port: u16,
    /// Where apps are, if they are not where our own hosts are.
    apps_port: Option<u16>,
    pub(crate) from: Ipv4Addr,
    /// Where hosts are that are not on this machine, by the first label of their names.
    pub(crate) places: BTreeMap<String, Ipv4Addr>,
}

/// The host of an app of the demo: the portal's is the domain itself.
pub(crate) fn name_of(app: &str) -> String {
    if app == "portal" { String::from(DOMAIN) } else { format!("{app}.{DOMAIN}") }
}

/// The app whose host this is.
pub(crate) fn app_of(name: &str) -> &str {
    if name == DOMAIN { "portal" } else { name.split('.').next().unwrap_or_default() }
}

const DOMAIN: &str = "bartizan.localhost";

impl Client {
    pub(crate) fn new(demo: &Demo) -> Self {
        Self { apps_port: demo.apps_port(), ..Self::of(&demo.ca(), demo.port()) }
    }

    /// Of whatever serves on this port under this authority.
    pub(crate) fn of(ca: &[u8], port: u16) -> Self {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(ca) {
            roots.add(certificate.unwrap()).unwrap();
        }
        let (apps_port, from, places) = (None, Ipv4Addr::LOCALHOST, BTreeMap::new());
        Self { roots: Arc::new(roots), port, apps_port, from, places }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn host(&self, app: &str) -> String {
        format!("{}:{}", name_of(app), self.port_of(app))
    }

    fn port_of(&self, label: &str) -> u16 {
        let own = ["auth", "console", "portal"].contains(&label);
        self.apps_port.filter(|_| !own).unwrap_or(self.port)
    }

    /// To where apps are.
    pub(crate) async fn tcp(&self) -> TcpStream {
        self.try_tcp(Ipv4Addr::LOCALHOST, self.port_of("wiki")).await.unwrap()
    }

    async fn try_tcp(&self, to: Ipv4Addr, port: u16) -> std::io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(IpAddr::V4(self.from), 0))?;
        socket.connect(SocketAddr::new(IpAddr::V4(to), port)).await
    }

    pub(crate) async fn try_tls(&self, name: &str, alpn: &[u8]) -> std::io::Result<TlsStream<TcpStream>> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        config.alpn_protocols = vec![alpn.to_vec()];
        let label = app_of(name);
        let place = self.places.get(label).copied().unwrap_or(Ipv4Addr::LOCALHOST);
        let tcp = self.try_tcp(place, self.port_of(label)).await?;
        let name = ServerName::try_from(name.to_owned()).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, tcp).await
    }

    pub(crate) async fn tls(&self, app: &str, alpn: &[u8]) -> TlsStream<TcpStream> {
        self.try_tls(&name_of(app), alpn).await.unwrap()
    }

    /// One request over HTTP/1.1; the body of the answer is still to be read.
    pub(crate) async fn send(&self, app: &str, request: Request<Full<Bytes>>) -> Response<Incoming> {
        let stream = self.tls(app, b"http/1.1").await;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        drop(tokio::task::spawn(connection.with_upgrades()));
        sender.send_request(request).await.unwrap()
    }

    /// One request over HTTP/2.
    pub(crate) async fn send2(&self, app: &str, request: Request<Full<Bytes>>) -> Response<Incoming> {
        let stream = self.tls(app, b"h2").await;
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        drop(tokio::task::spawn(connection));
        sender.send_request(request).await.unwrap()
    }

    pub(crate) fn request(&self, app: &str, path: &str, token: Option<&str>) -> Request<Full<Bytes>> {
        let mut request = Request::builder().uri(path).header("host", self.host(app));
        if let Some(token) = token {
            request = request.header("bartizan-token", token);
        }
        request.body(Full::default()).unwrap()
    }

    /// GET, and the whole answer.
    pub(crate) async fn get(&self, app: &str, path: &str, token: Option<&str>) -> Answer {
        Answer::read(self.send(app, self.request(app, path, token)).await).await
    }
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) async fn read(response: Response<Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("not JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn request_id(&self) -> &str {
        self.headers.get("bartizan-request-id").expect("every response has the header").to_str().unwrap()
    }
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}
