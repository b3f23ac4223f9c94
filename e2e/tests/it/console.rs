//! The console: what an administrator sees and does in pages, and who may not.

mod past;

use http::Method;
use http_body_util::BodyExt as _;
use serde_json::Value;

use crate::cookies::{Browser, Page};
use crate::demo::Demo;
use crate::http::{Client, block_on};

/// The id by which pages name a person.
fn id_of(demo: &Demo, name: &str) -> String {
    let users = demo.json(&["user", "list"]);
    let user = users.as_array().unwrap().iter().find(|user| user["name"] == name).unwrap().clone();
    user["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_administrator_reads_every_page_and_nobody_else_does() {
    let demo = Demo::start();
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        for (path, words) in [
            ("/", "Latest decisions"),
            ("/decisions", "Person is"),
            ("/sessions", "You, here"),
            ("/policies", "payroll-no-contractors"),
            ("/policies/payroll-finance", "Finance staff, after a strong sign-in"),
            ("/policies/payroll-finance?edit=1", "Text in Cedar"),
            ("/people", "Bob Lindgren"),
            ("/apps", "payroll.bartizan.localhost"),
            ("/groups", "contractors"),
        ] {
            let page = ada.go("console", path).await;
            assert_eq!(page.answer.status, 200, "{path}: {}", page.text());
            assert!(page.text().contains(words), "{path}");
            let policy = page.answer.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
            assert_eq!(page.answer.headers["cache-control"], "no-store");
        }
        let missing = ada.go("console", "/policies/nothing").await;
        assert_eq!(
            (missing.answer.status, missing.answer.headers["content-type"].to_str().unwrap()),
            (404, "text/html; charset=utf-8")
        );
        assert!(missing.text().contains("There is no policy `nothing`."), "{}", missing.text());

        // The deny twin: bob is signed in as well as ada, and administers nothing.
        let mut bob = Browser::signed_in(&demo, "bob", "wiki").await;
        for path in ["/", "/sessions", "/people", "/policies/payroll-finance"] {
            let page = bob.go("console", path).await;
            assert_eq!(page.answer.status, 403, "{path}");
            assert!(!page.text().contains("Latest decisions") && !page.text().contains("Finance staff"));
        }
    });
    // Programs are answered as before, whatever a page would say.
    block_on(async {
        let admin = demo.ready["admin_token"].as_str().unwrap();
        let answer = Client::new(&demo).get("console", "/api/v1/objects/policy/nothing", Some(admin)).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.json()["reason"], "not_found");
    });
}

#[test]
fn a_denied_request_is_found_and_its_explanation_says_why_in_words() {
    let demo = Demo::start();
    let denied = block_on(async {
        let client = Client::new(&demo);
        let answer = client.get("payroll", "/salaries", Some(&demo.token("eve"))).await;
        assert_eq!(answer.status, 403);
        answer.request_id().to_owned()
    });
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let page = ada.go("console", &format!("/decisions/{denied}")).await.plain();
        let said = "Denied: Eve Castellano may not read payroll: policy payroll-no-contractors forbids it.";
        assert!(page.contains(&format!("<h1>{said}</h1>")), "{page}");
        for words in [
            "principal in Group::\"contractors\"",
            "User::\"eve\" in [contractors, everybody]",
            "In the way: would have to end.",
            "payroll.bartizan.localhost/salaries",
            "bartizan log prove",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }

        let list = |page: &Page| page.text().matches("href=\"/decisions/").count();
        let row = format!("title=\"{denied}\"");
        let found = ada
            .go("console", &format!("/decisions?user=eve&app=payroll&outcome=deny&since=1h&request={denied}"))
            .await;
        assert!(list(&found) > 0 && found.text().contains(&row), "{}", found.text());
        for other in ["user=bob", "app=wiki", "outcome=permit", "reason=session_ended", "until=1h"] {
            let page = ada.go("console", &format!("/decisions?{other}")).await;
            assert!(page.answer.status == 200 && !page.text().contains(&row), "{other}");
        }
        let wrong = ada.go("console", "/decisions?user=nobody&since=yesterday").await;
        assert!(wrong.text().contains("There is no person") && wrong.text().contains("Write 24h"));
    });
}

#[test]
fn live_streams_are_ended_after_a_page_that_says_what_ends() {
    let demo = Demo::start();
    let bob = id_of(&demo, "bob");
    block_on(async {
        let client = Client::new(&demo);
        let token = demo.token("bob");
        let mut streams = Vec::new();
        for _ in 0..3 {
            let mut response = client.send("pulse", client.request("pulse", "/sse", Some(&token))).await;
            assert_eq!(response.status(), 200);
            assert!(response.body_mut().frame().await.unwrap().is_ok());
            streams.push(response);
        }
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let path = format!("/sessions/end?user={bob}");
        let mut page = ada.go("console", &path).await;
        // What is live comes with the next heartbeat of the gateway.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !page.text().contains("<h1>End 3 live streams of Bob Lindgren?</h1>") {
            assert!(std::time::Instant::now() < deadline, "{}", page.text());
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            page = ada.go("console", &path).await;
        }
        let done = ada.send(&page, &[]).await;
        assert_eq!(done.answer.status, 200, "{}", done.text());
        let words = done.text();
        let (_, after) = words
            .split_once("Bob Lindgren: 1 sign-in ended; 3 live streams cut in ")
            .unwrap_or_else(|| panic!("{words}"));
        println!("console: 3 live streams of one person cut in {}", after.split('.').next().unwrap());
        for stream in streams {
            assert!(
                stream.into_body().collect().await.is_err(),
                "a stream that is cut does not look complete"
            );
        }
        assert_eq!(client.get("wiki", "/", Some(&token)).await.status, 401);
        let overview = ada.go("console", "/").await;
        assert!(overview.text().contains("Cut lately"));
        let again = ada.go("console", &path).await;
        assert_eq!(again.answer.status, 404, "there is nothing left to end");
    });
}

#[test]
fn people_are_disabled_enabled_and_invited_in_pages() {
    let demo = Demo::start();
    let eve = id_of(&demo, "eve");
    block_on(async {
        let client = Client::new(&demo);
        let token = demo.token("eve");
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let ask = ada.go("console", &format!("/people/{eve}/disable")).await;
        assert!(ask.text().contains("<h1>Disable Eve Castellano?</h1>"), "{}", ask.text());
        assert_eq!(client.get("wiki", "/", Some(&token)).await.status, 200, "asking changes nothing");
        let done = ada.send(&ask, &[]).await;
        assert!(
            done.text().contains("Eve Castellano is disabled; 0 live streams cut in "),
            "{}",
            done.text()
        );
        assert_eq!(client.get("wiki", "/", Some(&token)).await.status, 403);
        let ask = ada.go("console", &format!("/people/{eve}/enable")).await;
        let done = ada.send(&ask, &[]).await;
        assert!(done.text().contains("Eve Castellano may act again."));
        assert_eq!(client.get("wiki", "/", Some(&token)).await.status, 200);

        // Nobody shuts the last administrator out, here neither.
        let own = id_of(&demo, "ada");
        let ask = ada.go("console", &format!("/people/{own}/disable")).await;
        let refused = ada.send(&ask, &[]).await;
        assert_eq!(refused.answer.status, 409);
        assert!(refused.text().contains("No active administrator would be left"), "{}", refused.text());

        let ask = ada.go("console", &format!("/people/{eve}/link")).await;
        let made = ada.send(&ask, &[]).await.plain();
        let auth = format!("https://{}/link?t=bzc_", client.host("auth"));
        assert!(made.contains(&auth) && made.contains("It works once"), "{made}");

        let people = ada.go("console", "/people").await;
        let made = ada.send(&people, &[("login", "zoe"), ("display", "Zoë <Ortega>"), ("mail", "")]).await;
        let html = made.text();
        assert!(html.contains("<h1>An invitation for Zoë &lt;Ortega&gt;</h1>"), "{html}");
        assert!(html.contains("/claim?t=bzc_"));
        let people = ada.go("console", "/people").await;
        assert!(!people.text().contains("bzc_"), "a link is shown once");
        let again = ada.send(&people, &[("login", "zoe")]).await;
        assert_eq!(again.answer.status, 422);
        assert!(again.text().contains("There is somebody called zoe already"));
        let unusable = ada.send(&people, &[("login", "æ")]).await;
        assert_eq!(unusable.answer.status, 422, "{}", unusable.text());
        assert!(unusable.text().contains("cannot be a login name"), "{}", unusable.text());
    });
}

#[test]
fn a_policy_is_edited_only_if_it_is_right_and_rolled_back() {
    let demo = Demo::start();
    let before = demo.json(&["get", "policy", "payroll-finance"]);
    let (old, revision) = (before["spec"]["text"].as_str().unwrap().to_owned(), before["revision"].clone());
    let stored = |demo: &Demo| demo.json(&["get", "policy", "payroll-finance"]);
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let edit = "/policies/payroll-finance?edit=1";
        let page = ada.go("console", edit).await;
        let wrong = old.replace("context.risk", "context.rsk").replace('\n', "\r\n");
        let refused = ada.send(&page, &[("text", &wrong)]).await;
        let html = refused.plain();
        assert_eq!(refused.answer.status, 422, "{html}");
        assert!(html.contains("did you mean `risk`?") && html.contains("Not saved: 1 mistake"), "{html}");
        assert!(html.contains("context.rsk < 40"), "what was typed is still there");
        assert_eq!(stored(&demo)["revision"], revision);

        for (text_sent, words) in [
            (old.replace("\"payroll-finance\"", "\"another\""), "this is another policy, `another`"),
            (String::new(), "there is no policy in this text"),
        ] {
            let page = ada.go("console", edit).await;
            let refused = ada.send(&page, &[("text", &text_sent)]).await;
            assert!(
                refused.answer.status == 422 && refused.text().contains(words),
                "{words}: {}",
                refused.text()
            );
        }

        // Two administrators had the page open: the second is told, not obeyed.
        let stale = ada.go("console", edit).await;
        let page = ada.go("console", edit).await;
        let stricter = old.replace("28800", "14400");
        let dry = ada.send(&page, &[("text", &stricter), ("run", "dry")]).await;
        assert!(dry.text().contains("It is in order. Nothing was saved yet."), "{}", dry.text());
        assert_eq!(stored(&demo)["revision"], revision);
        let page = ada.go("console", edit).await;
        let saved = ada.send(&page, &[("text", &stricter)]).await;
        assert!(saved.text().contains("Saved as revision "), "{}", saved.text());
        assert_eq!(stored(&demo)["spec"]["text"], stricter.as_str());
        assert!(
            saved.text().contains("removed: ") && saved.text().contains("added: "),
            "the change is in the history"
        );
        let late = ada.send(&stale, &[("text", &old)]).await;
        assert_eq!(late.answer.status, 409, "{}", late.text());
        assert_eq!(stored(&demo)["spec"]["text"], stricter.as_str());

        let ask = ada.go("console", &format!("/policies/payroll-finance/rollback?to={revision}")).await;
        let back = ada.send(&ask, &[]).await;
        assert!(back.text().contains(&format!("Rolled back to revision {revision}")), "{}", back.text());
        assert_eq!(stored(&demo)["spec"]["text"], old.as_str());

        let page = ada.go("console", "/policies/own-console?edit=1").await;
        let own = demo.json(&["get", "policy", "own-console"])["spec"]["text"].as_str().unwrap().to_owned();
        let refused = ada.send(&page, &[("text", &own.replace("\"admins\"", "\"nobody-at-all\""))]).await;
        assert_eq!(refused.answer.status, 409, "{}", refused.text());
        assert!(refused.text().contains("No active administrator would be left"));
        assert_eq!(demo.json(&["get", "policy", "own-console"])["spec"]["text"], own.as_str());
    });
}

#[test]
fn a_change_by_cookie_needs_the_token_of_its_session_and_a_bearer_token_needs_none() {
    let demo = Demo::start();
    let eve = id_of(&demo, "eve");
    let disabled = || -> Value { demo.json(&["get", "user", "eve"])["spec"]["disabled"].clone() };
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let token = ada.go("console", "/people").await.csrf();
        let other = {
            let mut bob = Browser::signed_in(&demo, "bob", "wiki").await;
            bob.go("auth", "/").await.csrf()
        };
        // A form: without, with another session's, with its own.
        let path = format!("/people/{eve}/disable");
        for wrong in [None, Some(""), Some("x"), Some(other.as_str())] {
            let fields: Vec<(&str, &str)> = wrong.map(|token| ("csrf", token)).into_iter().collect();
            let refused = ada.post("console", &path, &fields).await;
            assert_eq!(refused.answer.status, 403, "{wrong:?}");
            assert!(refused.text().contains("cross_site"), "{}", refused.text());
            assert_eq!(disabled(), false);
        }
        let done = ada.post("console", &path, &[("csrf", &token)]).await;
        assert_eq!((done.target, done.answer.status), (path, 200));
        assert_eq!(disabled(), true);

        // The API by cookie: the same, in a header.
        let path = "/api/v1/users/eve/enable";
        let json = ("accept", "application/json");
        for wrong in [None, Some("x"), Some(other.as_str())] {
            let headers: Vec<(&str, &str)> =
                [Some(json), wrong.map(|token| ("bartizan-csrf", token))].into_iter().flatten().collect();
            let refused = ada.ask(Method::POST, "console", path, &headers, None).await;
            assert_eq!(
                (refused.status, refused.json()["reason"].clone()),
                (403, Value::from("cross_site")),
                "{wrong:?}"
            );
            assert_eq!(disabled(), true);
        }
        // The right token does not help another site's page.
        let foreign = [json, ("bartizan-csrf", token.as_str()), ("origin", "https://evil.example")];
        assert_eq!(ada.ask(Method::POST, "console", path, &foreign, None).await.status, 403);
        assert_eq!(disabled(), true);
        let right = [json, ("bartizan-csrf", token.as_str())];
        let done = ada.ask(Method::POST, "console", path, &right, None).await;
        assert_eq!(done.status, 200, "{:?}", done.body);
        assert_eq!(disabled(), false);
    });
    // No app sees such a token, whoever sends it there.
    block_on(async {
        let client = Client::new(&demo);
        let mut request = client.request("pulse", "/echo", Some(&demo.token("bob")));
        request.headers_mut().insert("bartizan-csrf", "seen-by-nobody".parse().unwrap());
        let echo = crate::http::Answer::read(client.send("pulse", request).await).await;
        let body = String::from_utf8_lossy(&echo.body);
        assert!(echo.status == 200 && !body.contains("seen-by-nobody"), "{body}");
    });
    // The commands send a bearer token and nothing else.
    demo.json(&["user", "disable", "eve"]);
    assert_eq!(disabled(), true);
}

#[test]
fn a_sign_in_shows_what_it_has_open_until_it_is_ended() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    block_on(async {
        let request = client.request("pulse", "/sse", Some(&demo.token("bob")));
        let mut stream = client.send("pulse", request).await.into_body();
        stream.frame().await.unwrap().unwrap();
        let sessions = demo.json(&["session", "list", "--user", "bob"]);
        let id = sessions[0]["id"].as_str().unwrap();
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let page = ada.go("console", &format!("/sessions/{id}")).await;
        let text = page.plain();
        assert!(text.contains("The sign-in of Bob Lindgren") && text.contains("read pulse"), "{text}");
        let sent = text.split("data-name=\"Sent\">").nth(1).unwrap().split('<').next().unwrap();
        assert!(sent.ends_with("bytes") && !sent.starts_with("0 "), "what has passed is told: {sent}");
        assert!(text.contains(&format!("href=\"/sessions/end?id={id}\"")), "{text}");
        // Nobody else's, and nothing that is no sign-in.
        for (name, status) in
            [("x", 404), ("01a2291d-0000-7000-8000-000000000000", 404), ("%3Cscript%3E", 404)]
        {
            assert_eq!(ada.go("console", &format!("/sessions/{name}")).await.answer.status, status, "{name}");
        }
        let mut bob = Browser::signed_in(&demo, "bob", "wiki").await;
        assert_eq!(bob.go("console", &format!("/sessions/{id}")).await.answer.status, 403);
        demo.json(&["session", "revoke", id, "--wait"]);
        assert_eq!(ada.go("console", &format!("/sessions/{id}")).await.answer.status, 404);
    });
}
