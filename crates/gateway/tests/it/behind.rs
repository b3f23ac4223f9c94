//! Behind proxies: who asks is who a named proxy says it is, and nobody else's word counts.

use std::net::SocketAddr;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;

use crate::client::{Answer, Tls, config, exchange, request};
use crate::rig::{Rig, WIKI};

/// A connection from an address of this machine, with bytes before its TLS.
async fn connect(rig: &Rig, to: SocketAddr, from: [u8; 4], before: &[u8]) -> std::io::Result<Tls> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    let mut stream: TcpStream = socket.connect(to).await?;
    stream.write_all(before).await?;
    let config = config(rig, &["http/1.1"], rustls::ALL_VERSIONS);
    let name = rustls_pki_types::ServerName::try_from(WIKI.to_owned()).unwrap();
    TlsConnector::from(std::sync::Arc::new(config)).connect(name, stream).await
}

const PROXY: [u8; 4] = [127, 0, 0, 1];
const STRANGER: [u8; 4] = [127, 0, 0, 2];

async fn ask(mut stream: Tls, fields: &str) -> Answer {
    exchange(&mut stream, request("GET", "/a", fields).as_bytes()).await.unwrap()
}

/// Who the app is told asks.
fn forwarded(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = answer.text();
    let fields: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("x-forwarded-for: ")).collect();
    assert_eq!(fields.len(), 1, "{text}");
    fields[0].to_owned()
}

#[tokio::test]
async fn a_connection_is_whose_a_trusted_proxy_announces_it_to_be() {
    let rig = Rig::new().await;
    let token = format!("Bartizan-Token: {}\r\nX-Forwarded-For: 6.6.6.6\r\n", rig.sign_in().token);
    let to = rig.announced_address;
    let v1 = b"PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\r\n";
    let v2 =
        [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"[..], &[203, 0, 113, 8, 10, 0, 0, 1, 1, 2, 1, 187]].concat();
    let local = b"\r\n\r\n\0\r\nQUIT\n\x20\x00\0\0";
    for (header, expected) in
        [(&v1[..], "203.0.113.7"), (v2.as_slice(), "203.0.113.8"), (&local[..], "127.0.0.1")]
    {
        let stream = connect(&rig, to, PROXY, header).await.unwrap();
        assert_eq!(forwarded(&ask(stream, &token).await), expected);
    }
    assert!(connect(&rig, to, PROXY, b"").await.is_err(), "a trusted proxy that announces nothing");
    assert!(connect(&rig, to, PROXY, b"PROXY TCP4 nobody 10.0.0.1 1 2\r\n").await.is_err());
    assert!(connect(&rig, to, STRANGER, v1).await.is_err(), "whoever else announces something");
    assert!(connect(&rig, to, STRANGER, b"").await.is_err());
    // Where nobody is believed, such a header is no TLS.
    assert!(connect(&rig, rig.address, PROXY, v1).await.is_err());
}

#[tokio::test]
async fn a_request_is_whose_a_trusted_proxy_says_it_is() {
    let rig = Rig::new().await;
    let token = format!("Bartizan-Token: {}\r\n", rig.sign_in().token);
    let to = rig.forwarded_address;
    for (from, fields, expected) in [
        (PROXY, "X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"),
        (PROXY, "X-Forwarded-For: 6.6.6.6, 203.0.113.7\r\n", "203.0.113.7"),
        (PROXY, "X-Forwarded-For: 203.0.113.7, 127.0.0.1\r\n", "203.0.113.7"),
        (PROXY, "", "127.0.0.1"),
        (PROXY, "X-Real-IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\n", "127.0.0.1"),
        (STRANGER, "X-Forwarded-For: 6.6.6.6\r\n", "127.0.0.2"),
    ] {
        let stream = connect(&rig, to, from, b"").await.unwrap();
        assert_eq!(forwarded(&ask(stream, &format!("{token}{fields}")).await), expected, "{fields}");
    }
    for bad in ["unknown", "", "203.0.113.7:80", "<script>"] {
        let stream = connect(&rig, to, PROXY, b"").await.unwrap();
        let answer = ask(stream, &format!("{token}X-Forwarded-For: {bad}\r\n")).await;
        assert_eq!((answer.status, answer.reason().as_str()), (400, "bad_request.forwarded"), "{bad}");
    }
}

#[tokio::test]
async fn the_share_of_a_source_is_counted_for_who_is_behind_the_proxy() {
    let change = |config: &mut bartizan_gateway::GatewayConfig| config.max_connections_per_source = 2;
    let rig = Rig::with(change, std::collections::BTreeMap::new()).await;
    let mut open = Vec::new();
    for client in 1..=5 {
        for port in 1..=2 {
            let header = format!("PROXY TCP4 203.0.113.{client} 10.0.0.1 {port} 443\r\n");
            open.push(connect(&rig, rig.announced_address, PROXY, header.as_bytes()).await.unwrap());
        }
    }
    let third = b"PROXY TCP4 203.0.113.1 10.0.0.1 3 443\r\n";
    assert!(connect(&rig, rig.announced_address, PROXY, third).await.is_err());
    drop(open);
    for _ in 0..100 {
        if connect(&rig, rig.announced_address, PROXY, third).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("a place is given back");
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "what is skipped is shown")]
async fn haproxy_announces_its_clients() {
    let folder = tempfile::tempdir().unwrap();
    let rig = Rig::new().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for version in ["send-proxy", "send-proxy-v2"] {
        let file = folder.path().join("haproxy");
        let announced = rig.announced_address;
        let text = format!(
            "global\n  maxconn 20\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 10s\n  timeout server 10s\n\
             listen l\n  bind 127.0.0.1:{port}\n  server s {announced} {version}\n"
        );
        std::fs::write(&file, text).unwrap();
        let started = std::process::Command::new("haproxy")
            .arg("-f")
            .arg(&file)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn();
        let Ok(mut haproxy) = started else {
            println!("SKIPPED haproxy: it is not installed (Debian: haproxy)");
            return;
        };
        let token = format!("Bartizan-Token: {}\r\n", rig.sign_in().token);
        let to = SocketAddr::from((PROXY, port));
        let mut told = None;
        for _ in 0..100 {
            if let Ok(stream) = connect(&rig, to, [127, 0, 0, 9], b"").await {
                told = Some(forwarded(&ask(stream, &token).await));
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        haproxy.kill().unwrap();
        haproxy.wait().unwrap();
        assert_eq!(told.as_deref(), Some("127.0.0.9"), "{version}");
    }
}
