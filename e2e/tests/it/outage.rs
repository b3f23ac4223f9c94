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
