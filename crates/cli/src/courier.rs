//! Goes out from this machine: brings logout tokens to clients (OpenID Connect Back-Channel Logout 1.0, 2.5), reads what other
//! issuers publish (OpenID Connect Discovery 1.0, 4), and spends the codes of those at which people sign in.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_control::Tell;
use bartizan_identity::{Fetch, MAX_FETCHED, Question};
use bartizan_model::Secret;
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

/// What goes. Certificates chain to what this machine trusts, and are verified; nothing is followed.
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

    /// Asks whoever is at an address, and reads so many bytes of the answer; none of one that is not wanted.
    async fn go(&self, uri: &str, asked: Asked<'_>) -> Result<(StatusCode, Vec<u8>), String> {
        match tokio::time::timeout(PATIENCE, self.gone(uri, asked)).await {
            Ok(answered) => answered,
            Err(_late) => Err(String::from("it does not answer in time")),
        }
    }

    async fn gone(&self, uri: &str, asked: Asked<'_>) -> Result<(StatusCode, Vec<u8>), String> {
        let uri: Uri = uri.parse().map_err(|error| format!("{error}"))?;
        let host = uri.host().ok_or("it has no host")?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match uri.scheme_str() {
            Some("https") => {
                let stream = connect(bare, uri.port_u16().unwrap_or(443)).await?;
                let name = ServerName::try_from(bare.to_owned()).map_err(|error| error.to_string())?;
                let tls = TlsConnector::from(Arc::clone(&self.tls));
                let stream = tls.connect(name, stream).await.map_err(|error| error.to_string())?;
                asked.of(&uri, stream).await
            }
            // Without TLS nothing leaves this machine, whatever a name leads to.
            Some("http") => {
                let port = uri.port_u16().unwrap_or(80);
                let stream = connect(bare, port).await?;
                let there = stream.peer_addr().map_err(|error| error.to_string())?;
                if !there.ip().is_loopback() {
                    return Err(String::from("it is not on this machine, and not https"));
                }
                asked.of(&uri, stream).await
            }
            _ => Err(String::from("it is no address that is gone to")),
        }
    }
}

#[async_trait]
impl Tell for Courier {
    async fn tell(&self, uri: &str, token: &str) -> Result<u16, String> {
        self.go(uri, Asked::Told(token)).await.map(|(status, _)| status.as_u16())
    }
}

#[async_trait]
impl Fetch for Courier {
    async fn ask(&self, question: &Question<'_>) -> Result<(u16, Vec<u8>), String> {
        let answered = self.go(question.url, Asked::Question(*question)).await;
        answered
            .map(|(status, body)| (status.as_u16(), body))
            .map_err(|why| format!("`{}`: {why}", question.url))
    }
}

/// What is asked of somebody.
#[derive(Clone, Copy)]
enum Asked<'a> {
    /// To take a logout token.
    Told(&'a str),
    /// To answer, with at most [`MAX_FETCHED`] bytes.
    Question(Question<'a>),
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

impl Asked<'_> {
    async fn of<S>(self, uri: &Uri, stream: S) -> Result<(StatusCode, Vec<u8>), String>
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
        let request = match self {
            // A token has no character that a form would write otherwise.
            Self::Told(token) => Request::post(target)
                .header(header::CONTENT_TYPE, FORM)
                .body(Full::new(Bytes::from(format!("logout_token={token}")))),
            Self::Question(Question { form, .. }) => match form {
                Some(form) => Request::post(target)
                    .header(header::CONTENT_TYPE, FORM)
                    .body(Full::new(form.expose(|form| Bytes::copy_from_slice(form.as_bytes())))),
                None => Request::get(target).body(Full::default()),
            },
        };
        let mut request = request.map_err(|error| error.to_string())?;
        for (name, value) in
            [(header::HOST, authority), (header::USER_AGENT, "bartizan"), (header::CONNECTION, "close")]
        {
            request
                .headers_mut()
                .insert(name, value.parse().map_err(|_form| String::from("it has no host"))?);
        }
        if let Self::Question(question) = self {
            let headers = request.headers_mut();
            headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
            if let Some(value) = question.authorization {
                headers.insert(header::AUTHORIZATION, sensitive(value)?);
            }
        }
        let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let status = response.status();
        if matches!(self, Self::Told(_)) {
            return Ok((status, Vec::new()));
        }
        let body = Limited::new(response.into_body(), MAX_FETCHED).collect().await;
        Ok((status, body.map_err(|error| error.to_string())?.to_bytes().to_vec()))
    }
}

/// A secret as the value of a field.
fn sensitive(value: &Secret<String>) -> Result<HeaderValue, String> {
    let mut value = value
        .expose(|value| HeaderValue::from_str(value))
        .map_err(|_form| String::from("what it is asked with is no header value"))?;
    value.set_sensitive(true);
    Ok(value)
}

const FORM: &str = "application/x-www-form-urlencoded";

/// 5 seconds: a client that takes longer is asked again.
const PATIENCE: Duration = Duration::from_secs(5);

/// As many addresses of a name are tried.
const ADDRESSES: usize = 4;

/// 16 KiB: a head.
const MOST_BYTES: usize = 16 * 1024;
