//! What fails, and what goes on meanwhile.

use std::time::Duration;

use sqlx::{Connection as _, SqliteConnection};

use crate::cookies::Browser;
use crate::demo::Demo;
use crate::http::{Client, block_on};

#[test]
fn an_app_that_is_down_is_said_to_be_the_side_that_failed() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let demo = Demo::start_in(dir.path(), &["--upstream", &format!("http://{closed}")]);
    let client = Client::new(&demo);
    let mut browser = Browser::new(client.clone());
    block_on(async {
        let program = client.get("mine", "/", Some(&demo.token("bob"))).await;
        assert_eq!((program.status, program.json()["reason"].clone()), (502, "upstream_unreachable".into()));
        let page = browser.go("mine", "/").await;
        let page = browser.sign_in(&page, "bob", &demo.password("bob"), &demo.code("bob", 0)).await;
        assert_eq!(page.answer.status, 502);
        let text = page.text();
        assert!(text.contains("Nothing is wrong with your account"), "{text}");
        assert!(text.contains(page.answer.request_id()), "the request id is there to be quoted");
    });
}

/// Somebody holds the database, so that nothing can be written to it.
async fn hold(demo: &Demo) -> SqliteConnection {
    let url = format!("sqlite://{}", demo.dir.join("bartizan.db").display());
    let mut held = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut held).await.unwrap();
    held
}

#[test]
fn while_the_store_cannot_be_written_nobody_signs_in_and_decisions_go_on() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let mut browser = Browser::new(client.clone());
    block_on(async {
        let page = browser.go("wiki", "/").await;
        let fields = [("login", "eve"), ("password", &demo.password("eve"))];
        let second = browser.send(&page, &fields.map(|(name, value)| (name, value as &str))).await;
        // The key that signs assertions is published with the first request that needs one.
        assert_eq!(client.get("wiki", "/", Some(&demo.token("bob"))).await.status, 200);
        let held = hold(&demo).await;
        let code = demo.code("eve", 0);
        let refused = browser.send(&second, &[("code", &code)]).await;
        assert_eq!(refused.answer.status, 503, "{}", refused.text());
        assert!(refused.text().contains("Signing in is paused"), "{}", refused.text());
        assert!(!browser.jar["auth"].contains_key("__Host-bartizan"));
        // Decisions read no database.
        for _ in 0..20 {
            assert_eq!(client.get("wiki", "/", Some(&demo.token("bob"))).await.status, 200);
            assert_eq!(client.get("payroll", "/", Some(&demo.token("eve"))).await.status, 403);
        }
        let written = tokio::task::block_in_place(|| demo.cli(&["user", "disable", "eve"]));
        assert!(!written.status.success());
        let said = String::from_utf8_lossy(&written.stderr).into_owned();
        assert!(said.contains("store"), "a write fails with a reason: {said}");
        drop(held);
        // The code was not used up, so it works now.
        let mut page = browser.send(&second, &[("code", &code)]).await;
        for _ in 0..20 {
            if page.host == "wiki" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            page = browser.send(&second, &[("code", &code)]).await;
        }
        assert_eq!(page.host, "wiki", "{}", page.text());
    });
}

#[test]
fn where_files_are_few_others_wait_and_who_is_there_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let demo = Demo::start_limited(dir.path(), "ulimit -n 300");
    let client = Client::new(&demo);
    block_on(async {
        let bob = demo.token("bob");
        let mut here = client.tls("wiki", b"http/1.1").await;
        let ask = format!("GET / HTTP/1.1\r\nHost: {}\r\nBartizan-Token: {bob}\r\n\r\n", client.host("wiki"));
        assert!(first_line(&mut here, &ask).await.starts_with("HTTP/1.1 200"));
        // More than there are files for, and they stay.
        let mut crowd = Vec::new();
        for _ in 0..400 {
            crowd.push(client.tcp().await);
        }
        let late = client.try_tls("wiki.bartizan.localhost", b"http/1.1").await;
        if let Ok(mut late) = late {
            assert!(first_line(&mut late, &ask).await.starts_with("HTTP/1.1 503"));
        }
        assert!(first_line(&mut here, &ask).await.starts_with("HTTP/1.1 200"), "who is there goes on");
        drop(crowd);
        let mut answered = false;
        for _ in 0..200 {
            if let Ok(mut again) = client.try_tls("wiki.bartizan.localhost", b"http/1.1").await
                && first_line(&mut again, &ask).await.starts_with("HTTP/1.1 200")
            {
                answered = true;
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert!(answered, "there is room again");
    });
    // Nothing of it was lost.
    let verified = demo.json(&["log", "verify"]);
    assert_eq!(verified["ok"], true, "{verified}");
}

async fn first_line(
    stream: &mut (impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin),
    ask: &str,
) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let _gone = stream.write_all(ask.as_bytes()).await;
    let mut answer = Vec::new();
    let read = async {
        loop {
            let text = String::from_utf8_lossy(&answer).into_owned();
            let length = text.to_lowercase().split_once("content-length: ").and_then(|(_, rest)| {
                rest.split_once("\r\n").and_then(|(digits, _)| digits.parse::<usize>().ok())
            });
            let head = text.find("\r\n\r\n").map(|at| at + 4);
            if let (Some(head), Some(length)) = (head, length)
                && answer.len() >= head + length
            {
                return;
            }
            if !matches!(stream.read_buf(&mut answer).await, Ok(1..)) {
                return;
            }
        }
    };
    let _late = tokio::time::timeout(std::time::Duration::from_secs(10), read).await;
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}
