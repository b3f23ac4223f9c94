//! What is open when access ends: cut within a second, and none of it looks complete.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;

use crate::demo::Demo;
use crate::http::{Client, block_on};

/// How something that was open ended.
#[derive(Debug)]
struct End {
    what: &'static str,
    at: Instant,
    last_byte: Instant,
    how: String,
}

/// Reads a body until it ends, one way or the other.
fn watch(what: &'static str, mut body: Incoming) -> JoinHandle<End> {
    tokio::task::spawn(async move {
        let mut last_byte = Instant::now();
        loop {
            match body.frame().await {
                Some(Ok(_)) => last_byte = Instant::now(),
                Some(Err(error)) => {
                    use std::error::Error as _;
                    let how = format!("{error}: {:?}", error.source().map(ToString::to_string));
                    return End { what, at: Instant::now(), last_byte, how };
                }
                None => return End { what, at: Instant::now(), last_byte, how: String::from("complete") },
            }
        }
    })
}

async fn web_socket(client: &Client, token: &str) -> JoinHandle<End> {
    use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
    let stream = client.tls("pulse", b"http/1.1").await;
    let mut request = format!("wss://{}/ws", client.host("pulse")).into_client_request().unwrap();
    request.headers_mut().insert("bartizan-token", token.parse().unwrap());
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    let Some(Ok(Message::Text(first))) = socket.next().await else { panic!("no tick") };
    assert!(first.starts_with("tick"));
    tokio::task::spawn(async move {
        let mut last_byte = Instant::now();
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(frame))) => {
                    let how = format!("close {:?}", frame.map(|frame| u16::from(frame.code)));
                    return End { what: "ws", at: Instant::now(), last_byte, how };
                }
                Some(Ok(_)) => last_byte = Instant::now(),
                other => return End { what: "ws", at: Instant::now(), last_byte, how: format!("{other:?}") },
            }
        }
    })
}

async fn open(client: &Client, path: &str, token: &str) -> Incoming {
    let response = client.send("pulse", client.request("pulse", path, Some(token))).await;
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    let first: Bytes = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(!first.is_empty());
    body
}

async fn open2(client: &Client, path: &str, token: &str) -> Incoming {
    let uri = format!("https://{}{path}", client.host("pulse"));
    let request = http::Request::builder().uri(uri).header("bartizan-token", token);
    let response = client.send2("pulse", request.body(http_body_util::Full::default()).unwrap()).await;
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    body.frame().await.unwrap().unwrap();
    body
}

/// Opens everything that lasts as bob, ends his access by a command, and looks how each ended.
fn cut_by(args: &[&str], expected_status: u16) -> serde_json::Value {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let bob = demo.token("bob");
    let (result, ends, began) = block_on(async {
        let open = vec![
            watch("sse", open(&client, "/sse", &bob).await),
            watch("download", open(&client, "/big?mb=500", &bob).await),
            watch("sse over h2", open2(&client, "/sse", &bob).await),
            watch("download over h2", open2(&client, "/big?mb=500", &bob).await),
            web_socket(&client, &bob).await,
        ];
        let eve = watch("eve", self::open(&client, "/sse", &demo.token("eve")).await);
        let listed = demo.json(&["session", "list", "--user", "bob"]);
        assert_eq!(listed.as_array().map(Vec::len), Some(1));
        let began = Instant::now();
        let result = tokio::task::block_in_place(|| demo.json(args));
        let mut ends = Vec::new();
        for open in open {
            let end = tokio::time::timeout(Duration::from_secs(5), open).await;
            ends.push(end.expect("something stays open").unwrap());
        }
        let after = client.get("wiki", "/", Some(&bob)).await;
        assert_eq!(after.status, expected_status, "{}", String::from_utf8_lossy(&after.body));
        assert!(!eve.is_finished(), "somebody else was cut, too");
        eve.abort();
        (result, ends, began)
    });
    for end in &ends {
        println!(
            "MEASURED {args:?} {}: last byte {:.1} ms, end {:.1} ms after the command began; {}",
            end.what,
            end.last_byte.saturating_duration_since(began).as_secs_f64() * 1000.0,
            end.at.saturating_duration_since(began).as_secs_f64() * 1000.0,
            end.how
        );
        assert_ne!(end.how, "complete", "{} looks complete", end.what);
        assert!(end.at.saturating_duration_since(began) < Duration::from_secs(1), "{end:?}");
    }
    let ws = ends.iter().find(|end| end.what == "ws").unwrap();
    assert_eq!(ws.how, "close Some(1008)");
    assert!(
        ends.iter().any(|end| end.what.ends_with("h2") && end.how.contains("stream no longer needed")),
        "{ends:?}"
    );
    result
}

#[test]
fn everything_open_is_cut_when_the_session_is_revoked() {
    let revoked = cut_by(&["session", "revoke", "--user", "bob", "--wait"], 401);
    assert_eq!(revoked["revoked"].as_array().map(Vec::len), Some(1));
    assert_eq!(revoked["cut"], 5);
    assert!(revoked["applied_ms"].as_f64().unwrap() < 1000.0);
}

#[test]
fn everything_open_is_cut_when_the_account_is_disabled() {
    let disabled = cut_by(&["user", "disable", "bob"], 403);
    assert_eq!(disabled["cut"], 5);
}

#[test]
fn a_disabled_account_works_again_once_it_is_enabled() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let bob = demo.token("bob");
    demo.json(&["user", "disable", "bob"]);
    let denied = block_on(client.get("wiki", "/", Some(&bob)));
    assert_eq!((denied.status, denied.json()["reason"].clone()), (403, "subject_disabled".into()));
    demo.json(&["user", "enable", "bob"]);
    assert_eq!(block_on(client.get("wiki", "/", Some(&bob))).status, 200);
}

#[test]
fn the_last_administrator_cannot_be_disabled() {
    let demo = Demo::start();
    let output = demo.cli(&["user", "disable", "ada"]);
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("refused_for_safety"));
}
