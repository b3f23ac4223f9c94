//! Our own services: the same decision, and nothing that another site may do in a person's name.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bartizan_enforce::Caller;
use bartizan_gateway::{Body, LocalService};
use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::io::AsyncWriteExt as _;
use tower::service_fn;

use crate::client::{connect, drain, read_head, request, send};
use crate::rig::{AUTH, PORTAL, Rig, WIKI, eventually};

/// Counts what is alive of its answers.
struct Alive(Arc<AtomicUsize>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn service(alive: Arc<AtomicUsize>) -> LocalService {
    LocalService::new(service_fn(move |request: Request<Body>| {
        let alive = Arc::clone(&alive);
        async move {
            let caller = request.extensions().get::<Caller>().cloned().unwrap();
            if request.uri().path() == "/stream" {
                alive.fetch_add(1, Ordering::SeqCst);
                let guard = Alive(alive);
                let ticks = futures_util::stream::unfold(guard, |guard| async move {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    Some((Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"tick\n"))), guard))
                });
                return Ok::<_, Infallible>(Response::new(StreamBody::new(ticks).boxed_unsync()));
            }
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            let text = format!(
                "{} {} {:?} {:?} {:?} {}",
                parts.method,
                parts.uri,
                caller.subject.user().map(|user| user.to_string()),
                caller.credential,
                parts.headers,
                String::from_utf8_lossy(&body),
            );
            let body = http_body_util::Full::new(Bytes::from(text));
            Ok(Response::new(body.boxed_unsync()))
        }
    }))
}

async fn rig() -> (Rig, Arc<AtomicUsize>) {
    let alive = Arc::new(AtomicUsize::new(0));
    let local = BTreeMap::from([("portal".parse().unwrap(), service(Arc::clone(&alive)))]);
    (Rig::with(|_| (), local).await, alive)
}

fn at_portal(method: &str, path: &str, fields: &str) -> String {
    request(method, path, fields).replace(WIKI, PORTAL)
}

#[tokio::test]
async fn a_service_is_told_who_calls_and_sees_no_credential() {
    let (rig, _) = rig().await;
    let ada = rig.sign_in_at(PORTAL);
    let fields = format!("Bartizan-Token: {}\r\nBartizan-User: root\r\nContent-Length: 5\r\n", ada.token);
    let answer = send(&rig, PORTAL, &(at_portal("POST", "/a%20b?c", &fields) + "hello")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = answer.text();
    assert!(text.starts_with("POST /a%20b?c ") && text.ends_with("hello"), "{text}");
    assert!(text.contains(&ada.user.to_string()) && text.contains("Token"));
    assert!(!text.contains("bzn_") && !text.contains("root"));
    assert!(answer.field("bartizan-request-id").is_some());
    let anonymous = send(&rig, PORTAL, &at_portal("GET", "/", "")).await;
    assert_eq!(anonymous.reason(), "sign_in_required", "own hosts are decided on like apps");
}

#[tokio::test]
async fn another_site_changes_nothing_in_a_persons_name() {
    let (rig, _) = rig().await;
    let ada = rig.sign_in_at(PORTAL);
    let cookie = format!("Cookie: __Host-bartizan={}\r\n", ada.cookie);
    let own = format!("Origin: https://{PORTAL}\r\n");
    for (method, fields, status) in [
        ("GET", String::new(), 200),
        ("GET", String::from("Sec-Fetch-Site: cross-site\r\n"), 200),
        ("POST", own.clone(), 200),
        ("POST", format!("{own}Sec-Fetch-Site: same-origin\r\n"), 200),
        ("POST", String::new(), 403),
        ("POST", String::from("Origin: https://evil.test\r\n"), 403),
        ("POST", format!("Origin: https://{WIKI}\r\nSec-Fetch-Site: same-site\r\n"), 403),
        ("POST", format!("{own}Sec-Fetch-Site: cross-site\r\n"), 403),
        ("DELETE", String::from("Origin: null\r\n"), 403),
    ] {
        let answer = send(&rig, PORTAL, &at_portal(method, "/", &format!("{cookie}{fields}"))).await;
        assert_eq!(answer.status, status, "{method} {fields}");
        if status == 403 {
            assert_eq!(answer.reason(), "cross_site");
        }
    }
    let token = format!("Bartizan-Token: {}\r\nOrigin: https://evil.test\r\n", ada.token);
    assert_eq!(
        send(&rig, PORTAL, &at_portal("POST", "/", &token)).await.status,
        200,
        "no browser adds a token by itself"
    );
}

#[tokio::test]
async fn a_stream_of_ours_is_cut_like_any_other() {
    let (rig, alive) = rig().await;
    let ada = rig.sign_in_at(PORTAL);
    let mut stream = connect(&rig, PORTAL).await;
    let ask = at_portal("GET", "/stream", &format!("Bartizan-Token: {}\r\n", ada.token));
    stream.write_all(ask.as_bytes()).await.unwrap();
    let (head, _) = read_head(&mut stream).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200"));
    assert_eq!(alive.load(Ordering::SeqCst), 1);
    assert_eq!(rig.revoke(&ada), 1);
    let (rest, _) = tokio::time::timeout(Duration::from_secs(1), drain(&mut stream)).await.unwrap();
    assert!(!String::from_utf8_lossy(&rest).contains("0\r\n\r\n"));
    eventually("the service's own work ends", || alive.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn who_ends_their_own_session_is_still_told_where_to_go_on() {
    let go = Arc::new(tokio::sync::Notify::new());
    let waits = Arc::clone(&go);
    let service = LocalService::new(service_fn(move |request: Request<Body>| {
        let waits = Arc::clone(&waits);
        async move {
            let path = request.uri().path().to_owned();
            let _form = request.into_body().collect().await;
            waits.notified().await;
            let mut response = Response::new(http_body_util::Full::new(Bytes::from("about somebody")));
            if path == "/switch" {
                response = Response::new(http_body_util::Full::new(Bytes::new()));
                *response.status_mut() = http::StatusCode::SEE_OTHER;
                response.headers_mut().insert("location", "/sign-in".parse().unwrap());
            }
            Ok::<_, Infallible>(response)
        }
    }));
    let local = BTreeMap::from([("auth".parse().unwrap(), service)]);
    let rig = Rig::with(|_| (), local).await;
    for (path, status, location) in [("/switch", 303, Some("/sign-in")), ("/account", 401, None)] {
        let ada = rig.sign_in();
        let audience = bartizan_enforce::Audience::Apps(["auth".parse().unwrap()].into());
        let token = rig.credential(ada.user, ada.session, bartizan_model::CredentialKind::Token, audience);
        let before = rig.enforcer.live();
        let mut stream = connect(&rig, AUTH).await;
        let ask = format!(
            "POST {path} HTTP/1.1\r\nHost: {AUTH}\r\nBartizan-Token: {token}\r\nContent-Length: 1\r\n\r\nx"
        );
        stream.write_all(ask.as_bytes()).await.unwrap();
        eventually("it is under way", || rig.enforcer.live() > before).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(rig.revoke(&ada), 1);
        tokio::time::sleep(Duration::from_millis(50)).await;
        go.notify_one();
        let answer = crate::client::read_answer(&mut stream).await.unwrap();
        assert_eq!((answer.status, answer.field("location").as_deref()), (status, location), "{answer:?}");
        assert!(!answer.text().contains("about somebody"));
    }
}

#[tokio::test]
async fn who_drips_a_body_is_let_go_at_own_hosts_and_at_apps() {
    let local = BTreeMap::from([("portal".parse().unwrap(), service(Arc::default()))]);
    let rig = Rig::with(|config| config.body_timeout = Duration::from_millis(200), local).await;
    let (here, there) = (rig.sign_in_at(PORTAL), rig.sign_in());
    for (host, token) in [(PORTAL, &here.token), (WIKI, &there.token)] {
        let fields = format!("Bartizan-Token: {token}\r\nContent-Length: 200\r\n");
        let head = request("POST", "/echo", &fields).replace(WIKI, host);
        // A byte now and then is progress that leads nowhere.
        let mut stream = connect(&rig, host).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        for _ in 0..10 {
            if stream.write_all(b"x").await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let answer = crate::client::read_answer(&mut stream).await.unwrap();
        assert_eq!((answer.status, answer.reason().as_str()), (400, "bad_request.body"), "{host}");
        // Late, but all of it.
        let mut stream = connect(&rig, host).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        stream.write_all(&[b'x'; 200]).await.unwrap();
        let answer = crate::client::read_answer(&mut stream).await.unwrap();
        assert_eq!(answer.status, 200, "{host}");
    }
}

/// Everybody may reach the sign-in, as in a deployment.
const SIGN_IN_IS_PUBLIC: &str =
    r#"@id("public") permit (principal, action in Action::"http", resource == App::"auth");"#;

#[tokio::test]
async fn where_programs_call_from_anywhere_nobody_is_signed_in_by_what_a_browser_brings() {
    let service = service(Arc::default()).called_from_anywhere(&["/token"]);
    let local = BTreeMap::from([("auth".parse().unwrap(), service)]);
    let rig = Rig::with(|_| (), local).await;
    rig.apply(bartizan_enforce::Scope::Changes, Vec::new(), Some(SIGN_IN_IS_PUBLIC));
    let ada = rig.sign_in();
    let audience = bartizan_enforce::Audience::Apps(["auth".parse().unwrap()].into());
    let token = rig.credential(ada.user, ada.session, bartizan_model::CredentialKind::Token, audience);
    let host = bartizan_enforce::Audience::Host(AUTH.to_owned());
    let cookie = rig.credential(ada.user, ada.session, bartizan_model::CredentialKind::SignIn, host);
    let evil = "Origin: https://evil.test\r\nSec-Fetch-Site: cross-site\r\n";
    let post = |path: &str, fields: &str| request("POST", path, fields).replace(WIKI, AUTH);
    for fields in [
        evil.to_owned(),
        format!("{evil}Cookie: __Host-bartizan={cookie}\r\n"),
        format!("{evil}Bartizan-Token: {token}\r\n"),
    ] {
        let answer = send(&rig, AUTH, &post("/token", &fields)).await;
        assert_eq!(answer.status, 200, "{fields} {answer:?}");
        assert!(answer.text().starts_with("POST /token None None "), "{}", answer.text());
        assert!(!answer.text().contains("bzn_") && !answer.text().contains("bzs_"));
    }
    // Everywhere else at this host it is as before, also at what only begins alike.
    for path in ["/token/", "/token2", "/", "/tokeN"] {
        for fields in [evil.to_owned(), format!("{evil}Cookie: __Host-bartizan={cookie}\r\n")] {
            let answer = send(&rig, AUTH, &post(path, &fields)).await;
            assert_eq!((answer.status, answer.reason().as_str()), (403, "cross_site"), "{path} {fields}");
        }
    }
}

#[tokio::test]
async fn where_programs_call_with_a_token_nothing_else_says_who_calls() {
    let service = service(Arc::default()).called_with_a_token(&["/scim/v2"]);
    let rig = Rig::with(|_| (), BTreeMap::from([("auth".parse().unwrap(), service)])).await;
    rig.apply(bartizan_enforce::Scope::Changes, Vec::new(), Some(SIGN_IN_IS_PUBLIC));
    let ada = rig.sign_in();
    let token = |app: &str| {
        let audience = bartizan_enforce::Audience::Apps([app.parse().unwrap()].into());
        rig.credential(ada.user, ada.session, bartizan_model::CredentialKind::Token, audience)
    };
    let host = bartizan_enforce::Audience::Host(AUTH.to_owned());
    let cookie = rig.credential(ada.user, ada.session, bartizan_model::CredentialKind::SignIn, host);
    let evil = "Origin: https://evil.test\r\nSec-Fetch-Site: cross-site\r\n";
    let own = format!("Origin: https://{AUTH}\r\n");
    let post = |path: &str, fields: &str| request("POST", path, fields).replace(WIKI, AUTH);
    for path in ["/scim/v2", "/scim/v2/Users"] {
        for fields in [
            evil.to_owned(),
            format!("{own}Cookie: __Host-bartizan={cookie}\r\n"),
            format!("{evil}Bartizan-Token: {}\r\n", token("wiki")),
        ] {
            let answer = send(&rig, AUTH, &post(path, &fields)).await;
            assert!(
                answer.text().starts_with(&format!("POST {path} None None ")),
                "{fields} {}",
                answer.text()
            );
        }
        let answer =
            send(&rig, AUTH, &post(path, &format!("Authorization: Bearer {}\r\n", token("auth")))).await;
        let whose = format!("POST {path} {:?} ", Some(ada.user.to_string()));
        assert!(answer.text().starts_with(&whose), "{}", answer.text());
    }
    for path in ["/scim/v2x", "/scim", "/scim/V2/Users"] {
        let answer = send(&rig, AUTH, &post(path, evil)).await;
        assert_eq!((answer.status, answer.reason().as_str()), (403, "cross_site"), "{path}");
    }
}

#[tokio::test]
async fn what_a_service_of_ours_is_denied_is_told_as_any_other_denial() {
    let denying = LocalService::new(service_fn(|request: Request<Body>| async move {
        let caller = request.extensions().get::<Caller>().cloned().unwrap();
        let remedy = |url: &str| bartizan_model::Remedy {
            url: Some(url.to_owned()),
            ..bartizan_model::Remedy::new(bartizan_model::Way::SwitchAccount, None)
        };
        let denial = bartizan_model::Denial {
            reason: bartizan_model::DenyReason::DeniedByPolicy,
            request_id: caller.request_id,
            decision_id: bartizan_model::DecisionId::from_bytes([1; 16]),
            revision: bartizan_model::Revision::new(1),
            subject: caller.subject,
            resource: bartizan_model::Resource::Client("shop".parse().unwrap()),
            policies: Vec::new(),
            remedies: vec![remedy("https://auth.test/again?x=1")],
        };
        let mut response = Response::new(http_body_util::Full::new(Bytes::from("not shown")));
        response.extensions_mut().insert(denial);
        Ok::<_, Infallible>(response)
    }));
    let rig = Rig::with(|_| (), BTreeMap::from([("auth".parse().unwrap(), denying)])).await;
    rig.apply(bartizan_enforce::Scope::Changes, Vec::new(), Some(SIGN_IN_IS_PUBLIC));
    let answer = send(&rig, AUTH, &request("GET", "/", "").replace(WIKI, AUTH)).await;
    assert_eq!((answer.status, answer.reason().as_str()), (403, "denied_by_policy"), "{answer:?}");
    let text = answer.text();
    assert!(text.contains("\"shop\"") && text.contains("https://auth.test/again?x=1"), "{text}");
    assert!(!text.contains("not shown"));
}
