//! A client that asks without pause, the same for whatever is measured.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Which key exchange a client offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// X25519, which everybody has.
    Classic,
    /// X25519MLKEM768, as browsers prefer.
    PostQuantum,
}

/// TLS 1.3 that trusts this authority, never resumes, and speaks this protocol.
pub(crate) fn tls(
    authority: &[u8],
    protocol: &[u8],
    exchange: Exchange,
) -> anyhow::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority) {
        roots.add(certificate?)?;
    }
    let mut provider = aws_lc_rs::default_provider();
    provider.kx_groups = match exchange {
        Exchange::Classic => vec![aws_lc_rs::kx_group::X25519],
        Exchange::PostQuantum => vec![aws_lc_rs::kx_group::X25519MLKEM768],
    };
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(Arc::new(config))
}

/// Whom to ask for what.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) host: String,
    pub(crate) tls: Arc<ClientConfig>,
    /// The credential, for who wants one.
    pub(crate) token: Option<String>,
}

impl Target {
    pub(crate) fn request(&self, path: &str, close: bool) -> Vec<u8> {
        let token =
            self.token.as_ref().map(|token| format!("Bartizan-Token: {token}\r\n")).unwrap_or_default();
        let close = if close { "Connection: close\r\n" } else { "" };
        format!("GET {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: load\r\n{token}{close}\r\n", self.host)
            .into_bytes()
    }

    pub(crate) async fn connect(&self) -> anyhow::Result<TlsStream<TcpStream>> {
        self.secure(TcpStream::connect(self.address).await?).await
    }

    pub(crate) async fn secure(&self, stream: TcpStream) -> anyhow::Result<TlsStream<TcpStream>> {
        stream.set_nodelay(true)?;
        let host = self.host.split(':').next().unwrap_or_default();
        let name = ServerName::try_from(host.to_owned())?;
        Ok(TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await?)
    }
}

/// One answer, read to its end.
pub(crate) async fn ask(
    stream: &mut TlsStream<TcpStream>,
    request: &[u8],
    buffer: &mut Vec<u8>,
) -> anyhow::Result<usize> {
    stream.write_all(request).await?;
    buffer.clear();
    let head = loop {
        if stream.read_buf(buffer).await? == 0 {
            bail!("closed before an answer");
        }
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = std::str::from_utf8(&buffer[..head])?;
    if !text.starts_with("HTTP/1.1 200") {
        bail!("not answered with 200: {text}");
    }
    let length = text
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length:").map(|rest| rest.trim().parse())
        })
        .context("an answer without length")??;
    let mut have = buffer.len() - head;
    while have < length {
        buffer.clear();
        let read = stream.read_buf(buffer).await?;
        if read == 0 {
            bail!("cut in the middle of an answer");
        }
        have += read;
    }
    Ok(length)
}

/// What a load came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    pub(crate) requests: u64,
    pub(crate) seconds: f64,
}

/// How connections are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Opened before it begins, and kept.
    KeepAlive,
    /// One for each request.
    Once,
}

/// So many clients ask as fast as they are answered. `ready` is called when their connections are open and warm.
pub(crate) fn run(
    target: &Target,
    path: &str,
    usage: Use,
    clients: usize,
    length: Duration,
    ready: impl FnOnce(),
) -> anyhow::Result<Done> {
    run_request(target, &target.request(path, usage == Use::Once), usage, clients, length, ready)
}

/// The same with a request that is any.
pub(crate) fn run_request(
    target: &Target,
    request: &[u8],
    usage: Use,
    clients: usize,
    length: Duration,
    ready: impl FnOnce(),
) -> anyhow::Result<Done> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut open = Vec::new();
        for _ in 0..clients {
            let mut stream = target.connect().await?;
            ask(&mut stream, request, &mut Vec::with_capacity(64 << 10)).await?;
            open.push((usage == Use::KeepAlive).then_some(stream));
        }
        ready();
        let began = Instant::now();
        let mut tasks = JoinSet::new();
        for mut stream in open {
            let (target, request) = (target.clone(), request.to_vec());
            tasks.spawn(async move {
                let mut buffer = Vec::with_capacity(64 << 10);
                let mut requests = 0_u64;
                while began.elapsed() < length {
                    match &mut stream {
                        Some(stream) => ask(stream, &request, &mut buffer).await?,
                        None => ask(&mut target.connect().await?, &request, &mut buffer).await?,
                    };
                    requests += 1;
                }
                Ok::<u64, anyhow::Error>(requests)
            });
        }
        let mut requests = 0;
        while let Some(done) = tasks.join_next().await {
            requests += done??;
        }
        Ok(Done { requests, seconds: began.elapsed().as_secs_f64() })
    })
}
