//! TLS: the host of a connection is settled by the name in the handshake (SNI), and by nothing else.
//!
//! A name that is not the host of an app which is served here ends the handshake. What a host is served with is in `hosts`.

use std::sync::Arc;

use bartizan_model::AppFacts;
use rustls::server::Acceptor;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::error::Error;
use crate::hosts::{Hosts, Shown};
use crate::line::{Line, Wire};

/// What was agreed on.
#[derive(Debug)]
pub(crate) struct Agreed {
    pub(crate) stream: TlsStream<Wire>,
    pub(crate) host: Arc<str>,
    pub(crate) protocol: Protocol,
    /// Whether browsers may be told to come over TLS only from now on.
    pub(crate) strict: bool,
}

/// The version of HTTP that ALPN settled on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// Why there is no TLS connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    #[error("the handshake failed")]
    Io(#[from] std::io::Error),
    #[error("the client named no host that is served here")]
    UnknownHost,
    #[error(transparent)]
    NoCertificate(#[from] Error),
}

impl Hosts {
    /// Shakes hands, for the host of an app that is `served` on this listener. The caller limits the time.
    ///
    /// Cancel safe: no; the connection is of no more use.
    pub(crate) async fn handshake(
        self: &Arc<Self>,
        line: &Arc<Line>,
        served: impl Fn(&AppFacts) -> bool,
    ) -> Result<Agreed, HandshakeError> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), Wire(Arc::clone(line))).await?;
        let name = start.client_hello().server_name().map(str::to_ascii_lowercase);
        let known = name.filter(|name| self.enforcer().app_by_host(name).is_some_and(|app| served(&app)));
        let Some(host) = known else {
            // A configuration without certificate makes rustls say so in an alert.
            let _refused = start.into_stream(self.refusing()).await;
            return Err(HandshakeError::UnknownHost);
        };
        let Shown { host, config, strict } = self.shown(&host).await?;
        let stream = start.into_stream_with(config, |tls| tls.set_buffer_limit(Some(TLS_BUFFER))).await?;
        let protocol = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => Protocol::Http2,
            Some(_) | None => Protocol::Http1,
        };
        Ok(Agreed { stream, host, protocol, strict })
    }
}

/// One TLS record: what waits below HTTP is bounded (`line`), and a full record is not split.
const TLS_BUFFER: usize = 17 * 1024;
