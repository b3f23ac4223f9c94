//! Plain HTTP, for people who type a name: it sends them to the same page over TLS and does nothing else.
//!
//! Nothing is decided here and nothing is said but where to go, for hosts that are served over TLS; no cookie is read or
//! set, and no body is taken. A public authority that looks at a host is answered here, while an order for it is open. What was sent in clear has been seen by whoever listens, so only what changes nothing is
//! sent on; everything else is refused, with the address to use.

use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{AppFacts, RequestId, WireRules};
use bytes::BytesMut;
use http::header::HOST;
use http::{Method, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::accept;
use crate::counters::Plain;
use crate::gateway::Gateway;
use crate::http1::{Scan, parse};
use crate::request::{BadRequest, Connection, canonical};
use crate::tasks::Tasks;

impl Gateway {
    /// Sends whoever comes in clear to the port over TLS that `port` says for an app, until `shutdown` is cancelled.
    pub async fn redirect(
        self: Arc<Self>,
        listener: TcpListener,
        port: impl Fn(&AppFacts) -> u16 + Send + Sync + 'static,
        shutdown: CancellationToken,
    ) {
        let (tasks, port) = (Tasks::default(), Arc::new(port));
        while let Some((stream, peer)) = accept::next(&listener, &shutdown).await {
            // The lobby is kept for administration, which is not to be had in clear.
            let Ok(place) = self.places().take_ordinary(peer.ip().to_canonical()) else { continue };
            let (gateway, port) = (Arc::clone(&self), Arc::clone(&port));
            tasks.spawn(async move {
                let served = serve(&gateway, stream, &*port);
                let _late = timeout(gateway.config().head_timeout, served).await;
                drop(place);
            });
        }
        drop(listener);
        tasks.finish(Duration::from_secs(1)).await;
    }
}

/// One request and its answer.
async fn serve(gateway: &Gateway, mut stream: TcpStream, port: &(impl Fn(&AppFacts) -> u16 + Sync)) {
    let (mut scan, mut buffer) = (Scan::default(), BytesMut::new());
    let head = loop {
        match scan.take(&mut buffer) {
            Ok(Some(head)) => break parse(&head).map(|(head, _framing)| head),
            Ok(None) => {}
            Err(bad) => break Err(bad),
        }
        if !matches!(stream.read_buf(&mut buffer).await, Ok(1..)) {
            return;
        }
    };
    if let Ok(head) = &head
        && let Some(answer) = challenge(gateway, head).await
    {
        return send(stream, &answer).await;
    }
    let destination = head.and_then(|head| destination(gateway, head, port));
    let sent =
        matches!(&destination, Ok(Place { method, .. }) if method == Method::GET || method == Method::HEAD);
    gateway.counters().count_plain(if sent { Plain::Sent } else { Plain::Refused });
    let answer = match destination {
        Ok(Place { method, url }) if method == Method::GET || method == Method::HEAD => {
            answer(StatusCode::PERMANENT_REDIRECT, &format!("location: {url}\r\n"), "")
        }
        Ok(Place { url, .. }) => {
            let text = format!("This is not encrypted, so nothing is done here. Use {url}\n");
            answer(StatusCode::FORBIDDEN, "", &text)
        }
        Err(BadRequest::WrongHost) => answer(StatusCode::NOT_FOUND, "", "There is no such host here.\n"),
        Err(bad) => {
            let status = StatusCode::from_u16(bad.status()).unwrap_or(StatusCode::BAD_REQUEST);
            answer(status, "", &format!("{bad}\n"))
        }
    };
    send(stream, &answer).await;
}

async fn send(mut stream: TcpStream, answer: &str) {
    // Whoever does not take it does not get it.
    let _gone = stream.write_all(answer.as_bytes()).await;
    let _gone = stream.shutdown().await;
}

/// What a public authority asks for while an order for the host is open (RFC 8555, 8.3); nothing if it is none of its paths.
async fn challenge(gateway: &Gateway, head: &http::request::Parts) -> Option<String> {
    let token = head.uri.path().strip_prefix(CHALLENGES)?;
    if !gateway.config().public_authority {
        return None;
    }
    let host = host_of(head).ok().filter(|host| head.method == Method::GET && gateway.public().is_open(host));
    let text = match host {
        Some(host) => gateway.hosts().keys().challenge(&host, token).await,
        None => None,
    };
    gateway.counters().count_plain(if text.is_some() { Plain::Challenge } else { Plain::Refused });
    let none = || answer(StatusCode::NOT_FOUND, "", "No order with this token is open here.\n");
    Some(text.map_or_else(none, |text| answer(StatusCode::OK, "", &text)))
}

fn host_of(head: &http::request::Parts) -> Result<String, BadRequest> {
    let mut fields = head.headers.get_all(HOST).iter();
    let (Some(Ok(field)), None) = (fields.next().map(http::HeaderValue::to_str), fields.next()) else {
        return Err(BadRequest::Host);
    };
    Ok(field.split(':').next().unwrap_or_default().to_ascii_lowercase())
}

/// Where a request would be over TLS.
struct Place {
    method: Method,
    url: String,
}

fn destination(
    gateway: &Gateway,
    head: http::request::Parts,
    port: &impl Fn(&AppFacts) -> u16,
) -> Result<Place, BadRequest> {
    let mut head = head;
    let name = host_of(&head)?;
    let app = gateway.enforcer().app_by_host(&name).ok_or(BadRequest::WrongHost)?;
    // Nothing that came with it matters here, and none of it may be refused for.
    let hosts: Vec<_> = head.headers.get_all(HOST).iter().cloned().collect();
    head.headers.clear();
    for host in hosts {
        head.headers.append(HOST, host);
    }
    let source = std::net::Ipv4Addr::UNSPECIFIED.into();
    let (tls_host, proxies) = (name.as_str().into(), Arc::default());
    let connection = Connection { tls_host, source, proxies, strict_transport: false };
    let rules = WireRules { relax: app.wire.relax.clone(), ..WireRules::default() };
    let head = canonical(head, &connection, &rules, RequestId::from_bytes([0; 16]))?;
    let port = match port(&app) {
        443 => String::new(),
        port => format!(":{port}"),
    };
    Ok(Place { method: head.method().clone(), url: format!("https://{name}{port}{}", head.target()) })
}

fn answer(status: StatusCode, fields: &str, text: &str) -> String {
    format!(
        "HTTP/1.1 {} {}\r\n{fields}content-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\n\
         x-content-type-options: nosniff\r\ncache-control: no-store\r\nconnection: close\r\n\r\n{text}",
        status.as_str(),
        status.canonical_reason().unwrap_or_default(),
        text.len()
    )
}

/// RFC 8555, 8.3.
const CHALLENGES: &str = "/.well-known/acme-challenge/";
