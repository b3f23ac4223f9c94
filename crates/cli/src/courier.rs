//! Brings logout tokens to clients, from this machine (OpenID Connect Back-Channel Logout 1.0, 2.5).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_control::Tell;
use bytes::Bytes;
use http::{Request, Uri, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

/// What brings them. Certificates chain to what this machine trusts, and are verified; nothing is followed, and of an answer
/// nothing but its status is read.
#[derive(Debug)]
pub(crate) struct Courier {
    tls: Arc<ClientConfig>,
}

impl Courier {
    /// One that trusts as this machine does.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let roots = bartizan_gateway::upstream_roots(None).map_err(|problem| anyhow::anyhow!(problem))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: Arc::new(tls) })
    }

    async fn bring(&self, uri: &str, token: &str) -> Result<u16, String> {
        let uri: Uri = uri.parse().map_err(|error| format!("{error}"))?;
        let host = uri.host().ok_or("it has no host")?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match uri.scheme_str() {
            Some("https") => {
                let stream = connect(bare, uri.port_u16().unwrap_or(443)).await?;
                let name = ServerName::try_from(bare.to_owned()).map_err(|error| error.to_string())?;
                let tls = TlsConnector::from(Arc::clone(&self.tls));
                let stream = tls.connect(name, stream).await.map_err(|error| error.to_string())?;
                post(&uri, stream, token).await
            }
            // Without TLS nothing leaves this machine, whatever a name leads to.
            Some("http") => {
                let port = uri.port_u16().unwrap_or(80);
                let stream = connect(bare, port).await?;
                let there = stream.peer_addr().map_err(|error| error.to_string())?;
                if !there.ip().is_loopback() {
                    return Err(String::from("it is not on this machine, and not https"));
                }
                post(&uri, stream, token).await
            }
            _ => Err(String::from("it is no address to post to")),
        }
    }
}

#[async_trait]
impl Tell for Courier {
    async fn tell(&self, uri: &str, token: &str) -> Result<u16, String> {
        match tokio::time::timeout(PATIENCE, self.bring(uri, token)).await {
            Ok(answered) => answered,
            Err(_late) => Err(String::from("it does not answer in time")),
        }
    }
}

async fn connect(host: &str, port: u16) -> Result<TcpStream, String> {
    // RFC 6761, 6.3.
    if host == "localhost" || host.ends_with(".localhost") {
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        return TcpStream::connect(here).await.map_err(|error| error.to_string());
    }
    let found = lookup_host((host, port)).await.map_err(|error| error.to_string())?;
    let mut why = String::from("its name leads nowhere");
    for address in found.take(ADDRESSES) {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
}

async fn post<S>(uri: &Uri, stream: S, token: &str) -> Result<u16, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MOST_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    // It ends with this function, however that ends.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    let target = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    // A token has no character that a form would write otherwise.
    let body = Full::new(Bytes::from(format!("logout_token={token}")));
    let request = Request::post(target)
        .header(header::HOST, authority)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::USER_AGENT, "bartizan")
        .header(header::CONNECTION, "close")
        .body(body)
        .map_err(|error| error.to_string())?;
    let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
    Ok(response.status().as_u16())
}

/// 5 seconds: a client that takes longer is asked again.
const PATIENCE: Duration = Duration::from_secs(5);

/// As many addresses of a name are tried.
const ADDRESSES: usize = 4;

/// 16 KiB: a head.
const MOST_BYTES: usize = 16 * 1024;
