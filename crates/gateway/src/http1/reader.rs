//! The reading side of a connection: heads for its task, and bodies for whoever takes them.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead as _, ReadBuf, ReadHalf};
use tokio::sync::oneshot;
use tokio_rustls::server::TlsStream;

use super::body::{BodyError, Decoder, Piece};
use super::head::Scan;
use crate::line::Wire;
use crate::local::BoxError;
use crate::request::BadRequest;

/// Bytes from a client, and those of them that nobody has taken yet. Without such it holds no buffer.
#[derive(Debug)]
pub(super) struct Reader {
    half: ReadHalf<TlsStream<Wire>>,
    buffer: BytesMut,
    scan: Scan,
}

/// Why there is no head.
#[derive(Debug)]
pub(super) enum NoHead {
    /// The client has ended the connection, at a moment at which it may.
    Over,
    Bad(BadRequest),
    Broken(io::Error),
}

impl Reader {
    pub(super) fn new(half: ReadHalf<TlsStream<Wire>>) -> Self {
        Self { half, buffer: BytesMut::new(), scan: Scan::default() }
    }

    /// Waits for the first byte of a request. Cancel safe.
    pub(super) async fn begin(&mut self) -> io::Result<bool> {
        Ok(!self.buffer.is_empty() || poll_fn(|cx| self.poll_fill(cx)).await? > 0)
    }

    /// Reads a head. Cancel safe.
    pub(super) async fn head(&mut self) -> Result<Bytes, NoHead> {
        loop {
            if let Some(head) = self.scan.take(&mut self.buffer).map_err(NoHead::Bad)? {
                self.release();
                return Ok(head);
            }
            if poll_fn(|cx| self.poll_fill(cx)).await.map_err(NoHead::Broken)? == 0 {
                let torn = self.scan.has_begun();
                return Err(if torn {
                    NoHead::Broken(io::ErrorKind::UnexpectedEof.into())
                } else {
                    NoHead::Over
                });
            }
        }
    }

    /// Ready when the client has ended the connection. What it sends meanwhile is kept, up to a bound: from then on
    /// nothing is read, so that the end is not seen either.
    pub(super) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.buffer.len() < AHEAD {
            match ready!(self.poll_fill(cx)) {
                Ok(0) | Err(_) => return Poll::Ready(()),
                Ok(_) => {}
            }
        }
        Poll::Pending
    }

    /// Throws away what comes, so that an answer is not lost with what the client was still sending (RFC 9112, 9.6).
    /// Returns at the end, or when there is too much.
    pub(super) async fn drain(&mut self) {
        let mut left = LINGER;
        while let Ok(count @ 1..) = poll_fn(|cx| self.poll_fill(cx)).await {
            self.buffer = BytesMut::new();
            left = left.saturating_sub(count);
            if left == 0 {
                return;
            }
        }
    }

    /// The connection, unless more was read of it than was taken.
    pub(super) fn into_half(self) -> Option<ReadHalf<TlsStream<Wire>>> {
        self.buffer.is_empty().then_some(self.half)
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        // On the stack: a connection that waits holds no buffer.
        let mut room = [MaybeUninit::<u8>::uninit(); PIECE];
        let mut read = ReadBuf::uninit(&mut room);
        ready!(Pin::new(&mut self.half).poll_read(cx, &mut read))?;
        self.buffer.extend_from_slice(read.filled());
        Poll::Ready(Ok(read.filled().len()))
    }

    fn release(&mut self) {
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
        }
    }
}

/// A body on its way in. It has the reader until the body is over, and then gives it back.
#[derive(Debug)]
pub(super) struct Receive {
    reader: Option<Reader>,
    decoder: Decoder,
    back: Option<oneshot::Sender<Returned>>,
    /// Told when the body is first asked for.
    wants: Option<oneshot::Sender<()>>,
}

/// The reader, and whether the next request begins where it stands.
#[derive(Debug)]
pub(super) struct Returned {
    pub(super) reader: Reader,
    pub(super) whole: bool,
}

impl Receive {
    pub(super) fn new(
        reader: Reader,
        decoder: Decoder,
        wants: Option<oneshot::Sender<()>>,
    ) -> (Self, oneshot::Receiver<Returned>) {
        let (back, returned) = oneshot::channel();
        (Self { reader: Some(reader), decoder, back: Some(back), wants }, returned)
    }

    fn give_back(&mut self) {
        if let (Some(mut reader), Some(back)) = (self.reader.take(), self.back.take()) {
            reader.release();
            // Whoever does not wait for it has ended the connection.
            let _gone = back.send(Returned { reader, whole: self.decoder.is_over() });
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Frame<Bytes>>, BoxError>> {
        if let Some(wants) = self.wants.take() {
            // Whoever does not wait for it has answered.
            let _gone = wants.send(());
        }
        loop {
            let Some(reader) = &mut self.reader else { return Poll::Ready(Ok(None)) };
            let piece = self.decoder.next(&mut reader.buffer)?;
            if self.decoder.is_over() {
                self.give_back();
            }
            match piece {
                Piece::Data(data) => return Poll::Ready(Ok(Some(Frame::data(data)))),
                Piece::Trailers(trailers) => return Poll::Ready(Ok(Some(Frame::trailers(trailers)))),
                Piece::End => return Poll::Ready(Ok(None)),
                Piece::More => {}
            }
            let Some(reader) = &mut self.reader else { return Poll::Ready(Ok(None)) };
            if ready!(reader.poll_fill(cx))? == 0 {
                return Poll::Ready(Err(BodyError::Torn.into()));
            }
        }
    }
}

impl Body for Receive {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let frame = ready!(this.poll(cx));
        if frame.is_err() {
            this.give_back();
        }
        Poll::Ready(frame.transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.decoder.is_over()
    }

    fn size_hint(&self) -> SizeHint {
        self.decoder.left().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for Receive {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// One TLS record.
const PIECE: usize = 16 * 1024;

/// Requests that a client sends before it has its answer wait here; more of them wait in the kernel.
const AHEAD: usize = 16 * 1024;

/// How much of a body that nobody wants is read so that the client sees why.
const LINGER: usize = 256 * 1024;
