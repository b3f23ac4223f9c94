//! Accepts connections, as many as there is room for, and sees them to their end.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bartizan_model::AppName;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::counters::{Handshake, Limit};
use crate::gateway::Gateway;
use crate::handshake::{Agreed, HandshakeError, Protocol};
use crate::line::Line;
use crate::places::Place;
use crate::proxies::{Proxies, announced};
use crate::request::Connection;
use crate::tasks::Tasks;
use crate::{accept, http1, http2};

/// A connection, its certificate's host settled, ready to speak HTTP.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) connection: Connection,
    pub(crate) line: Arc<Line>,
    /// Cancelled when no new request is wanted.
    pub(crate) stop: CancellationToken,
    /// Owns what the connection starts.
    pub(crate) tasks: Tasks,
}

impl Session {
    /// Whether it came when there was no room: then it is served only what must go on then.
    pub(crate) fn is_crowded(&self) -> bool {
        self.line.is_crowded()
    }
}

/// Which hosts a listener serves, and which proxies in front of it are believed. A host that it does not serve does not
/// exist there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serves {
    apps: bool,
    own: BTreeSet<AppName>,
    proxies: Arc<Proxies>,
}

impl Serves {
    /// The hosts of apps, if so, and these hosts of our own.
    pub fn new(apps: bool, own: impl IntoIterator<Item = AppName>) -> Self {
        Self { apps, own: own.into_iter().collect(), proxies: Arc::default() }
    }

    /// Behind these proxies.
    #[must_use]
    pub fn behind(self, proxies: Proxies) -> Self {
        Self { proxies: Arc::new(proxies), ..self }
    }

    fn includes(&self, gateway: &Gateway, app: &AppName) -> bool {
        if gateway.local(app).is_some() { self.own.contains(app) } else { self.apps }
    }
}

/// Serves until `shutdown`, then lets open requests end for a while, then ends the rest. When the rules change, they hold for
/// connections that come from then on; those that are open end as soon as no request is open on them.
pub(crate) async fn serve(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    mut rules: watch::Receiver<Serves>,
    shutdown: CancellationToken,
) {
    let tasks = Tasks::default();
    let mut serves = Arc::new(rules.borrow_and_update().clone());
    // Under one set of rules; as long as nobody changes them, that is until the end.
    let (mut round, mut may_change) = (shutdown.child_token(), true);
    loop {
        let accepted = tokio::select! {
            biased;
            changed = rules.changed(), if may_change => {
                may_change = changed.is_ok();
                let new = rules.borrow_and_update().clone();
                if *serves != new {
                    round.cancel();
                    (serves, round) = (Arc::new(new), shutdown.child_token());
                }
                continue;
            }
            accepted = accept::next(&listener, &shutdown) => accepted,
        };
        let Some((stream, peer)) = accepted else { break };
        take(&gateway, stream, peer, &serves, &round, &tasks);
    }
    drop(listener);
    tasks.finish(gateway.config().drain_timeout).await;
}

fn take(
    gateway: &Arc<Gateway>,
    stream: TcpStream,
    peer: SocketAddr,
    serves: &Arc<Serves>,
    stop: &CancellationToken,
    tasks: &Tasks,
) {
    let peer = peer.ip().to_canonical();
    let is_proxy = serves.proxies.include(peer);
    if serves.proxies.announce() && !is_proxy {
        gateway.counters().count_handshake(Handshake::Unannounced);
        tracing::debug!(%peer, "a connection that no trusted proxy announced was closed");
        return;
    }
    // The connections of a proxy are those of its clients.
    let place = match gateway.places().take((!is_proxy).then_some(peer)) {
        Ok(place) => place,
        Err(limit) => {
            gateway.counters().count_full(limit);
            tracing::warn!(limit = limit.as_str(), "too many connections; one was closed");
            return;
        }
    };
    let (gateway, stop, owner) = (Arc::clone(gateway), stop.clone(), tasks.clone());
    let (serves, pushed_out) = (Arc::clone(serves), place.pushed_out());
    let work = async move {
        // Each in a box of its own: the task is as large as the largest of its parts for as long as it lasts, and most of its
        // life it waits.
        let Some((line, source)) = Box::pin(begin(&gateway, stream, peer, place, &serves)).await else {
            return;
        };
        let Some(done) = Box::pin(shake(&gateway, &line, &serves)).await else { return };
        let connection = Connection {
            tls_host: done.host,
            source,
            proxies: Arc::clone(&serves.proxies),
            strict_transport: done.strict,
        };
        let session = Session { gateway, connection, line, stop, tasks: owner };
        match done.protocol {
            Protocol::Http1 => Box::pin(http1::serve(session, done.stream)).await,
            Protocol::Http2 => Box::pin(http2::serve(session, done.stream)).await,
        }
    };
    match pushed_out {
        None => tasks.spawn(work),
        Some(pushed_out) => tasks.spawn(async move {
            let _ended_or_gave_way = pushed_out.run_until_cancelled_owned(work).await;
        }),
    }
}

/// Takes over a connection, and learns whose it is if a proxy announces it.
async fn begin(
    gateway: &Gateway,
    mut stream: TcpStream,
    peer: IpAddr,
    mut place: Place,
    serves: &Serves,
) -> Option<(Arc<Line>, IpAddr)> {
    let mut source = peer;
    if serves.proxies.announce() {
        match tokio::time::timeout(gateway.config().handshake_timeout, announced(&mut stream)).await {
            Ok(Ok(announced)) => source = announced.unwrap_or(peer),
            Ok(Err(error)) => {
                gateway.counters().count_handshake(Handshake::Unannounced);
                tracing::warn!(%error, %peer, "a proxy does not announce its connections");
                return None;
            }
            Err(_late) => {
                gateway.counters().count_handshake(Handshake::Late);
                return None;
            }
        }
        if source != peer && !place.belongs_to(source) {
            gateway.counters().count_full(Limit::Source);
            tracing::warn!("too many connections from one source; one was closed");
            return None;
        }
    }
    match Line::new(stream, place) {
        Ok(line) => Some((line, source)),
        Err(error) => {
            tracing::debug!(%error, "a connection was gone before it began");
            None
        }
    }
}

/// Shakes hands in the time that there is for it.
async fn shake(gateway: &Gateway, line: &Arc<Line>, serves: &Serves) -> Option<Agreed> {
    let handshake = gateway.hosts().handshake(line, |app| serves.includes(gateway, &app.name));
    let (outcome, done) = match tokio::time::timeout(gateway.config().handshake_timeout, handshake).await {
        Ok(Ok(done)) => (Handshake::Ok, Some(done)),
        Ok(Err(error)) => {
            tracing::debug!(%error, "TLS handshake refused or failed");
            let outcome = match error {
                HandshakeError::UnknownHost => Handshake::UnknownHost,
                HandshakeError::NoCertificate(_) => Handshake::NoCertificate,
                HandshakeError::Io(_) => Handshake::Failed,
            };
            (outcome, None)
        }
        Err(_late) => (Handshake::Late, None),
    };
    gateway.counters().count_handshake(outcome);
    done
}
