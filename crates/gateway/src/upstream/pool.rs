//! Connections to one server: each is driven by the request that uses it, in that request's own task.
//!
//! A task of its own for each connection would cost three changes of task for each request. So while nobody uses it, nobody
//! watches a connection; whether the server has closed it is looked at before it is used again.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};
use tower::Service as _;

use crate::local::BoxError;
use crate::relay::{Progress, Upload};
use crate::tasks::Tasks;
use crate::workers::Each;

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;
type Driver = http1::Connection<Stream, Upload>;

/// How to reach one server, and the connections to it that wait for the next request.
#[derive(Debug)]
pub(crate) struct Pool {
    server: Uri,
    connector: HttpsConnector<HttpConnector>,
    idle: Each<Arc<Mutex<Vec<Idle>>>>,
    tasks: Tasks,
    /// How many connections to all servers may be open.
    places: Arc<Semaphore>,
    /// How long looking its name up, reaching it and shaking hands may take, together.
    patience: Duration,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// No connection, because there are too many already.
    Crowded,
    /// No connection.
    Unreachable(BoxError),
    /// A connection, and no answer on it.
    Broken(hyper::Error),
}

#[derive(Debug)]
struct Idle {
    connection: Box<Connection>,
    since: Instant,
}

#[derive(Debug)]
struct Connection {
    sender: SendRequest<Upload>,
    driver: Driver,
    place: OwnedSemaphorePermit,
}

impl Pool {
    /// A pool without connections; they are made when they are needed. `server` has a scheme and an authority.
    pub(super) fn new(
        server: Uri,
        connector: HttpsConnector<HttpConnector>,
        tasks: Tasks,
        places: Arc<Semaphore>,
        workers: usize,
        patience: Duration,
    ) -> Self {
        Self { server, connector, idle: Each::new(workers), tasks, places, patience }
    }

    /// Sends a request and waits for the head of its answer. The target is in origin form, and `Host` is among the fields.
    ///
    /// Cancel safe: yes; the connection is closed.
    pub(crate) async fn send(
        &self,
        mut request: Request<Upload>,
        progress: &Progress,
    ) -> Result<Response<Answer>, NoAnswer> {
        loop {
            let (mut connection, used) = match self.take() {
                Some(connection) => (connection, true),
                // Rare, and large: most requests do not carry it along.
                None => (Box::pin(self.connect()).await?, false),
            };
            let mut over = false;
            let sent = {
                let mut sending = pin!(connection.sender.try_send_request(request));
                poll_fn(|cx| {
                    loop {
                        if let Poll::Ready(sent) = sending.as_mut().poll(cx) {
                            return Poll::Ready(sent);
                        }
                        // Whatever ended the connection is said to who sends, too.
                        if over || Pin::new(&mut connection.driver).poll(cx).is_pending() {
                            return sending.as_mut().poll(cx);
                        }
                        over = true;
                    }
                })
                .await
            };
            let response = match sent {
                Ok(response) => response,
                Err(mut error) => match error.take_message() {
                    // Closed before a byte of it was sent: as if the connection had not been there.
                    Some(unsent) if used => {
                        request = unsent;
                        continue;
                    }
                    Some(_) | None => return Err(NoAnswer::Broken(error.into_error())),
                },
            };
            let behind = if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                Behind::Switched(Box::new(switched(*connection, over).await.map_err(NoAnswer::Broken)?))
            } else {
                self.behind(connection, progress)
            };
            let idle = Arc::clone(self.idle.mine());
            return Ok(response.map(|body| Answer { body, behind, idle }));
        }
    }

    fn behind(&self, connection: Box<Connection>, progress: &Progress) -> Behind {
        if progress.is_over() {
            return Behind::Connection(connection);
        }
        // An answer may come before the end of its request. While the client does not take the answer, nobody would drive
        // the rest of the request, and the client may take it only then.
        let Connection { sender, driver, place } = *connection;
        self.tasks.spawn(async move {
            if let Err(error) = driver.await {
                tracing::debug!(%error, "a connection to an app's server ended early");
            }
            drop((sender, place));
        });
        Behind::Nothing
    }

    async fn connect(&self) -> Result<Box<Connection>, NoAnswer> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_none| NoAnswer::Crowded)?;
        let mut connector = self.connector.clone();
        let io = async {
            poll_fn(|cx| connector.poll_ready(cx)).await?;
            connector.call(self.server.clone()).await
        };
        let io = match timeout(self.patience, io).await {
            Ok(io) => io.map_err(NoAnswer::Unreachable)?,
            Err(late) => return Err(NoAnswer::Unreachable(late.into())),
        };
        let (sender, driver) = http1::handshake(io).await.map_err(NoAnswer::Broken)?;
        Ok(Box::new(Connection { sender, driver, place }))
    }

    /// The connection that was used last, as long as its server has not ended it.
    fn take(&self) -> Option<Box<Connection>> {
        loop {
            let Idle { mut connection, since } = self.idle.mine().lock().pop()?;
            if since.elapsed() < KEPT && connection.is_ready() {
                return Some(connection);
            }
        }
    }

    /// Closes what has waited for too long.
    pub(super) fn sweep(&self) {
        for idle in self.idle.all() {
            idle.lock().retain_mut(|idle| idle.since.elapsed() < KEPT && idle.connection.is_ready());
        }
    }
}

impl Connection {
    /// Whether the next request may be sent. Nobody is woken by it: it looks at what has happened by now.
    fn is_ready(&mut self) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        Pin::new(&mut self.driver).poll(&mut cx).is_pending() && self.sender.is_ready()
    }
}

/// The body of an answer, and the connection that it comes on.
#[derive(Debug)]
pub(crate) struct Answer {
    body: Incoming,
    behind: Behind,
    idle: Arc<Mutex<Vec<Idle>>>,
}

#[derive(Debug)]
enum Behind {
    Connection(Box<Connection>),
    /// It speaks another protocol from here on.
    Switched(Box<Switched>),
    /// It is driven elsewhere, or over.
    Nothing,
}

/// A connection behind its last HTTP message.
#[derive(Debug)]
pub(crate) struct Switched {
    /// What the server said at once.
    pub(crate) early: Bytes,
    pub(crate) stream: TokioIo<Stream>,
    /// Given back when it ends.
    pub(crate) place: OwnedSemaphorePermit,
}

/// Lets hyper come to the end of what it does on a connection that changes its protocol.
async fn switched(connection: Connection, over: bool) -> hyper::Result<Switched> {
    let Connection { sender, mut driver, place } = connection;
    if !over {
        poll_fn(|cx| Pin::new(&mut driver).poll(cx)).await?;
    }
    drop(sender);
    let parts = driver.into_parts();
    Ok(Switched { early: parts.read_buf, stream: TokioIo::new(parts.io), place })
}

impl Answer {
    /// The connection, if it speaks another protocol from here on.
    pub(crate) fn into_switched(mut self) -> Option<Box<Switched>> {
        match std::mem::replace(&mut self.behind, Behind::Nothing) {
            Behind::Switched(switched) => Some(switched),
            Behind::Connection(_) | Behind::Nothing => None,
        }
    }

    /// Once the body has been taken, the connection is free for the next request.
    fn settle(&mut self) {
        let behind = std::mem::replace(&mut self.behind, Behind::Nothing);
        let Behind::Connection(mut connection) = behind else { return };
        if connection.is_ready() {
            let mut idle = self.idle.lock();
            if idle.len() < MAX_IDLE {
                idle.push(Idle { connection, since: Instant::now() });
            }
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        let mut frame = Pin::new(&mut this.body).poll_frame(cx);
        if frame.is_pending()
            && let Behind::Connection(connection) = &mut this.behind
        {
            if Pin::new(&mut connection.driver).poll(cx).is_ready() {
                // Over, in whatever way: the body says in which.
                this.behind = Behind::Nothing;
            }
            frame = Pin::new(&mut this.body).poll_frame(cx);
        }
        if matches!(frame, Poll::Ready(None)) {
            this.settle();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if self.body.is_end_stream() {
            self.settle();
        }
    }
}

/// Less than the keep-alive time of common servers (Node: 5 s), so that they rarely close what is being used.
const KEPT: Duration = Duration::from_secs(4);

/// Connections to one server that may wait for the next request of one thread.
const MAX_IDLE: usize = 64;
