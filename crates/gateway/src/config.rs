//! The bounds of a gateway.

use std::num::NonZero;
use std::time::Duration;

use crate::trace::Share;

/// What a gateway is told when it is made.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// Who vouches for assertions: `https://auth.<domain>[:PORT]`.
    pub issuer: String,
    /// Threads that serve all hosts but that of administration.
    pub workers: NonZero<usize>,
    /// Connections from all clients together, and as many to the servers of apps; who comes then is told to come back.
    pub max_connections: usize,
    /// Connections from one IPv4 address or one IPv6 /64.
    pub max_connections_per_source: usize,
    /// From accepting a connection to the end of its TLS handshake.
    pub handshake_timeout: Duration,
    /// From the first moment in which a request could come to the end of its head.
    pub head_timeout: Duration,
    /// How long a connection may wait for its next request, or carry no stream.
    pub idle_timeout: Duration,
    /// How long a client may take nothing of an answer that waits for it.
    pub write_timeout: Duration,
    /// To reach an upstream: its name, its address and its TLS.
    pub connect_timeout: Duration,
    /// For an upstream to begin its answer, counted from the last progress of the request's body.
    pub answer_timeout: Duration,
    /// In each such span in which a client is waited for it has to send 500 bytes a second of its body.
    pub body_timeout: Duration,
    /// HTTP/2 streams of one connection that are open at once.
    pub max_streams: u32,
    /// How long open requests may take to end when the gateway stops.
    pub drain_timeout: Duration,
    /// Whether hosts get certificates of a public authority, which asks for its challenges over plain HTTP.
    pub public_authority: bool,
    /// How many of all requests are traced.
    pub traces: Share,
}

impl GatewayConfig {
    /// The usual bounds.
    #[must_use]
    pub fn new(issuer: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            workers: std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
            // At 20 KB each, 400 MB.
            max_connections: 20_000,
            // An office behind one address: some hundred browsers with a few connections for each of several apps.
            max_connections_per_source: 2_000,
            handshake_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(120),
            write_timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(5),
            answer_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(20),
            // RFC 9113, 6.5.2 asks for no less than 100; browsers use about as many.
            max_streams: 128,
            drain_timeout: Duration::from_secs(20),
            public_authority: false,
            traces: Share::NONE,
        }
    }
}
