//! `pulse`: things that last, so that one can watch them being cut.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _, stream};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Body, respond};

pub(super) async fn answer(
    request: Request<Incoming>,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Response<Body> {
    match request.uri().path() {
        "/" => respond(
            StatusCode::OK,
            "text/html; charset=utf-8",
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Pulse</title><body><h1>Pulse</h1>\
             <ul><li><a href=\"/sse\">/sse</a>: an event a second</li><li>/ws: echo and tick</li>\
             <li><a href=\"/big?mb=50\">/big?mb=50</a>: a slow download</li>\
             <li><a href=\"/echo\">/echo</a>: the request as it arrived here</li></ul></body></html>",
        ),
        "/sse" => events(),
        "/big" => download(&request),
        "/ws" => web_socket(request, tasks, stop),
        "/echo" => echo(request).await,
        _ => respond(StatusCode::NOT_FOUND, "text/plain", "there is nothing here\n"),
    }
}

fn events() -> Response<Body> {
    let ticks = stream::unfold(0u64, |count| async move {
        if count > 0 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let event = format!("id: {count}\ndata: tick {count}\n\n");
        Some((Ok(Frame::data(Bytes::from(event))), count + 1))
    });
    let mut response = Response::new(StreamBody::new(ticks).boxed_unsync());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `mb` megabytes in 64 KiB pieces, 20 of them a second: about 1.3 MB/s.
fn download(request: &Request<Incoming>) -> Response<Body> {
    let wanted =
        request.uri().query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("mb="));
    let megabytes: u64 = wanted.and_then(|text| text.parse().ok()).unwrap_or(1).min(10_000);
    let total = megabytes << 20;
    let pieces = stream::unfold(total, |left| async move {
        if left == 0 {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        let piece = left.min(64 << 10);
        let bytes = Bytes::from(vec![b'.'; usize::try_from(piece).unwrap_or(0)]);
        Some((Ok(Frame::data(bytes)), left - piece))
    });
    let mut response = Response::new(StreamBody::new(pieces).boxed_unsync());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(total));
    response
}

async fn echo(request: Request<Incoming>) -> Response<Body> {
    let headers: Vec<[String; 2]> = request
        .headers()
        .iter()
        .map(|(name, value)| [name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()])
        .collect();
    let seen = json!({
        "method": request.method().as_str(),
        "target": request.uri().path_and_query().map_or("/", |target| target.as_str()),
        "headers": headers,
    });
    // Read to the end, so that uploads through the gateway are real.
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
    respond(StatusCode::OK, "application/json", seen.to_string())
}

fn web_socket(request: Request<Incoming>, tasks: &TaskTracker, stop: CancellationToken) -> Response<Body> {
    let wants = |name: header::HeaderName, what: &str| {
        let value = request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.to_ascii_lowercase().contains(what)
    };
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY).cloned();
    let (true, true, Some(key)) =
        (wants(header::UPGRADE, "websocket"), wants(header::CONNECTION, "upgrade"), key)
    else {
        return respond(StatusCode::UPGRADE_REQUIRED, "text/plain", "this speaks WebSocket\n");
    };
    let mut response = respond(StatusCode::SWITCHING_PROTOCOLS, "text/plain", Bytes::new());
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    tasks.spawn(async move {
        let Ok(upgraded) = hyper::upgrade::on(request).await else { return };
        let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        let mut count = 0u64;
        loop {
            let sent = tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {
                    count += 1;
                    socket.send(Message::Text(Utf8Bytes::from(format!("tick {count}")))).await
                }
                message = socket.next() => match message {
                    Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => socket.send(message).await,
                    Some(Ok(_)) => Ok(()),
                    Some(Err(_)) | None => return,
                },
            };
            if sent.is_err() {
                return;
            }
        }
    });
    response
}
