//! Certificates by a public authority: Debian's pebble looks at the hosts as Let's Encrypt does.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::deployed::{AUTH, CONSOLE, Deployed, Issuing, ask, private};
use crate::http::{Client, block_on};
use crate::outside::have;
use crate::ports::free_port;

/// Kills what it runs when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(90);
    while !so() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// An authority on this machine, and a DNS server for it that says 127.0.0.1 to everything.
struct Authority {
    folder: PathBuf,
    company: Issuing,
    port: u16,
    management: u16,
    dns: u16,
    /// Where it looks at hosts.
    plain: u16,
    pebble: Option<Running>,
    _names: Running,
}

impl Authority {
    /// Not started yet.
    fn new(deployed: &Deployed) -> Self {
        let folder = deployed.path("authority");
        std::fs::create_dir(&folder).unwrap();
        let company = Issuing::new("The authority's own");
        let (chain, key) = company.issue(&["localhost"]);
        std::fs::write(folder.join("cert.pem"), chain).unwrap();
        private(&folder.join("key.pem"), &key);
        std::fs::write(folder.join("ca.pem"), &company.pem).unwrap();
        let (dns, management) = (free_port(), free_port());
        let names = Command::new("pebble-challtestsrv")
            .args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", ""])
            .args(["-tlsalpn01", "", "-dns01", &format!("127.0.0.1:{dns}")])
            .args(["-management", &format!("127.0.0.1:{}", free_port())])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (port, plain) = (free_port(), free_port());
        Self { folder, company, port, management, dns, plain, pebble: None, _names: Running(names) }
    }

    /// What makes a deployment ask it.
    fn configured(&self) -> String {
        format!(
            "authority = \"acme\"\n[tls.acme]\ndirectory = \"https://localhost:{}/dir\"\nterms_agreed = true\n\
             contact = [\"mailto:ops@example.com\"]\nca = \"authority/ca.pem\"\n[redirect]\naddress = \"127.0.0.1:{}\"\n",
            self.port, self.plain
        )
    }

    /// Starts, with nothing left of what it was before.
    fn start(&mut self, looks_at: u16, lasts: Duration) {
        self.pebble = None;
        let config = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{}", self.port),
            "managementListenAddress": format!("127.0.0.1:{}", self.management),
            "certificate": self.folder.join("cert.pem"), "privateKey": self.folder.join("key.pem"),
            "httpPort": looks_at, "tlsPort": 1, "ocspResponderURL": "",
            "externalAccountBindingRequired": false, "certificateValidityPeriod": lasts.as_secs(),
        }});
        std::fs::write(self.folder.join("pebble.json"), config.to_string()).unwrap();
        let pebble = Command::new("pebble")
            .arg("-config")
            .arg(self.folder.join("pebble.json"))
            .args(["-dnsserver", &format!("127.0.0.1:{}", self.dns)])
            // It refuses one nonce of seven, as the standard lets it.
            .envs([("PEBBLE_VA_NOSLEEP", "1"), ("PEBBLE_WFE_NONCEREJECT", "15")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.pebble = Some(Running(pebble));
        for port in [self.port, self.management] {
            eventually("pebble starts", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        }
    }

    /// The root of what it issues.
    async fn root(&self) -> String {
        let client = Client::of(self.company.pem.as_bytes(), self.management);
        let mut stream = client.try_tls("localhost", b"http/1.1").await.unwrap();
        stream.write_all(b"GET /roots/0 HTTP/1.0\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        let _end = stream.read_to_string(&mut answer).await;
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

fn skipped() -> bool {
    let missing = ["pebble", "pebble-challtestsrv"].into_iter().find(|program| !have(program));
    if let Some(program) = missing {
        println!("SKIPPED public authority: there is no {program} (Debian: pebble)");
    }
    missing.is_some()
}

fn all_have_one(deployed: &Deployed) -> bool {
    let metrics = deployed.metrics();
    metrics["bartizan_gateway_public_certificates{state=\"held\"}"] > 1.5
        && metrics["bartizan_gateway_public_certificates{state=\"awaited\"}"] < 0.5
}

fn orders(deployed: &Deployed, outcome: &str) -> f64 {
    deployed.metrics()[&format!("bartizan_gateway_certificate_orders_total{{outcome=\"{outcome}\"}}")]
}

fn chain(stream: &TlsStream<TcpStream>) -> Vec<Vec<u8>> {
    stream.get_ref().1.peer_certificates().unwrap().iter().map(|certificate| certificate.to_vec()).collect()
}

async fn tls(client: &Client, host: &str) -> TlsStream<TcpStream> {
    client.try_tls(host, b"http/1.1").await.unwrap()
}

async fn plain(port: u16, host: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await.unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).await.unwrap();
    all
}

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn each_host_gets_a_certificate_of_its_own_and_keeps_it_over_restarts() {
    if skipped() {
        return;
    }
    let mut deployed = Deployed::made();
    let mut authority = Authority::new(&deployed);
    deployed.configure(&authority.configured());
    authority.start(authority.plain, DAY);
    let root = block_on(authority.root());
    let roots = deployed.path("roots.pem");
    std::fs::write(&roots, &root).unwrap();
    deployed.start(&[("SSL_CERT_FILE", &roots)]);
    eventually("both hosts have one", || all_have_one(&deployed));
    let shown = block_on(async {
        let client = deployed.client_of(&root);
        let (mut auth, console) = (tls(&client, AUTH).await, tls(&client, CONSOLE).await);
        let (auth_chain, console_chain) = (chain(&auth), chain(&console));
        assert!(auth_chain.len() == 2 && auth_chain[0] != console_chain[0], "leaf and issuer, for each host");
        assert!(deployed.client().try_tls(AUTH, b"http/1.1").await.is_err(), "not by the own authority");
        let answer = ask(&mut auth, AUTH, "/sign-in").await;
        assert!(answer.contains("strict-transport-security: max-age=31536000\r\n"), "{answer}");
        for token in ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", "../x"] {
            let none = plain(authority.plain, AUTH, &format!("/.well-known/acme-challenge/{token}")).await;
            assert!(none.starts_with("HTTP/1.1 404 "), "{none}");
        }
        assert!(plain(authority.plain, AUTH, "/x").await.starts_with("HTTP/1.1 308 "));
        (auth_chain, console_chain)
    });
    assert!(!deployed.said().contains("PRIVATE KEY"));
    deployed.stop();

    // Neither asked nor needed: it is down.
    authority.pebble = None;
    deployed.start(&[("SSL_CERT_FILE", &roots)]);
    block_on(async {
        // From the first connection on.
        let client = deployed.client_of(&root);
        let mut auth = tls(&client, AUTH).await;
        assert_eq!((chain(&auth), chain(&tls(&client, CONSOLE).await)), shown);
        assert!(
            ask(&mut auth, AUTH, "/sign-in")
                .await
                .contains("strict-transport-security: max-age=31536000\r\n")
        );
    });
    eventually("both are known to have one", || all_have_one(&deployed));
    assert!(orders(&deployed, "ok") < 0.5 && orders(&deployed, "failed") < 0.5, "nothing was ordered");
    deployed.stop();
}

#[test]
fn nobody_is_locked_out_by_an_authority_that_is_down_or_cannot_look_at_the_hosts() {
    if skipped() {
        return;
    }
    let mut deployed = Deployed::made();
    let mut authority = Authority::new(&deployed);
    deployed.configure(&authority.configured());
    deployed.start(&[]);
    eventually("it is found to be down", || orders(&deployed, "failed") > 1.5);
    assert!(deployed.said().contains("the authority cannot be reached"), "{}", deployed.said());
    let own = deployed.client();
    block_on(async {
        let mut auth = tls(&own, AUTH).await;
        let answer = ask(&mut auth, AUTH, "/sign-in").await;
        assert!(answer.starts_with("http/1.1 200") && !answer.contains("strict-transport"), "{answer}");
    });
    // It is there, and looks where nobody answers.
    authority.start(free_port(), DAY);
    assert!(deployed.reload(), "what failed is tried again");
    eventually("the hosts cannot be looked at", || orders(&deployed, "failed") > 3.5);
    let said = deployed.said();
    assert!(said.contains("the authority refuses") && said.contains("onnection refused"), "{said}");
    block_on(async { tls(&own, CONSOLE).await });
    authority.start(authority.plain, DAY);
    assert!(deployed.reload());
    eventually("both hosts have one", || all_have_one(&deployed));
    block_on(async {
        let client = deployed.client_of(&authority.root().await);
        tls(&client, AUTH).await;
    });
    deployed.stop();
}

#[test]
fn a_certificate_is_renewed_in_time_and_open_connections_go_on() {
    if skipped() {
        return;
    }
    let mut deployed = Deployed::made();
    let mut authority = Authority::new(&deployed);
    deployed.configure(&authority.configured());
    authority.start(authority.plain, Duration::from_secs(40));
    deployed.start(&[]);
    eventually("both hosts have one", || all_have_one(&deployed));
    let root = block_on(authority.root());
    // It forgets everybody whom it knew.
    authority.start(authority.plain, DAY);
    let new_root = block_on(authority.root());
    assert_ne!(root, new_root);
    let renewed = deployed.client_of(&new_root);
    block_on(async {
        let mut open = tls(&deployed.client_of(&root), AUTH).await;
        assert!(ask(&mut open, AUTH, "/sign-in").await.starts_with("http/1.1 200"));
        let shown = async {
            while renewed.try_tls(AUTH, b"http/1.1").await.is_err() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), shown).await.expect("it is renewed before it ends");
        assert!(ask(&mut open, AUTH, "/sign-in").await.starts_with("http/1.1 200"), "it goes on");
    });
    assert!(deployed.said().contains("the account with the authority is gone; a new one is made"));
    deployed.stop();
}
