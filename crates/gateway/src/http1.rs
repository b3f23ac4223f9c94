//! HTTP/1.1 from clients: our own strict reader, and answers in order.
//!
//! One request at a time: its head is read (`head`), its body is taken by whoever the answer comes from (`reader`, `body`),
//! and the answer is written as it comes (`writer`). Requests that a client sends ahead wait. Behind a body that was not
//! taken to its end nobody knows where the next request begins, so the connection ends with the answer.

mod body;
mod head;
mod reader;
mod writer;

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bartizan_enforce::about;
use bytes::BytesMut;
use http::header::{self, HeaderMap};
use http::request::Parts;
use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

use self::body::{Decoder, Piece};
pub(crate) use self::head::{Scan, parse};
use self::reader::{NoHead, Reader, Receive, Returned};
use self::writer::{Asked, Unsent, Writer};
use crate::line::Wire;
use crate::listen::Session;
use crate::local::{BoxError, empty};
use crate::relay::{Downstream, Relay, Stream, Upgrade};
use crate::request::{BadRequest, Framing};

/// Reads the first request of these bytes as one is read from a connection: its head, and the data of its body. `None`
/// while it is not all there.
///
/// # Errors
/// [`BadRequest`] when it is refused before anything else looks at it.
pub fn read_request(bytes: &[u8]) -> Result<Option<(Parts, Vec<u8>)>, BadRequest> {
    let mut buffer = BytesMut::from(bytes);
    let Some(head) = head::Scan::default().take(&mut buffer)? else { return Ok(None) };
    let (head, framing) = head::parse(&head)?;
    let (mut decoder, mut data) = (Decoder::new(framing), Vec::new());
    loop {
        match decoder.next(&mut buffer).map_err(|_broken| BadRequest::Framing)? {
            Piece::Data(piece) => data.extend_from_slice(&piece),
            Piece::Trailers(_) | Piece::End => return Ok(Some((head, data))),
            Piece::More => return Ok(None),
        }
    }
}

/// Serves one connection to its end.
pub(crate) async fn serve(session: Session, stream: TlsStream<Wire>) {
    let (read, write) = tokio::io::split(stream);
    let (mut reader, mut writer) = (Reader::new(read), Writer::new(write));
    let mut wait = session.gateway.config().head_timeout;
    loop {
        let head = match next(&session, &mut reader, wait).await {
            Ok(Some(head)) => head,
            Ok(None) => return end(writer, None).await,
            Err(bad) => return Box::pin(about::within(turn_away(&session, bad, reader, writer))).await,
        };
        // The future of an answer is large; a connection that waits does not hold one.
        match Box::pin(about::within(exchange(&session, head, reader, writer))).await {
            Next::Request(left) => (reader, writer) = *left,
            Next::Over => return,
        }
        let scarce = session.gateway.places().are_scarce();
        wait = if scarce { HURRY } else { session.gateway.config().idle_timeout };
    }
}

/// Says what is wrong with a head, and ends the connection: nobody knows where the next request would begin.
async fn turn_away(session: &Session, bad: BadRequest, reader: Reader, mut writer: Writer) {
    let (head, body) = session.gateway.turn_away(&session.connection, bad).into_parts();
    let asked = Asked { head_only: false, trailers: false, keep: false };
    match writer.answer(&head, body, asked, session.gateway.http_date()).await {
        Ok(()) => end(writer, Some(reader)).await,
        Err(error) => tracing::debug!(%error, "a client did not take its refusal"),
    }
}

/// Waits for a request and reads its head; none when the connection is to end.
async fn next(
    session: &Session,
    reader: &mut Reader,
    wait: Duration,
) -> Result<Option<(Parts, Framing)>, BadRequest> {
    let limit = session.gateway.config().head_timeout;
    let begun = {
        let mut begin = pin!(timeout(wait, reader.begin()));
        tokio::select! {
            biased;
            begun = &mut begin => begun,
            // A request may be on its way already: it is answered, and the client told that it was the last.
            () = session.stop.cancelled() => timeout(FAREWELL, begin).await.unwrap_or_else(Err),
        }
    };
    if !matches!(begun, Ok(Ok(true))) {
        return Ok(None);
    }
    match timeout(limit, reader.head()).await {
        Ok(Ok(head)) => head::parse(&head).map(Some),
        Ok(Err(NoHead::Bad(bad))) => Err(bad),
        Ok(Err(NoHead::Over)) | Err(_) => Ok(None),
        Ok(Err(NoHead::Broken(error))) => {
            tracing::debug!(%error, "an HTTP/1.1 connection ended in the head of a request");
            Ok(None)
        }
    }
}

/// What comes after an answer.
enum Next {
    Request(Box<(Reader, Writer)>),
    Over,
}

/// Answers one request.
async fn exchange(
    session: &Session,
    (head, framing): (Parts, Framing),
    reader: Reader,
    mut writer: Writer,
) -> Next {
    let mut asked = Asked::of(&head.method, &head.headers);
    let waits = framing != Framing::None && wants_permit(&head.headers);
    let (wants, wanted) = oneshot::channel();
    let mut wanted = waits.then_some(wanted);
    let (switched, upgrade) = upgrade(session, &head.headers);
    let decoder = Decoder::new(framing);
    let (body, mut incoming) = if decoder.is_over() {
        (empty(), Incoming::Here(reader))
    } else {
        let (body, back) = Receive::new(reader, decoder, waits.then_some(wants));
        (body.boxed_unsync(), Incoming::Out(back))
    };
    let downstream = Downstream::new(body).with_upgrade(upgrade);
    let response = {
        session.line.settle();
        let work = session.gateway.answer(&session.connection, session.is_crowded(), head, downstream);
        let mut answer = pin!(work);
        loop {
            let step = poll_fn(|cx| {
                if let Poll::Ready(response) = answer.as_mut().poll(cx) {
                    return Poll::Ready(Step::Answer(response));
                }
                // The body is wanted, so the request has been admitted (RFC 9110, 10.1.1).
                if let Some(want) = &mut wanted
                    && let Poll::Ready(want) = Pin::new(want).poll(cx)
                {
                    wanted = None;
                    if want.is_ok() {
                        return Poll::Ready(Step::GoOn);
                    }
                }
                incoming.poll_gone(cx).map(|()| Step::Gone)
            });
            match step.await {
                Step::Answer(response) => break response,
                Step::GoOn => {
                    if writer.go_on().await.is_err() {
                        return Next::Over;
                    }
                }
                // Dropping the answer's future ends what it does upstream.
                Step::Gone => return Next::Over,
            }
        }
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let head = response.into_parts().0;
        switch(&head, incoming, writer, switched).await;
        return Next::Over;
    }
    incoming.settle();
    // Where places are scarce, who has no grant gives theirs back.
    let leaves = response.body().is_ours() && session.gateway.places().are_scarce();
    let closing = session.stop.is_cancelled() || session.is_crowded() || leaves;
    asked.keep &= incoming.is_whole() && !closing;
    send(session, response, asked, incoming, writer).await
}

enum Step {
    Answer(Response<Relay>),
    GoOn,
    Gone,
}

/// Sends an answer, for as long as it is permitted and wanted.
async fn send(
    session: &Session,
    response: Response<Relay>,
    asked: Asked,
    mut incoming: Incoming,
    mut writer: Writer,
) -> Next {
    let (head, body) = response.into_parts();
    let cut = body.cut().unwrap_or_default();
    let sent = {
        let mut cut = pin!(cut.cancelled());
        let mut stalled = pin!(session.line.stalled(session.gateway.config().write_timeout));
        let date = if head.headers.contains_key(header::DATE) { None } else { session.gateway.http_date() };
        let mut sending = pin!(writer.answer(&head, body, asked, date));
        poll_fn(|cx| {
            // The cut first: nothing more is written after it.
            if cut.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            if let Poll::Ready(sent) = sending.as_mut().poll(cx) {
                return Poll::Ready(Some(sent));
            }
            if stalled.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Some(Err(Unsent::Stalled)));
            }
            incoming
                .poll_gone(cx)
                .map(|()| Some(Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into())))
        })
        .await
    };
    match sent {
        Some(Ok(())) => {}
        Some(Err(error)) if !cut.is_cancelled() && !matches!(error, Unsent::Stalled) => {
            tracing::debug!(%error, "an HTTP/1.1 answer ended early");
            return Next::Over;
        }
        None | Some(Err(_)) => {
            // Whatever was still to be written is dropped with it, and what the kernel holds is not kept for long.
            drop((writer, incoming));
            session.line.end().await;
            return Next::Over;
        }
    }
    incoming.settle();
    match incoming {
        Incoming::Here(reader) if asked.keep => Next::Request(Box::new((reader, writer))),
        Incoming::Here(reader) => {
            end(writer, None).await;
            drop(reader);
            Next::Over
        }
        Incoming::Torn(reader) => {
            end(writer, Some(reader)).await;
            Next::Over
        }
        Incoming::Out(_) | Incoming::Lost => {
            end(writer, None).await;
            Next::Over
        }
    }
}

/// Where the reader is.
enum Incoming {
    /// Here, and the next request begins where it stands.
    Here(Reader),
    /// With a body that is still being taken.
    Out(oneshot::Receiver<Returned>),
    /// Here, in the middle of a body that was not taken.
    Torn(Reader),
    Lost,
}

impl Incoming {
    /// Ready when the client has ended the connection.
    fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Self::Out(back) = self
            && let Poll::Ready(returned) = Pin::new(back).poll(cx)
        {
            *self = Self::from(returned.ok());
        }
        match self {
            Self::Here(reader) => reader.poll_gone(cx),
            // That a body breaks off is seen by who takes it.
            Self::Out(_) | Self::Torn(_) | Self::Lost => Poll::Pending,
        }
    }

    /// Takes the reader back, if the body has been taken or dropped.
    fn settle(&mut self) {
        if let Self::Out(back) = self
            && let Ok(returned) = back.try_recv()
        {
            *self = Self::from(Some(returned));
        }
    }

    const fn is_whole(&self) -> bool {
        // A body that is still being taken may come to its end.
        matches!(self, Self::Here(_) | Self::Out(_))
    }
}

impl From<Option<Returned>> for Incoming {
    fn from(returned: Option<Returned>) -> Self {
        match returned {
            Some(Returned { reader, whole: true }) => Self::Here(reader),
            Some(Returned { reader, whole: false }) => Self::Torn(reader),
            None => Self::Lost,
        }
    }
}

/// Ends a connection in good order: what was sent arrives, even if the client was still sending.
async fn end(mut writer: Writer, sending: Option<Reader>) {
    if let Err(error) = writer.end().await {
        tracing::debug!(%error, "a client connection was already gone");
    } else if let Some(mut reader) = sending {
        let _late = timeout(LINGER, reader.drain()).await;
    }
}

fn wants_permit(headers: &HeaderMap) -> bool {
    headers.get(header::EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

type Switched = oneshot::Sender<Box<dyn Stream>>;

/// What a change of protocol needs, if one is asked for.
fn upgrade(session: &Session, headers: &HeaderMap) -> (Option<Switched>, Option<Upgrade>) {
    if !headers.contains_key(header::UPGRADE) {
        return (None, None);
    }
    let (sender, receiver) = oneshot::channel();
    let stream = Box::pin(async move { receiver.await.map_err(BoxError::from) });
    (Some(sender), Some(Upgrade { stream, line: Arc::clone(&session.line) }))
}

/// Says that the protocol changes, and hands the connection to whoever speaks it.
async fn switch(head: &http::response::Parts, incoming: Incoming, mut writer: Writer, to: Option<Switched>) {
    let (Incoming::Here(reader), Some(to)) = (incoming, to) else { return };
    // A client waits for the answer before it speaks the other protocol (RFC 6455, 4.1).
    let Some(read) = reader.into_half() else {
        tracing::debug!("a client did not wait for its protocol to change");
        return;
    };
    if let Err(error) = writer.switch(head).await {
        tracing::debug!(%error, "a client was gone before its protocol changed");
        return;
    }
    // Whoever does not wait for it has been cut.
    let _gone = to.send(Box::new(read.unsplit(writer.into_half())));
}

/// How long the next request is waited for when no more are wanted.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long a connection may wait for its next request where places are scarce.
const HURRY: Duration = Duration::from_secs(1);

/// How long a client that is still sending may take to see that it was answered.
const LINGER: Duration = Duration::from_secs(2);
