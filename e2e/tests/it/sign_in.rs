//! Signing in through the binary: what leads in, and everything that does not.

use std::process::Command;

use http_body_util::BodyExt as _;
use serde_json::json;

use crate::cookies::Browser;
use crate::demo::{Demo, binary};
use crate::http::{Client, block_on};

/// The steps of sign-ins that the log has, oldest first, once there are `enough`: evidence follows a moment after.
fn steps(demo: &Demo, enough: usize, more: &[&str]) -> Vec<serde_json::Value> {
    let args = [&["log", "search", "--json", "--kind", "signin.step", "--limit", "200"], more].concat();
    let mut found = Vec::new();
    for _ in 0..100 {
        let out = String::from_utf8(demo.cli(&args).stdout).unwrap();
        found = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        if found.len() >= enough {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    found
}

#[test]
fn a_person_signs_in_and_what_is_open_by_cookie_is_cut_when_they_sign_out() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let mut browser = Browser::new(client.clone());
    block_on(async {
        let page = browser.go("wiki", "/a?b=c").await;
        let page = browser.sign_in(&page, "bob", &demo.password("bob"), &demo.code("bob", 0)).await;
        assert_eq!((page.host.as_str(), page.target.as_str(), page.answer.status), ("wiki", "/a?b=c", 200));
        // Signed in once, the next app opens by itself.
        let page = browser.go("pulse", "/echo").await;
        assert_eq!((page.host.as_str(), page.answer.status), ("pulse", 200));
        assert!(!page.text().contains("bza_") && !page.text().contains("__Host-bartizan"), "{}", page.text());
        let cookie = format!("__Host-bartizan={}", browser.jar["pulse"]["__Host-bartizan"]);
        let mut request = client.request("pulse", "/sse", None);
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        let mut stream = client.send("pulse", request).await.into_body();
        stream.frame().await.unwrap().unwrap();
        let sessions = demo.json(&["session", "list", "--user", "bob"]);
        assert_eq!(sessions.as_array().map(Vec::len), Some(2), "that of the token, and that of the browser");
        assert!(sessions.as_array().unwrap().iter().all(|session| session["amr"] == json!(["otp", "pwd"])));

        let account = browser.go("auth", "/").await;
        assert!(account.text().contains("<bdi>Firefox</bdi>, <bdi>127.0.0.1</bdi>"), "{}", account.text());
        let page = browser.go("auth", "/sign-out").await;
        let out = browser.send(&page, &[]).await;
        assert_eq!(out.target, "/signed-out");
        let cut = tokio::time::timeout(std::time::Duration::from_secs(2), async {
            while let Some(Ok(_)) = stream.frame().await {}
        });
        assert!(cut.await.is_ok(), "a stream outlives the sign-out");
        assert!(!browser.jar["auth"].contains_key("__Host-bartizan"));
        let page = browser.go("wiki", "/").await;
        assert!(page.target.starts_with("/sign-in"), "{}", page.target);
    });
    // Two are those of the token.
    let ok = steps(&demo, 6, &["--user", "bob", "--outcome", "ok"]);
    let acts: Vec<&str> = ok.iter().rev().take(4).filter_map(|step| step["action"].as_str()).collect();
    assert_eq!(acts, ["signin:app", "signin:app", "signin:totp", "signin:password"]);
    assert!(ok.iter().all(|step| step["source"] == "127.0.0.1"), "{ok:?}");
}

#[test]
fn a_code_is_accepted_once_and_a_wrong_one_never() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let (mut first, mut second) = (Browser::new(client.clone()), Browser::new(client));
    block_on(async {
        let (password, code) = (demo.password("eve"), demo.code("eve", 0));
        let page = first.go("wiki", "/").await;
        assert_eq!(first.sign_in(&page, "eve", &password, &code).await.host, "wiki");
        let page = second.go("wiki", "/").await;
        let page = second.sign_in(&page, "eve", &password, &code).await;
        assert_eq!(page.answer.status, 422);
        assert!(page.text().contains("used already"), "{}", page.text());
        let page = second.send(&page, &[("code", "00000")]).await;
        assert!(page.text().contains("wrong"), "{}", page.text());
        let page = second.send(&page, &[("code", &demo.code("eve", 1))]).await;
        assert_eq!(page.host, "wiki");
    });
    let reasons: Vec<_> = steps(&demo, 2, &["--user", "eve", "--outcome", "failed"]);
    let reasons: Vec<&str> = reasons.iter().filter_map(|step| step["reason"].as_str()).collect();
    assert_eq!(reasons, ["used_code", "wrong_code"]);
}

#[test]
fn who_is_unknown_disabled_or_wrong_reads_the_same() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    demo.json(&["user", "disable", "eve"]);
    block_on(async {
        let mut pages = Vec::new();
        for (login, password) in [
            ("nobody", "a password that is long"),
            ("bob", "a password that is long"),
            ("eve", demo.password("eve").as_str()),
        ] {
            let mut browser = Browser::new(client.clone());
            let page = browser.go("auth", "/sign-in").await;
            let page = browser.send(&page, &[("login", login), ("password", password)]).await;
            assert_eq!(page.answer.status, 422);
            // Tokens and challenges are random, and time goes by.
            let begins = ["name=\"csrf\" value=\"", "challenge&quot;:&quot;", "data-seconds=\""];
            let text = begins.into_iter().fold(page.text(), |text, begin| {
                let mut parts = text.split(begin);
                let first = parts.next().unwrap().to_owned();
                let rest = parts.map(|part| part.trim_start_matches(|c| !matches!(c, '"' | '&')));
                rest.fold(first, |text, part| text + begin + part)
            });
            assert_eq!(text.matches("challenge&quot;:&quot;&quot;").count(), 1, "{text}");
            pages.push(text.replace(&format!("value=\"{login}\""), "value=\"LOGIN\""));
        }
        assert_eq!(pages[0], pages[1]);
        assert_eq!(pages[0], pages[2]);
    });
    let reasons: Vec<_> = steps(&demo, 3, &["--outcome", "failed"]);
    let reasons: Vec<&str> = reasons.iter().filter_map(|step| step["reason"].as_str()).collect();
    assert_eq!(reasons, ["unknown_person", "wrong_password", "disabled"]);
}

#[test]
fn a_person_disabled_between_the_factors_does_not_get_in() {
    let demo = Demo::start();
    let mut browser = Browser::new(Client::new(&demo));
    block_on(async {
        let page = browser.go("wiki", "/").await;
        let page = browser.send(&page, &[("login", "bob"), ("password", &demo.password("bob"))]).await;
        assert!(page.target.starts_with("/code"));
        demo.json(&["user", "disable", "bob"]);
        let page = browser.send(&page, &[("code", &demo.code("bob", 0))]).await;
        assert!(page.text().contains("Something changed since you began"), "{}", page.text());
        assert!(!browser.jar["auth"].contains_key("__Host-bartizan"));
    });
}

#[test]
fn who_guesses_waits() {
    let demo = Demo::start();
    let mut browser = Browser::new(Client::new(&demo));
    block_on(async {
        let mut page = browser.go("auth", "/sign-in").await;
        for _ in 0..5 {
            page = browser.send(&page, &[("login", "ada"), ("password", "not this one")]).await;
            assert_eq!(page.answer.status, 422);
        }
        let page = browser.send(&page, &[("login", "ada"), ("password", "not this one")]).await;
        assert_eq!(page.answer.status, 429);
        assert!(page.answer.headers.contains_key("retry-after"), "{:?}", page.answer.headers);
        // Others are not affected.
        let other = browser.send(&page, &[("login", "bob"), ("password", &demo.password("bob"))]).await;
        assert!(other.target.starts_with("/code"));
    });
}

#[test]
fn a_link_is_a_first_factor_and_works_once() {
    let demo = Demo::start();
    let link = demo.ready["people"]["eve"]["link"].as_str().unwrap().to_owned();
    let target = format!("/link{}", link.rsplit_once("/link").unwrap().1);
    let client = Client::new(&demo);
    let (mut eve, mut thief) = (Browser::new(client.clone()), Browser::new(client));
    block_on(async {
        let theirs = thief.go("auth", &target).await;
        assert_eq!(theirs.answer.status, 200, "looking at it spends nothing");
        let page = eve.go("auth", &target).await;
        assert!(page.text().contains("Eve Castellano"));
        let page = eve.send(&page, &[]).await;
        assert!(page.target.starts_with("/code"), "the second factor is asked for");
        let page = eve.send(&page, &[("code", &demo.code("eve", 0))]).await;
        assert_eq!((page.host.as_str(), page.target.as_str()), ("portal", "/"));
        let late = thief.send(&theirs, &[]).await;
        assert!(late.text().contains("used or is too old"), "{}", late.text());
        assert_eq!(thief.go("auth", &target).await.answer.status, 410);
    });
    let session = demo.json(&["session", "list", "--user", "eve"]);
    let amr: Vec<_> = session.as_array().unwrap().iter().map(|session| session["amr"].clone()).collect();
    assert!(amr.contains(&json!(["link", "otp"])), "{amr:?}");
}

#[test]
fn a_newer_code_is_asked_for_where_policy_wants_one() {
    let demo = Demo::start();
    let mut browser = Browser::new(Client::new(&demo));
    let folder = tempfile::tempdir().unwrap();
    let policy = |age: u32| {
        format!(
            "@id(\"payroll-finance\")\npermit (principal in Group::\"finance\", action in Action::\"http\", resource == App::\"payroll\")\n\
             when {{ context.session.level == \"strong\" && context.session.mfa_age < {age} }};\n"
        )
    };
    std::fs::write(folder.path().join("payroll.cedar"), policy(5)).unwrap();
    block_on(async {
        let page = browser.go("wiki", "/").await;
        browser.sign_in(&page, "bob", &demo.password("bob"), &demo.code("bob", 0)).await;
        demo.json(&["apply", "-f", folder.path().to_str().unwrap()]);
        tokio::time::sleep(std::time::Duration::from_secs(6)).await;
        let denied = browser.go("payroll", "/salaries?year=2026").await;
        assert_eq!(denied.answer.status, 401, "{}", denied.text());
        let text = denied.text().replace("&amp;", "&");
        let from = text.find("/.bartizan/start?again=second_factor").expect("a way out");
        let way = text.get(from..).unwrap().split('"').next().unwrap().to_owned();
        let confirm = browser.go("payroll", &way).await;
        assert!(confirm.target.starts_with("/confirm"), "{}", confirm.target);
        assert!(confirm.text().contains("<bdi>payroll</bdi> wants a newer proof"), "{}", confirm.text());
        let page = browser.send(&confirm, &[("code", &demo.code("bob", 1))]).await;
        assert_eq!((page.host.as_str(), page.target.as_str()), ("payroll", "/salaries?year=2026"));
        assert_eq!(page.answer.status, 200, "{}", page.text());
    });
}

#[test]
fn a_form_of_another_attempt_and_a_form_without_its_token_do_nothing() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let (mut browser, mut other) = (Browser::new(client.clone()), Browser::new(client));
    block_on(async {
        let page = browser.go("wiki", "/").await;
        let theirs = other.go("wiki", "/").await;
        let fields = [("login", "bob"), ("password", demo.password("bob").leak() as &str)];
        let without = browser.post("auth", &page.target, &fields).await;
        assert_eq!(without.answer.status, 400, "{}", without.text());
        // The token of somebody else's attempt.
        let crossed = crate::cookies::Page {
            host: page.host.clone(),
            target: page.target.clone(),
            answer: theirs.answer,
        };
        let crossed = browser.send(&crossed, &fields).await;
        assert_eq!(crossed.answer.status, 400, "{}", crossed.text());
        // A state that somebody made up, or changed.
        let sealed = browser.jar["auth"]["__Host-bartizan-attempt-0"].clone();
        let changed = format!("{}{}", sealed.split_at(sealed.len() - 4).0, "AAAA");
        browser.jar.get_mut("auth").unwrap().insert("__Host-bartizan-attempt-0".into(), changed);
        assert_eq!(browser.send(&page, &fields).await.answer.status, 400);
        browser.jar.get_mut("auth").unwrap().insert("__Host-bartizan-attempt-0".into(), sealed);
        assert!(browser.send(&page, &fields).await.target.starts_with("/code"), "and in order it goes on");
    });
}

#[test]
fn a_token_for_commands_comes_from_the_account_page_and_ends_with_the_sign_in() {
    let demo = Demo::start();
    let mut browser = Browser::new(Client::new(&demo));
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("token");
    let list = || {
        Command::new(binary())
            .args(["session", "list", "--json", "--server", demo.ready["console"].as_str().unwrap()])
            .args(["--ca", demo.ready["ca"].as_str().unwrap(), "--token-file"])
            .arg(&file)
            .output()
            .unwrap()
    };
    block_on(async {
        let page = browser.go("auth", "/sign-in").await;
        let portal = browser.sign_in(&page, "ada", &demo.password("ada"), &demo.code("ada", 0)).await;
        assert_eq!((portal.host.as_str(), portal.answer.status), ("portal", 200));
        let csrf = browser.go("auth", "/").await.csrf();
        let made = browser.post("auth", "/token", &[("csrf", &csrf), ("app", " console ")]).await;
        assert_eq!(made.answer.status, 200, "{}", made.text());
        let token = made
            .text()
            .split("bzn_")
            .nth(1)
            .map(|rest| format!("bzn_{}", &rest.chars().take(43).collect::<String>()));
        std::fs::write(&file, token.unwrap()).unwrap();
        let listed = list();
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));

        for (csrf, app, status) in
            [(csrf.as_str(), "nothing", 400), (&csrf, "../x", 400), ("", "console", 400)]
        {
            let refused = browser.post("auth", "/token", &[("csrf", csrf), ("app", app)]).await;
            assert_eq!(refused.answer.status, status, "{app}");
            assert!(!refused.text().contains("bzn_"));
        }
        let page = browser.go("auth", "/sign-out").await;
        browser.send(&page, &[]).await;
    });
    assert_eq!(list().status.code(), Some(4), "the token ends with the sign-in");
}

#[test]
fn people_see_the_apps_that_open_to_them_and_no_others() {
    let demo = Demo::start();
    block_on(async {
        for (name, opens, not) in [
            ("bob", &["wiki", "payroll", "pulse"][..], &["console"][..]),
            ("eve", &["wiki", "pulse"], &["payroll", "console"]),
            ("ada", &["wiki", "pulse", "console"], &["payroll"]),
        ] {
            let mut browser = Browser::signed_in(&demo, name, "wiki").await;
            let page = browser.go("portal", "/").await;
            let link = |app: &str| format!("<a href=\"https://{}/\">", browser_host(&demo, app));
            for app in opens {
                assert!(page.text().contains(&link(app)), "{name} and {app}: {}", page.text());
                let opened = browser.go(app, "/").await;
                assert_eq!((opened.host.as_str(), opened.answer.status), (*app, 200), "{name} and {app}");
            }
            for app in not {
                assert!(!page.text().contains(&link(app)), "{name} and {app}");
            }
        }
    });
}

/// Where a browser finds an app.
fn browser_host(demo: &Demo, app: &str) -> String {
    Client::new(demo).host(app)
}
