//! Classes of weakness that others had, where no test of a feature is the place for them. Each is named after its class in the
//! list of those that identity products had.

use std::net::Ipv4Addr;

use http::Request;
use http_body_util::Full;
use serde_json::Value;

use crate::cookies::Browser;
use crate::demo::Demo;
use crate::http::{Answer, Client, block_on};

/// GET with one cookie, from an address of its own for each: who tries out many is slowed down.
async fn with_cookie(client: &Client, app: &str, number: u8, name: &str, value: &str) -> Answer {
    let mut client = client.clone();
    client.from = Ipv4Addr::new(127, 0, 1, number);
    let request = Request::builder()
        .uri("/")
        .header("host", client.host(app))
        .header("cookie", format!("{name}={value}"));
    Answer::read(client.send(app, request.body(Full::default()).unwrap()).await).await
}

#[test]
fn class_6_a_session_cookie_of_which_any_byte_is_another_is_worth_nothing() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        ada.go("wiki", "/").await;
        for (app, prefix) in [("wiki", "bza_"), ("auth", "bzs_")] {
            let cookies = ada.jar.get(app).expect("cookies of the host");
            let (name, value) =
                cookies.iter().find(|(_, value)| value.starts_with(prefix)).expect("a sign-in");
            let sound = with_cookie(&client, app, 250, name, value).await;
            assert_eq!(sound.status, 200, "{app}");
            for at in 0..value.len() {
                let mut bytes = value.clone().into_bytes();
                bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
                let other = String::from_utf8(bytes).unwrap();
                let number = u8::try_from(at % 200).unwrap();
                let answer = with_cookie(&client, app, number, name, &other).await;
                // Where people sign in nobody is turned away; but nobody is anybody there.
                let shown = String::from_utf8_lossy(&answer.body).contains("Ada");
                assert!(!shown && (app == "auth" || answer.status != 200), "{app} {at}: {}", answer.status);
            }
            for none in ["", prefix, "0197f0c2-0000-7000-8000-000000000000", "null", "undefined", "{}"] {
                let answer = with_cookie(&client, app, 251, name, none).await;
                let shown = String::from_utf8_lossy(&answer.body).contains("Ada");
                assert!(
                    !shown && (app == "auth" || answer.status != 200),
                    "{app} `{none}`: {}",
                    answer.status
                );
            }
        }
    });
}

#[test]
fn class_7_and_8_a_password_alone_shows_no_code_and_opens_nothing() {
    let demo = Demo::start();
    let mut bob = Browser::new(Client::new(&demo));
    block_on(async {
        let page = bob.go("wiki", "/").await;
        let second = bob.send(&page, &[("login", "bob"), ("password", &demo.password("bob"))]).await;
        assert!(second.target.starts_with("/code"), "{}", second.text());
        let said = second.answer.headers.iter().map(|(_, value)| String::from_utf8_lossy(value.as_bytes()));
        let said: String = said.chain([second.text().into()]).collect();
        for steps in -2..=2 {
            let code = demo.code("bob", steps);
            assert!(!said.contains(&code), "the code of step {steps} is told to who should know it");
        }
        // Wherever they go with what they have, they are asked for the rest.
        for (app, target) in [
            ("wiki", "/"),
            ("portal", "/"),
            ("console", "/"),
            ("auth", "/"),
            ("auth", "/device"),
            ("auth", "/confirm"),
        ] {
            let page = bob.go(app, target).await;
            let asked = page.host == "auth" && page.target.starts_with("/sign-in");
            let code = page.host == "auth" && page.target.starts_with("/code");
            assert!(
                asked || code || page.answer.status >= 400,
                "{app}{target}: {} {}",
                page.host,
                page.target
            );
        }
        let token = bob.post("auth", "/token", &[("app", "wiki")]).await;
        assert!(!token.text().contains("bzn_"), "{}", token.text());
    });
}

#[test]
fn class_26_a_link_leads_to_where_we_are_whatever_a_request_says() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let admin = demo.ready["admin_token"].as_str().unwrap();
    block_on(async {
        for (name, value) in [
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-proto", "http"),
            ("x-original-host", "evil.example"),
            ("forwarded", "host=evil.example;proto=http"),
            ("origin", "https://evil.example"),
            ("referer", "https://evil.example/"),
        ] {
            let request = Request::builder()
                .method("POST")
                .uri("/api/v1/users/zoe/invite")
                .header("host", client.host("console"))
                .header("bartizan-token", admin)
                .header("content-type", "application/json")
                .header(name, value);
            let request = request.body(Full::from("{}")).unwrap();
            let answer = Answer::read(client.send("console", request).await).await;
            assert_eq!(answer.status, 200, "{name}: {}", String::from_utf8_lossy(&answer.body));
            let link = answer.json()["url"].as_str().unwrap().to_owned();
            let here = format!("https://auth.bartizan.localhost:{}/", demo.port());
            assert!(link.starts_with(&here), "{name}: {link}");
        }
    });
}

#[test]
fn class_29_a_page_is_asked_for_by_a_name_and_a_name_is_no_query() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let admin = demo.ready["admin_token"].as_str().unwrap();
    block_on(async {
        let all = client.get("console", "/api/v1/objects/app", Some(admin)).await.json();
        for after in [
            "%27%20OR%20%271%27=%271",
            "%27;DROP%20TABLE%20objects;--",
            "%22%20UNION%20SELECT%20name,sql%20FROM%20sqlite_master--",
            "%00",
            "%25",
            "eyJvZmZzZXQiOjB9",
            "../../etc/passwd",
        ] {
            let answer =
                client.get("console", &format!("/api/v1/objects/app?after={after}"), Some(admin)).await;
            assert!(answer.status < 500, "{after}: {}", answer.status);
            if answer.status == 200 {
                // What comes after a name that nobody has; never more than there is.
                let listed = answer.json();
                let listed = listed.as_array().unwrap();
                assert!(
                    listed.iter().all(|one| all.as_array().unwrap().contains(one)),
                    "{after}: {listed:?}"
                );
            }
        }
        assert_eq!(client.get("console", "/api/v1/objects/app", Some(admin)).await.json(), all);
        let people: Value = client.get("console", "/api/v1/users?after=%27--", Some(admin)).await.json();
        assert!(!people.to_string().contains("sqlite"), "{people}");
    });
}
