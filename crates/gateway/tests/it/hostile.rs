//! Requests that two readers would read in two ways: refused, and nothing of them goes upstream.

use tokio::io::AsyncWriteExt as _;

use crate::client::{connect, drain, exchange, request, send};
use crate::rig::{OTHER, PORTAL, Rig, WIKI};

#[tokio::test]
async fn no_ambiguous_request_reaches_the_app() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let token = format!("Bartizan-Token: {}\r\n", ada.token);
    let with = |line: &str, fields: &str| format!("{line}\r\nHost: {WIKI}\r\n{token}{fields}\r\n");
    let cases = [
        (with("GET /a/../b HTTP/1.1", ""), 400),
        (with("GET /a/%2e%2e/b HTTP/1.1", ""), 400),
        (with("GET /a/..;/b HTTP/1.1", ""), 400),
        (with("GET //evil/x HTTP/1.1", ""), 400),
        (with("GET /a%2fb HTTP/1.1", ""), 400),
        (with("GET /a%5cb HTTP/1.1", ""), 400),
        (with("GET /a\\b HTTP/1.1", ""), 400),
        (with("GET /a%00 HTTP/1.1", ""), 400),
        (with("GET /%252e%252e/a HTTP/1.1", ""), 400),
        (with("GET /a;x=y HTTP/1.1", ""), 400),
        (with("GET /%zz HTTP/1.1", ""), 400),
        (with("GET /%c0%af HTTP/1.1", ""), 400),
        (with("TRACE /a HTTP/1.1", ""), 400),
        (with("get /a HTTP/1.1", ""), 400),
        (with("GET * HTTP/1.1", ""), 400),
        (with("GET /a HTTP/1.0", ""), 400),
        (with("POST /a HTTP/1.1", "Transfer-Encoding: chunked, chunked\r\n"), 400),
        (with("POST /a HTTP/1.1", "Transfer-Encoding: identity\r\n"), 400),
        (with("POST /a HTTP/1.1", "Content-Length: 1, 1\r\n"), 400),
        (with("POST /a HTTP/1.1", "Content-Length: +1\r\n"), 400),
        (
            with(
                "GET /a HTTP/1.1",
                "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AA\r\n",
            ),
            400,
        ),
        (with("GET /a HTTP/1.1", "Authorization: Basic a\r\nAuthorization: Basic b\r\n"), 400),
        (with("GET /a HTTP/1.1", "Host: wiki.bartizan.test\r\n"), 400),
        (format!("GET /a HTTP/1.1\r\n{token}\r\n"), 400),
        (format!("GET /a HTTP/1.1\r\nHost: {OTHER}\r\n{token}\r\n"), 421),
        (format!("GET https://{OTHER}/a HTTP/1.1\r\nHost: {WIKI}\r\n{token}\r\n"), 400),
        (format!("GET http://{WIKI}/a HTTP/1.1\r\nHost: {WIKI}\r\n{token}\r\n"), 400),
        (format!("GET /a HTTP/1.1\r\nHost: u@{WIKI}\r\n{token}\r\n"), 400),
        (format!("GET /a HTTP/1.1\r\nHost: {WIKI}:0443\r\n{token}\r\n"), 400),
        (format!("GET /a HTTP/1.1\r\nHost: {WIKI}.\r\n{token}\r\n"), 400),
    ];
    for (bytes, status) in cases {
        let answer = send(&rig, WIKI, &bytes).await;
        assert_eq!(answer.status, status, "{bytes}\n{answer:?}");
    }
    let long = send(&rig, WIKI, &with(&format!("GET /{} HTTP/1.1", "a".repeat(9000)), "")).await;
    assert_eq!((long.status, long.reason().as_str()), (414, "uri_too_long"));
    assert!(rig.app.seen.heads.lock().is_empty());
    assert_eq!(
        send(&rig, WIKI, &with("GET /a HTTP/1.1", "")).await.status,
        200,
        "and its unambiguous twin does"
    );
}

#[tokio::test]
async fn a_second_request_hidden_in_a_body_is_a_body() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let hidden = "0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
    let fields = format!(
        "Bartizan-Token: {}\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n",
        ada.token,
        hidden.len()
    );
    let mut stream = connect(&rig, WIKI).await;
    stream.write_all((request("POST", "/a", &fields) + hidden).as_bytes()).await.unwrap();
    let _ = drain(&mut stream).await;
    let heads = rig.app.seen.heads.lock().clone();
    assert!(heads.iter().all(|head| !head.contains("hidden")), "{heads:?}");
}

#[tokio::test]
async fn what_upstream_and_decision_see_is_the_same_path() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    for path in ["/", "/a/b/", "/%41", "/a%20b", "/%E2%82%AC", "/x|y", "/C%23", "/a+b", "/~u/%7eu", "/100%25"]
    {
        let token = format!("Bartizan-Token: {}\r\n", ada.token);
        let answer = send(&rig, WIKI, &request("GET", path, &token)).await;
        assert_eq!(answer.status, 200, "{path}");
        let target = answer.text().split(' ').nth(1).unwrap().to_owned();
        assert_eq!(plain(&target), plain(path), "{path} became {target}");
    }
}

/// Decoding as a server would do it, written apart from ours.
fn plain(path: &str) -> Vec<u8> {
    let mut bytes = path.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    out
}

#[tokio::test]
async fn a_connection_serves_its_own_host_only() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let mut stream = connect(&rig, WIKI).await;
    for host in [OTHER, PORTAL, "unknown.test"] {
        let ask = format!("GET / HTTP/1.1\r\nHost: {host}\r\nBartizan-Token: {}\r\n\r\n", ada.token);
        let answer = exchange(&mut stream, ask.as_bytes()).await.unwrap();
        assert_eq!((answer.status, answer.reason().as_str()), (421, "wrong_host"), "{host}");
    }
}
