//! What one app takes beyond the usual: forms of paths, methods, and how much.

use std::collections::BTreeSet;

use bartizan_enforce::Scope;
use bartizan_model::{AppFacts, Relaxation, WireRules};
use bartizan_policy::Delta;

use crate::client::{Answer, connect, drain, exchange, request, send};
use crate::rig::{Rig, WIKI, app_facts};

/// A deployment whose wiki has such rules, and a member of its staff.
async fn rig(wire: WireRules) -> (Rig, String) {
    let rig = Rig::new().await;
    let wiki = AppFacts { wire, ..app_facts("wiki", WIKI, Some(&rig.app.url())) };
    rig.apply(Scope::Changes, vec![Delta::App(wiki)], None);
    let token = format!("Bartizan-Token: {}\r\n", rig.sign_in().token);
    (rig, token)
}

fn target(answer: &Answer) -> String {
    answer.text().split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_relaxed_form_reaches_the_app_as_it_was_decided_on_and_no_other_does() {
    let relax = BTreeSet::from([Relaxation::EncodedSlash, Relaxation::PathParameter]);
    let (rig, token) = rig(WireRules { relax, ..WireRules::default() }).await;
    for (path, reached) in [
        ("/api/v4/projects/group%2fproject", "/api/v4/projects/group%2Fproject"),
        ("/a;jsessionid=1?x=%2f;", "/a;jsessionid=1?x=%2f;"),
    ] {
        let answer = send(&rig, WIKI, &request("GET", path, &token)).await;
        assert_eq!((answer.status, target(&answer).as_str()), (200, reached), "{path}");
    }
    let before = rig.app.seen.heads.lock().len();
    for (path, reason) in [
        ("/a%2f..%2fb", "bad_request.path_dot_segment"),
        ("/a/..;x/b", "bad_request.path_dot_segment"),
        ("/a//b", "bad_request.path_empty_segment"),
        ("/a%5cb", "bad_request.path_separator"),
        ("/a%252fb", "bad_request.path_double_encoding"),
    ] {
        let answer = send(&rig, WIKI, &request("GET", path, &token)).await;
        assert_eq!((answer.status, answer.reason().as_str()), (400, reason), "{path}");
    }
    for ours in ["/.bartizan%2fcallback", "/.bartizan;x/callback"] {
        assert_eq!(send(&rig, WIKI, &request("GET", ours, &token)).await.status, 404, "{ours}");
    }
    assert_eq!(rig.app.seen.heads.lock().len(), before);
}

#[tokio::test]
async fn an_app_names_methods_of_its_own_and_the_server_itself_may_be_asked_about() {
    let (rig, token) = rig(WireRules::default()).await;
    let purge = request("PURGE", "/a", &token);
    assert_eq!(send(&rig, WIKI, &purge).await.reason(), "bad_request.method");
    let options = send(&rig, WIKI, &request("OPTIONS", "*", &token)).await;
    assert_eq!((options.status, target(&options).as_str()), (200, "*"));
    let wire = WireRules { methods: BTreeSet::from([String::from("PURGE")]), ..WireRules::default() };
    let wiki = AppFacts { wire, ..app_facts("wiki", WIKI, Some(&rig.app.url())) };
    rig.apply(Scope::Changes, vec![Delta::App(wiki)], None);
    let purged = send(&rig, WIKI, &purge).await;
    assert!(purged.status == 200 && purged.text().starts_with("PURGE /a "), "{purged:?}");
}

#[tokio::test]
async fn a_body_is_as_large_as_the_app_takes() {
    let (rig, token) = rig(WireRules { max_body: Some(10), ..WireRules::default() }).await;
    let sized = |length: usize| {
        request("POST", "/a", &format!("{token}Content-Length: {length}\r\n")) + &"x".repeat(length)
    };
    let chunked = |length: usize| {
        let chunk = format!("{:x}\r\n{}\r\n", length, "x".repeat(length));
        request("POST", "/a", &format!("{token}Transfer-Encoding: chunked\r\n")) + &chunk + "0\r\n\r\n"
    };
    assert_eq!(send(&rig, WIKI, &sized(10)).await.status, 200);
    assert_eq!(send(&rig, WIKI, &chunked(10)).await.status, 200);
    let whole = rig.app.seen.heads.lock().len();
    for (bytes, sent) in [(sized(11), 0), (chunked(11), 1)] {
        let mut stream = connect(&rig, WIKI).await;
        let answer = exchange(&mut stream, bytes.as_bytes()).await.unwrap();
        assert_eq!((answer.status, answer.reason().as_str()), (413, "content_too_large"));
        assert_eq!(drain(&mut stream).await.0, b"");
        // What is known to be too large is not even begun.
        assert!(rig.app.seen.heads.lock().len() <= whole + sent);
    }
}
