//! The listener at which enforcement points on other machines reach control: who connects proves which point it is, or is a
//! stranger that may do no more than bring a join token.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bartizan_control::Points;
use bartizan_enforce::wire::{Peer, Server, serve_connection};
use bartizan_pki::point_of;
use parking_lot::{Mutex, RwLock};
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
        let (seats, lobby) = (Arc::new(Semaphore::new(CONNECTIONS)), Arc::new(Lobby::default()));
        let connections = TaskTracker::new();
        let mut days = tokio::time::interval(DAY);
        days.tick().await;
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                _ = days.tick() => {
                    self.renew();
                    continue;
                }
                accepted = listener.accept() => accepted,
            };
            let (stream, from) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection of an enforcement point cannot be accepted");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            // Whoever says nothing, or not who they are, keeps nobody else out.
            let Some(guest) = Lobby::enter(&lobby, from.ip()) else { continue };
            let (server, stop, seats) = (self.clone(), stop.clone(), Arc::clone(&seats));
            connections.spawn(async move {
                if let Err(error) = server.one(stream, guest, &seats, stop).await {
                    tracing::debug!(%error, "a connection to control ended");
                }
            });
        }
        connections.close();
        connections.wait().await;
    }

    async fn one(
        self,
        stream: TcpStream,
        guest: Guest,
        seats: &Semaphore,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        stream.set_nodelay(true)?;
        let tls = Arc::clone(&self.tls.read());
        let handshake = TlsAcceptor::from(tls).accept(stream);
        let stream = tokio::time::timeout(HANDSHAKE, handshake).await.context("no handshake in time")??;
        let certificates = stream.get_ref().1.peer_certificates();
        let Some(leaf) = certificates.and_then(<[_]>::first) else {
            // One that brings a token says so at once, and is gone: it stays in the lobby.
            let _guest = guest;
            let served = serve_connection(stream, Peer::Stranger, self.service, stop);
            tokio::time::timeout(STRANGER, served).await.context("a stranger stayed for too long")?;
            return Ok(());
        };
        let point = point_of(leaf, self.points.domain());
        let peer = Peer::Point(point.context("its certificate is not that of an enforcement point")?);
        let _seat = seats.try_acquire().context("there are too many connections of enforcement points")?;
        drop(guest);
        serve_connection(stream, peer, self.service, stop).await;
        Ok(())
    }
}

/// Who has not yet said who they are.
#[derive(Debug, Default)]
struct Lobby {
    guests: Mutex<HashMap<IpAddr, usize>>,
}

/// A place in the lobby.
#[derive(Debug)]
struct Guest {
    lobby: Arc<Lobby>,
    from: IpAddr,
}

impl Lobby {
    /// A place, if there is one, for somebody from this address.
    fn enter(lobby: &Arc<Self>, from: IpAddr) -> Option<Guest> {
        let mut guests = lobby.guests.lock();
        let all: usize = guests.values().sum();
        let here = guests.entry(from).or_default();
        if *here >= FROM_ONE || all >= LOBBY {
            if *here == 0 {
                guests.remove(&from);
            }
            return None;
        }
        *here += 1;
        Some(Guest { lobby: Arc::clone(lobby), from })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut guests = self.lobby.guests.lock();
        if let Some(here) = guests.get_mut(&self.from) {
            *here -= 1;
            if *here == 0 {
                guests.remove(&self.from);
            }
        }
    }
}

/// Five of each point; a thousand points, and as many again that join or connect anew.
const CONNECTIONS: usize = 8_192;

const DAY: Duration = Duration::from_secs(24 * 3600);

const HANDSHAKE: Duration = Duration::from_secs(10);

/// For who brings a join token: it is answered within that, however long the store takes.
const STRANGER: Duration = Duration::from_secs(30);

/// Handshakes at once, and those of one address: a machine with hundreds of points behind one address connects in turns.
const LOBBY: usize = 2_048;
const FROM_ONE: usize = 256;

/// When nothing can be accepted, as when there are no more file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_fill_the_lobby_and_who_leaves_makes_room() {
        let lobby = Arc::new(Lobby::default());
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let mut guests: Vec<Guest> = (0..FROM_ONE).map(|_| Lobby::enter(&lobby, one).unwrap()).collect();
        assert!(Lobby::enter(&lobby, one).is_none());
        assert!(Lobby::enter(&lobby, other).is_some());
        guests.pop();
        assert!(Lobby::enter(&lobby, one).is_some());
        drop(guests);
        assert!(lobby.guests.lock().is_empty(), "nothing is kept of who has left");
        let crowd: Vec<Guest> = (0..LOBBY)
            .map(|n| Lobby::enter(&lobby, IpAddr::from([10, 0, u8::try_from(n / 200).unwrap(), 1])).unwrap())
            .collect();
        assert!(Lobby::enter(&lobby, one).is_none());
        drop(crowd);
        assert!(Lobby::enter(&lobby, one).is_some());
    }
}
