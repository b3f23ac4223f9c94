//! A deployment of one's own whose configuration changes, and certificates that somebody else issues.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::demo::binary;
use crate::health::metrics;
use crate::http::Client;
use crate::running::init;

pub(crate) const AUTH: &str = "auth.access.example.com";
pub(crate) const CONSOLE: &str = "console.access.example.com";

/// `bartizan serve` over a made deployment; killed when dropped.
pub(crate) struct Deployed {
    pub(crate) dir: TempDir,
    pub(crate) config: PathBuf,
    pub(crate) made: Value,
    pub(crate) ready: Value,
    child: Option<Child>,
}

impl Deployed {
    /// Made, and not started yet.
    pub(crate) fn made() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (made, config) = init(dir.path());
        Self { dir, config, made, ready: Value::Null, child: None }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Replaces the `[tls]` table, and everything after it but health.
    pub(crate) fn configure(&self, more: &str) {
        let text = std::fs::read_to_string(&self.config).unwrap();
        let start = text.split("[tls]").next().unwrap();
        let health = "[health]\naddress = \"127.0.0.1:0\"\n";
        std::fs::write(&self.config, format!("{start}[tls]\n{more}\n{health}")).unwrap();
    }

    pub(crate) fn start(&mut self, environment: &[(&str, &Path)]) {
        let log = std::fs::File::options().create(true).append(true).open(self.path("stderr")).unwrap();
        let mut child = Command::new(binary())
            .args(["serve", "--json", "--config"])
            .arg(&self.config)
            .envs(environment.iter().copied())
            .env("BARTIZAN_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.ready = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{}", self.said()));
        self.child = Some(child);
    }

    pub(crate) fn stop(&mut self) {
        crate::running::terminate(self.child.take().unwrap());
    }

    /// What it has logged so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.path("stderr")).unwrap()
    }

    /// Tells it to read its configuration again; returns whether it is in force, when that is known.
    pub(crate) fn reload(&self) -> bool {
        let done = || self.said().matches("the configuration was read again").count();
        let before = done();
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        while done() == before {
            assert!(std::time::Instant::now() < deadline, "it does not read it: {}", self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
        let said = self.said();
        !said
            .lines()
            .rfind(|line| line.contains("the configuration was read again"))
            .unwrap()
            .contains("is not used")
    }

    pub(crate) fn address(&self, what: &str) -> SocketAddr {
        self.ready[what].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn metrics(&self) -> BTreeMap<String, f64> {
        metrics(self.address("health"))
    }

    /// A client that trusts the deployment's own authority.
    pub(crate) fn client(&self) -> Client {
        let ca = std::fs::read(self.made["ca"].as_str().unwrap()).unwrap();
        Client::of(&ca, self.address("listen").port())
    }

    /// A client that trusts another.
    pub(crate) fn client_of(&self, ca: &str) -> Client {
        Client::of(ca.as_bytes(), self.address("listen").port())
    }
}

impl Drop for Deployed {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A request over HTTP/1.1, and its whole answer in lower case.
pub(crate) async fn ask(stream: &mut TlsStream<TcpStream>, host: &str, path: &str) -> String {
    let ask = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&answer).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        assert!(stream.read_buf(&mut answer).await.unwrap() > 0, "no whole answer: {text}");
    }
}

/// An authority, as an organisation may have one.
pub(crate) struct Issuing {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

impl Issuing {
    pub(crate) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate and its key, as PEM.
    pub(crate) fn issue(&self, names: &[&str]) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let params = CertificateParams::new(names).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    /// The same in two files, with the authority's own behind it.
    pub(crate) fn issue_to(&self, folder: &Path, file: &str, names: &[&str]) {
        let (chain, key) = self.issue(names);
        std::fs::write(folder.join(format!("{file}.pem")), format!("{chain}{}", self.pem)).unwrap();
        private(&folder.join(format!("{file}.key")), &key);
    }
}

pub(crate) fn private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}
