//! How many tokens a second clients get for themselves, and by refreshing those of people; and how long a server waits that asks about one; beside npm
//! `oidc-provider`, where it is installed, which keeps everything in memory and records nothing.

mod refreshes;

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::Options;
use crate::cpu::Cpu;
use crate::demo::{Demo, end};
use crate::load::{self, Exchange, Target, Use};
use crate::table::{Rounds, Spread, Table, Times};
use crate::upstream::Upstream;
use refreshes::Families;

/// Connections over which clients ask without pause.
const CLIENTS: usize = 16;

/// A provider, and what is sent to it.
struct Measured {
    name: &'static str,
    target: Target,
    pid: u32,
    token: Vec<u8>,
    /// What gets a token that a server may ask about: npm `oidc-provider` does not know those again that it signs.
    known: Vec<u8>,
    /// Where a server asks about a token, and how it proves itself.
    introspection: (&'static str, String),
    rates: Vec<f64>,
    /// Processor time of a request, in microseconds.
    costs: Vec<f64>,
    waits: Rounds,
    families: Option<Families>,
    refreshes: Vec<f64>,
    /// Processor time of a refresh, in microseconds.
    refresh_costs: Vec<f64>,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let length = options.size(Duration::from_secs(5), Duration::from_millis(300));
    let upstream = Upstream::start()?;
    let demo = Demo::start(upstream.address)?;
    let secrets = declare(&demo)?;
    let mut all = vec![ours(&demo, &secrets)?];
    all[0].families = Families::ours(&demo, &secrets[2], CLIENTS)?;
    let folder = tempfile::tempdir()?;
    let peer = Peer::start(folder.path())?;
    all.extend(peer.as_ref().map(Peer::measured).transpose()?);
    for _ in 0..options.rounds() {
        for one in &mut all {
            let before = std::cell::Cell::new(Cpu::default());
            let ready = || before.set(Cpu::of(one.pid));
            let done = load::run_request(&one.target, &one.token, Use::KeepAlive, CLIENTS, length, ready);
            let done = done.with_context(|| format!("tokens of {}", one.name))?;
            let used = Cpu::of(one.pid).since(before.get());
            one.rates.push(done.requests as f64 / done.seconds);
            one.costs.push(used.all / done.requests as f64);
            let waits = introspections(one, options.size(2_000, 20));
            one.waits.add(waits.with_context(|| format!("introspection at {}", one.name))?.quantiles());
            if let Some(families) = &mut one.families {
                let done = families.refresh(&one.target, length, || before.set(Cpu::of(one.pid)));
                let done = done.with_context(|| format!("refreshes at {}", one.name))?;
                let used = Cpu::of(one.pid).since(before.get());
                one.refreshes.push(done.requests as f64 / done.seconds);
                one.refresh_costs.push(used.all / done.requests as f64);
            }
        }
    }
    println!(
        "Client credentials (ES256) over {CLIENTS} kept connections, client on the same machine; introspection one after the other.\n"
    );
    let heads = ["provider", "tokens/s", "CPU per token, µs", "introspection p50, ms", "p99, ms"];
    let table = Table::new(&heads);
    for one in &all {
        let [p50, p99, _] = one.waits.cells(1000.0);
        let [rate, cost] = [&one.rates, &one.costs].map(|of| Spread::of(of.iter().copied()).to_string());
        table.row(&[one.name.to_owned(), rate, cost, p50, p99]);
    }
    table.end();
    println!(
        "Refreshes (a new refresh token, an access token and an ID token, ES256) over {CLIENTS} kept connections, each with tokens of its own.\n"
    );
    let table = Table::new(&["provider", "refreshes/s", "CPU per refresh, µs"]);
    for one in all.iter().filter(|one| one.families.is_some()) {
        let [rate, cost] =
            [&one.refreshes, &one.refresh_costs].map(|of| Spread::of(of.iter().copied()).to_string());
        table.row(&[one.name.to_owned(), rate, cost]);
    }
    table.end();
    Ok(())
}

/// A client that gets tokens, a server that asks about them, and a client that people sign in to; the secret of each.
fn declare(demo: &Demo) -> anyhow::Result<[String; 3]> {
    let folder = tempfile::tempdir()?;
    let clients = "[[client]]\nname = \"nightly\"\ngrants = [\"client_credentials\"]\naudiences = [\"https://api.example.org\"]\n\n\
                   [[client]]\nname = \"api\"\ngrants = []\naudiences = [\"https://api.example.org\"]\n\n\
                   [[client]]\nname = \"shop\"\nredirect_uris = [\"https://app.example.org/cb\"]\n";
    let policy = "@id(\"nightly\") @reason(\"It is measured\")\npermit (principal == Service::\"nightly\", \
                  action == Action::\"token:issue\", resource == Client::\"nightly\");\n\
                  @id(\"shop\") @reason(\"It is measured\")\npermit (principal is User, \
                  action == Action::\"token:issue\", resource == Client::\"shop\");\n";
    std::fs::write(folder.path().join("clients.toml"), clients)?;
    std::fs::write(folder.path().join("clients.cedar"), policy)?;
    demo.command(&["apply", "-f", folder.path().to_str().context("a folder's name is not text")?])?;
    let secret = |name: &str| {
        let made = demo.command(&["client", "secret", name])?;
        Ok::<_, anyhow::Error>(made["client_secret"].as_str().context("no secret")?.to_owned())
    };
    Ok([secret("nightly")?, secret("api")?, secret(refreshes::CLIENT)?])
}

fn ours(demo: &Demo, [nightly, api, _]: &[String; 3]) -> anyhow::Result<Measured> {
    let address = demo.running.address()?;
    let host = format!("auth.{}:{}", demo.running.text("/domain")?, address.port());
    let tls = load::tls(&demo.authority()?, b"http/1.1", Exchange::Classic)?;
    let target = Target { address, host, tls, token: None };
    let token = post(&target.host, "/oauth2/token", &basic("nightly", nightly), TOKEN);
    let introspection = ("/oauth2/introspect", basic("api", api));
    Ok(Measured::new("bartizan", target, demo.running.pid(), [token.clone(), token], introspection))
}

impl Measured {
    fn new(
        name: &'static str,
        target: Target,
        pid: u32,
        [token, known]: [Vec<u8>; 2],
        introspection: (&'static str, String),
    ) -> Self {
        Self {
            name,
            target,
            pid,
            token,
            known,
            introspection,
            rates: Vec::new(),
            costs: Vec::new(),
            waits: Rounds::default(),
            families: None,
            refreshes: Vec::new(),
            refresh_costs: Vec::new(),
        }
    }
}

/// How long answers take about one token.
fn introspections(of: &Measured, count: usize) -> anyhow::Result<Times> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut stream = of.target.connect().await?;
        let issued = answer(&mut stream, &of.known).await?;
        let token = issued["access_token"].as_str().context("no token")?;
        let (path, authorization) = &of.introspection;
        let request = post(&of.target.host, path, authorization, &format!("token={token}"));
        let seen = answer(&mut stream, &request).await?;
        anyhow::ensure!(seen["active"] == true, "it says of the token: {seen}");
        let mut times = Times::with_room_for(count);
        let mut buffer = Vec::with_capacity(64 << 10);
        for _ in 0..count {
            let began = Instant::now();
            load::ask(&mut stream, &request, &mut buffer).await?;
            times.add(began.elapsed());
        }
        Ok(times)
    })
}

/// The JSON that is answered.
async fn answer(
    stream: &mut tokio_rustls::client::TlsStream<tokio::net::TcpStream>,
    request: &[u8],
) -> anyhow::Result<Value> {
    stream.write_all(request).await?;
    let mut buffer = Vec::with_capacity(64 << 10);
    loop {
        anyhow::ensure!(stream.read_buf(&mut buffer).await? > 0, "closed before an answer");
        let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        if let Ok(body) = serde_json::from_slice(&buffer[head + 4..]) {
            return Ok(body);
        }
    }
}

const TOKEN: &str = "grant_type=client_credentials&resource=https%3A%2F%2Fapi.example.org";

fn basic(name: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
}

fn post(host: &str, path: &str, authorization: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {authorization}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// npm `oidc-provider`, running.
struct Peer {
    child: Child,
    /// What it says is taken on, else it ends.
    _said: BufReader<ChildStdout>,
    address: SocketAddr,
    authority: Vec<u8>,
    /// One for each connection.
    refresh_tokens: Vec<String>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

impl Peer {
    /// None if it is not installed.
    fn start(folder: &Path) -> anyhow::Result<Option<Self>> {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../e2e/node");
        if !scripts.join("node_modules/oidc-provider").is_dir() {
            println!("SKIPPED oidc-provider: it is not installed (npm ci --prefix e2e/node)\n");
            return Ok(None);
        }
        let key = rcgen::KeyPair::generate()?;
        let certificate = rcgen::CertificateParams::new([String::from("localhost")])?.self_signed(&key)?;
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).map(|()| path)
        };
        let files = [write("peer.pem", &certificate.pem())?, write("peer.key", &key.serialize_pem())?];
        let mut child = Command::new("node")
            .arg("bench-oidc-provider.mjs")
            .args(&files)
            .arg(CLIENTS.to_string())
            .current_dir(scripts)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut out = BufReader::new(child.stdout.take().context("no output")?);
        let mut line = String::new();
        out.read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line).with_context(|| format!("it said {line:?}"))?;
        let address = said["listen"].as_str().context("no address")?.parse()?;
        let refresh_tokens = serde_json::from_value(said["refresh_tokens"].clone())?;
        let authority = certificate.pem().into_bytes();
        Ok(Some(Self { child, _said: out, address, authority, refresh_tokens }))
    }

    fn measured(&self) -> anyhow::Result<Measured> {
        let host = format!("localhost:{}", self.address.port());
        let tls = load::tls(&self.authority, b"http/1.1", Exchange::Classic)?;
        let target = Target { address: self.address, host, tls, token: None };
        let authorization = basic("nightly", "secret");
        let tokens = [TOKEN, "grant_type=client_credentials"];
        let tokens = tokens.map(|body| post(&target.host, "/token", &authorization, body));
        let introspection = ("/token/introspection", authorization);
        let measured = Measured::new("npm oidc-provider", target, self.child.id(), tokens, introspection);
        let (path, authorization) = ("/token", basic(refreshes::CLIENT, "secret"));
        let families = Some(Families { path, authorization, newest: self.refresh_tokens.clone() });
        Ok(Measured { families, ..measured })
    }
}
