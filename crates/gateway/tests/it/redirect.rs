//! Plain HTTP: it sends people to the page over TLS, and does nothing else.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::rig::{PORTAL, Rig, WIKI};

async fn ask(rig: &Rig, bytes: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(rig.plain_address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).await.unwrap();
    let status = all.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(all.contains("connection: close\r\n") && !all.to_lowercase().contains("set-cookie"), "{all}");
    assert!(!all.to_lowercase().contains("strict-transport-security"), "{all}");
    (status, all)
}

#[tokio::test]
async fn who_comes_in_clear_is_sent_to_the_same_page_over_tls() {
    let rig = Rig::new().await;
    for (method, host, target, to) in [
        ("GET", WIKI.to_owned(), "/", format!("https://{WIKI}:8443/")),
        ("HEAD", WIKI.to_owned(), "/a/b?c=d&e=%2F", format!("https://{WIKI}:8443/a/b?c=d&e=%2F")),
        ("GET", format!("{WIKI}:80"), "/%7euser", format!("https://{WIKI}:8443/~user")),
        ("GET", WIKI.to_uppercase(), "/", format!("https://{WIKI}:8443/")),
        // The port of our own hosts is the usual one here.
        ("GET", PORTAL.to_owned(), "/x", format!("https://{PORTAL}/x")),
    ] {
        let (status, all) =
            ask(&rig, &format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nCookie: a=b\r\n\r\n")).await;
        assert_eq!(status, 308, "{all}");
        assert!(all.contains(&format!("location: {to}\r\n")), "{to}: {all}");
    }
    assert!(rig.app.seen.heads.lock().is_empty());
}

#[tokio::test]
async fn nothing_is_done_in_clear_and_nobody_is_sent_anywhere_else() {
    let rig = Rig::new().await;
    let host = format!("Host: {WIKI}\r\n");
    for (bytes, expected) in [
        (format!("POST /a HTTP/1.1\r\n{host}Content-Length: 5\r\n\r\nhello"), 403),
        (format!("DELETE /a HTTP/1.1\r\n{host}\r\n"), 403),
        ("GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n".into(), 404),
        ("GET / HTTP/1.1\r\nHost: \r\n\r\n".into(), 404),
        (format!("GET / HTTP/1.1\r\nHost: {WIKI}@evil.test\r\n\r\n"), 404),
        ("GET / HTTP/1.1\r\n\r\n".into(), 400),
        (format!("GET / HTTP/1.1\r\n{host}Host: evil.test\r\n\r\n"), 400),
        (format!("GET //evil.test/ HTTP/1.1\r\n{host}\r\n"), 400),
        (format!("GET /\\evil.test HTTP/1.1\r\n{host}\r\n"), 400),
        (format!("GET http://evil.test/ HTTP/1.1\r\n{host}\r\n"), 400),
        (format!("GET /a%0d%0aX:%20y HTTP/1.1\r\n{host}\r\n"), 400),
        (format!("GET / HTTP/1.0\r\n{host}\r\n"), 400),
        (format!("TRACE / HTTP/1.1\r\n{host}\r\n"), 400),
        (format!("GET / HTTP/1.1\n{host}\n"), 400),
        (format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(9000)), 414),
    ] {
        let (status, all) = ask(&rig, &bytes).await;
        assert_eq!(status, expected, "{}: {all}", bytes.get(..80).unwrap_or(&bytes));
        assert!(!all.contains("location:"), "{all}");
    }
    assert!(rig.app.seen.heads.lock().is_empty());
}
