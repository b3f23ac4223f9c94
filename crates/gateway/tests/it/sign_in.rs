//! From an app's host to the sign-in and back, and everything that somebody else might make of it.

use std::collections::BTreeMap;
use std::convert::Infallible;

use bartizan_gateway::{Body, LocalService};
use bartizan_model::CredentialKind;
use bartizan_pki::new_credential;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, Response};
use http_body_util::Full;
use tower::service_fn;

use crate::client::{Answer, request, send};
use crate::rig::{AUTH, Code, OTHER, PORTAL, Person, Rig, WIKI};

const BROWSER: &str = "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: none\r\n";

fn cookies(answer: &Answer) -> Vec<String> {
    let fields = answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    fields.map(str::to_owned).collect()
}

fn cookie<'a>(cookies: &'a [String], name: &str) -> Option<&'a str> {
    let value = cookies.iter().find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='))?;
    value.split(';').next()
}

fn parameter(location: &str, name: &str) -> String {
    let query = location.split_once('?').unwrap().1;
    let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    found.unwrap().to_owned()
}

/// A browser that has left for the sign-in: the cookie that it keeps, and what the sign-in was told.
struct Left {
    kept: String,
    n: String,
    challenge: [u8; 32],
}

async fn leave(rig: &Rig, host: &str, path: &str) -> Left {
    let answer = send(rig, host, &request("GET", path, BROWSER).replace(WIKI, host)).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let location = answer.field("location").unwrap();
    assert!(location.starts_with(&format!("https://auth.bartizan.test/open?host={host}&")), "{location}");
    let n = parameter(&location, "n");
    let challenge = URL_SAFE_NO_PAD.decode(parameter(&location, "challenge")).unwrap().try_into().unwrap();
    let set = cookies(&answer);
    let kept = cookie(&set, &format!("__Host-bartizan-start-{n}")).unwrap().to_owned();
    Left { kept, n, challenge }
}

/// The sign-in issues a code for this person against that challenge.
fn issue(rig: &Rig, person: &Person, host: &str, challenge: [u8; 32]) -> String {
    let (text, digest) = new_credential(CredentialKind::Code, rig.entropy.as_ref());
    let code = Code { user: person.user, session: person.session, host: host.to_owned(), challenge };
    rig.people.codes.lock().insert(digest, code);
    text.expose(Clone::clone)
}

async fn come_back(rig: &Rig, host: &str, left: Option<&Left>, n: &str, code: &str) -> Answer {
    let kept = left.map(|left| format!("Cookie: __Host-bartizan-start-{}={}\r\n", left.n, left.kept));
    let fields = format!("{BROWSER}{}", kept.unwrap_or_default());
    let path = format!("/.bartizan/callback?code={code}&n={n}");
    send(rig, host, &request("GET", &path, &fields).replace(WIKI, host)).await
}

#[tokio::test]
async fn a_person_leaves_signs_in_and_comes_back_to_where_they_were() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let left = leave(&rig, WIKI, "/page?x=1&y=%2F").await;
    let code = issue(&rig, &ada, WIKI, left.challenge);
    let back = come_back(&rig, WIKI, Some(&left), &left.n, &code).await;
    assert_eq!((back.status, back.field("location").as_deref()), (303, Some("/page?x=1&y=%2F")));
    let set = cookies(&back);
    for cookie in &set {
        for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    assert!(
        set.iter()
            .any(|cookie| cookie.starts_with("__Host-bartizan-start-0=;") && cookie.contains("Max-Age=0"))
    );
    let app = cookie(&set, "__Host-bartizan").unwrap();
    assert!(app.starts_with("bza_"));
    let with = |more: &str| format!("{BROWSER}Cookie: a=1; __Host-bartizan={app}{more}\r\n");
    let page = send(&rig, WIKI, &request("GET", "/page", &with("; __Host-bartizan-who=QWRh"))).await;
    assert_eq!(page.status, 200);
    assert_eq!(
        crate::app::field(&page.text(), "cookie").as_deref(),
        Some("a=1"),
        "state is not for upstreams"
    );
    // The same cookie on another host is nobody's.
    let stolen = send(&rig, OTHER, &request("GET", "/", &with("")).replace(WIKI, OTHER)).await;
    assert_eq!(stolen.status, 303);
    // Where it was denied, the page says who is signed in and how to become somebody else.
    rig.apply(
        bartizan_enforce::Scope::Changes,
        Vec::new(),
        Some("@id(\"none\") permit (principal in Group::\"none\", action in Action::\"http\", resource);"),
    );
    let who = cookie(&set, "__Host-bartizan-who").unwrap();
    let denied =
        send(&rig, WIKI, &request("GET", "/page", &with(&format!("; __Host-bartizan-who={who}")))).await;
    assert_eq!(denied.status, 403);
    assert!(denied.text().contains("Ada Ærlig"), "{}", denied.text());
    assert!(denied.text().contains("/.bartizan/start?again=everything"), "{}", denied.text());
}

#[tokio::test]
async fn several_sign_ins_may_be_under_way_at_once() {
    let rig = Rig::new().await;
    let mut kept = String::from("x=1");
    for n in 0..8 {
        let ask = request("GET", "/", &format!("{BROWSER}Cookie: {kept}\r\n"));
        let answer = send(&rig, WIKI, &ask).await;
        assert_eq!(parameter(&answer.field("location").unwrap(), "n"), n.to_string());
        kept.push_str(&format!("; __Host-bartizan-start-{n}=x"));
    }
    let ask = request("GET", "/", &format!("{BROWSER}Cookie: {kept}\r\n"));
    let n: u8 = parameter(&send(&rig, WIKI, &ask).await.field("location").unwrap(), "n").parse().unwrap();
    assert!(n < 8, "one of them gives way");
}

#[tokio::test]
async fn login_csrf_with_the_attackers_code() {
    let rig = Rig::new().await;
    let mallory = rig.sign_in();
    // The attacker began a sign-in of their own and sends the victim to its end.
    let attackers = leave(&rig, WIKI, "/").await;
    let code = issue(&rig, &mallory, WIKI, attackers.challenge);
    let victims = leave(&rig, WIKI, "/").await;
    for left in [None, Some(&victims)] {
        let back = come_back(&rig, WIKI, left, "0", &code).await;
        assert_eq!(back.status, 400, "{back:?}");
        assert!(cookies(&back).is_empty());
        assert!(back.text().contains("This sign-in cannot be finished here"));
    }
}

#[tokio::test]
async fn a_replayed_code() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let left = leave(&rig, WIKI, "/").await;
    let code = issue(&rig, &ada, WIKI, left.challenge);
    assert_eq!(come_back(&rig, WIKI, Some(&left), &left.n, &code).await.status, 303);
    let again = come_back(&rig, WIKI, Some(&left), &left.n, &code).await;
    assert_eq!(again.status, 400);
    assert!(cookies(&again).is_empty());
}

#[tokio::test]
async fn a_code_of_another_host() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let left = leave(&rig, WIKI, "/").await;
    let code = issue(&rig, &ada, OTHER, left.challenge);
    assert_eq!(come_back(&rig, WIKI, Some(&left), &left.n, &code).await.status, 400);
}

#[tokio::test]
async fn a_callback_that_is_not_in_order() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let left = leave(&rig, WIKI, "/").await;
    let code = issue(&rig, &ada, WIKI, left.challenge);
    let token = code.replace("bzc_", "bzn_");
    for (n, code) in [
        ("9", code.as_str()),
        ("00", "bzc_x"),
        ("", &code),
        ("0", ""),
        ("0", &token),
        ("0&code=x", &code),
        ("0&n=1", &code),
    ] {
        let back = come_back(&rig, WIKI, Some(&left), n, code).await;
        assert_eq!(back.status, 400, "{n} {code}");
    }
    let posted = request("POST", "/.bartizan/callback", "Content-Length: 0\r\n");
    assert_eq!(send(&rig, WIKI, &posted).await.status, 404);
    // Codes are tried as little as other credentials.
    let mut refused = 0;
    for _ in 0..60 {
        let (unknown, _) = new_credential(CredentialKind::Code, rig.entropy.as_ref());
        let unknown = unknown.expose(Clone::clone);
        refused += u32::from(come_back(&rig, WIKI, Some(&left), &left.n, &unknown).await.status == 429);
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn a_cookie_thrown_by_a_sibling_host() {
    let rig = Rig::new().await;
    let (ada, mallory) = (rig.sign_in(), rig.sign_in());
    let ask = |cookie: &str| request("GET", "/x", &format!("Cookie: {cookie}\r\n"));
    // Without the prefix that binds it to a host it is none of ours, and not passed on either.
    let thrown = send(&rig, WIKI, &ask(&format!("bartizan={}; x=1", mallory.cookie))).await;
    assert_eq!((thrown.status, thrown.reason().as_str()), (401, "sign_in_required"));
    let both = format!("__Host-bartizan={}; __Host-bartizan={}", ada.cookie, mallory.cookie);
    let both = send(&rig, WIKI, &ask(&both)).await;
    assert_eq!((both.status, both.reason().as_str()), (400, "bad_request.credentials"));
}

#[tokio::test]
async fn only_a_person_who_navigates_is_sent_away() {
    let rig = Rig::new().await;
    let cors = "Accept: */*\r\nSec-Fetch-Mode: cors\r\n";
    for (method, fields) in
        [("GET", cors), ("GET", ""), ("POST", BROWSER), ("GET", "Accept: application/json\r\n")]
    {
        let fields =
            if method == "POST" { format!("{fields}Content-Length: 0\r\n") } else { fields.to_owned() };
        let answer = send(&rig, WIKI, &request(method, "/x", &fields)).await;
        assert_eq!(answer.status, 401, "{method} {fields}");
        assert!(cookies(&answer).is_empty());
        if !fields.contains("text/html") {
            let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(document["remedies"][0]["kind"], "sign_in");
            let url = document["remedies"][0]["url"].as_str().unwrap();
            assert!(url.starts_with(&format!("https://{WIKI}/.bartizan/start?again=nothing&to=")), "{url}");
        }
    }
}

#[tokio::test]
async fn a_start_leads_nowhere_but_to_the_sign_in_and_back_here() {
    let rig = Rig::new().await;
    for (to, back) in [
        ("/a%3Fb%3D1", "/a?b=1"),
        ("//evil.test", "/"),
        ("https://evil.test/", "/"),
        ("/.bartizan/start", "/"),
        ("%2F%2Fevil.test", "/"),
        ("/%5Cevil.test", "/"),
        ("/a%0d%0aX: y", "/"),
    ] {
        let path = format!("/.bartizan/start?again=second_factor&to={}", to.replace(' ', "%20"));
        let answer = send(&rig, WIKI, &request("GET", &path, BROWSER)).await;
        assert_eq!(answer.status, 303, "{to}");
        let location = answer.field("location").unwrap();
        assert!(
            location.starts_with("https://auth.bartizan.test/open?")
                && location.ends_with("&again=second_factor")
        );
        let set = cookies(&answer);
        let kept = cookie(&set, "__Host-bartizan-start-0").unwrap().split_once('.').unwrap().1;
        assert_eq!(URL_SAFE_NO_PAD.decode(kept).unwrap(), back.as_bytes(), "{to}");
    }
    let odd = send(&rig, WIKI, &request("GET", "/.bartizan/start?again=x", BROWSER)).await;
    assert_eq!(odd.status, 400);
}

#[tokio::test]
async fn missing_origin() {
    let echo = || {
        LocalService::new(service_fn(|request: Request<Body>| async move {
            let seen = format!("{:?}", request.headers().get("cookie"));
            Ok::<_, Infallible>(Response::new(Full::new(bytes::Bytes::from(seen))))
        }))
    };
    let local =
        [("auth", echo()), ("portal", echo())].map(|(name, service)| (name.parse().unwrap(), service));
    let rig = Rig::with(|_| (), BTreeMap::from(local)).await;
    rig.apply(
        bartizan_enforce::Scope::Changes,
        Vec::new(),
        Some("@id(\"all\") permit (principal, action in Action::\"http\", resource);"),
    );
    let ada = rig.sign_in_at(PORTAL);
    let form = |host: &str, fields: &str| {
        request("POST", "/sign-in", &format!("Content-Length: 0\r\n{fields}")).replace(WIKI, host)
    };
    let mine = format!("Origin: https://{AUTH}\r\nSec-Fetch-Site: same-origin\r\n");
    let answer =
        send(&rig, AUTH, &form(AUTH, &format!("{mine}Cookie: z=1; __Host-bartizan-attempt=abc\r\n"))).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.text(),
        "Some(Sensitive)",
        "the service gets the state of the sign-in, and nothing else"
    );
    // A sign-in form carries no cookie at first; still it has to come from the sign-in page.
    for fields in [
        String::new(),
        String::from("Origin: https://evil.test\r\n"),
        String::from("Origin: null\r\n"),
        format!("Origin: https://{AUTH}\r\nSec-Fetch-Site: same-site\r\n"),
        format!("Origin: https://{AUTH}\r\nSec-Fetch-Site: cross-site\r\n"),
        format!("Origin: https://{AUTH}\r\nOrigin: https://evil.test\r\n"),
    ] {
        let answer = send(&rig, AUTH, &form(AUTH, &fields)).await;
        assert_eq!((answer.status, answer.reason().as_str()), (403, "cross_site"), "{fields}");
        let with = format!("{fields}Cookie: __Host-bartizan={}\r\n", ada.cookie);
        let answer = send(&rig, PORTAL, &form(PORTAL, &with)).await;
        assert_eq!((answer.status, answer.reason().as_str()), (403, "cross_site"), "{fields}");
    }
    let by_token = format!("Bartizan-Token: {}\r\n", ada.token);
    assert_eq!(send(&rig, PORTAL, &form(PORTAL, &by_token)).await.status, 200, "no browser sends a token");
    let read = request("GET", "/", "Sec-Fetch-Site: cross-site\r\n").replace(WIKI, AUTH);
    assert_eq!(send(&rig, AUTH, &read).await.status, 200, "people arrive from anywhere");
}

#[tokio::test]
async fn another_account_is_no_way_out_when_the_gateway_is_what_fails() {
    let rig = Rig::new().await;
    let ask = request("GET", "/x", &format!("Authorization: Bearer {}\r\n", rig.sign_in().token));
    assert_eq!(send(&rig, WIKI, &ask).await.status, 200);
    rig.clock.advance(std::time::Duration::from_secs(31));
    let cut_off = send(&rig, WIKI, &ask).await;
    assert_eq!((cut_off.status, cut_off.reason().as_str()), (503, "lease_expired"));
    let document: serde_json::Value = serde_json::from_slice(&cut_off.body).unwrap();
    assert_eq!(
        (&document["remedies"], &document["subject"]["type"]),
        (&serde_json::json!([]), &serde_json::json!("User"))
    );
}
