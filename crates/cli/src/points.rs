//! The listener at which enforcement points on other machines reach control: who connects proves which point it is, or is a
//! stranger that may do no more than bring a join token.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bartizan_control::Points;
use bartizan_enforce::wire::{Peer, Server, serve_connection};
use bartizan_pki::point_of;
use parking_lot::RwLock;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What serves them.
#[derive(Debug, Clone)]
pub(crate) struct PointServer {
    points: Arc<Points>,
    tls: Arc<RwLock<Arc<ServerConfig>>>,
    service: Server,
}

impl PointServer {
    /// Serves these points by this service.
    pub(crate) fn new(points: Arc<Points>, service: Server) -> anyhow::Result<Self> {
        let tls = Arc::new(RwLock::new(points.tls()?));
        Ok(Self { points, tls, service })
    }

    /// New connections are shown a certificate of today.
    fn renew(&self) {
        match self.points.tls() {
            Ok(tls) => *self.tls.write() = tls,
            Err(error) => tracing::error!(%error, "control's certificate for points is not renewed"),
        }
    }

    /// Serves connections until `stop`; those that are open end with it.
    pub(crate) async fn run(self, listener: TcpListener, stop: CancellationToken) {
        let (places, connections) = (Arc::new(Semaphore::new(CONNECTIONS)), TaskTracker::new());
        let mut days = tokio::time::interval(DAY);
        days.tick().await;
        loop {
            // Who finds no place waits in the kernel, and its lease runs.
            let accepted = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (place, listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                () = stop.cancelled() => break,
                _ = days.tick() => {
                    self.renew();
                    continue;
                }
                accepted = accepted => accepted,
            };
            let stream = match (place, accepted) {
                (Ok(place), Ok((stream, _))) => (place, stream),
                (_, Err(error)) => {
                    tracing::warn!(%error, "a connection of an enforcement point cannot be accepted");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                (Err(_closed), Ok(_)) => break,
            };
            let (server, stop) = (self.clone(), stop.clone());
            connections.spawn(async move {
                let (_place, stream) = stream;
                if let Err(error) = server.one(stream, stop).await {
                    tracing::debug!(%error, "a connection to control ended");
                }
            });
        }
        connections.close();
        connections.wait().await;
    }

    async fn one(self, stream: TcpStream, stop: CancellationToken) -> anyhow::Result<()> {
        stream.set_nodelay(true)?;
        let tls = Arc::clone(&self.tls.read());
        let handshake = TlsAcceptor::from(tls).accept(stream);
        let stream = tokio::time::timeout(HANDSHAKE, handshake).await.context("no handshake in time")??;
        let certificates = stream.get_ref().1.peer_certificates();
        let peer = match certificates.and_then(<[_]>::first) {
            None => Peer::Stranger,
            Some(leaf) => {
                let point = point_of(leaf, self.points.domain());
                Peer::Point(point.context("its certificate is not that of an enforcement point")?)
            }
        };
        serve_connection(stream, peer, self.service, stop).await;
        Ok(())
    }
}

/// Five of each point; a thousand points, and as many again that join or connect anew.
const CONNECTIONS: usize = 8_192;

const DAY: Duration = Duration::from_secs(24 * 3600);

const HANDSHAKE: Duration = Duration::from_secs(10);

/// When nothing can be accepted, as when there are no more file descriptors.
const PAUSE: Duration = Duration::from_millis(100);
