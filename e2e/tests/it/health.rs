//! What the operator is told: whether it lives, whether it is ready, and what it has counted.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use http_body_util::BodyExt as _;
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::demo::Demo;
use crate::http::{Client, block_on};
use crate::outside::found;
use crate::running::{init, serve, terminate};

/// What is told at an address of health, read to its end.
struct Told {
    status: u16,
    head: String,
    body: String,
}

fn ask_with(address: SocketAddr, method: &str, path: &str, host: &str) -> Told {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Told { status, head: head.to_owned(), body: body.to_owned() }
}

fn ask(address: SocketAddr, path: &str) -> Told {
    ask_with(address, "GET", path, &address.to_string())
}

/// Whether it is ready, and the reasons by check of what is not in order.
pub(crate) fn readiness(address: SocketAddr) -> (bool, BTreeMap<String, String>) {
    let told = ask(address, "/readyz");
    assert!(told.head.contains("application/json"), "{}", told.head);
    let told_value: Value = serde_json::from_str(&told.body).unwrap();
    let ready = told_value["ready"].as_bool().unwrap();
    assert_eq!(told.status, if ready { 200 } else { 503 });
    let mut wrong = BTreeMap::new();
    for check in told_value["checks"].as_array().unwrap() {
        let reason = check.get("reason").map(|reason| reason.as_str().unwrap().to_owned());
        assert_eq!(check["ok"].as_bool().unwrap(), reason.is_none(), "{check}");
        wrong.extend(reason.map(|reason| (check["name"].as_str().unwrap().to_owned(), reason)));
    }
    assert_eq!(ready, wrong.is_empty());
    (ready, wrong)
}

/// The reason under a check, once it is the only one that fails.
async fn fails(address: SocketAddr, check: &str) -> String {
    for _ in 0..200 {
        let (_, mut wrong) = readiness(address);
        if let (1, Some(reason)) = (wrong.len(), wrong.remove(check)) {
            return reason;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("`{check}` does not fail: {:?}", readiness(address))
}

async fn becomes_ready(address: SocketAddr) {
    for _ in 0..200 {
        if readiness(address).0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not become ready: {:?}", readiness(address))
}

/// Samples by everything before their value.
pub(crate) fn metrics(address: SocketAddr) -> BTreeMap<String, f64> {
    let told = ask(address, "/metrics");
    assert!(told.status == 200 && told.head.contains("text/plain; version=0.0.4"), "{}", told.head);
    let samples = told.body.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

/// An app that sends a piece every 20 ms on `/slow` until it is told that it is enough, and answers all else at once.
async fn app(listener: TcpListener, enough: watch::Receiver<bool>) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let enough = enough.clone();
        drop(tokio::task::spawn(async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await?);
            }
            if !head.starts_with(b"GET /slow ") {
                return stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
                    .await;
            }
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
                .await?;
            while !*enough.borrow() {
                stream.write_all(b"5\r\npiece\r\n").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            stream.write_all(b"0\r\n\r\n").await
        }));
    }
}

#[test]
fn an_operator_is_told_how_it_is_while_it_serves_fails_and_stops() {
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = format!("http://{}", listener.local_addr().unwrap());
        let (done, enough) = watch::channel(false);
        let serving = tokio::task::spawn(app(listener, enough));
        let dir = tempfile::tempdir().unwrap();
        let (demo, address) = tokio::task::block_in_place(|| {
            let mut demo = Demo::start_in(dir.path(), &["--upstream", &upstream]);
            let address = demo.go_on_served();
            (demo, address)
        });
        three_paths(address);
        let client = Client::new(&demo);
        counts(&demo, &client, address).await;
        cuts(&demo, &client, address).await;
        store_that_is_held(&demo, &client, address).await;

        // Told to stop, it says so while what is open comes to its end.
        let ada = demo.token("ada");
        let mut slow = client.send("mine", client.request("mine", "/slow", Some(&ada))).await;
        assert_eq!(slow.status(), 200);
        slow.frame().await.unwrap().unwrap();
        demo.terminate();
        let reason = fails(address, "draining").await;
        assert!(reason.contains("told to stop"), "{reason}");
        assert_eq!(ask(address, "/livez").status, 200);
        assert_eq!(metrics(address)["bartizan_ready_check{check=\"draining\"}"].to_string(), "0");
        assert_eq!(metrics(address)["bartizan_enforce_grants_live"].to_string(), "1");
        slow.frame().await.unwrap().unwrap();
        done.send_replace(true);
        slow.into_body().collect().await.expect("the download comes to its end");
        assert!(tokio::task::block_in_place(|| demo.wait()), "and the process to its own");
        assert!(TcpStream::connect(address).is_err(), "nobody tells its health any more");
        serving.abort();
    });
}

fn three_paths(address: SocketAddr) {
    assert_eq!(readiness(address), (true, BTreeMap::new()));
    let live = ask(address, "/livez");
    assert_eq!((live.status, live.body.as_str()), (200, "ok\n"));
    let head = ask_with(address, "HEAD", "/metrics", "localhost");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    for path in ["/", "/api/v1/openapi.json", "/livez/x"] {
        assert_eq!(ask(address, path).status, 404, "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let refused = ask_with(address, method, "/readyz", "localhost");
        assert_eq!(refused.status, 405, "{method}");
        assert!(refused.head.contains("allow: GET, HEAD"), "{}", refused.head);
    }
    // None of our hosts or apps is here, nor does a site in a browser get an answer.
    for host in ["console.bartizan.localhost", "wiki.bartizan.localhost", "evil.example"] {
        assert_eq!(ask_with(address, "GET", "/metrics", host).status, 421, "{host}");
    }
    let mut garbage = TcpStream::connect(address).unwrap();
    garbage.write_all(b"\x16\x03\x01 no\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _reset = garbage.read_to_end(&mut answer);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
}

/// Requests are counted, and nothing says whose they were, what for or where from.
async fn counts(demo: &Demo, client: &Client, address: SocketAddr) {
    let folder = tempfile::tempdir().unwrap();
    let objects = "[[app]]\nname = \"quokka\"\nhost = \"quokka.bartizan.localhost\"\nupstream = \"http://127.0.0.1:9\"\n\
        [[user]]\nname = \"zebulon\"\n[[group]]\nname = \"yaks\"\nmembers = [\"zebulon\"]\n";
    std::fs::write(folder.path().join("objects.toml"), objects).unwrap();
    tokio::task::block_in_place(|| demo.json(&["apply", "-f", folder.path().to_str().unwrap()]));
    let before = metrics(address);
    let (bob, eve) = (demo.token("bob"), demo.token("eve"));
    assert_eq!(client.get("mine", "/secret-path", Some(&bob)).await.status, 200);
    let other = client.get("quokka", "/secret-path", Some(&bob)).await;
    assert_eq!(other.status, 401, "the token is not for this app");
    assert_eq!(client.get("payroll", "/", Some(&eve)).await.status, 403);
    assert_eq!(client.get("wiki", "/", None).await.status, 401);
    assert_eq!(client.get("wiki", "/", Some(&bob)).await.status, 502, "the demo's own apps ended with it");
    assert!(client.try_tls("nowhere.bartizan.localhost", b"h2").await.is_err());
    let after = metrics(address);
    let grown = |name: &str| after[name] - before[name];
    for (name, by) in [
        ("bartizan_enforce_decisions_total{outcome=\"permit\",reason=\"\"}", 2.0),
        ("bartizan_enforce_decisions_total{outcome=\"deny\",reason=\"denied_by_policy\"}", 1.0),
        ("bartizan_enforce_decisions_total{outcome=\"deny\",reason=\"sign_in_required\"}", 2.0),
        ("bartizan_gateway_requests_total{status=\"2xx\"}", 1.0),
        ("bartizan_gateway_requests_total{status=\"4xx\"}", 3.0),
        ("bartizan_gateway_requests_total{status=\"5xx\"}", 1.0),
        ("bartizan_gateway_request_duration_seconds_count", 5.0),
        ("bartizan_gateway_request_duration_seconds_bucket{le=\"+Inf\"}", 5.0),
        ("bartizan_gateway_upstream_failures_total{reason=\"unreachable\"}", 1.0),
        ("bartizan_gateway_handshakes_total{outcome=\"ok\"}", 5.0),
        ("bartizan_gateway_handshakes_total{outcome=\"unknown_host\"}", 1.0),
        ("bartizan_enforce_missed_cuts_total", 0.0),
    ] {
        assert!((grown(name) - by).abs() < 0.5, "{name} grew by {}", grown(name));
    }
    assert!(grown("bartizan_gateway_request_duration_seconds_sum") > 0.0);
    let lease = after["bartizan_enforce_lease_remaining_seconds"];
    assert!(lease > 20.0 && lease <= 30.0, "{lease}");
    assert!(after["bartizan_enforce_revision"] >= 10.0 && after["bartizan_log_entries"] > 0.0);

    let text = ask(address, "/metrics").body;
    let bob = tokio::task::block_in_place(|| demo.json(&["session", "list", "--user", "bob"])).to_string();
    let ids: Vec<&str> = bob.split('"').filter(|part| part.len() > 20).collect();
    let made = ["zebulon", "quokka", "yaks", "secret-path", "bob", "mine", "bartizan.localhost", "127.0.0.1"];
    for word in made.into_iter().chain(ids) {
        assert!(!text.contains(word), "{word} is in the metrics");
    }
    read_by_prometheus(&text);
}

/// The same text, read by the parser of Prometheus' own client library.
fn read_by_prometheus(text: &str) {
    let program = "import sys
from prometheus_client.parser import text_string_to_metric_families as read
families = list(read(sys.stdin.read()))
print(len(families), sum(len(family.samples) for family in families), sorted({f.type for f in families}))";
    let python = |program: &str| {
        let python = found("python").unwrap_or_else(|| "python3".into());
        let mut command = Command::new(python);
        command.args(["-c", program]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.spawn()
    };
    let importable = python("import prometheus_client").and_then(|child| child.wait_with_output());
    if !importable.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED prometheus: Python with prometheus_client is not installed");
        return;
    }
    let mut child = python(program).unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let samples = text.lines().filter(|line| !line.starts_with('#')).count();
    let families = text.lines().filter(|line| line.starts_with("# TYPE ")).count();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().trim(),
        format!("{families} {samples} ['counter', 'gauge', 'histogram']")
    );
}

/// What is open is counted, and what is cut.
async fn cuts(demo: &Demo, client: &Client, address: SocketAddr) {
    const CUT: &str = "bartizan_enforce_grants_cut_total{reason=\"session_ended\"}";
    let request = client.request("mine", "/slow", Some(&demo.token("bob")));
    let mut slow = client.send("mine", request).await;
    slow.frame().await.unwrap().unwrap();
    let open = metrics(address);
    assert_eq!(open["bartizan_enforce_grants_live"].to_string(), "1");
    assert!(open["bartizan_gateway_connections_open"] >= 1.0);
    tokio::task::block_in_place(|| demo.json(&["session", "revoke", "--user", "bob", "--wait"]));
    let after = metrics(address);
    assert_eq!((after[CUT] - open[CUT]).to_string(), "1");
    assert!(slow.into_body().collect().await.is_err(), "it was cut");
}

/// While another process holds the database it is not ready, and says why; decisions go on.
async fn store_that_is_held(demo: &Demo, client: &Client, address: SocketAddr) {
    let url = format!("sqlite://{}", demo.dir.join("bartizan.db").display());
    let mut held = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut held).await.unwrap();
    let reason = fails(address, "store").await;
    assert!(reason.contains("nobody can sign in"), "{reason}");
    assert_eq!(client.get("mine", "/", Some(&demo.token("eve"))).await.status, 200);
    assert_eq!(ask(address, "/livez").status, 200);
    held.close().await.unwrap();
    becomes_ready(address).await;
}

/// A file system of this size over a folder; gone when dropped.
pub(crate) struct SmallDisk<'a>(&'a str);

impl<'a> SmallDisk<'a> {
    pub(crate) fn mount(folder: &'a str, size: &str) -> Option<Self> {
        let done = mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "none", folder]);
        done.then_some(Self(folder))
    }

    fn grow(&self, size: &str) {
        assert!(mount(&["-o", &format!("remount,size={size}"), self.0]));
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let done = Command::new("umount").args(["-l", self.0]).status();
        assert!(std::thread::panicking() || done.is_ok_and(|status| status.success()), "not unmounted");
    }
}

fn mount(args: &[&str]) -> bool {
    Command::new("mount").args(args).output().is_ok_and(|output| output.status.success())
}

async fn sign_in_page(client: &Client) -> String {
    let host = "auth.access.example.com";
    let mut stream = client.try_tls(host, b"http/1.1").await.unwrap();
    let ask = format!("GET /sign-in HTTP/1.1\r\nHost: {host}:{}\r\nConnection: close\r\n\r\n", client.port());
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn it_is_not_ready_while_the_spool_has_no_room_to_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let (made, config) = init(dir.path());
    let spool = format!("{}/spool", made["data_dir"].as_str().unwrap());
    // Room for the segment that is written to, and none for the next.
    let Some(disk) = SmallDisk::mount(&spool, "9m") else {
        println!("SKIPPED spool on a small disk: a small file system needs root");
        return;
    };
    let (child, ready) = serve(&config);
    let address: SocketAddr = ready["health"].as_str().unwrap().parse().unwrap();
    block_on(async {
        let reason = fails(address, "spool").await;
        assert!(
            reason.contains("No space left on device") && reason.contains("every request is refused"),
            "{reason}"
        );
        assert_eq!(metrics(address)["bartizan_ready_check{check=\"spool\"}"].to_string(), "0");
        let port = made["listen"].as_str().unwrap().rsplit_once(':').unwrap().1.parse().unwrap();
        let client = Client::of(&std::fs::read(made["ca"].as_str().unwrap()).unwrap(), port);
        let refused = sign_in_page(&client).await;
        assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("evidence_unavailable"), "{refused}");
        disk.grow("64m");
        becomes_ready(address).await;
        assert!(sign_in_page(&client).await.starts_with("HTTP/1.1 200"));
    });
    terminate(child);
    drop(disk);
}
