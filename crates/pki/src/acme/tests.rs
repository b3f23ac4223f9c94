use std::sync::atomic::{AtomicUsize, Ordering};

use bartizan_model::Timestamp;
use bartizan_testkit::FakeClock;
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::{Authority, HostKey};

#[test]
fn a_token_is_what_can_be_in_a_path_and_cannot_be_guessed() {
    assert!(is_token("evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"));
    for bad in
        ["", "short", "evaGxfADs6pSRb2LAv9IZf17/../../x", "evaGxfADs6pSRb2LAv9IZf17Dt\r\n", &"a".repeat(300)]
    {
        assert!(!is_token(bad), "{bad}");
    }
}

#[test]
fn an_answer_without_a_certificate_is_none() {
    assert!(chain("").is_err());
    assert!(chain("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n").is_err());
}

/// Something that answers in the place of an authority, whatever is asked, with these bytes over and over, or once.
struct Other {
    directory: AcmeDirectory,
    asked: Arc<AtomicUsize>,
    _served: JoinSet<()>,
}

impl Other {
    async fn answering(answer: impl Fn(&str, u16) -> String + Send + Sync + 'static, endless: bool) -> Self {
        let now = Timestamp::from_micros(i64::try_from(machine_micros()).unwrap());
        let authority = Authority::generate("Test", now, Duration::from_secs(86_400)).unwrap();
        let key = HostKey::generate().unwrap();
        let csr = key.csr_der("localhost").unwrap();
        let chain = authority.certify(&csr, "localhost", now, Duration::from_secs(3600)).unwrap();
        let certified = key.certified_key(chain).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified)));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&asked);
        let mut served = JoinSet::new();
        let answer = Arc::new(answer);
        served.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, counted, answer) =
                    (acceptor.clone(), Arc::clone(&counted), Arc::clone(&answer));
                connections.spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut head = vec![0; 16 * 1024];
                    let len = stream.read(&mut head).await.unwrap_or(0);
                    counted.fetch_add(1, Ordering::Relaxed);
                    let head = String::from_utf8_lossy(&head[..len]).into_owned();
                    let bytes = answer(&head, port).into_bytes();
                    while stream.write_all(&bytes).await.is_ok() && endless {}
                    let _gone = stream.shutdown().await;
                });
            }
        });
        let directory = AcmeDirectory {
            url: format!("https://localhost:{port}/dir"),
            contact: Vec::new(),
            ca: Some(vec![authority.certificate().clone()]),
        };
        Self { directory, asked, _served: served }
    }

    async fn fails(&self) -> AcmeError {
        AcmeAccount::register(&self.directory, Arc::new(FakeClock::default())).await.unwrap_err()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the client under test checks certificates by the clock of the machine"
)]
fn machine_micros() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros()
}

fn json(status: &str, fields: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nReplay-Nonce: abc\r\n{fields}\r\n{body}", body.len())
}

fn directory(scheme: &str, port: u16) -> String {
    let url = |path: &str| format!("\"{scheme}://localhost:{port}/{path}\"");
    let (nonce, account, order) = (url("nonce"), url("account"), url("order"));
    let body = format!("{{\"newNonce\":{nonce},\"newAccount\":{account},\"newOrder\":{order}}}");
    json("200 OK", "", &body)
}

#[tokio::test]
async fn an_answer_without_end_or_sense_is_given_up() {
    let endless = |head: &str, _port| {
        if head.is_empty() { String::new() } else { format!("HTTP/1.1 200 OK\r\n\r\n{}", "[".repeat(60_000)) }
    };
    let other = Other::answering(endless, true).await;
    assert!(matches!(other.fails().await, AcmeError::Unreachable { wait: None, .. }));
    for nonsense in ["", "{", "[]", "{\"newNonce\": 1}"] {
        let other = Other::answering(|_, _| json("200 OK", "", nonsense), false).await;
        assert!(matches!(other.fails().await, AcmeError::Unreachable { .. }), "{nonsense}");
    }
    let other = Other::answering(|_, _| String::from("\0\0\0"), false).await;
    assert!(matches!(other.fails().await, AcmeError::Unreachable { .. }));
}

#[tokio::test]
async fn an_authority_is_asked_over_tls_alone_and_only_if_its_certificate_is_good() {
    // Its directory leads to places in clear.
    let clear = |head: &str, port| {
        if head.starts_with("GET /dir") { directory("http", port) } else { json("200 OK", "", "{}") }
    };
    let other = Other::answering(clear, false).await;
    let error = other.fails().await;
    assert!(matches!(&error, AcmeError::Unreachable { .. }), "{error}");
    assert_eq!(other.asked.load(Ordering::Relaxed), 1);

    let mut other = Other::answering(|_, port| directory("https", port), false).await;
    let stranger =
        Authority::generate("Stranger", Timestamp::from_micros(0), Duration::from_secs(u32::MAX.into()))
            .unwrap();
    other.directory.ca = Some(vec![stranger.certificate().clone()]);
    let error = other.fails().await.to_string();
    assert!(error.contains("UnknownIssuer") || error.contains("certificate"), "{error}");
    assert_eq!(other.asked.load(Ordering::Relaxed), 0);
    other.directory.ca = Some(Vec::new());
    assert!(matches!(other.fails().await, AcmeError::Roots { .. }));
}

#[tokio::test]
async fn what_an_authority_refuses_is_told_with_how_long_it_wants_to_be_left_alone() {
    let refusing = |status: &'static str, problem: &'static str| {
        move |head: &str, port: u16| {
            if head.starts_with("GET /dir") {
                directory("https", port)
            } else if head.starts_with("HEAD") {
                json("200 OK", "", "")
            } else {
                json(status, "Retry-After: 3600\r\n", problem)
            }
        }
    };
    let limited = "{\"type\":\"urn:ietf:params:acme:error:rateLimited\",\"detail\":\"too many\\nof them\",\"status\":429}";
    let hour = Some(Duration::from_secs(3600));
    let other = Other::answering(refusing("429 Too Many Requests", limited), false).await;
    let error = other.fails().await;
    assert!(matches!(error, AcmeError::Refused { .. }) && error.wait() == hour, "{error}");
    assert!(error.to_string().contains("too many of them"), "{error}");
    let busy = "{\"type\":\"urn:ietf:params:acme:error:rateLimited\",\"detail\":\"busy\",\"status\":503}";
    let other = Other::answering(refusing("503 Service Unavailable", busy), false).await;
    let error = other.fails().await;
    assert!(matches!(error, AcmeError::Unreachable { .. }) && error.wait() == hour, "{error}");
    // Nonces that are never good are given up, too.
    let nonce = "{\"type\":\"urn:ietf:params:acme:error:badNonce\",\"status\":400}";
    let other = Other::answering(refusing("400 Bad Request", nonce), false).await;
    assert!(matches!(other.fails().await, AcmeError::Refused { .. }));
    assert!(other.asked.load(Ordering::Relaxed) < 60);
}
