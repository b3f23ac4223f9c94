//! Whom a directory lets go, and whom it cannot.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Provisioner, is_refused};
use crate::demo::Demo;
use crate::http::{Client, block_on};
use crate::live::{open, open2, watch, web_socket};

/// Whoever a directory lets go has nothing open any more when the directory is answered, or very soon after.
#[test]
fn deprovisioning_cuts_what_is_open_and_ends_the_sessions() {
    for by in ["deactivating", "deleting"] {
        let demo = Demo::start();
        let client = Client::new(&demo);
        let bob = demo.token("bob");
        block_on(async {
            let entra = Provisioner::of(&demo, "ada", "console").await;
            let id = entra.only("Users", "userName eq \"bob\"").await;
            let open = vec![
                watch("sse", open(&client, "/sse", &bob).await),
                watch("download", self::open(&client, "/big?mb=500", &bob).await),
                watch("sse over h2", open2(&client, "/sse", &bob).await),
                web_socket(&client, &bob).await,
            ];
            let eve = watch("eve", self::open(&client, "/sse", &demo.token("eve")).await);
            let began = Instant::now();
            let path = format!("/Users/{id}");
            let answer = if by == "deleting" {
                entra.delete(&path).await
            } else {
                entra.patch(&path, json!([{ "op": "Replace", "path": "active", "value": "False" }])).await
            };
            assert!([200, 204].contains(&answer.status), "{:?}", answer.body);
            for open in open {
                let end = tokio::time::timeout(Duration::from_secs(5), open)
                    .await
                    .expect("something stays open")
                    .unwrap();
                let after = end.at.saturating_duration_since(began);
                println!(
                    "MEASURED {by} over SCIM · {}: end {:.1} ms after",
                    end.what,
                    after.as_secs_f64() * 1000.0
                );
                assert!(end.how != "complete" && after < Duration::from_secs(1), "{by}: {end:?}");
            }
            assert!(!eve.is_finished(), "somebody else was cut, too");
            eve.abort();
            let sessions = demo.json(&["session", "list"]);
            assert!(
                sessions.as_array().unwrap().iter().all(|session| session["user"] != "bob"),
                "{sessions}"
            );
            assert!([401, 403].contains(&client.get("wiki", "/", Some(&bob)).await.status));
            if by == "deactivating" {
                // Who comes back signs in anew: what was theirs before opens nothing.
                let back =
                    entra.patch(&path, json!([{ "op": "Replace", "path": "active", "value": "True" }])).await;
                assert_eq!(back.json()["active"], true);
                assert_eq!(client.get("wiki", "/", Some(&bob)).await.status, 401);
            }
        });
    }
}

#[test]
fn the_last_administrator_is_not_deprovisioned() {
    let demo = Demo::start();
    block_on(async {
        let ada = Provisioner::of(&demo, "ada", "console").await;
        let path = format!("/Users/{}", ada.only("Users", "userName eq \"ada\"").await);
        let deactivated = ada.patch(&path, json!([{ "op": "replace", "value": { "active": false } }])).await;
        is_refused(&deactivated, 409, None);
        is_refused(&ada.delete(&path).await, 409, None);
        assert_eq!(ada.get(&path).await.json()["active"], true);
    });
}
