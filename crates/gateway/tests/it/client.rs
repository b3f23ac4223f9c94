//! Clients: bytes over TLS, and HTTP/2.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::client::SendRequest;
use http::{Request, Response};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{ServerName, UnixTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::task::TaskTracker;

use crate::rig::{Person, Rig, WIKI};

pub(crate) type Tls = TlsStream<TcpStream>;

/// The time of the test, not that of the machine, checks certificates.
#[derive(Debug)]
struct At(u64);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0)))
    }
}

pub(crate) fn config(
    rig: &Rig,
    protocols: &[&str],
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> ClientConfig {
    use bartizan_model::Clock as _;
    let mut roots = RootCertStore::empty();
    roots.add(rig.keys.authority.certificate().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let now = u64::try_from(rig.clock.now().as_secs()).unwrap();
    let mut config = ClientConfig::builder_with_details(provider, Arc::new(At(now)))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    config
}

pub(crate) async fn tls(address: SocketAddr, host: &str, config: ClientConfig) -> std::io::Result<Tls> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from(host.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

pub(crate) async fn connect(rig: &Rig, host: &str) -> Tls {
    tls(rig.address, host, config(rig, &["http/1.1"], rustls::ALL_VERSIONS)).await.unwrap()
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        crate::app::field(&self.head, name)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn reason(&self) -> String {
        let document: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        document["reason"].as_str().unwrap_or_default().to_owned()
    }
}

/// Sends bytes and reads the head of one answer, with what came of its body.
pub(crate) async fn exchange(stream: &mut Tls, request: &[u8]) -> Option<Answer> {
    stream.write_all(request).await.ok()?;
    read_answer(stream).await
}

pub(crate) async fn read_answer(stream: &mut Tls) -> Option<Answer> {
    let (head, mut body) = read_head(stream).await?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let answer = Answer { status, head, body: Vec::new() };
    let length: usize = answer.field("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    while body.len() < length {
        let mut more = [0; 4096];
        match stream.read(&mut more).await {
            Ok(0) | Err(_) => break,
            Ok(count) => body.extend_from_slice(&more[..count]),
        }
    }
    Some(Answer { body, ..answer })
}

pub(crate) async fn read_head(stream: &mut Tls) -> Option<(String, Vec<u8>)> {
    let mut buffer = Vec::new();
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let body = buffer.split_off(end + 4);
            return Some((String::from_utf8(buffer).ok()?, body));
        }
        if stream.read_buf(&mut buffer).await.ok()? == 0 {
            return None;
        }
    }
}

/// A request of its own connection.
pub(crate) async fn send(rig: &Rig, host: &str, request: &str) -> Answer {
    let mut stream = connect(rig, host).await;
    exchange(&mut stream, request.as_bytes()).await.unwrap()
}

pub(crate) async fn get(rig: &Rig, person: &Person, path: &str) -> Answer {
    send(rig, WIKI, &request("GET", path, &format!("Bartizan-Token: {}\r\n", person.token))).await
}

pub(crate) fn request(method: &str, path: &str, fields: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: {WIKI}\r\n{fields}\r\n")
}

/// Reads until the connection ends; how it ended, and what came.
pub(crate) async fn drain(stream: &mut Tls) -> (Vec<u8>, std::io::Result<()>) {
    let mut all = Vec::new();
    loop {
        let mut piece = vec![0; 16 * 1024];
        match stream.read(&mut piece).await {
            Ok(0) => return (all, Ok(())),
            Ok(count) => all.extend_from_slice(&piece[..count]),
            Err(error) => return (all, Err(error)),
        }
    }
}

pub(crate) struct Http2 {
    pub(crate) send: SendRequest<Bytes>,
    pub(crate) tasks: TaskTracker,
}

/// An HTTP/2 connection whose streams have this window.
pub(crate) async fn http2(rig: &Rig, host: &str, window: u32) -> Http2 {
    let stream = tls(rig.address, host, config(rig, &["h2"], rustls::ALL_VERSIONS)).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (send, connection) = h2::client::Builder::new()
        .initial_window_size(window)
        .initial_connection_window_size(1 << 24)
        .handshake::<_, Bytes>(stream)
        .await
        .unwrap();
    let tasks = TaskTracker::new();
    tasks.spawn(async move {
        let _ = connection.await;
    });
    Http2 { send, tasks }
}

pub(crate) fn http2_get(person: &Person, path: &str) -> Request<()> {
    Request::get(format!("https://{WIKI}{path}")).header("bartizan-token", &person.token).body(()).unwrap()
}

pub(crate) async fn http2_open(client: &Http2, request: Request<()>) -> Response<h2::RecvStream> {
    let mut ready = client.send.clone().ready().await.unwrap();
    let (response, _) = ready.send_request(request, true).unwrap();
    response.await.unwrap()
}
