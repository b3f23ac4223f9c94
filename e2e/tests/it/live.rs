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
pub(crate) struct End {
    pub(crate) what: &'static str,
    pub(crate) at: Instant,
    pub(crate) last_byte: Instant,
    pub(crate) how: String,
}

/// Reads a body until it ends, one way or the other.
pub(crate) fn watch(what: &'static str, mut body: Incoming) -> JoinHandle<End> {
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

pub(crate) async fn web_socket(client: &Client, token: &str) -> JoinHandle<End> {
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

pub(crate) async fn open(client: &Client, path: &str, token: &str) -> Incoming {
    let response = client.send("pulse", client.request("pulse", path, Some(token))).await;
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    let first: Bytes = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(!first.is_empty());
    body
}

pub(crate) async fn open2(client: &Client, path: &str, token: &str) -> Incoming {
    let uri = format!("https://{}{path}", client.host("pulse"));
    let request = http::Request::builder().uri(uri).header("bartizan-token", token);
    let response = client.send2("pulse", request.body(http_body_util::Full::default()).unwrap()).await;
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    body.frame().await.unwrap().unwrap();
    body
}

/// Opens everything that lasts as bob, ends his access by a command, and looks how each ended.
fn cut_by(args: &[&str], expected: (&str, u16)) -> serde_json::Value {
    cut_when(&args.join(" "), expected, |demo| {
        let began = Instant::now();
        (began, demo.json(args))
    })
}

/// The same, whatever ends his access: `end` says when it ended, and what a command said of it.
fn cut_when(
    cause: &str,
    (app, expected_status): (&str, u16),
    end: impl FnOnce(&Demo) -> (Instant, serde_json::Value),
) -> serde_json::Value {
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
        let (began, result) = tokio::task::block_in_place(|| end(&demo));
        let mut ends = Vec::new();
        for open in open {
            let end = tokio::time::timeout(Duration::from_secs(5), open).await;
            ends.push(end.expect("something stays open").unwrap());
        }
        let after = client.get(app, "/", Some(&bob)).await;
        assert_eq!(after.status, expected_status, "{}", String::from_utf8_lossy(&after.body));
        assert!(!eve.is_finished(), "somebody else was cut, too");
        eve.abort();
        (result, ends, began)
    });
    for end in &ends {
        println!(
            "MEASURED {cause} · {}: last byte {:.1} ms, end {:.1} ms after; {}",
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
    let revoked = cut_by(&["session", "revoke", "--user", "bob", "--wait"], ("wiki", 401));
    assert_eq!(revoked["revoked"].as_array().map(Vec::len), Some(1));
    assert_eq!(revoked["cut"], 5);
    assert!(revoked["applied_ms"].as_f64().unwrap() < 1000.0);
}

#[test]
fn everything_open_is_cut_when_the_account_is_disabled() {
    let disabled = cut_by(&["user", "disable", "bob"], ("wiki", 403));
    assert_eq!(disabled["cut"], 5);
}

/// A folder with one file in it.
fn folder(name: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    folder
}

#[test]
fn everything_open_is_cut_when_the_person_leaves_the_group() {
    let files = folder("finance.toml", "[[group]]\nname = \"finance\"\nmembers = []\n");
    let applied = cut_by(&["apply", "-f", files.path().to_str().unwrap()], ("wiki", 403));
    assert_eq!(applied["changed"], serde_json::json!(["group/finance"]));
}

#[test]
fn everything_open_is_cut_when_the_policy_is_edited() {
    let policy = "@id(\"pulse-everybody\")\npermit (principal in Group::\"contractors\", action in Action::\"http\", resource == App::\"pulse\");\n";
    let files = folder("pulse.cedar", policy);
    let applied = cut_by(&["apply", "-f", files.path().to_str().unwrap()], ("pulse", 403));
    assert_eq!(applied["changed"], serde_json::json!(["policy/pulse-everybody"]));
}

#[test]
fn everything_open_is_cut_when_a_time_condition_flips() {
    cut_when("a time condition flips", ("pulse", 403), |demo| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let limit = now.as_secs() + 4;
        let policy = format!(
            "@id(\"pulse-everybody\")\npermit (principal in Group::\"everybody\", action in Action::\"http\", resource == App::\"pulse\")\n\
             when {{ context.time.epoch < {limit} || principal in Group::\"contractors\" }};\n"
        );
        let files = folder("pulse.cedar", &policy);
        let applied = demo.json(&["apply", "-f", files.path().to_str().unwrap()]);
        assert_eq!(applied["changed"], serde_json::json!(["policy/pulse-everybody"]));
        // Nothing happens but that time passes.
        let left = Duration::from_secs(limit)
            .saturating_sub(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap());
        assert!(left > Duration::from_secs(1), "the change took longer than the limit lies ahead");
        std::thread::sleep(left);
        (Instant::now(), applied)
    });
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
