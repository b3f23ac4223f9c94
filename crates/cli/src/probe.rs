//! Looks at the server of an app from this machine, as a gateway here would reach it: the same names, the same trust.

mod trust;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use bartizan_control::{Answer, Here, Leads, Look, Probe, Redirect, Seen, Stopped};
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::doctor::{is_local, is_ours};

/// What looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prober;

#[async_trait]
impl Probe for Prober {
    async fn look(&self, look: &Look) -> Seen {
        let mut seen = Seen::default();
        let looked = timeout(PATIENCE, reach(look, &mut seen)).await;
        seen.stopped = match looked {
            Ok(Ok(())) => None,
            Ok(Err(stopped)) => Some(stopped),
            // Of a page that is still on its way, what matters is known.
            Err(_late) if seen.answer.is_some() => None,
            Err(_late) => Some(Stopped::TimedOut),
        };
        seen
    }

    async fn leads(&self, host: &str) -> Leads {
        if is_local(host) {
            return Leads::Local;
        }
        let Ok(Ok(found)) = timeout(LOOKED_UP, lookup_host((host, 443))).await else { return Leads::Nowhere };
        let addresses: Vec<IpAddr> =
            found.map(|address| address.ip().to_canonical()).take(ADDRESSES).collect();
        let ours = addresses.iter().any(|address| is_ours(*address));
        Leads::To(addresses, if ours { Here::Yes } else { Here::No })
    }
}

/// Goes as far as it comes; what was seen on the way stays seen.
async fn reach(look: &Look, seen: &mut Seen) -> Result<(), Stopped> {
    let upstream = &look.upstream;
    let found = lookup_host((upstream.host(), upstream.port())).await.map_err(|_os| Stopped::NoName)?;
    let addresses: Vec<SocketAddr> = found.take(ADDRESSES).collect();
    seen.addresses = addresses.iter().map(|address| address.ip().to_canonical()).collect();
    let stream = connect(&addresses).await?;
    seen.reached = stream.peer_addr().ok();
    if upstream.tls() {
        let stream = trust::prove(look, stream, seen).await?;
        ask(look, stream, seen).await
    } else {
        ask(look, stream, seen).await
    }
}

/// One address after the other, as far as the time reaches; why the last one was not it.
async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Stopped> {
    let mut stopped = Stopped::NoName;
    for address in addresses {
        stopped = match timeout(PATIENCE / 2, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => Stopped::Refused,
            Ok(Err(error)) => Stopped::Unreachable(short(&error.to_string())),
            Err(_late) => Stopped::TimedOut,
        };
    }
    Err(stopped)
}

/// Asks for the first page. A redirect is not followed.
async fn ask<S>(look: &Look, stream: S, seen: &mut Seen) -> Result<(), Stopped>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |error: hyper::Error| Stopped::NotHttp(short(&error.to_string()));
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MOST_BYTES)
        .handshake::<_, Empty<Bytes>>(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    // It ends with this function, however that ends.
    let mut driver = JoinSet::new();
    driver.spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the connection to a server that is looked at broke off");
        }
    });
    let host = if look.pass_host { look.host.clone() } else { look.upstream.authority() };
    let request = Request::get("/")
        .header(header::HOST, host)
        .header(header::USER_AGENT, "bartizan (looks whether this is there)")
        .header(header::ACCEPT, "text/html,*/*;q=0.5")
        .header(header::CONNECTION, "close")
        .header(HeaderName::from_static("x-forwarded-host"), &look.host)
        .header(HeaderName::from_static("x-forwarded-proto"), "https")
        .body(Empty::new())
        .map_err(|error| Stopped::NotHttp(short(&error.to_string())))?;
    let response = sender.send_request(request).await.map_err(broken)?;
    let (status, headers) = (response.status(), response.headers());
    let field = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(short);
    let redirect = status.is_redirection().then(|| redirect(look, headers)).flatten();
    let (status, server) = (status.as_u16(), field(header::SERVER));
    let answer = seen.answer.insert(Answer { status, server, redirect, asks_password: false });
    answer.asks_password = asks_password(response).await;
    Ok(())
}

/// Where it sends whoever asks. Queries carry tokens, so they are left out.
fn redirect(look: &Look, headers: &HeaderMap) -> Option<Redirect> {
    let to = headers.get(header::LOCATION)?.to_str().ok()?;
    let to = to.split(['?', '#']).next().unwrap_or_default();
    let uri: Option<Uri> = to.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).map(|host| short(&host.to_ascii_lowercase()));
    let own = host.as_deref() == Some(look.upstream.host());
    let to_tls = own && !look.upstream.tls() && uri.is_some_and(|uri| uri.scheme_str() == Some("https"));
    Some(Redirect { to: short(to), host, to_tls })
}

/// Whether the first of a page has a field for a password. That is all that is kept of it.
async fn asks_password(response: Response<Incoming>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("text/html")) {
        return false;
    }
    let mut body = Limited::new(response.into_body(), MOST_BYTES);
    let mut page = Vec::new();
    // What is longer, or breaks off, is looked at as far as it came.
    while let Some(Ok(frame)) = body.frame().await {
        page.extend(frame.into_data().unwrap_or_default());
    }
    page.make_ascii_lowercase();
    let forms: [&[u8]; 3] = [b"type=\"password\"", b"type='password'", b"type=password"];
    forms.iter().any(|form| page.windows(form.len()).any(|part| part == *form))
}

/// What a stranger says, as far as a line of a page has room for it.
fn short(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect()
}

/// 5 seconds: who waits for a page waits no longer, and a server that answers later is no good behind one.
const PATIENCE: Duration = Duration::from_secs(5);

/// 2 seconds for a name: pages wait for it.
const LOOKED_UP: Duration = Duration::from_secs(2);

/// As many addresses of a name are tried.
const ADDRESSES: usize = 4;

/// 64 KiB: a head, and the part of a page in which a form for signing in stands.
const MOST_BYTES: usize = 64 * 1024;

/// 120 characters of anything that a stranger says.
const LONGEST: usize = 120;

#[cfg(test)]
mod tests;
