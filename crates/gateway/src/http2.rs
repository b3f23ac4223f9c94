//! HTTP/2 from clients: each stream a task of its own.
//!
//! The frames are the `h2` crate's. hyper's server on top of it does not look at a body while its stream or its connection
//! has no room, so a stream that a client has stalled could not be cut on its own; here each stream waits for room and for
//! its cut at once, and never queues more than there is room for.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bartizan_enforce::about;
use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use tokio_rustls::server::TlsStream;

use crate::line::Wire;
use crate::listen::Session;
use crate::local::BoxError;
use crate::relay::{Downstream, Relay};
use crate::request::MAX_FIELD_BYTES;

/// Serves one connection to its end.
pub(crate) async fn serve(session: Session, stream: TlsStream<Wire>) {
    let gateway = Arc::clone(&session.gateway);
    let config = gateway.config();
    let mut builder = h2::server::Builder::new();
    builder
        .max_concurrent_streams(config.max_streams)
        .max_header_list_size(u32::try_from(MAX_FIELD_BYTES).unwrap_or(u32::MAX))
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buffer_size(SEND_BUFFER)
        // Rapid reset (CVE-2023-44487) and its kin: streams that were opened and reset count until they are forgotten.
        .max_concurrent_reset_streams(RESET_STREAMS)
        .max_pending_accept_reset_streams(RESET_STREAMS)
        .max_local_error_reset_streams(Some(LOCAL_RESETS));
    let greeting = timeout(config.head_timeout, builder.handshake::<_, Bytes>(stream)).await;
    let mut connection = match greeting {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => {
            tracing::debug!(%error, "an HTTP/2 connection did not begin");
            return;
        }
        Err(_late) => return,
    };
    let session = Arc::new(session);
    let open = Arc::new(AtomicUsize::new(0));
    let mut idle = pin!(tokio::time::sleep(config.idle_timeout));
    let (mut stopping, mut stop) = (false, false);
    loop {
        tokio::select! {
            biased;
            () = session.stop.cancelled(), if !stopping => stop = true,
            accepted = connection.accept() => match accepted {
                Some(Ok((request, respond))) => {
                    let guard = Open::count(&open);
                    let session_of_stream = Arc::clone(&session);
                    session.tasks.spawn(async move {
                        about::within(stream_task(&session_of_stream, request, respond)).await;
                        drop(guard);
                    });
                }
                Some(Err(error)) => {
                    tracing::debug!(%error, "an HTTP/2 connection ended early");
                    return;
                }
                None => return,
            },
            () = &mut idle => {
                if open.load(Ordering::Acquire) == 0 {
                    if stopping {
                        return;
                    }
                    stop = true;
                }
                idle.as_mut().reset(Instant::now() + config.idle_timeout);
            }
        }
        if stop && !stopping {
            stopping = true;
            connection.graceful_shutdown();
        }
    }
}

/// Counts a stream that is open.
struct Open(Arc<AtomicUsize>);

impl Open {
    fn count(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(open))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// One request and its answer. Dropping the answer's future when the client is gone ends what it does upstream.
async fn stream_task(session: &Session, request: Request<RecvStream>, mut respond: SendResponse<Bytes>) {
    let (head, recv) = request.into_parts();
    let without_body = head.method == Method::HEAD;
    let waits = head.headers.get(header::EXPECT).is_some_and(|value| value == "100-continue");
    let (wants, mut wanted) = oneshot::channel();
    let body = Receive::new(recv, &head.headers, waits.then_some(wants));
    let body = Downstream::new(body.boxed_unsync());
    let response = {
        session.line.settle();
        let mut answer =
            Box::pin(session.gateway.answer(&session.connection, session.is_crowded(), head, body));
        let mut asked = !waits;
        loop {
            tokio::select! {
                biased;
                _reset = poll_fn(|cx| respond.poll_reset(cx)) => return,
                // The body is wanted, so the request has been admitted (RFC 9110, 10.1.1).
                want = &mut wanted, if !asked => {
                    asked = true;
                    if want.is_ok() {
                        let mut interim = Response::new(());
                        *interim.status_mut() = StatusCode::CONTINUE;
                        if respond.send_informational(interim).is_err() {
                            return;
                        }
                    }
                }
                response = &mut answer => break response,
            }
        }
    };
    let (mut head, mut body) = response.into_parts();
    for name in [header::CONNECTION, header::TRANSFER_ENCODING, header::UPGRADE] {
        head.headers.remove(name);
    }
    if !head.headers.contains_key(header::DATE)
        && let Some(date) = session.gateway.http_date()
    {
        head.headers.insert(header::DATE, date);
    }
    let end = without_body || body.is_end_stream();
    let began = session.line.mark();
    match respond.send_response(Response::from_parts(head, ()), end) {
        Ok(_stream) if end => {}
        // The body ends after the stream: closing what is behind it takes longer than the stream should still be open.
        Ok(stream) => match pipe(&mut body, stream, session.gateway.config().write_timeout).await {
            Ok(()) | Err(Stopped::Gone) => {}
            Err(Stopped::Aborted(mut stream)) => {
                // A reset throws away what is queued: what came of the answer goes out before.
                session.line.moved(began).await;
                stream.send_reset(Reason::INTERNAL_ERROR);
            }
            Err(Stopped::Cut(mut stream)) => {
                let mark = session.line.mark();
                // Throws away what is queued for the stream, too.
                stream.send_reset(Reason::CANCEL);
                if !session.line.drained(mark).await {
                    // What the kernel still holds of this stream can only be taken back with the whole connection.
                    session.line.reset();
                }
            }
        },
        Err(error) => tracing::debug!(%error, "an HTTP/2 stream was gone before its answer"),
    }
}

/// Why an answer did not come to its end.
enum Stopped {
    /// The grant was cut.
    Cut(SendStream<Bytes>),
    /// The other side of the body failed.
    Aborted(SendStream<Bytes>),
    /// The client does not want it any more.
    Gone,
}

async fn pipe(body: &mut Relay, mut stream: SendStream<Bytes>, patience: Duration) -> Result<(), Stopped> {
    let token = body.cut().unwrap_or_default();
    let mut cut = pin!(token.cancelled());
    loop {
        let frame = tokio::select! {
            biased;
            () = &mut cut => return Err(Stopped::Cut(stream)),
            _reset = poll_fn(|cx| stream.poll_reset(cx)) => return Err(Stopped::Gone),
            frame = body.frame() => frame,
        };
        let frame = match frame {
            None => return stream.send_data(Bytes::new(), true).map_err(|_gone| Stopped::Gone),
            Some(Ok(frame)) => frame,
            Some(Err(_)) if token.is_cancelled() => return Err(Stopped::Cut(stream)),
            Some(Err(error)) => {
                tracing::debug!(%error, "an answer broke off");
                return Err(Stopped::Aborted(stream));
            }
        };
        let mut data = match frame.into_data() {
            Ok(data) => data,
            Err(frame) => match frame.into_trailers() {
                Ok(trailers) => return stream.send_trailers(trailers).map_err(|_gone| Stopped::Gone),
                Err(_unknown) => continue,
            },
        };
        let last = body.is_end_stream();
        if data.is_empty() && last {
            return stream.send_data(data, true).map_err(|_gone| Stopped::Gone);
        }
        while !data.is_empty() {
            stream.reserve_capacity(data.len().min(PIECE));
            let room = tokio::select! {
                biased;
                () = &mut cut => return Err(Stopped::Cut(stream)),
                room = timeout(patience, room(&mut stream)) => match room {
                    Ok(room) => room.ok_or(Stopped::Gone)?,
                    // It asked, and does not take what it asked for.
                    Err(_late) => return Err(Stopped::Aborted(stream)),
                },
            };
            let piece = data.split_to(room.min(PIECE).min(data.len()));
            let end = last && data.is_empty();
            stream.send_data(piece, end).map_err(|_gone| Stopped::Gone)?;
            if end {
                return Ok(());
            }
        }
    }
}

/// Waits for room to send; `None` when the stream is over.
async fn room(stream: &mut SendStream<Bytes>) -> Option<usize> {
    loop {
        let room = stream.capacity();
        if room > 0 {
            return Some(room);
        }
        poll_fn(|cx| {
            if stream.poll_reset(cx).is_ready() {
                return Poll::Ready(None);
            }
            stream.poll_capacity(cx)
        })
        .await?
        .ok()?;
    }
}

/// The body of a request, window by window.
struct Receive {
    recv: RecvStream,
    /// Told when the body is first asked for.
    wants: Option<oneshot::Sender<Infallible>>,
    trailers: bool,
    remaining: Option<u64>,
}

impl Receive {
    fn new(recv: RecvStream, headers: &HeaderMap, wants: Option<oneshot::Sender<Infallible>>) -> Self {
        // The `h2` crate holds the frames to it (RFC 9113, 8.1.1).
        let length = headers.get(header::CONTENT_LENGTH).map(HeaderValue::to_str);
        let remaining = length.and_then(Result::ok).and_then(|text| text.parse().ok());
        Self { recv, wants, trailers: false, remaining }
    }
}

impl http_body::Body for Receive {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        this.wants = None;
        if !this.trailers {
            match ready!(this.recv.poll_data(cx)) {
                Some(Ok(data)) => {
                    this.recv.flow_control().release_capacity(data.len())?;
                    let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
                    this.remaining = this.remaining.map(|remaining| remaining.saturating_sub(length));
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => this.trailers = true,
            }
        }
        match ready!(this.recv.poll_trailers(cx)) {
            Ok(Some(trailers)) => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
            Ok(None) => Poll::Ready(None),
            Err(error) => Poll::Ready(Some(Err(error.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.recv.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.is_end_stream() {
            return SizeHint::with_exact(0);
        }
        self.remaining.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// One frame at a time: other streams get their turn, and a cut finds no more than this below it (`line`).
const PIECE: usize = 16 * 1024;

/// What a client may send of one body before it is read. A large upload over 100 ms then runs at 2.5 MB/s and more.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;

/// What may wait in one stream; pieces are only sent where there is room, so this is a second lock.
const SEND_BUFFER: usize = 64 * 1024;

const RESET_STREAMS: usize = 32;
const LOCAL_RESETS: usize = 256;
