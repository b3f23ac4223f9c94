//! Everything that lasts, opened through a gateway, with the last byte of each in either direction.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _, stream};
use http::{Request, Response};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use super::tap::{Heard, Tap};
use crate::http::Client;
use crate::live::{End, watch};

/// Something that is open, under the name by which the tap knows it.
pub(crate) struct Open {
    name: String,
    task: JoinHandle<End>,
}

/// Who opens what.
pub(crate) struct Opener<'a> {
    pub(crate) client: &'a Client,
    pub(crate) app: &'static str,
    pub(crate) token: &'a str,
    pub(crate) tap: &'a Tap,
}

impl Opener<'_> {
    /// Opens one of each, under names that begin so.
    pub(crate) async fn everything(&self, names: &str) -> Vec<Open> {
        let mut open = Vec::new();
        for (number, stream) in STREAMS.into_iter().enumerate() {
            let name = format!("{names}.{number}");
            let task = match stream {
                SSE | SSE2 => watch(stream, self.body(stream, &format!("/sse?stream={name}")).await),
                DOWNLOAD | DOWNLOAD2 => {
                    watch(stream, self.body(stream, &format!("/big?mb=500&stream={name}")).await)
                }
                WEB_SOCKET => self.web_socket(&name).await,
                _ => self.upload(stream, &name).await,
            };
            open.push(Open { name, task });
        }
        open
    }

    async fn body(&self, stream: &str, target: &str) -> Incoming {
        let (client, app) = (self.client, self.app);
        let response = if stream.ends_with("HTTP/2") {
            let uri = format!("https://{}{target}", client.host(app));
            let request = Request::builder().uri(uri).header("bartizan-token", self.token);
            client.send2(app, request.body(http_body_util::Full::default()).unwrap()).await
        } else {
            client.send(app, client.request(app, target, Some(self.token))).await
        };
        assert_eq!(response.status(), 200, "{app} {target}");
        let mut body = response.into_body();
        body.frame().await.unwrap().unwrap();
        body
    }

    /// Says something all the time, and hears it again.
    async fn web_socket(&self, name: &str) -> JoinHandle<End> {
        let stream = self.client.tls(self.app, b"http/1.1").await;
        let uri = format!("wss://{}/ws?stream={name}", self.client.host(self.app));
        let mut request = uri.into_client_request().unwrap();
        request.headers_mut().insert("bartizan-token", self.token.parse().unwrap());
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
        let (mut say, mut hear) = socket.split();
        let Some(Ok(Message::Text(_))) = hear.next().await else { panic!("no tick") };
        tokio::task::spawn(async move {
            let said = tokio::task::spawn(async move {
                while say.send(Message::text("and what do you say?")).await.is_ok() {
                    tokio::time::sleep(PAUSE).await;
                }
            });
            let mut last_byte = Instant::now();
            let how = loop {
                match hear.next().await {
                    Some(Ok(Message::Close(frame))) => {
                        break format!("close {:?}", frame.map(|frame| u16::from(frame.code)));
                    }
                    Some(Ok(_)) => last_byte = Instant::now(),
                    other => break format!("{other:?}"),
                }
            };
            let at = Instant::now();
            // Who is told that it is over may say what they like: it must not arrive.
            tokio::time::sleep(PAUSE * 4).await;
            said.abort();
            End { what: WEB_SOCKET, at, last_byte, how }
        })
    }

    /// A body without an end, to an app that reads it and answers after it.
    async fn upload(&self, what: &'static str, name: &str) -> JoinHandle<End> {
        let pieces = stream::unfold((), |()| async {
            tokio::time::sleep(PAUSE).await;
            Some((Ok::<_, Infallible>(Frame::data(Bytes::from_static(&[b'.'; 1024]))), ()))
        });
        let body = StreamBody::new(pieces).boxed_unsync();
        let (client, app, host) = (self.client, self.app, self.client.host(self.app));
        let request = Request::builder().method("POST").header("bartizan-token", self.token);
        let target = format!("/echo?stream={name}");
        let answer: JoinHandle<hyper::Result<Response<Incoming>>> = if what.ends_with("HTTP/2") {
            let request = request.uri(format!("https://{host}{target}")).body(body).unwrap();
            let io = TokioIo::new(client.tls(app, b"h2").await);
            let connecting = hyper::client::conn::http2::handshake(TokioExecutor::new(), io);
            let (mut sender, connection) = connecting.await.unwrap();
            drop(tokio::task::spawn(connection));
            tokio::task::spawn(async move { sender.send_request(request).await })
        } else {
            let request = request.uri(target).header("host", host).body(body).unwrap();
            let io = TokioIo::new(client.tls(app, b"http/1.1").await);
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
            drop(tokio::task::spawn(connection));
            tokio::task::spawn(async move { sender.send_request(request).await })
        };
        heard(&self.tap.heard, name).await;
        tokio::task::spawn(async move {
            let last_byte = Instant::now();
            let how = match answer.await.unwrap() {
                Ok(answer) if answer.status() == 200 => String::from("complete"),
                Ok(answer) => format!("answered {}", answer.status()),
                Err(error) => {
                    use std::error::Error as _;
                    format!("{error}: {:?}", error.source().map(ToString::to_string))
                }
            };
            End { what, at: Instant::now(), last_byte, how }
        })
    }
}

impl Open {
    pub(crate) fn is_open(&self) -> bool {
        !self.task.is_finished()
    }

    /// Waits for its end, which must come by some time; `last_byte` is the last in either direction.
    pub(crate) async fn end(self, by: Instant, tap: &Tap) -> End {
        let end = tokio::time::timeout_at(by.into(), self.task).await;
        let mut end = end.unwrap_or_else(|_| panic!("{} stays open", self.name)).unwrap();
        // What a client still sends after its end would arrive by now.
        tokio::time::sleep(PAUSE).await;
        let arrived = tap.heard.lock().get(&self.name).copied();
        end.last_byte = end.last_byte.max(arrived.expect("the app has heard of it"));
        end
    }
}

async fn heard(heard: &Heard, name: &str) {
    for _ in 0..500 {
        if heard.lock().contains_key(name) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{name} never arrives at the app");
}

/// What is opened, in the order in which it is.
const STREAMS: [&str; 7] = [SSE, SSE2, DOWNLOAD, DOWNLOAD2, UPLOAD, UPLOAD2, WEB_SOCKET];

const SSE: &str = "SSE over HTTP/1.1";
const SSE2: &str = "SSE over HTTP/2";
const DOWNLOAD: &str = "download over HTTP/1.1";
const DOWNLOAD2: &str = "download over HTTP/2";
const UPLOAD: &str = "upload over HTTP/1.1";
const UPLOAD2: &str = "upload over HTTP/2";
const WEB_SOCKET: &str = "WebSocket";

/// Between two pieces of what a client sends.
const PAUSE: Duration = Duration::from_millis(20);
