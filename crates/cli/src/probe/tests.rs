use std::net::Ipv4Addr;
use std::sync::Arc;

use bartizan_control::Distrust;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// A server that answers everybody with this; what it was asked comes back.
async fn server(answer: &'static str, tls: Option<TlsAcceptor>) -> (u16, JoinSet<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        match tls {
            None => answered(stream, answer).await,
            Some(tls) => match tls.accept(stream).await {
                Ok(stream) => answered(stream, answer).await,
                Err(error) => error.to_string(),
            },
        }
    });
    (port, tasks)
}

async fn answered(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str) -> String {
    let mut asked = Vec::new();
    // What is no request, as the beginning of TLS is none, has no end to wait for.
    while stream.read_buf(&mut asked).await.unwrap() > 0 && asked.starts_with(b"GET") {
        if asked.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.ok();
    String::from_utf8_lossy(&asked).into_owned()
}

fn look(upstream: &str) -> Look {
    let upstream = upstream.parse().unwrap();
    Look { upstream, host: String::from("wiki.example.com"), pass_host: true, ca: None }
}

#[tokio::test]
async fn a_server_is_asked_as_a_gateway_asks_and_no_body_is_kept() {
    let page = "HTTP/1.1 200 OK\r\nServer: Gitea\u{7}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
                <form><input TYPE='password'>secret</form>";
    let page: &'static str = Box::leak(page.replace('\u{7}', "").into_boxed_str());
    let (port, mut tasks) = server(page, None).await;
    let seen = Prober.look(&look(&format!("http://localhost:{port}"))).await;
    let answer = Answer { status: 200, server: Some("Gitea".into()), redirect: None, asks_password: true };
    assert_eq!((seen.stopped.as_ref(), seen.answer.as_ref()), (None, Some(&answer)));
    assert_eq!(seen.reached.map(|at| at.port()), Some(port));
    assert!(!format!("{seen:?}").contains("secret"));
    let asked = tasks.join_next().await.unwrap().unwrap().to_lowercase();
    assert!(asked.starts_with("get / http/1.1\r\nhost: wiki.example.com\r\n"), "{asked}");
}

#[tokio::test]
async fn a_redirect_is_said_without_its_query_and_not_followed() {
    for (to, shown, host) in [
        ("https://sso.example.net/in?token=secret#x", "https://sso.example.net/in", Some("sso.example.net")),
        ("/login?next=secret", "/login", None),
        ("", "", None),
    ] {
        let answer: &'static str =
            Box::leak(format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n").into_boxed_str());
        let (port, _tasks) = server(answer, None).await;
        let own = Look { pass_host: false, ..look(&format!("http://127.0.0.1:{port}")) };
        let answer = Prober.look(&own).await.answer.unwrap();
        let redirect = Redirect { to: shown.into(), host: host.map(String::from), to_tls: false };
        assert_eq!((answer.status, answer.redirect), (302, Some(redirect)), "{to}");
    }
}

#[tokio::test]
async fn what_is_not_there_or_no_web_server_is_told_apart() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap().port();
    let stopped = async |upstream: String| Prober.look(&look(&upstream)).await.stopped.unwrap();
    assert_eq!(stopped(format!("http://127.0.0.1:{free}")).await, Stopped::Refused);
    assert_eq!(stopped(String::from("http://no-such-server.invalid")).await, Stopped::NoName);
    let (port, _tasks) = server("SSH-2.0-OpenSSH_9.9\r\n", None).await;
    assert!(matches!(stopped(format!("http://127.0.0.1:{port}")).await, Stopped::NotHttp(_)));
    let (port, _tasks) = server("HTTP/1.1 400 Bad Request\r\n\r\n", None).await;
    assert_eq!(stopped(format!("https://127.0.0.1:{port}")).await, Stopped::NotTls);
    // It takes the connection and says nothing.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let silent = look(&format!("http://{}", listener.local_addr().unwrap()));
    let began = tokio::time::Instant::now();
    let seen = Prober.look(&silent).await;
    assert_eq!((seen.stopped, seen.reached.is_some()), (Some(Stopped::TimedOut), true));
    assert!(began.elapsed() < PATIENCE * 2);
}

#[tokio::test]
async fn a_page_without_an_end_is_read_as_far_as_it_matters() {
    let mut page = String::from("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n");
    page.push_str(&"x".repeat(MOST_BYTES * 4));
    page.push_str("type=password");
    let (port, _tasks) = server(Box::leak(page.into_boxed_str()), None).await;
    let answer = Prober.look(&look(&format!("http://127.0.0.1:{port}"))).await.answer.unwrap();
    assert!(!answer.asks_password, "it stands behind what is read");
}

#[tokio::test]
async fn a_page_that_never_ends_has_answered_all_the_same() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at = look(&format!("http://{}", listener.local_addr().unwrap()));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>").await.unwrap();
        std::future::pending::<()>().await;
    });
    let seen = Prober.look(&at).await;
    assert_eq!((seen.stopped, seen.answer.map(|answer| answer.status)), (None, Some(200)));
}

#[tokio::test]
async fn a_certificate_is_shown_whether_or_not_it_is_trusted() {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec![String::from("localhost")]).unwrap().self_signed(&key).unwrap();
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    for (host, ca, stopped) in [
        ("localhost", None, Some(Stopped::Untrusted(Distrust::Issuer))),
        ("localhost", Some(certificate.pem()), None),
        ("127.0.0.1", Some(certificate.pem()), Some(Stopped::Untrusted(Distrust::Name))),
    ] {
        let (port, _tasks) = server("HTTP/1.1 204 No Content\r\n\r\n", Some(acceptor.clone())).await;
        let at = Look { ca, ..look(&format!("https://{host}:{port}")) };
        let seen = Prober.look(&at).await;
        assert_eq!(seen.stopped, stopped, "{host}");
        assert_eq!(seen.trusted, stopped.is_none());
        assert_eq!(seen.certificate.unwrap().names, ["localhost"]);
    }
    let none = Look { ca: Some(String::from("nothing")), ..look("https://localhost:1") };
    assert!(matches!(Prober.look(&none).await.stopped, Some(Stopped::Refused)));
}

#[tokio::test]
async fn where_hosts_lead() {
    assert_eq!(Prober.leads("wiki.bartizan.localhost").await, Leads::Local);
    assert_eq!(Prober.leads("no-such-host.invalid").await, Leads::Nowhere);
    assert_eq!(Prober.leads("127.0.0.1").await, Leads::To(vec![[127, 0, 0, 1].into()], Here::Yes));
    assert_eq!(Prober.leads("192.0.2.7").await, Leads::To(vec![[192, 0, 2, 7].into()], Here::No));
}
