//! Requests as attackers and old servers write them, byte by byte.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::demo::Demo;
use crate::http::{Client, block_on};

/// Sends bytes and returns the first line that comes back.
async fn raw(client: &Client, app: &str, bytes: &str) -> String {
    let mut stream = client.tls(app, b"http/1.1").await;
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = tokio::time::timeout(std::time::Duration::from_secs(5), stream.read(&mut answer)).await;
    let read = read.unwrap_or(Ok(0)).unwrap_or(0);
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[test]
fn ambiguous_requests_are_refused_before_anything_goes_upstream() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let (token, host) = (demo.token("bob"), client.host("pulse"));
    let request = |line: &str, more: &str| {
        format!("{line} HTTP/1.1\r\nHost: {host}\r\nBartizan-Token: {token}\r\n{more}\r\n")
    };
    block_on(async {
        for target in [
            "/a/../echo",
            "/a/%2e%2e/echo",
            "//echo",
            "/%2fecho",
            "/a%5cb",
            "/a;b",
            "/%00",
            "/a\\b",
            "/%zz",
            "/./echo",
        ] {
            let answer = raw(&client, "pulse", &request(&format!("GET {target}"), "")).await;
            assert!(answer.starts_with("HTTP/1.1 400"), "{target}: {answer}");
            assert!(answer.contains("bad_request."), "{target}: {answer}");
        }
        for (line, more) in [
            ("TRACE /echo", ""),
            ("GET /echo", "Host: wiki.bartizan.localhost\r\n"),
            ("GET /echo", "Authorization: Basic eA==\r\nAuthorization: Basic eQ==\r\n"),
            ("GET /echo", "Authorization: Bearer bzn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n"),
            ("POST /echo", "Content-Length: 3\r\nContent-Length: 4\r\n"),
            ("GET http://wiki.bartizan.localhost/echo", ""),
        ] {
            let answer = raw(&client, "pulse", &request(line, more)).await;
            assert!(
                answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.1 421"),
                "{line} {more}: {answer}"
            );
        }
        let answer = raw(&client, "pulse", &request("GET /echo", "")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "the plain one is fine: {answer}");
    });
}

#[test]
fn a_request_for_another_host_than_the_handshake_named_is_misdirected() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    block_on(async {
        let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", client.host("payroll"));
        let answer = raw(&client, "wiki", &request).await;
        assert!(answer.starts_with("HTTP/1.1 421") && answer.contains("wrong_host"), "{answer}");
    });
}

#[test]
fn a_name_that_nobody_serves_ends_the_handshake() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    block_on(async {
        assert!(client.try_tls("nothing.bartizan.localhost", b"http/1.1").await.is_err());
        assert!(client.try_tls("127.0.0.1", b"http/1.1").await.is_err(), "an address is no name");
        assert!(client.try_tls("wiki.bartizan.localhost", b"http/1.1").await.is_ok());
    });
}

#[test]
fn each_host_has_a_certificate_of_its_own_with_one_name() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    block_on(async {
        let mut seen = std::collections::BTreeSet::new();
        for app in ["auth", "console", "wiki", "payroll", "pulse"] {
            let stream = client.tls(app, b"h2").await;
            let (_, session) = stream.get_ref();
            assert_eq!(session.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
            let group = session.negotiated_key_exchange_group().unwrap().name();
            assert_eq!(group, rustls::NamedGroup::X25519MLKEM768);
            let leaf = session.peer_certificates().unwrap()[0].to_vec();
            // Somebody else's name does not verify: the client has checked the one that it asked for.
            let other = format!("other-{app}.bartizan.localhost");
            assert!(client.try_tls(&other, b"h2").await.is_err());
            assert!(seen.insert(leaf), "{app} shares a certificate");
        }
    });
}

#[test]
fn an_upstream_that_is_gone_is_named_as_the_side_that_failed() {
    let demo =
        Demo::start_in(tempfile::tempdir().unwrap().keep().as_path(), &["--upstream", "http://127.0.0.1:9"]);
    let client = Client::new(&demo);
    block_on(async {
        let answer = client.get("mine", "/", Some(&demo.token("bob"))).await;
        assert_eq!((answer.status, answer.json()["reason"].clone()), (502, "upstream_unreachable".into()));
    });
    let dir = demo.dir.clone();
    drop(demo);
    std::fs::remove_dir_all(dir).unwrap();
}
