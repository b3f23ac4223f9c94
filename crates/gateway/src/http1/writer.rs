//! The writing side of a connection: answers, one after the other.

use std::pin::pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::response::Parts;
use http::{Method, StatusCode};
use http_body::{Body as _, Frame};
use http_body_util::BodyExt as _;
use tokio::io::{AsyncWriteExt as _, WriteHalf};
use tokio_rustls::server::TlsStream;

use crate::line::Wire;
use crate::local::BoxError;
use crate::relay::{Cut, Relay};

/// Bytes to a client.
#[derive(Debug)]
pub(super) struct Writer {
    half: WriteHalf<TlsStream<Wire>>,
    out: Vec<u8>,
}

/// What an answer's head depends on besides the answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) head_only: bool,
    pub(super) trailers: bool,
    /// Whether the connection stays open behind the answer.
    pub(super) keep: bool,
}

/// How the body of an answer is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Nothing,
    Length(u64),
    Chunked,
}

/// Why an answer did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsent {
    #[error("the client does not take the answer")]
    Io(#[from] std::io::Error),
    #[error("the answer broke off")]
    Body(BoxError),
    #[error("the answer is not as long as it says")]
    Length,
    #[error("the client takes nothing of the answer")]
    Stalled,
}

impl Asked {
    pub(super) fn of(method: &Method, headers: &HeaderMap) -> Self {
        let takes = |value: &HeaderValue| {
            value.to_str().is_ok_and(|text| {
                text.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("trailers"))
            })
        };
        let closes = |value: &HeaderValue| {
            value
                .to_str()
                .is_ok_and(|text| text.split(',').any(|option| option.trim().eq_ignore_ascii_case("close")))
        };
        Self {
            head_only: *method == Method::HEAD,
            trailers: headers.get_all(header::TE).iter().any(takes),
            keep: !headers.get_all(header::CONNECTION).iter().any(closes),
        }
    }
}

impl Writer {
    pub(super) const fn new(half: WriteHalf<TlsStream<Wire>>) -> Self {
        Self { half, out: Vec::new() }
    }

    pub(super) fn into_half(self) -> WriteHalf<TlsStream<Wire>> {
        self.half
    }

    /// Says that the body is wanted (RFC 9110, 10.1.1).
    pub(super) async fn go_on(&mut self) -> std::io::Result<()> {
        self.half.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        self.half.flush().await
    }

    /// Sends the head of an answer behind which the connection speaks another protocol.
    pub(super) async fn switch(&mut self, head: &Parts) -> std::io::Result<()> {
        self.start(head);
        for (name, value) in &head.headers {
            self.field(name.as_str(), value.as_bytes());
        }
        self.out.extend_from_slice(b"\r\n");
        self.flush().await
    }

    /// Sends an answer to its end, with a date if it has none of its own.
    ///
    /// Cancel safe: no; what was sent of it cannot be completed, so the connection has to end.
    pub(super) async fn answer(
        &mut self,
        head: &Parts,
        body: Relay,
        asked: Asked,
        date: Option<HeaderValue>,
    ) -> Result<(), Unsent> {
        let framing = self.head(head, &body, asked, date);
        let mut body = pin!(body);
        let mut left = if let Sent::Length(length) = framing { length } else { u64::MAX };
        if framing == Sent::Nothing {
            return Ok(self.flush().await?);
        }
        loop {
            let frame = match now(body.as_mut().frame()) {
                Some(frame) => frame,
                None => {
                    // Nothing more for the moment: what there is goes out.
                    self.flush().await?;
                    body.as_mut().frame().await
                }
            };
            let Some(frame) = frame else { break };
            let frame: Frame<Bytes> = match frame {
                Ok(frame) => frame,
                Err(error) => {
                    // The client sees how far it came, unless it was cut: then nothing more may be sent.
                    if !error.is::<Cut>() {
                        self.flush().await?;
                    }
                    return Err(Unsent::Body(error));
                }
            };
            match frame.into_data() {
                Ok(data) => {
                    left = left
                        .checked_sub(u64::try_from(data.len()).unwrap_or(u64::MAX))
                        .ok_or(Unsent::Length)?;
                    self.data(&data, framing).await?;
                }
                Err(frame) => {
                    if let (Ok(trailers), Sent::Chunked) = (frame.into_trailers(), framing) {
                        self.out.extend_from_slice(b"0\r\n");
                        if asked.trailers {
                            for (name, value) in &trailers {
                                self.field(name.as_str(), value.as_bytes());
                            }
                        }
                        self.out.extend_from_slice(b"\r\n");
                        return Ok(self.flush().await?);
                    }
                }
            }
            if body.is_end_stream() {
                break;
            }
        }
        match framing {
            Sent::Chunked => self.out.extend_from_slice(b"0\r\n\r\n"),
            Sent::Length(_) if left > 0 => return Err(Unsent::Length),
            Sent::Length(_) | Sent::Nothing => {}
        }
        Ok(self.flush().await?)
    }

    /// Says at the TLS level and below that nothing more comes.
    pub(super) async fn end(&mut self) -> std::io::Result<()> {
        self.half.shutdown().await
    }

    /// Writes a head: of the fields about the message's length and the connection, exactly those that are so.
    fn head(&mut self, head: &Parts, body: &Relay, asked: Asked, date: Option<HeaderValue>) -> Sent {
        self.start(head);
        for (name, value) in &head.headers {
            if !matches!(*name, header::CONTENT_LENGTH | header::TRANSFER_ENCODING | header::CONNECTION) {
                self.field(name.as_str(), value.as_bytes());
            }
        }
        if let Some(date) = date {
            self.field("date", date.as_bytes());
        }
        let bodiless = matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
            || head.status.is_informational();
        let framing = match body.size_hint().exact() {
            _ if bodiless || asked.head_only => Sent::Nothing,
            Some(length) => Sent::Length(length),
            None => Sent::Chunked,
        };
        match framing {
            // How long the body would be (RFC 9110, 8.6).
            Sent::Nothing if head.status != StatusCode::NO_CONTENT => {
                if let Some(length) = head.headers.get(header::CONTENT_LENGTH) {
                    self.field("content-length", length.as_bytes());
                }
            }
            Sent::Nothing => {}
            Sent::Length(length) => self.field("content-length", length.to_string().as_bytes()),
            Sent::Chunked => self.field("transfer-encoding", b"chunked"),
        }
        if !asked.keep {
            self.field("connection", b"close");
        }
        self.out.extend_from_slice(b"\r\n");
        framing
    }

    fn start(&mut self, head: &Parts) {
        self.out.clear();
        self.out.extend_from_slice(b"HTTP/1.1 ");
        self.out.extend_from_slice(head.status.as_str().as_bytes());
        self.out.push(b' ');
        self.out.extend_from_slice(head.status.canonical_reason().unwrap_or_default().as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    fn field(&mut self, name: &str, value: &[u8]) {
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b": ");
        self.out.extend_from_slice(value);
        self.out.extend_from_slice(b"\r\n");
    }

    async fn data(&mut self, data: &[u8], framing: Sent) -> std::io::Result<()> {
        if data.is_empty() {
            // An empty chunk would be the last.
            return Ok(());
        }
        if framing == Sent::Chunked {
            self.out.extend_from_slice(format!("{:x}\r\n", data.len()).as_bytes());
        }
        // One record, one write: what is there already and what follows share one.
        let room = RECORD.saturating_sub(self.out.len());
        if data.len() < room {
            self.out.extend_from_slice(data);
        } else {
            let (first, rest) = data.split_at(room);
            self.out.extend_from_slice(first);
            self.flush_out().await?;
            let (whole, last) = rest.split_at(rest.len() - rest.len() % RECORD);
            self.half.write_all(whole).await?;
            self.out.extend_from_slice(last);
        }
        if framing == Sent::Chunked {
            self.out.extend_from_slice(b"\r\n");
        }
        Ok(())
    }

    async fn flush_out(&mut self) -> std::io::Result<()> {
        self.half.write_all(&self.out).await?;
        self.out.clear();
        Ok(())
    }

    /// Sends what there is, and keeps no buffer while the connection waits.
    async fn flush(&mut self) -> std::io::Result<()> {
        self.flush_out().await?;
        self.out = Vec::new();
        self.half.flush().await
    }
}

/// What a future has without waiting.
fn now<T>(work: impl Future<Output = T>) -> Option<T> {
    match pin!(work).poll(&mut Context::from_waker(std::task::Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

/// What one TLS record holds.
const RECORD: usize = 16 * 1024;
