//! Bodies, both ways, under a live grant.
//!
//! Nothing is buffered: a piece is taken from one side when the other has room for it. Each direction stops in the moment in
//! which the grant is cut, and a body that was cut ends as an error, so that no protocol closes it as if it were complete.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bartizan_enforce::{LiveGrant, Meter};
use bartizan_model::Outcome;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};

use crate::line::Line;
use crate::local::{Body, BoxError, empty};
use crate::request::{CanonicalRequest, is_returnable, keep_trailers};
use crate::trace::Traced;

/// What follows the head of a request from downstream.
pub struct Downstream {
    body: Body,
    upgrade: Option<Upgrade>,
}

/// A connection that may change its protocol once the answer says so.
pub(crate) struct Upgrade {
    pub(crate) stream: BoxFuture<'static, Result<Box<dyn Stream>, BoxError>>,
    pub(crate) line: Arc<Line>,
}

/// Bytes both ways.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Downstream {
    /// A body, on a connection that stays what it is.
    #[must_use]
    pub const fn new(body: Body) -> Self {
        Self { body, upgrade: None }
    }

    pub(crate) fn with_upgrade(mut self, upgrade: Option<Upgrade>) -> Self {
        self.upgrade = upgrade;
        self
    }

    pub(crate) fn into_parts(self) -> (Body, Option<Upgrade>) {
        (self.body, self.upgrade)
    }
}

impl std::fmt::Debug for Downstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Downstream").field("upgrade", &self.upgrade.is_some()).finish_non_exhaustive()
    }
}

/// The grant was cut: this body is not complete.
#[derive(Debug, thiserror::Error)]
#[error("access ended while the body was on its way")]
pub(crate) struct Cut;

/// A body is larger than its app takes.
#[derive(Debug, thiserror::Error)]
#[error("the body is larger than the app takes")]
struct TooLarge;

// === impl Upload ===

/// The body of a request on its way upstream. It ends when the grant is cut, and when the answer is over.
pub(crate) struct Upload {
    body: Option<Body>,
    /// How many bytes may still come.
    room: u64,
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
    meter: Arc<Meter>,
    progress: Arc<Progress>,
}

/// How far an upload is, for whoever waits for the answer.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    frames: AtomicU64,
    bytes: AtomicU64,
    /// Whether the upstream wants more and the client does not send it.
    starved: AtomicBool,
    /// Whether all of it has been taken.
    over: AtomicBool,
    /// Whether more came than the app takes.
    too_large: AtomicBool,
}

impl Progress {
    pub(crate) fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn is_starved(&self) -> bool {
        self.starved.load(Ordering::Relaxed)
    }

    pub(crate) fn is_too_large(&self) -> bool {
        self.too_large.load(Ordering::Relaxed)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

impl Upload {
    pub(crate) fn new(body: Body, stop: CancellationToken, meter: Arc<Meter>) -> (Self, Arc<Progress>) {
        let over = AtomicBool::new(http_body::Body::is_end_stream(&body));
        let progress = Arc::new(Progress { over, ..Progress::default() });
        let upload = Self {
            body: Some(body),
            room: u64::MAX,
            stop: Box::pin(stop.cancelled_owned()),
            meter,
            progress: Arc::clone(&progress),
        };
        (upload, progress)
    }

    /// With so many bytes at most: the next one ends it with an error.
    pub(crate) fn of_at_most(mut self, bytes: Option<u64>) -> Self {
        self.room = bytes.unwrap_or(u64::MAX);
        self
    }
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if this.stop.as_mut().poll(cx).is_ready() {
            this.body = None;
            return Poll::Ready(Some(Err(Cut.into())));
        }
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let Poll::Ready(frame) = http_body::Body::poll_frame(Pin::new(body), cx) else {
            this.progress.starved.store(true, Ordering::Relaxed);
            return Poll::Pending;
        };
        this.progress.starved.store(false, Ordering::Relaxed);
        this.progress.frames.fetch_add(1, Ordering::Relaxed);
        if frame.is_none() || http_body::Body::is_end_stream(body) {
            this.progress.over.store(true, Ordering::Relaxed);
        }
        let Some(frame) = frame else { return Poll::Ready(None) };
        let mut frame = frame?;
        if let Some(data) = frame.data_ref() {
            this.meter.received(count(data));
            this.progress.bytes.fetch_add(count(data), Ordering::Relaxed);
            let Some(room) = this.room.checked_sub(count(data)) else {
                this.progress.too_large.store(true, Ordering::Relaxed);
                this.body = None;
                return Poll::Ready(Some(Err(TooLarge.into())));
            };
            this.room = room;
        } else if let Some(trailers) = frame.trailers_mut() {
            keep_trailers(trailers);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), http_body::Body::size_hint)
    }
}

// === impl Relay ===

/// The body of an answer on its way downstream. While it lasts it holds the grant that it passes under.
pub struct Relay {
    body: Option<Body>,
    held: Option<Box<Held>>,
    /// The span of the request, which ends with its answer.
    traced: Option<Traced>,
}

/// What ends with the answer.
struct Held {
    live: LiveGrant<CanonicalRequest>,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    meter: Arc<Meter>,
    /// Ends the upload: without an answer under way there is nothing that it would be under.
    _upload: DropGuard,
}

impl Relay {
    /// An answer of our own, which passes under no grant.
    pub(crate) const fn ours(body: Body) -> Self {
        Self { body: Some(body), held: None, traced: None }
    }

    /// An answer that passes under this grant. `upload` is cancelled when it is over.
    pub(crate) fn under(live: LiveGrant<CanonicalRequest>, body: Body, upload: DropGuard) -> Self {
        let cut = Box::pin(live.cut().cancelled_owned());
        let meter = Arc::clone(live.meter());
        let held = Held { live, cut, meter, _upload: upload };
        Self { body: Some(body), held: Some(Box::new(held)), traced: None }
    }

    /// The end of the request's span, which says if it was cut.
    fn ended(&mut self) {
        let Some(traced) = self.traced.take() else { return };
        if let Some(denial) = self.held.as_ref().and_then(|held| held.live.cut_reason()) {
            traced.ended(Outcome::Cut, denial.reason.as_str());
        }
    }

    pub(crate) fn nothing() -> Self {
        Self::ours(empty())
    }

    /// As the answer to a request that is traced.
    pub(crate) fn traced(&mut self, traced: Traced) {
        self.traced = Some(traced);
    }

    /// Whether it passes under no grant.
    pub(crate) const fn is_ours(&self) -> bool {
        self.held.is_none()
    }

    /// Cancelled when this body must stop; `None` if it passes under no grant.
    pub(crate) fn cut(&self) -> Option<CancellationToken> {
        self.held.as_ref().map(|held| held.live.cut())
    }
}

impl http_body::Body for Relay {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if let Some(held) = &mut this.held
            && held.cut.as_mut().poll(cx).is_ready()
        {
            this.ended();
            this.body = None;
            this.held = None;
            return Poll::Ready(Some(Err(Cut.into())));
        }
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let frame = ready!(http_body::Body::poll_frame(Pin::new(body), cx));
        match frame {
            Some(Ok(mut frame)) => {
                if let Some(data) = frame.data_ref() {
                    if let Some(held) = &this.held {
                        held.meter.sent(count(data));
                    }
                } else if let Some(trailers) = frame.trailers_mut() {
                    keep_returnable(trailers);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => {
                if let Some(held) = this.held.take() {
                    held.live.fail("upstream_aborted");
                }
                if let Some(traced) = this.traced.take() {
                    traced.ended(Outcome::Failed, "upstream_aborted");
                }
                this.body = None;
                Poll::Ready(Some(Err(error)))
            }
            None => {
                this.body = None;
                this.held = None;
                this.traced = None;
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), http_body::Body::size_hint)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.ended();
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("under_grant", &self.held.is_some()).finish_non_exhaustive()
    }
}

fn keep_returnable(trailers: &mut http::HeaderMap) {
    let drop: Vec<http::HeaderName> = trailers
        .keys()
        .filter(|name| !is_returnable(name.as_str()) || **name == http::header::SET_COOKIE)
        .cloned()
        .collect();
    for name in drop {
        trailers.remove(name);
    }
}

fn count(data: &Bytes) -> u64 {
    u64::try_from(data.len()).unwrap_or(u64::MAX)
}
