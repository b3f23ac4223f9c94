//! The console's pages about gateways elsewhere.

use super::{Apart, Gate, ended, everything};
use crate::cookies::{Browser, Page};
use crate::http::block_on;
use std::time::{Duration, Instant};

/// The token that a page shows, once.
fn token_on(page: &Page) -> String {
    let text = page.text();
    let token = text.split("<code>bzj_").nth(1).unwrap_or_else(|| panic!("no token: {text}"));
    format!("bzj_{}", token.split('<').next().unwrap())
}

/// The page of points, once it says this.
async fn says(ada: &mut Browser, words: &str) -> Page {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let page = ada.go("console", "/points").await;
        assert_eq!(page.answer.status, 200, "{}", page.text());
        if page.text().contains(words) {
            return page;
        }
        assert!(Instant::now() < deadline, "{words}: {}", page.text());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[test]
fn a_gateway_is_let_in_seen_and_taken_out_in_pages() {
    let apart = Apart::start();
    block_on(async {
        let mut ada = Browser::signed_in(&apart.control, "ada", "console").await;
        let none = ada.go("console", "/points").await;
        assert!(none.text().contains("No gateway on another machine has joined."), "{}", none.text());
        assert!(!ada.go("console", "/").await.text().contains("on other machines"));

        // What is wrong is said at its field, and what was entered is kept.
        let form = ada.go("console", "/points/join").await;
        assert!(form.text().contains("app:pulse") && !form.text().contains("app:console"), "{}", form.text());
        let wrong =
            ada.send(&form, &[("name", "Büro 1"), ("app:pulse", "on"), ("ttl_seconds", "3600")]).await;
        let text = wrong.plain();
        assert_eq!(wrong.answer.status, 422, "{text}");
        assert!(text.contains("`Büro 1` is not a name") && text.contains("value=\"Büro 1\""), "{text}");
        assert!(text.contains("name=\"app:pulse\" value=\"on\" checked"), "{text}");
        for (app, words) in
            [("app:auth", "a host of the deployment itself"), ("app:x", "There is no app `x`")]
        {
            let wrong = ada.send(&form, &[("name", ""), (app, "on")]).await;
            assert_eq!(wrong.answer.status, 422);
            assert!(wrong.plain().contains(words), "{}", wrong.text());
        }

        let made = ada.send(&form, &[("name", "eu-1"), ("app:pulse", "on"), ("ttl_seconds", "600")]).await;
        assert_eq!(made.answer.status, 200, "{}", made.text());
        assert_eq!(made.answer.headers["cache-control"], "no-store");
        let words = made.plain();
        assert!(words.contains("bartizan gateway --join-file token --dir ") && words.contains("(10 minutes"));
        let token = token_on(&made);
        let gate = tokio::task::block_in_place(|| Gate::join(&token));
        let taken = ada.send(&form, &[("name", "eu-1")]).await;
        assert_eq!(taken.answer.status, 422);
        assert!(taken.text().contains("name-problem") && taken.plain().contains("the name `eu-1`"));

        // The token is shown nowhere else: in no address, on no other page, in nothing that is recorded.
        assert!(!ada.visited.iter().any(|visited| visited.contains("bzj_")), "{:?}", ada.visited);
        let recorded = tokio::task::block_in_place(|| apart.control.cli(&["log", "search", "--json"])).stdout;
        let recorded = String::from_utf8(recorded).unwrap();
        assert!(recorded.contains("join-token") && !recorded.contains(&token), "the token is in the log");

        let page = says(&mut ada, "Up to date").await;
        assert!(!page.text().contains("bzj_"), "a token is shown once");
        assert!(page.text().contains("eu-1") && page.text().contains("pulse"), "{}", page.text());
        assert!(ada.go("console", "/").await.text().contains("1 point on other machines"));

        // Live streams are known there with the next heartbeat, and cut before the page says that they are.
        let (client, bob) = (gate.client(&apart), apart.control.token("bob"));
        let open = everything(&client, &bob).await;
        let path = format!("/points/remove?name={}", gate.ready["point"].as_str().unwrap());
        let mut ask = ada.go("console", &path).await;
        let deadline = Instant::now() + Duration::from_secs(20);
        while !ask.text().contains("Remove eu-1 and cut 5 live streams") {
            assert!(Instant::now() < deadline, "{}", ask.text());
            tokio::time::sleep(Duration::from_millis(100)).await;
            ask = ada.go("console", &path).await;
        }
        let refused = ada.post("console", "/points/remove", &[("name", "eu-1")]).await;
        assert_eq!(refused.answer.status, 403, "without the form's token");
        assert!(open.iter().all(|open| !open.is_finished()), "asking cut something");
        let began = Instant::now();
        let done = ada.send(&ask, &[]).await;
        assert_eq!(done.answer.status, 200, "{}", done.text());
        let text = done.text();
        let (_, after) = text
            .split_once("eu-1 is removed; 5 live streams there ended. It was so there after ")
            .unwrap_or_else(|| panic!("{text}"));
        println!("console: a point with 5 live streams removed in {}", after.split('.').next().unwrap());
        ended("point removed in the console", began, Duration::from_secs(1), open).await;
        assert!(text.contains("No gateway on another machine has joined."), "{text}");
        assert_eq!(ada.go("console", &path).await.answer.status, 404);
    });
}

#[test]
fn points_are_for_administrators_and_forms_of_our_own() {
    let apart = Apart::start();
    block_on(async {
        let mut ada = Browser::signed_in(&apart.control, "ada", "console").await;
        let token = ada.go("console", "/points/join").await.csrf();
        let mut bob = Browser::signed_in(&apart.control, "bob", "pulse").await;
        let other = bob.go("auth", "/").await.csrf();
        for path in ["/points", "/points/join", "/points/remove?name=gateway-1"] {
            let page = bob.go("console", path).await;
            assert_eq!(page.answer.status, 403, "{path}");
            assert!(!page.text().contains("join-token"), "{path}");
        }
        for path in ["/points/join", "/points/remove"] {
            let refused = bob.post("console", path, &[("csrf", &other), ("name", "gateway-1")]).await;
            assert_eq!(refused.answer.status, 403, "{path}");
            for wrong in [None, Some(""), Some(other.as_str())] {
                let token = wrong.map(|token| ("csrf", token));
                let fields: Vec<(&str, &str)> = token.into_iter().chain([("name", "gateway-1")]).collect();
                let refused = ada.post("console", path, &fields).await;
                assert_eq!(refused.answer.status, 403, "{path} {wrong:?}");
                assert!(refused.text().contains("cross_site") && !refused.text().contains("bzj_"));
            }
        }
        // The twin: with the token of her own session she gets one.
        let made = ada.post("console", "/points/join", &[("csrf", &token), ("name", "")]).await;
        assert!(token_on(&made).len() > 40 && made.text().contains("gateway-1"), "{}", made.text());
    });
}

#[test]
fn who_may_only_look_looks_at_points_and_changes_none() {
    let apart = Apart::start();
    let gate = Gate::join(&apart.token(&["app:pulse"]));
    let policies = tempfile::tempdir().unwrap();
    let text = "@id(\"look\") permit (principal in Group::\"everybody\", action in Action::\"http\", resource == App::\"console\");\n\
                @id(\"bob\") permit (principal == User::\"bob\", action == Action::\"admin:read\", resource == Admin::\"objects\");\n\
                @id(\"eve\") permit (principal == User::\"eve\", action == Action::\"admin:read\", resource)\n\
                unless { resource == Admin::\"objects\" };\n";
    std::fs::write(policies.path().join("look.cedar"), text).unwrap();
    apart.control.json(&["apply", "-f", policies.path().to_str().unwrap()]);
    block_on(async {
        let mut bob = Browser::signed_in(&apart.control, "bob", "console").await;
        assert!(says(&mut bob, "gateway-1").await.text().contains("pulse"));
        let csrf = bob.go("console", "/points/join").await.csrf();
        for path in ["/points/join", "/points/remove"] {
            let refused = bob.post("console", path, &[("csrf", &csrf), ("name", "gateway-1")]).await;
            assert_eq!(refused.answer.status, 403, "{path}");
            let text = refused.text();
            assert!(text.contains("denied_by_policy") && !text.contains("bzj_"), "{path}: {text}");
        }
        assert_eq!(apart.listed()["id"], gate.ready["point"]);

        // Who may see no points sees the rest of the overview.
        let mut eve = Browser::signed_in(&apart.control, "eve", "console").await;
        let overview = eve.go("console", "/").await;
        assert_eq!(overview.answer.status, 200, "{}", overview.text());
        assert!(!overview.text().contains("on other machines"), "{}", overview.text());
        assert_eq!(eve.go("console", "/points").await.answer.status, 403);
    });
}

#[test]
fn where_control_listens_for_no_points_the_console_says_what_to_configure() {
    let demo = crate::demo::Demo::start();
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        for path in ["/points", "/points/join"] {
            let page = ada.go("console", path).await;
            assert!(page.plain().contains("[points]\naddress = \"0.0.0.0:8444\""), "{}", page.text());
        }
        let csrf = ada.go("console", "/people").await.csrf();
        let refused = ada.post("console", "/points/join", &[("csrf", &csrf)]).await;
        assert_eq!(refused.answer.status, 422);
        assert!(refused.plain().contains("[points]\naddress"), "{}", refused.text());
    });
}
