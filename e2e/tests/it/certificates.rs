//! Certificates that somebody else issued, from files to browsers.

use std::process::{Command, Stdio};

use http::Request;
use http_body_util::Full;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::deployed::{AUTH, CONSOLE, Deployed, Issuing, ask, private};
use crate::http::{Client, block_on};
use crate::running::bartizan;

const HSTS: &str = "strict-transport-security: max-age=31536000\r\n";

fn leaf(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

async fn tls(client: &Client, host: &str) -> TlsStream<TcpStream> {
    client.try_tls(host, b"http/1.1").await.unwrap()
}

fn certificate(file: &str) -> String {
    format!("[[tls.certificate]]\nchain = \"{file}.pem\"\nkey = \"{file}.key\"\n")
}

#[test]
fn a_supplied_certificate_is_served_renewed_by_a_reload_and_kept_when_the_new_one_is_bad() {
    let mut deployed = Deployed::made();
    let company = Issuing::new("Company root");
    let folder = deployed.dir.path().to_owned();
    company.issue_to(&folder, "auth", &[AUTH]);
    std::fs::write(folder.join("root.pem"), &company.pem).unwrap();
    deployed.configure(&certificate("auth"));
    deployed.start(&[("SSL_CERT_FILE", &folder.join("root.pem"))]);
    block_on(async {
        let (client, own) = (deployed.client_of(&company.pem), deployed.client());
        let mut open = tls(&client, AUTH).await;
        let first = leaf(&open);
        assert!(ask(&mut open, AUTH, "/sign-in").await.starts_with("http/1.1 200"));
        assert!(own.try_tls(AUTH, b"http/1.1").await.is_err(), "not by the own authority");
        let mut console = tls(&own, CONSOLE).await;
        assert!(client.try_tls(CONSOLE, b"http/1.1").await.is_err());

        // This machine trusts the company's, and nobody but ours trusts the own one.
        for path in ["/sign-in", "/nothing-here", "/a//b"] {
            let answer = ask(&mut open, AUTH, path).await;
            assert!(answer.contains(HSTS) && !answer.contains("includesubdomains"), "{path}: {answer}");
            assert!(!ask(&mut console, CONSOLE, path).await.contains("strict-transport-security"), "{path}");
        }
        let unreadable = {
            use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
            let mut stream = tls(&client, AUTH).await;
            stream.write_all(b"NONSENSE\r\n\r\n").await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            String::from_utf8_lossy(&answer).to_lowercase()
        };
        assert!(unreadable.starts_with("http/1.1 400") && unreadable.contains(HSTS), "{unreadable}");
        let stream = client.try_tls(AUTH, b"h2").await.unwrap();
        let (executor, io) = (hyper_util::rt::TokioExecutor::new(), hyper_util::rt::TokioIo::new(stream));
        let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
        drop(tokio::task::spawn(connection));
        let request = Request::builder().uri(format!("https://{AUTH}:{}/sign-in", client.port()));
        let request = request.body(Full::<bytes::Bytes>::default()).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");

        company.issue_to(&folder, "auth", &[AUTH]);
        assert!(deployed.reload());
        let second = leaf(&tls(&client, AUTH).await);
        assert_ne!(first, second);
        assert!(ask(&mut open, AUTH, "/sign-in").await.starts_with("http/1.1 200"), "open connections go on");

        // A key that is not the certificate's.
        private(&folder.join("auth.key"), &company.issue(&[AUTH]).1);
        assert!(!deployed.reload());
        assert_eq!(leaf(&tls(&client, AUTH).await), second);
        let said = deployed.said();
        assert!(
            said.contains("bartizan.toml:") && said.contains("this key is not the one of the certificate"),
            "{said}"
        );
        assert!(!said.contains("PRIVATE KEY"));
        let metrics = deployed.metrics();
        assert_eq!(metrics["bartizan_config_last_reload_successful"].to_string(), "0");

        company.issue_to(&folder, "auth", &[AUTH]);
        deployed.configure(&format!("hsts = false\n{}", certificate("auth")));
        assert!(deployed.reload());
        assert_eq!(deployed.metrics()["bartizan_config_last_reload_successful"].to_string(), "1");
        let mut third = tls(&client, AUTH).await;
        assert!(
            leaf(&third) != second && !ask(&mut third, AUTH, "/sign-in").await.contains("strict-transport")
        );
        // Without one it is the own authority's again.
        deployed.configure("");
        assert!(deployed.reload());
        tls(&own, AUTH).await;
    });
    deployed.stop();
}

#[test]
fn a_wildcard_serves_each_host_on_connections_of_its_own() {
    let mut deployed = Deployed::made();
    let company = Issuing::new("Company root");
    company.issue_to(deployed.dir.path(), "all", &["*.access.example.com"]);
    deployed.configure(&certificate("all"));
    deployed.start(&[]);
    block_on(async {
        let client = deployed.client_of(&company.pem);
        let (mut auth, mut console) = (tls(&client, AUTH).await, tls(&client, CONSOLE).await);
        assert_eq!(leaf(&auth), leaf(&console));
        let answer = ask(&mut auth, AUTH, "/sign-in").await;
        // This machine does not trust that company.
        assert!(answer.starts_with("http/1.1 200") && !answer.contains("strict-transport"), "{answer}");
        assert!(ask(&mut console, AUTH, "/sign-in").await.starts_with("http/1.1 421"));
        assert!(
            client.try_tls("other.access.example.com", b"http/1.1").await.is_err(),
            "no app has this host"
        );
    });
    deployed.stop();
}

#[test]
fn what_is_wrong_with_certificates_is_found_before_and_while_they_are_served() {
    let deployed = Deployed::made();
    let folder = deployed.dir.path().to_owned();
    let config = deployed.config.to_str().unwrap();
    let company = Issuing::new("Company root");
    let codes = || {
        let (_, out, err) = bartizan(&["doctor", "--config", config, "--json"]);
        let found: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        let found = found.as_array().unwrap();
        assert!(found.iter().all(|found| !found["mend"].as_str().unwrap().is_empty()), "{out}");
        let codes = found.iter().map(|found| found["code"].as_str().unwrap().to_owned());
        // What else this machine is like is for other tests.
        codes.filter(|code| code.starts_with("tls.")).collect::<Vec<_>>()
    };
    let check = || bartizan(&["config", "check", config]);
    deployed.configure(&certificate("auth"));
    assert_eq!(codes(), ["tls.unreadable"]);
    let (code, out, err) = check();
    assert!(code == 3 && out.contains("auth.pem") && out.contains("No such file"), "{out}{err}");
    assert_eq!(bartizan(&["serve", "--config", config]).0, 3, "nothing is served with half of it");

    company.issue_to(&folder, "auth", &[AUTH]);
    assert_eq!(codes(), Vec::<String>::new());
    assert_eq!(check().0, 0);
    let key = folder.join("auth.key");
    let mode = |mode| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(0o644);
    assert_eq!(codes(), ["tls.key_open"]);
    assert!(check().0 == 3 && check().1.contains("chmod 600"));
    mode(0o600);
    private(&key, &company.issue(&[AUTH]).1);
    assert_eq!(codes(), ["tls.unusable"]);

    company.issue_to(&folder, "auth", &["*.access.example.com", "other.example.com"]);
    assert_eq!(codes(), ["tls.wildcard", "tls.no_app"]);
    let (chain, key) = company.issue(&[AUTH]);
    std::fs::write(folder.join("auth.pem"), chain).unwrap();
    private(&folder.join("auth.key"), &key);
    assert_eq!(codes(), ["tls.chain_incomplete"]);

    let acme = "authority = \"acme\"\n[tls.acme]\nterms_agreed = true\nca = \"root.pem\"\n[redirect]\naddress = \"127.0.0.1:0\"\n";
    deployed.configure(acme);
    assert_eq!(codes(), ["tls.acme_ca", "tls.acme_unreachable"]);
    std::fs::write(folder.join("root.pem"), &company.pem).unwrap();
    assert_eq!(codes(), ["tls.acme_unreachable"]);
}

/// Keys and certificates in each form that OpenSSL writes.
#[test]
fn files_that_openssl_wrote_are_served() {
    if !crate::outside::have("openssl") {
        println!("SKIPPED openssl: it is not installed");
        return;
    }
    let mut deployed = Deployed::made();
    let folder = deployed.dir.path().to_owned();
    deployed.configure(&certificate("auth"));
    let openssl = |command: &str| {
        let script = format!("cd '{}' && umask 077 && openssl {command}", folder.display());
        let output = Command::new("sh").args(["-c", &script]).stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let request = format!(
        "req -x509 -key auth.key -out auth.pem -days 30 -subj /CN=x -addext subjectAltName=DNS:{AUTH}"
    );
    let mut started = false;
    for make in [
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out auth.key",
        "ecparam -name secp384r1 -genkey -noout -out auth.key",
        "genrsa -traditional -out auth.key 2048",
        "genpkey -algorithm ED25519 -out auth.key",
    ] {
        openssl(make);
        openssl(&request);
        if started {
            assert!(deployed.reload(), "{make}: {}", deployed.said());
        } else {
            deployed.start(&[]);
            started = true;
        }
        let pem = std::fs::read_to_string(folder.join("auth.pem")).unwrap();
        let port = deployed.address("listen").port();
        // A client that others wrote, too; it is its own issuer.
        std::fs::write(folder.join("trust.pem"), &pem).unwrap();
        openssl(&format!(
            "s_client -connect 127.0.0.1:{port} -servername {AUTH} -verify_hostname {AUTH} -CAfile trust.pem \
             -verify_return_error -tls1_3 </dev/null"
        ));
    }
    deployed.stop();
}
