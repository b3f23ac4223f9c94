//! HTTP/1.1 from clients: between hyper and the canonical request.
//!
//! hyper reads and writes here; what it lets through is judged by `request::canonical`. While an answer is under way its
//! cut is watched beside hyper, because hyper does not look at a body while the client takes nothing.

use std::convert::Infallible;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Response;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::line::Wire;
use crate::listen::Session;
use crate::local::BoxError;
use crate::relay::{Downstream, Relay, Stream, Upgrade};
use crate::request::MAX_FIELDS;

/// Serves one connection to its end.
pub(crate) async fn serve(session: Session, stream: TlsStream<Wire>) {
    let session = Arc::new(session);
    let watch = Arc::new(Watch::default());
    let service = service_fn({
        let (session, watch) = (Arc::clone(&session), Arc::clone(&watch));
        move |request| {
            let (session, watch) = (Arc::clone(&session), Arc::clone(&watch));
            async move {
                let response = answer(&session, request).await;
                watch.set(response.body().cut());
                Ok::<_, Infallible>(response)
            }
        }
    });
    let mut connection = Box::pin(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(session.gateway.config().head_timeout)
            .max_headers(MAX_FIELDS)
            .max_buf_size(READ_BUFFER)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades(),
    );
    let mut watching = Watching { watch: &watch, seen: 0, cut: None };
    let mut stopping = false;
    let ended = loop {
        tokio::select! {
            // The cut first: hyper writes nothing more in the poll that follows it.
            biased;
            () = session.stop.cancelled(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            ended = std::future::poll_fn(|cx| watching.poll(cx, |cx| connection.as_mut().poll(cx))) => break ended,
        }
    };
    match ended {
        Ended::Cut => {
            // Whatever hyper still had to write is dropped with it.
            drop(connection);
            session.line.end().await;
        }
        Ended::Done(Ok(())) => {}
        Ended::Done(Err(error)) => tracing::debug!(%error, "an HTTP/1.1 connection ended early"),
    }
}

async fn answer(session: &Session, request: http::Request<Incoming>) -> Response<Relay> {
    let mut request = request;
    let upgrade = request.headers().contains_key(http::header::UPGRADE).then(|| {
        let upgraded = hyper::upgrade::on(&mut request);
        let stream = async move {
            let stream: Box<dyn Stream> = Box::new(TokioIo::new(upgraded.await?));
            Ok::<_, BoxError>(stream)
        };
        Upgrade { stream: Box::pin(stream), line: Arc::clone(&session.line) }
    });
    let (head, body) = request.into_parts();
    let body = Downstream::new(body.map_err(BoxError::from).boxed_unsync()).with_upgrade(upgrade);
    Box::pin(session.gateway.answer(&session.connection, head, body)).await
}

enum Ended {
    Cut,
    Done(hyper::Result<()>),
}

/// The cut of the answer that is under way. There is one at most: HTTP/1.1 answers in order.
#[derive(Debug, Default)]
struct Watch {
    state: Mutex<(u64, Option<CancellationToken>)>,
}

impl Watch {
    fn set(&self, cut: Option<CancellationToken>) {
        let mut state = self.state.lock();
        state.0 = state.0.wrapping_add(1);
        state.1 = cut;
    }
}

struct Watching<'a> {
    watch: &'a Watch,
    seen: u64,
    cut: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

impl Watching<'_> {
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut connection: impl FnMut(&mut Context<'_>) -> Poll<hyper::Result<()>>,
    ) -> Poll<Ended> {
        loop {
            if let Some(cut) = &mut self.cut
                && cut.as_mut().poll(cx).is_ready()
            {
                return Poll::Ready(Ended::Cut);
            }
            if let Poll::Ready(done) = connection(cx) {
                return Poll::Ready(Ended::Done(done));
            }
            // An answer that began in this poll is watched from now on.
            let state = self.watch.state.lock();
            if state.0 == self.seen {
                return Poll::Pending;
            }
            self.seen = state.0;
            self.cut = state.1.clone().map(|cut| Box::pin(cut.cancelled_owned()));
        }
    }
}

/// hyper's smallest useful buffer; heads may be 64 KiB (`request::MAX_FIELD_BYTES`) with a target of 8.
const READ_BUFFER: usize = 80 * 1024;
