//! One connection to control: made when it is needed, watched while it lasts, made anew when it was lost.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Mutex;
use tokio_util::task::AbortOnDropHandle;
use tonic::Status;
use tonic::body::Body;

/// Something that bytes go over, in both directions.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// How control is reached. Who the other side is was found out when this returns.
#[async_trait]
pub trait Dial: Send + Sync + std::fmt::Debug {
    /// A new connection.
    ///
    /// # Errors
    /// Why there is none, for a line of the log.
    async fn dial(&self) -> Result<Box<dyn Connection>, String>;
}

/// A connection that may have to be made first.
#[derive(Debug)]
pub(super) struct Channel {
    dial: Arc<dyn Dial>,
    open: Mutex<Option<Open>>,
}

#[derive(Debug)]
struct Open {
    sender: SendRequest<Body>,
    /// The connection lives as long as this.
    _driver: AbortOnDropHandle<()>,
}

impl Channel {
    pub(super) fn new(dial: Arc<dyn Dial>) -> Self {
        Self { dial, open: Mutex::new(None) }
    }

    /// A connection that is ready for a request.
    ///
    /// Cancel safe: yes; a connection that was being made is given up.
    pub(super) async fn ready(&self) -> Result<Ready, Status> {
        let mut open = self.open.lock().await;
        if let Some(connection) = open.as_mut()
            && !connection.sender.is_closed()
            && connection.sender.ready().await.is_ok()
        {
            return Ok(Ready { sender: connection.sender.clone() });
        }
        *open = None;
        let made = tokio::time::timeout(DIAL, self.connect()).await;
        let connection = made.map_err(|_late| Status::unavailable("no connection in time"))??;
        let sender = connection.sender.clone();
        *open = Some(connection);
        Ok(Ready { sender })
    }

    /// What was asked over it had no answer in time: the next is asked over another.
    pub(super) async fn give_up(&self) {
        *self.open.lock().await = None;
    }

    async fn connect(&self) -> Result<Open, Status> {
        let stream = self.dial.dial().await.map_err(Status::unavailable)?;
        let made = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            // A connection that is silently lost is noticed within these two together.
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING)
            .keep_alive_while_idle(true)
            .max_header_list_size(HEADERS)
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .handshake(TokioIo::new(stream))
            .await;
        let (sender, connection) = made.map_err(|error| Status::unavailable(error.to_string()))?;
        #[expect(clippy::disallowed_methods, reason = "owned by the connection, and aborted with it")]
        let driver = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to control ended");
            }
        });
        Ok(Open { sender, _driver: AbortOnDropHandle::new(driver) })
    }
}

/// A connection that took its last request well.
#[derive(Clone)]
pub(super) struct Ready {
    sender: SendRequest<Body>,
}

impl tower::Service<Request<Body>> for Ready {
    type Response = Response<Incoming>;
    type Error = hyper::Error;
    type Future = futures_util::future::BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(
        &mut self,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        self.sender.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.sender.send_request(request))
    }
}

/// To reach it: address, TLS, HTTP/2.
const DIAL: Duration = Duration::from_secs(5);

const PING: Duration = Duration::from_secs(5);

/// Bytes of header fields in an answer; a refusal has a text.
const HEADERS: u32 = 16 << 10;

/// Bytes on their way at once: at 10 ms from here to there, 400 MB/s.
const WINDOW: u32 = 4 << 20;
