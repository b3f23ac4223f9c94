//! Accepts connections, as many as there is room for, and sees them to their end.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bartizan_model::AppName;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::counters::{Handshake, Limit};
use crate::gateway::Gateway;
use crate::handshake::{Agreed, Greeted, HandshakeError, Hello, Protocol};
use crate::line::Line;
use crate::places::Place;
use crate::proxies::{Proxies, announced};
use crate::request::Connection;
use crate::serve::ADMINISTRATION;
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
    let (pushed_out, gateway, serves) = (place.pushed_out(), Arc::clone(gateway), Arc::clone(serves));
    let (stop, owner) = (stop.clone(), tasks.clone());
    let work = async move {
        let deadline = Instant::now() + gateway.config().handshake_timeout;
        // Each in a box of its own: a task is as large as the largest of its parts for as long as it lasts, and most of its
        // life it waits.
        let Some(guest) = Box::pin(receive(&gateway, stream, peer, place, &serves, deadline)).await else {
            return;
        };
        let proxies = Arc::clone(&serves.proxies);
        if guest.app.as_str() == ADMINISTRATION {
            // It stays where it waits behind nobody.
            Box::pin(attend(gateway, guest, deadline, proxies, stop, owner)).await;
        } else if let Some(assigned) = gateway.workers().assign() {
            let (tasks, runtime) = (owner.clone(), assigned.runtime.clone());
            let pushed_out = guest.place.pushed_out();
            let served = attend(gateway, guest, deadline, proxies, stop, owner);
            let work = async move {
                served.await;
                drop(assigned);
            };
            begin(&tasks, &runtime, pushed_out, work);
        }
    };
    begin(tasks, &Handle::current(), pushed_out, work);
}

/// Has it done there, until it ends or has to give way.
fn begin(
    tasks: &Tasks,
    runtime: &Handle,
    pushed_out: Option<CancellationToken>,
    work: impl Future<Output = ()> + Send + 'static,
) {
    match pushed_out {
        None => tasks.spawn_on(runtime, work),
        Some(pushed_out) => tasks.spawn_on(runtime, async move {
            let _ended_or_gave_way = pushed_out.run_until_cancelled_owned(work).await;
        }),
    }
}

/// A connection of which it is known whose it is and which host it is for.
struct Guest {
    /// In no runtime yet.
    stream: std::net::TcpStream,
    source: IpAddr,
    place: Place,
    app: AppName,
    hello: Hello,
}

/// Learns whose a connection is, if a proxy announces it, and which host it is for.
async fn receive(
    gateway: &Gateway,
    mut stream: TcpStream,
    peer: IpAddr,
    mut place: Place,
    serves: &Serves,
    deadline: Instant,
) -> Option<Box<Guest>> {
    let mut source = peer;
    if serves.proxies.announce() {
        match timeout_at(deadline, announced(&mut stream)).await {
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
    let greeting = gateway.hosts().greet(stream, |app| serves.includes(gateway, &app.name));
    let Greeted { stream, app, hello } = in_time(gateway, deadline, greeting).await?;
    let stream = alive(stream.into_std())?;
    Some(Box::new(Guest { stream, source, place, app, hello }))
}

/// Shakes hands, and serves the connection to its end.
async fn attend(
    gateway: Arc<Gateway>,
    guest: Box<Guest>,
    deadline: Instant,
    proxies: Arc<Proxies>,
    stop: CancellationToken,
    tasks: Tasks,
) {
    let source = guest.source;
    let Some((line, agreed)) = Box::pin(shake(&gateway, guest, deadline)).await else { return };
    let connection = Connection { tls_host: agreed.host, source, proxies, strict_transport: agreed.strict };
    let session = Session { gateway, connection, line, stop, tasks };
    match agreed.protocol {
        Protocol::Http1 => Box::pin(http1::serve(session, agreed.stream)).await,
        Protocol::Http2 => Box::pin(http2::serve(session, agreed.stream)).await,
    }
}

/// The rest of the handshake, in the runtime that serves the connection.
async fn shake(gateway: &Gateway, guest: Box<Guest>, deadline: Instant) -> Option<(Arc<Line>, Agreed)> {
    let Guest { stream, place, hello, .. } = *guest;
    let line = alive(TcpStream::from_std(stream).and_then(|stream| Line::new(stream, place)))?;
    let agreed = in_time(gateway, deadline, gateway.hosts().agree(&line, hello)).await?;
    gateway.counters().count_handshake(Handshake::Ok);
    Some((line, agreed))
}

/// Part of a handshake, counted if it fails or takes too long.
async fn in_time<T>(
    gateway: &Gateway,
    deadline: Instant,
    part: impl Future<Output = Result<T, HandshakeError>>,
) -> Option<T> {
    let outcome = match timeout_at(deadline, part).await {
        Ok(Ok(done)) => return Some(done),
        Ok(Err(error)) => {
            tracing::debug!(%error, "TLS handshake refused or failed");
            match error {
                HandshakeError::UnknownHost => Handshake::UnknownHost,
                HandshakeError::NoCertificate(_) => Handshake::NoCertificate,
                HandshakeError::Io(_) => Handshake::Failed,
            }
        }
        Err(_late) => Handshake::Late,
    };
    gateway.counters().count_handshake(outcome);
    None
}

fn alive<T>(taken: io::Result<T>) -> Option<T> {
    taken.inspect_err(|error| tracing::debug!(%error, "a connection was gone before it began")).ok()
}
