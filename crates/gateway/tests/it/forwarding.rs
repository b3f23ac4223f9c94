//! What an upstream gets, what a client gets back.

use std::sync::atomic::Ordering;

use bartizan_gateway::GatewayConfig;
use bytes::Bytes;
use http::Request;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::Jwk};
use serde_json::Value;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::time::Duration;

use bartizan_enforce::Audience;
use bartizan_model::CredentialKind;
use bartizan_policy::Delta;

use crate::app::field;
use crate::client::{
    Http2, connect, exchange, get, http2, http2_get, http2_open, read_answer, request, send,
};
use crate::rig::{OTHER, Rig, WIKI, app_facts, eventually};

#[tokio::test]
async fn a_permitted_request_reaches_the_app_with_who_asks_and_without_our_credential() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let fields = format!(
        "Authorization: Bearer {}\r\nCookie: a=1; __Host-bartizan-x=2; b=\"3\"\r\nX-Forwarded-For: 6.6.6.6\r\n\
         X_Forwarded_For: 6.6.6.6\r\nBartizan-User: root\r\nbartizan_user: root\r\nConnection: Bartizan-Assertion, X-Hop\r\n\
         X-Hop: 1\r\nX-App: yes\r\nAccept: */*\r\n",
        ada.token
    );
    let answer = send(&rig, WIKI, &request("GET", "/caf%c3%a9?q=%2e%2e", &fields)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let head = answer.text();
    assert!(head.starts_with("GET /caf%C3%A9?q=%2e%2e HTTP/1.1\r\n"), "{head}");
    assert_eq!(field(&head, "host").as_deref(), Some(WIKI));
    assert_eq!(field(&head, "cookie").as_deref(), Some("a=1; b=\"3\""));
    assert_eq!(field(&head, "x-app").as_deref(), Some("yes"));
    assert_eq!(field(&head, "x-forwarded-for").as_deref(), Some("127.0.0.1"));
    assert_eq!(field(&head, "x-forwarded-proto").as_deref(), Some("https"));
    assert_eq!(field(&head, "x-forwarded-host").as_deref(), Some(WIKI));
    assert_eq!(field(&head, "bartizan-user"), Some(ada.user.to_string()));
    assert_eq!(
        field(&head, "bartizan-groups").as_deref(),
        Some("editors,staff"),
        "only groups that the app lists"
    );
    for gone in ["authorization", "x-hop", "x_forwarded_for", "bartizan_user", "connection"] {
        assert_eq!(field(&head, gone), None, "{gone}");
    }
    for (name, times) in
        [("bzn_", 0), ("6.6.6.6", 0), ("root", 0), ("bartizan-user", 1), ("x-forwarded-for", 1)]
    {
        assert_eq!(head.to_ascii_lowercase().matches(name).count(), times, "{name} in {head}");
    }
    let id = answer.field("bartizan-request-id").unwrap();
    assert_eq!(rig.events("decision").last().unwrap()["request_id"], id);
}

#[tokio::test]
async fn the_assertion_verifies_and_is_made_once_for_many_requests() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let one = field(&get(&rig, &ada, "/a").await.text(), "bartizan-assertion").unwrap();
    let two = field(&get(&rig, &ada, "/b").await.text(), "bartizan-assertion").unwrap();
    assert_eq!(one, two);
    assert_eq!(rig.keys.published.lock().len(), 1);
    let jwk: Jwk = serde_json::from_value(rig.keys.published.lock()[0].clone()).unwrap();
    assert_eq!(decode_header(&one).unwrap().kid, jwk.common.key_id);
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[WIKI]);
    validation.set_issuer(&["https://auth.bartizan.test"]);
    validation.validate_exp = false;
    let claims = decode::<Value>(&one, &DecodingKey::from_jwk(&jwk).unwrap(), &validation).unwrap().claims;
    assert_eq!(claims["sub"], ada.user.to_string());
    assert_eq!(claims["groups"], serde_json::json!(["editors", "staff"]));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 120);
    rig.later(Duration::from_secs(61));
    let later = field(&get(&rig, &ada, "/c").await.text(), "bartizan-assertion").unwrap();
    assert_ne!(one, later, "at half of its life it is made again");
    assert_eq!(rig.keys.published.lock().len(), 1, "by the same key");
    rig.apply(
        bartizan_enforce::Scope::Changes,
        vec![Delta::Group(bartizan_model::GroupFacts {
            name: crate::rig::group("staff"),
            parents: [crate::rig::group("absent")].into(),
        })],
        None,
    );
    let more = field(&get(&rig, &ada, "/d").await.text(), "bartizan-assertion").unwrap();
    assert_ne!(later, more, "another group is another claim");
}

#[tokio::test]
async fn nobody_is_asked_to_sign_in_and_what_is_public_is_public() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let answer = send(&rig, WIKI, &request("GET", "/x", "")).await;
    assert_eq!((answer.status, answer.reason().as_str()), (401, "sign_in_required"));
    assert_eq!(answer.field("content-type").as_deref(), Some("application/problem+json"));
    assert!(answer.field("bartizan-request-id").is_some() && answer.field("www-authenticate").is_some());
    let form = "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\nContent-Length: 0\r\n";
    let page = send(&rig, WIKI, &request("POST", "/x", form)).await;
    assert_eq!(page.status, 401);
    assert!(page.text().starts_with("<!doctype html>") || page.text().starts_with("<!DOCTYPE html>"));
    let public = send(&rig, WIKI, &request("GET", "/public", "")).await;
    assert_eq!(public.status, 200);
    assert_eq!(field(&public.text(), "bartizan-user"), None);
    assert_eq!(field(&public.text(), "bartizan-assertion"), None);
    // A credential that is good elsewhere, or unknown, signs nobody in.
    let elsewhere = request("GET", "/x", &format!("Bartizan-Token: {}\r\n", ada.token)).replace(WIKI, OTHER);
    assert_eq!(send(&rig, OTHER, &elsewhere).await.reason(), "sign_in_required");
    let cookie = format!("Cookie: __Host-bartizan={}\r\n", ada.cookie);
    assert_eq!(send(&rig, WIKI, &request("GET", "/x", &cookie)).await.status, 200);
    let thrown = request("GET", "/x", &cookie).replace(WIKI, OTHER);
    assert_eq!(
        send(&rig, OTHER, &thrown).await.reason(),
        "sign_in_required",
        "a stolen cookie on another host"
    );
    let unknown = format!("Bartizan-Token: bzn_{}A\r\n", "x".repeat(42));
    assert_eq!(send(&rig, WIKI, &request("GET", "/x", &unknown)).await.reason(), "sign_in_required");
    let wrong = rig.credential(ada.user, ada.session, CredentialKind::SignIn, Audience::Host(WIKI.into()));
    let wrong =
        send(&rig, WIKI, &request("GET", "/x", &format!("Cookie: __Host-bartizan={wrong}\r\n"))).await;
    assert_eq!((wrong.status, wrong.reason().as_str()), (400, "bad_request.credentials"));
    assert_eq!(rig.app.seen.heads.lock().len(), 2, "nothing else went upstream");
}

#[tokio::test]
async fn what_was_revoked_is_refused_at_the_next_request() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    assert_eq!(get(&rig, &ada, "/x").await.status, 200);
    rig.revoke(&ada);
    let answer = get(&rig, &ada, "/x").await;
    assert_eq!(answer.status, 401, "{answer:?}");
    *rig.people.down.lock() = true;
    let down = get(&rig, &rig.sign_in(), "/x").await;
    assert_eq!((down.status, down.reason().as_str()), (503, "sessions_unavailable"));
}

#[tokio::test]
async fn bodies_pass_whole_in_both_directions_over_either_version() {
    // Each thread keeps the connections to apps that it has used.
    let rig = Rig::with(|config| config.workers = NonZero::<usize>::MIN, BTreeMap::new()).await;
    let ada = rig.sign_in();
    let body: Vec<u8> = (0..1_000_000_u32).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect();
    let head = request(
        "POST",
        "/echo",
        &format!("Bartizan-Token: {}\r\nContent-Length: {}\r\n", ada.token, body.len()),
    );
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&body);
    let mut stream = connect(&rig, WIKI).await;
    let answer = exchange(&mut stream, &bytes).await.unwrap();
    assert!(answer.body.ends_with(&body));
    assert_eq!(field(&answer.text(), "content-length"), Some(body.len().to_string()));
    let again = request("GET", "/again", &format!("Bartizan-Token: {}\r\n", ada.token));
    assert_eq!(exchange(&mut stream, again.as_bytes()).await.unwrap().status, 200, "the connection goes on");

    let client: Http2 = http2(&rig, WIKI, 65_535).await;
    let request = Request::post(format!("https://{WIKI}/echo"))
        .header("bartizan-token", &ada.token)
        .header("cookie", "a=1")
        .header("cookie", "b=2")
        .body(())
        .unwrap();
    let mut ready = client.send.clone().ready().await.unwrap();
    let (response, mut send) = ready.send_request(request, false).unwrap();
    let uploading = async {
        send.send_data(Bytes::from(body.clone()), false).unwrap();
        let mut trailers = http::HeaderMap::new();
        trailers.insert("x-sum", "5".parse().unwrap());
        trailers.insert("bartizan-user", "root".parse().unwrap());
        send.send_trailers(trailers).unwrap();
        response.await.unwrap()
    };
    let response = uploading.await;
    assert!(
        response.headers().contains_key("bartizan-request-id") && response.headers().contains_key("date")
    );
    let mut recv = response.into_body();
    let mut all = Vec::new();
    while let Some(data) = recv.data().await {
        let data = data.unwrap();
        recv.flow_control().release_capacity(data.len()).unwrap();
        all.extend_from_slice(&data);
    }
    let text = String::from_utf8_lossy(&all).into_owned();
    assert_eq!(field(&text, "transfer-encoding").as_deref(), Some("chunked"));
    assert_eq!(field(&text, "cookie").as_deref(), Some("a=1; b=2"), "one field for HTTP/1.1");
    assert!(!text.contains("root"), "a trailer cannot say who asks");
    assert!(all.len() > body.len());
    assert_eq!(rig.app.seen.connections.load(Ordering::Relaxed), 1, "the connection upstream was used again");
}

#[tokio::test]
async fn trailers_of_an_answer_pass_and_forged_ones_do_not() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let client = http2(&rig, WIKI, 65_535).await;
    let mut recv = http2_open(&client, http2_get(&ada, "/trailers")).await.into_body();
    assert_eq!(recv.data().await.unwrap().unwrap(), "hello");
    assert!(recv.data().await.is_none());
    let trailers = recv.trailers().await.unwrap().unwrap();
    assert_eq!(trailers["x-sum"], "5");
    assert_eq!(trailers.len(), 1);
}

#[tokio::test]
async fn an_upstream_sets_no_cookie_of_ours_and_none_for_the_domain() {
    let rig = Rig::new().await;
    let answer = get(&rig, &rig.sign_in(), "/cookies").await;
    assert!(answer.head.contains("set-cookie: a=1; Path=/\r\n"), "{}", answer.head);
    for gone in ["__Host-bartizan", "Domain", "forged", "alt-svc"] {
        assert!(!answer.head.contains(gone), "{gone} in {}", answer.head);
    }
    assert_eq!(answer.field("x-app").as_deref(), Some("yes"));
}

#[tokio::test]
async fn head_requests_and_answers_without_body_leave_the_connection_in_order() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let mut stream = connect(&rig, WIKI).await;
    let token = format!("Bartizan-Token: {}\r\n", ada.token);
    use tokio::io::AsyncWriteExt as _;
    stream.write_all(request("HEAD", "/x", &token).as_bytes()).await.unwrap();
    let (head, rest) = crate::client::read_head(&mut stream).await.unwrap();
    assert!(
        head.starts_with("HTTP/1.1 200") && head.contains("content-length: ") && rest.is_empty(),
        "{head}"
    );
    let both = request("GET", "/1", &token) + &request("GET", "/2", &token);
    stream.write_all(both.as_bytes()).await.unwrap();
    assert!(read_answer(&mut stream).await.unwrap().text().starts_with("GET /1"));
    let client = http2(&rig, WIKI, 65_535).await;
    let mut request = http2_get(&ada, "/x");
    *request.method_mut() = http::Method::HEAD;
    let response = http2_open(&client, request).await;
    assert!(response.body().is_end_stream() && response.headers().contains_key("content-length"));
}

#[tokio::test]
async fn a_client_that_waits_for_a_go_gets_it_after_the_decision_only() {
    use tokio::io::AsyncWriteExt as _;
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let fields = format!("Bartizan-Token: {}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n", ada.token);
    let mut stream = connect(&rig, WIKI).await;
    stream.write_all(request("POST", "/echo", &fields).as_bytes()).await.unwrap();
    let (head, _) = crate::client::read_head(&mut stream).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 100"), "{head}");
    stream.write_all(b"hello").await.unwrap();
    let answer = read_answer(&mut stream).await.unwrap();
    assert!(answer.text().ends_with("hello"));
    assert_eq!(field(&answer.text(), "expect"), None);
    let denied =
        send(&rig, WIKI, &request("POST", "/echo", "Expect: 100-continue\r\nContent-Length: 5\r\n")).await;
    assert_eq!(denied.status, 401, "no go for what is denied");
}

#[tokio::test]
async fn a_failing_upstream_is_said_to_be_the_failing_side() {
    let short = |config: &mut GatewayConfig| {
        config.answer_timeout = Duration::from_millis(600);
        config.connect_timeout = Duration::from_millis(300);
    };
    let rig = Rig::with(short, BTreeMap::new()).await;
    let ada = rig.sign_in();
    for (path, status, reason) in [
        ("/silent", 504, "upstream_timeout"),
        ("/close", 502, "upstream_unreachable"),
        ("/garbage", 502, "upstream_unreachable"),
        ("/switch", 502, "upstream_unreachable"),
    ] {
        let answer = get(&rig, &ada, path).await;
        assert_eq!((answer.status, answer.reason().as_str()), (status, reason), "{path}");
        eventually("the end is recorded as failed", || {
            rig.events("grant.end")
                .iter()
                .any(|event| event["outcome"] == "failed" && event["reason"] == reason)
        })
        .await;
    }
    let fields = format!("Bartizan-Token: {}\r\nContent-Length: 100\r\n", ada.token);
    let silent = send(&rig, WIKI, &request("POST", "/echo", &fields)).await;
    assert_eq!(
        (silent.status, silent.reason().as_str()),
        (400, "bad_request.body"),
        "here the client is the silent side"
    );
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let facts = [("wiki", format!("http://{closed}")), ("other", rig.app.url().replace("http:", "https:"))]
        .map(|(name, url)| {
            let host = if name == "wiki" { WIKI } else { OTHER };
            let mut app = app_facts(name, host, Some(&url));
            app.ca = Some(rig.keys.authority.cert_pem());
            Delta::App(app)
        });
    rig.apply(bartizan_enforce::Scope::Changes, facts.to_vec(), None);
    assert_eq!(get(&rig, &ada, "/x").await.reason(), "upstream_unreachable");
    // Its name leads nowhere; and one that takes the connection and says nothing.
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mute_url = format!("https://{}", mute.local_addr().unwrap());
    for url in ["http://nowhere.invalid", mute_url.as_str()] {
        let mut app = app_facts("wiki", WIKI, Some(url));
        app.ca = Some(rig.keys.authority.cert_pem());
        rig.apply(bartizan_enforce::Scope::Changes, vec![Delta::App(app)], None);
        let answer = get(&rig, &ada, "/x").await;
        assert_eq!((answer.status, answer.reason().as_str()), (502, "upstream_unreachable"), "{url}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_looks_broken_off() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let answer = get(&rig, &ada, "/torn").await;
    assert_eq!(answer.text(), "only this", "fewer bytes than were announced");
    let client = http2(&rig, WIKI, 65_535).await;
    let mut recv = http2_open(&client, http2_get(&ada, "/torn")).await.into_body();
    let end = loop {
        match recv.data().await {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error.reason(),
            None => panic!("the stream ended as if it were complete"),
        }
    };
    assert_eq!(end, Some(h2::Reason::INTERNAL_ERROR));
}

#[tokio::test]
async fn what_is_reserved_is_never_forwarded() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    for path in ["/.bartizan/", "/.BARTIZAN/callback", "/%2ebartizan", "/.bartizan/callback/"] {
        assert_eq!(get(&rig, &ada, path).await.status, 404, "{path}");
    }
    assert!(rig.app.seen.heads.lock().is_empty());
}

#[tokio::test]
async fn without_a_published_key_nothing_is_forwarded_in_somebodys_name() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let mut stream = connect(&rig, WIKI).await;
    *rig.keys.down.lock() = true;
    let ask = request("GET", "/x", &format!("Bartizan-Token: {}\r\n", ada.token));
    let answer = exchange(&mut stream, ask.as_bytes()).await.unwrap();
    assert_eq!((answer.status, answer.reason().as_str()), (503, "assertion_unavailable"));
    assert!(rig.app.seen.heads.lock().is_empty());
    *rig.keys.down.lock() = false;
    rig.clock.advance(Duration::from_secs(2));
    assert_eq!(exchange(&mut stream, ask.as_bytes()).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_key_goes_on_while_the_next_cannot_be_published_and_no_longer_than_it_is_found() {
    let rig = Rig::with(|config| config.head_timeout = Duration::from_secs(60), BTreeMap::new()).await;
    let ask =
        |person: &crate::rig::Person| request("GET", "/x", &format!("Bartizan-Token: {}\r\n", person.token));
    // The certificate of the host must not need renewing while nothing can be certified.
    *rig.keys.lifetime.lock() = Duration::from_secs(30 * 3600);
    let mut stream = connect(&rig, WIKI).await;
    let ada = rig.sign_in();
    assert_eq!(exchange(&mut stream, ask(&ada).as_bytes()).await.unwrap().status, 200);
    *rig.keys.down.lock() = true;
    rig.later(Duration::from_secs(12 * 3600 + 60));
    let bob = rig.sign_in();
    assert_eq!(exchange(&mut stream, ask(&bob).as_bytes()).await.unwrap().status, 200);
    rig.later(Duration::from_secs(50 * 60));
    let eve = rig.sign_in();
    let late = exchange(&mut stream, ask(&eve).as_bytes()).await.unwrap();
    assert_eq!((late.status, late.reason().as_str()), (503, "assertion_unavailable"));
}
