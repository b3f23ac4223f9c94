//! HTTP/1.1 connections: requests in order, heads that are none, bodies that nobody takes.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use crate::client::{connect, drain, exchange, read_answer, read_head, request};
use crate::rig::{Rig, WIKI};

#[tokio::test]
async fn requests_that_are_sent_ahead_are_answered_in_order() {
    let rig = Rig::new().await;
    let token = format!("Bartizan-Token: {}\r\n", rig.sign_in().token);
    let mut stream = connect(&rig, WIKI).await;
    let mut ahead = String::from("\r\n");
    for number in 0..20 {
        let fields = format!("{token}Content-Length: 3\r\n");
        ahead += &(request("POST", &format!("/number/{number}"), &fields) + "abc");
        ahead += &request("GET", &format!("/denied/{number}"), "");
    }
    // In pieces that end anywhere.
    for piece in ahead.as_bytes().chunks(333) {
        stream.write_all(piece).await.unwrap();
    }
    let mut rest = Vec::new();
    for number in 0..20 {
        for (status, what) in
            [(200, format!("POST /number/{number} ")), (401, String::from("sign_in_required"))]
        {
            let (head, body) = answer(&mut stream, &mut rest).await;
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{number}: {head}");
            assert!(body.contains(&what), "{number}: {body}");
        }
    }
}

/// One answer with a length, off a connection on which others follow.
async fn answer(stream: &mut crate::client::Tls, rest: &mut Vec<u8>) -> (String, String) {
    use tokio::io::AsyncReadExt as _;
    loop {
        if let Some(end) = rest.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(rest[..end + 4].to_vec()).unwrap();
            let length: usize = crate::app::field(&head, "content-length").unwrap().parse().unwrap();
            if rest.len() >= end + 4 + length {
                let body = rest[end + 4..end + 4 + length].to_vec();
                rest.drain(..end + 4 + length);
                return (head, String::from_utf8(body).unwrap());
            }
        }
        assert!(stream.read_buf(rest).await.unwrap() > 0, "the connection ended");
    }
}

#[tokio::test]
async fn what_is_no_head_is_answered_and_nothing_behind_it_is_read() {
    let rig = Rig::new().await;
    let token = format!("Bartizan-Token: {}\r\n", rig.sign_in().token);
    let good = request("GET", "/hidden", &token);
    for (bad, reason) in [
        (good.replace("\r\n", "\n"), "bad_request.line_end"),
        (good.replacen("\r\n", "\n", 1), "bad_request.line_end"),
        (good.replace("Host:", "Host :"), "bad_request.field"),
        (good.replace("\r\n\r\n", "\r\nX: a\r\n b\r\n\r\n"), "bad_request.field"),
        (good.replace("\r\n\r\n", "\r\nX: a\0b\r\n\r\n"), "bad_request.field"),
        (good.replace("\r\n\r\n", "\r\nX: a\rb\r\n\r\n"), "bad_request.field"),
        (good.replace("GET /", "GET  /"), "bad_request.request_line"),
        (good.replace("HTTP/1.1", "HTTP/1.2"), "bad_request.version"),
        (good.replace("/hidden", "/hidden#x"), "bad_request.path_fragment"),
        (String::from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "bad_request.version"),
        (
            good.replace("GET", "POST")
                .replace("\r\n\r\n", "\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            "bad_request.framing",
        ),
        (good.replace("\r\n\r\n", &format!("\r\nX: {}\r\n\r\n", "x".repeat(80_000))), "headers_too_large"),
    ] {
        let mut stream = connect(&rig, WIKI).await;
        let answer = exchange(&mut stream, (bad.clone() + &good).as_bytes()).await.unwrap();
        let shown = bad.get(..bad.len().min(200));
        assert_eq!(answer.reason(), reason, "{shown:?}");
        assert_eq!(answer.status, if reason == "headers_too_large" { 431 } else { 400 }, "{shown:?}");
        assert_eq!(answer.field("connection").as_deref(), Some("close"));
        assert!(answer.field("bartizan-request-id").is_some());
        assert_eq!(drain(&mut stream).await.0, b"", "one answer, then the end");
    }
    assert!(rig.app.seen.heads.lock().is_empty());
}

#[tokio::test]
async fn a_body_that_is_not_taken_ends_the_connection_behind_the_answer() {
    let rig = Rig::new().await;
    let mut stream = connect(&rig, WIKI).await;
    // More than the connection has room for: the client is still sending when the answer comes.
    let (mut sent, hidden) = (vec![b'x'; 1 << 20], request("GET", "/hidden", ""));
    sent.extend_from_slice(hidden.as_bytes());
    let head = request("POST", "/a", &format!("Content-Length: {}\r\n", 1 << 20));
    let (mut read, mut write) = tokio::io::split(stream);
    let sending = async {
        let _refused = write.write_all(head.as_bytes()).await;
        let _refused = write.write_all(&sent).await;
    };
    let reading = async {
        let (mut all, mut piece) = (Vec::new(), [0; 4096]);
        while let Ok(count @ 1..) = tokio::io::AsyncReadExt::read(&mut read, &mut piece).await {
            all.extend_from_slice(&piece[..count]);
        }
        all
    };
    let ((), all) = tokio::join!(sending, reading);
    let all = String::from_utf8(all).unwrap();
    assert!(all.starts_with("HTTP/1.1 401 ") && all.contains("connection: close"), "{all}");
    assert_eq!(all.matches("HTTP/1.1").count(), 1, "{all}");

    // A small one, all of it there: the next request is not taken from behind it either.
    stream = connect(&rig, WIKI).await;
    let both = request("POST", "/a", "Content-Length: 5\r\n") + "hello" + &hidden;
    let first = exchange(&mut stream, both.as_bytes()).await.unwrap();
    assert_eq!((first.status, first.field("connection").as_deref()), (401, Some("close")));
    assert_eq!(drain(&mut stream).await.0, b"");
    assert!(rig.app.seen.heads.lock().is_empty());
}

#[tokio::test]
async fn chunks_that_are_none_go_no_further() {
    let rig = Rig::new().await;
    let token = format!("Bartizan-Token: {}\r\nTransfer-Encoding: chunked\r\n", rig.sign_in().token);
    for bad in [
        "5;a=b\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "g\r\n",
        "5\r\nhello0\r\n\r\n",
        "0\r\nX\r\n\r\n",
    ] {
        let mut stream = connect(&rig, WIKI).await;
        let bytes = request("POST", "/a", &token) + bad + &request("GET", "/hidden", "");
        let answer = exchange(&mut stream, bytes.as_bytes()).await.unwrap();
        assert_eq!((answer.status, answer.reason().as_str()), (400, "bad_request.body"), "{bad:?}");
        assert_eq!(drain(&mut stream).await.0, b"", "{bad:?}");
    }
    let heads = rig.app.seen.heads.lock().clone();
    assert!(heads.iter().all(|head| !head.contains("hidden")), "{heads:?}");
}

#[tokio::test]
async fn a_client_may_end_the_connection_with_a_request() {
    let rig = Rig::new().await;
    let token = format!("Bartizan-Token: {}\r\nConnection: close\r\n", rig.sign_in().token);
    let mut stream = connect(&rig, WIKI).await;
    let answer = exchange(&mut stream, request("GET", "/a", &token).as_bytes()).await.unwrap();
    assert_eq!((answer.status, answer.field("connection").as_deref()), (200, Some("close")));
    // In good order: TLS says so.
    assert!(matches!(drain(&mut stream).await, (rest, Ok(())) if rest.is_empty()));
}

#[tokio::test]
async fn who_is_gone_is_asked_nothing_more() {
    let rig = Rig::new().await;
    let token = format!("Bartizan-Token: {}\r\n", rig.sign_in().token);
    for path in ["/silent", "/stream"] {
        let before = rig.enforcer.live();
        let mut stream = connect(&rig, WIKI).await;
        stream.write_all(request("GET", path, &token).as_bytes()).await.unwrap();
        while rig.enforcer.live() == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if path == "/stream" {
            read_head(&mut stream).await.unwrap();
        }
        drop(stream);
        let gone = async {
            while rig.enforcer.live() > before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(3), gone).await.unwrap_or_else(|_| panic!("{path}"));
    }
}

#[tokio::test]
async fn nobody_speaks_another_protocol_before_it_was_agreed_on() {
    let rig = Rig::new().await;
    let fields = format!(
        "Bartizan-Token: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        rig.sign_in().token
    );
    let mut stream = connect(&rig, WIKI).await;
    let early = request("GET", "/ws", &fields) + &request("GET", "/hidden", "");
    stream.write_all(early.as_bytes()).await.unwrap();
    assert!(read_answer(&mut stream).await.is_none(), "no answer at all");
    assert!(rig.app.seen.heads.lock().iter().all(|head| !head.contains("hidden")));
    let mut patient = connect(&rig, WIKI).await;
    let answer = exchange(&mut patient, request("GET", "/ws", &fields).as_bytes()).await.unwrap();
    assert_eq!(answer.status, 101);
}

#[tokio::test]
async fn a_connection_to_the_app_is_used_again_when_its_answer_was_taken_whole() {
    let rig = Rig::new().await;
    let token = format!("Bartizan-Token: {}\r\n", rig.sign_in().token);
    let connections = || rig.app.seen.connections.load(std::sync::atomic::Ordering::Relaxed);
    let mut stream = connect(&rig, WIKI).await;
    for (method, path, fields, body) in [
        ("GET", "/a", "", ""),
        ("HEAD", "/a", "", ""),
        ("POST", "/a", "Content-Length: 5\r\n", "hello"),
        ("POST", "/a", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
        ("GET", "/cookies", "", ""),
        ("DELETE", "/a", "", ""),
    ] {
        let bytes = request(method, path, &format!("{token}{fields}")) + body;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let status = if method == "HEAD" {
            read_head(&mut stream).await.unwrap().0.split(' ').nth(1).unwrap().parse().unwrap()
        } else {
            read_answer(&mut stream).await.unwrap().status
        };
        assert_eq!((status, connections()), (200, 1), "{method} {path}");
    }
    // Of this one the client takes only a part.
    let mut half = connect(&rig, WIKI).await;
    half.write_all(request("GET", "/stream", &token).as_bytes()).await.unwrap();
    read_head(&mut half).await.unwrap();
    drop(half);
    assert_eq!(exchange(&mut stream, request("GET", "/a", &token).as_bytes()).await.unwrap().status, 200);
    assert_eq!(connections(), 2, "not the one on which something was still to come");
}

#[tokio::test]
async fn a_connection_that_the_app_closed_meanwhile_costs_nobody_an_answer() {
    let rig = Rig::new().await;
    let token = format!("Bartizan-Token: {}\r\n", rig.sign_in().token);
    let mut stream = connect(&rig, WIKI).await;
    for round in 0..3 {
        // It answers, and closes behind its answer without having said so.
        let closed =
            exchange(&mut stream, request("GET", "/answer-and-close", &token).as_bytes()).await.unwrap();
        assert_eq!(closed.status, 200, "{round}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        let fields = format!("{token}Content-Length: 5\r\n");
        let posted = request("POST", "/a", &fields) + "hello";
        assert_eq!(exchange(&mut stream, posted.as_bytes()).await.unwrap().status, 200, "{round}");
    }
}
