//! The listener of its own: a thread that does nothing else, few connections, and little time for each.

use std::convert::Infallible;
use std::future::ready;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Health;

/// Answers until it is stopped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    thread: JoinHandle<()>,
}

impl Server {
    /// Listens there and begins to answer.
    pub(crate) fn start(address: SocketAddr, health: Arc<Health>) -> anyhow::Result<Self> {
        let cannot =
            || format!("cannot listen on {address} for health (`[health] address` in the configuration)");
        let listener = TcpListener::bind(address).with_context(cannot)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name(String::from("health")).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = stopped.cancelled() => (),
                    () = health.watch() => (),
                    served = serve(listener, Arc::clone(&health)) => {
                        if let Err(error) = served {
                            tracing::error!(%error, "health is not told any more");
                        }
                    }
                }
            });
        })?;
        Ok(Self { address, stop, thread })
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it, with the connections that are open.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        let joined = tokio::task::spawn_blocking(|| self.thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the thread that tells health did not end in order");
        }
    }
}

async fn serve(listener: TcpListener, health: Arc<Health>) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (places, connections) = (Arc::new(Semaphore::new(CONNECTIONS)), TaskTracker::new());
    // Who finds no place waits in the kernel: it is not told "dead" because others ask, too.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::error!(%error, "a connection for health could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let health = Arc::clone(&health);
        connections.spawn(async move {
            if tokio::time::timeout(WHOLE, answer(stream, &health)).await.is_err() {
                tracing::debug!("a connection for health took too long and was closed");
            }
            drop(place);
        });
    }
    Ok(())
}

/// Answers the one request of a connection.
async fn answer(stream: TcpStream, health: &Health) {
    let service = service_fn(|request: Request<Incoming>| {
        ready(Ok::<_, Infallible>(health.answer(request.method(), request.uri().path(), request.headers())))
    });
    let mut http = http1::Builder::new();
    // One request each: what asks every few seconds gains nothing from a connection that is kept.
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_BYTES).keep_alive(false);
    if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection for health ended early");
    }
}

/// A collector, a balancer and an operator need three; the others are for those who forget to hang up.
const CONNECTIONS: usize = 32;

/// For a head to come, on this machine.
const HEAD: Duration = Duration::from_secs(2);

/// From accepting a connection to its end.
const WHOLE: Duration = Duration::from_secs(5);

/// The least that hyper reads heads with.
const HEAD_BYTES: usize = 8 * 1024;

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn who_does_not_hang_up_keeps_nobody_else_from_an_answer() {
        let server = Server::start("127.0.0.1:0".parse().unwrap(), Health::new()).unwrap();
        let mut silent = Vec::new();
        for place in 0..CONNECTIONS * 2 {
            let mut stream = TcpStream::connect(server.address()).await.unwrap();
            if place % 2 == 0 {
                stream.write_all(b"GET /livez HTTP/1.1\r\nX-").await.unwrap();
            }
            silent.push(stream);
        }
        let ask = async {
            let mut stream = TcpStream::connect(server.address()).await.unwrap();
            stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let answer = tokio::time::timeout(2 * HEAD + WHOLE, ask).await.expect("all others are given up");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nok\n"), "{answer}");
        let address = server.address();
        server.stop().await;
        assert!(TcpStream::connect(address).await.is_err());
    }
}
