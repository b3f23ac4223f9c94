//! TLS: the host of a connection is settled by the name in the handshake (SNI), and by nothing else.
//!
//! A name that is not the host of an app which is served here ends the handshake. What a host is served with is in `hosts`.

use std::sync::Arc;

use bartizan_model::{AppFacts, AppName};
use rustls::server::{Accepted, Acceptor};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, StartHandshake};

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

/// A client that has said which host it wants, one that is served.
pub(crate) struct Greeted {
    pub(crate) stream: TcpStream,
    /// What is at this host.
    pub(crate) app: AppName,
    pub(crate) hello: Hello,
}

/// What the client has said.
pub(crate) struct Hello {
    accepted: Accepted,
    host: String,
}

impl Hosts {
    /// Waits for the client to say which host it wants, and takes it if it is that of an app which is `served` on this
    /// listener. The caller limits the time.
    ///
    /// Cancel safe: no; the connection is of no more use.
    pub(crate) async fn greet(
        &self,
        stream: TcpStream,
        served: impl Fn(&AppFacts) -> bool,
    ) -> Result<Greeted, HandshakeError> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let name = start.client_hello().server_name().map(str::to_ascii_lowercase);
        let known = name.and_then(|host| Some((self.enforcer().app_by_host(&host)?, host)));
        match known.filter(|(app, _)| served(app)) {
            Some((app, host)) => {
                let hello = Hello { accepted: start.accepted, host };
                Ok(Greeted { stream: start.io, app: app.name.clone(), hello })
            }
            None => {
                // A configuration without certificate makes rustls say so in an alert.
                let _refused = start.into_stream(self.refusing()).await;
                Err(HandshakeError::UnknownHost)
            }
        }
    }

    /// The rest of the handshake, over the line that was made of the same connection. The caller limits the time.
    ///
    /// Cancel safe: no; the connection is of no more use.
    pub(crate) async fn agree(
        self: &Arc<Self>,
        line: &Arc<Line>,
        hello: Hello,
    ) -> Result<Agreed, HandshakeError> {
        let Shown { host, config, strict } = self.shown(&hello.host).await?;
        let start = StartHandshake::from_parts(hello.accepted, Wire(Arc::clone(line)));
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
