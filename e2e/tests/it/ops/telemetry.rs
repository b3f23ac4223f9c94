//! Traces and logs, as a collector that others wrote (gRPC's and OpenTelemetry's own Python packages) takes them.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use parking_lot::Mutex;
use serde_json::Value;

use super::logs::traffic;
use crate::demo::Demo;
use crate::deployed::{Issuing, private};
use crate::http::{Answer, Client, block_on};
use crate::outside::found;
use crate::ports::free_port;

/// A collector, killed when dropped.
struct Collector {
    child: Child,
    port: u16,
    file: PathBuf,
}

impl Collector {
    /// `None` where it cannot run, which is said.
    fn start(file: &Path, port: u16, tls: Option<(&Path, &Path)>) -> Option<Self> {
        Self::for_whom(None, file, port, tls)
    }

    /// For those alone that have this token.
    fn for_whom(token: Option<&str>, file: &Path, port: u16, tls: Option<(&Path, &Path)>) -> Option<Self> {
        let python = found("python").unwrap_or_else(|| "python3".into());
        let needed = "import grpc, opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc";
        let mut importable = Command::new(&python);
        importable.args(["-c", needed]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if !importable.status().is_ok_and(|status| status.success()) {
            println!("SKIPPED collector: Python with grpcio and opentelemetry-proto is not installed");
            return None;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/collector.py");
        let mut command = Command::new(python);
        command.arg(script).arg(port.to_string()).arg(file);
        if let Some((chain, key)) = tls {
            command.arg(chain).arg(key);
        }
        command.env("TOKEN", token.unwrap_or_default());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Some(Self { child, port: line.trim().parse().unwrap(), file: file.to_owned() })
    }

    /// All that it has taken.
    fn taken(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// All of it, once there is one like this.
    fn once(&self, what: &str, like: impl Fn(&Value) -> bool) -> Vec<Value> {
        let began = Instant::now();
        loop {
            let taken = self.taken();
            if taken.iter().any(&like) {
                return taken;
            }
            assert!(began.elapsed() < LONG, "{what} does not come: {taken:#?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server behind the app `mine` that remembers the heads of requests.
fn remembering() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, heads) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
    let remembered = Arc::clone(&heads);
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            remembered.lock().push(String::from_utf8_lossy(&head).into_owned());
            if head.starts_with(b"GET /stream") {
                let _gone =
                    stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
                // Without an end; held open until the other side goes.
                std::thread::spawn(move || stream.read(&mut [0]));
                continue;
            }
            let status = if head.starts_with(b"GET /broken") { "500 No" } else { "200 OK" };
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            let _gone = stream.write_all(answer.as_bytes());
        }
    });
    (format!("http://{address}"), heads)
}

/// A field of the head that was remembered last.
fn told(heads: &Mutex<Vec<String>>, name: &str) -> Option<String> {
    let heads = heads.lock();
    let mut found = heads.last().unwrap().lines().filter_map(|line| line.split_once(": "));
    let value = found.find(|(field, _)| field.eq_ignore_ascii_case(name))?.1.to_owned();
    assert!(!found.any(|(field, _)| field.eq_ignore_ascii_case(name)), "{name} once");
    Some(value)
}

/// What `/metrics` says of a signal.
fn counted(health: SocketAddr, what: &str, signal: &str) -> u64 {
    let mut stream = TcpStream::connect(health).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: {health}\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let name = format!("bartizan_telemetry_{what}{{signal=\"{signal}\"}} ");
    let line = text.lines().find_map(|line| line.strip_prefix(&name)).unwrap_or_else(|| panic!("{text}"));
    line.parse().unwrap()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < LONG, "{what} does not come to be");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn is_of(item: &Value, id: &str) -> bool {
    item["kind"] == "span" && item["attributes"]["bartizan.request_id"] == id
}

fn asked(client: &Client, path: &str, token: &str, more: &[(&'static str, &'static str)]) -> Answer {
    let mut request = client.request("mine", path, Some(token));
    for (name, value) in more {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    block_on(async { Answer::read(client.send("mine", request).await).await })
}

#[test]
fn spans_and_lines_arrive_over_tls_with_their_ids_and_nothing_secret() {
    let dir = tempfile::tempdir().unwrap();
    let ca = Issuing::new("Collectors");
    ca.issue_to(dir.path(), "collector", &["localhost"]);
    std::fs::write(dir.path().join("ca.pem"), &ca.pem).unwrap();
    private(&dir.path().join("headers"), "# a vendor's\nx-vendor-token: Stachelbeere-vendor-8\n");
    let at = |name: &str| dir.path().join(name);
    let tls = (at("collector.pem"), at("collector.key"));
    let Some(collector) = Collector::start(&at("taken"), 0, Some((&tls.0, &tls.1))) else { return };
    let mut demo = Demo::start_in(&at("data"), &["--upstream", &super::logs::upstream()]);
    let more = format!(
        "[log]\nformat = \"json\"\nlevel = \"trace\"\n[telemetry]\nendpoint = \"https://localhost:{}\"\nca = {:?}\n\
         headers_file = {:?}\ntraces = 1\n",
        collector.port,
        at("ca.pem"),
        at("headers"),
    );
    demo.go_on_served_with(&more, Stdio::from(File::create(at("log")).unwrap()));
    let (secrets, failed) = block_on(traffic(&demo));
    demo.terminate();
    assert!(demo.wait());

    let taken = collector.taken();
    let (spans, logs): (Vec<&Value>, Vec<&Value>) = taken.iter().partition(|item| item["kind"] == "span");
    let text = std::fs::read_to_string(&collector.file).unwrap();
    for secret in &secrets {
        assert!(!text.contains(secret.as_str()), "{secret} got to the collector");
    }
    for item in &taken {
        assert_eq!(item["resource"]["service.name"], "bartizan");
        assert_eq!(item["resource"]["service.instance.id"].as_str().unwrap().len(), 36);
        assert!(item["resource"]["service.version"].is_string());
        assert_eq!(item["asked"]["x-vendor-token"], "Stachelbeere-vendor-8");
    }
    let log = std::fs::read_to_string(at("log")).unwrap();
    assert!(!log.contains("Stachelbeere"), "not in the log either");
    // What failed behind a permit: the request, its decision, the app's server that is gone, and the line about it.
    for id in failed {
        let of: Vec<&&Value> = spans.iter().filter(|span| is_of(span, &id)).collect();
        let [root] = of[..] else { panic!("{id}: {of:?}") };
        let attributes = &root["attributes"];
        let app = attributes["bartizan.app"].as_str().unwrap();
        assert_eq!(root["name"], format!("POST {app}"));
        assert_eq!((&root["span_kind"], &root["status"]), (&2.into(), &2.into()), "{root}");
        assert_eq!(root["parent"], "");
        for (name, value) in [
            ("http.request.method", Value::from("POST")),
            ("http.response.status_code", Value::from(502)),
            ("server.address", Value::from(format!("{app}.bartizan.localhost"))),
            ("url.scheme", Value::from("https")),
            ("error.type", Value::from("502")),
            ("bartizan.outcome", Value::from("failed")),
            ("bartizan.reason", Value::from("upstream_unreachable")),
        ] {
            assert_eq!(attributes[name], value, "{name} of {root}");
        }
        assert!(["1.1", "2"].contains(&attributes["network.protocol.version"].as_str().unwrap()));
        let children: Vec<&&Value> = spans
            .iter()
            .filter(|span| span["trace"] == root["trace"] && span["parent"] == root["span"])
            .collect();
        let child = |name: &str| children.iter().find(|child| child["name"] == name).unwrap();
        let (decide, upstream) = (child("decide"), child("POST"));
        assert_eq!(children.len(), 2, "{children:?}");
        assert_eq!((&decide["span_kind"], &upstream["span_kind"]), (&1.into(), &3.into()));
        assert_eq!(decide["attributes"]["bartizan.outcome"], "permit");
        assert_eq!(decide["attributes"]["bartizan.decision_id"], attributes["bartizan.decision_id"]);
        assert_eq!(upstream["attributes"]["error.type"], "upstream_unreachable");
        let warned =
            logs.iter().find(|line| line["attributes"]["request_id"] == id && line["level"] == "WARN");
        let warned = warned.unwrap();
        assert_eq!((&warned["trace"], &warned["span"]), (&root["trace"], &root["span"]));
        assert_eq!(warned["attributes"]["decision_id"], attributes["bartizan.decision_id"]);
        assert_eq!(warned["attributes"]["revision"], attributes["bartizan.revision"]);
        assert_eq!(warned["severity"], 13);
    }
    let outcomes = |outcome: &str, reason: &str| {
        let like = |span: &&&Value| {
            let attributes = &span["attributes"];
            attributes["bartizan.outcome"] == outcome && attributes["bartizan.reason"] == reason
        };
        spans.iter().filter(|span| span["span_kind"] == 2).filter(like).count()
    };
    assert!(outcomes("deny", "sign_in_required") > 0);
    assert!(outcomes("failed", "bad_request.path_control") + outcomes("failed", "bad_request.field") > 0);
    // The same lines, but for those of the last moment and of the connection to the collector itself.
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let warnings = |lines: &mut dyn Iterator<Item = (Value, Value)>| {
        lines.filter(|(level, _)| level == "WARN").map(|(_, said)| said.to_string()).collect::<Vec<_>>()
    };
    let logged = warnings(&mut lines.iter().map(|line| (line["level"].clone(), line["message"].clone())));
    let arrived = warnings(&mut logs.iter().map(|line| (line["level"].clone(), line["message"].clone())));
    assert_eq!(logged, arrived);
    assert!(logs.len() > 50, "{} lines", logs.len());
}

#[test]
fn the_app_is_told_of_the_trace_and_strangers_are_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let Some(collector) = Collector::start(&at("taken"), 0, None) else { return };
    let (upstream, heads) = remembering();
    let mut demo = Demo::start_in(&at("data"), &["--upstream", &upstream]);
    let behind = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let telemetry = |traces: &str| {
        format!(
            "[telemetry]\nendpoint = \"http://127.0.0.1:{}\"\ntraces = {traces}\nlogs = false\n\
             [[listener]]\naddress = \"{behind}\"\nserves = [\"apps\"]\ntrusted_proxies = [\"127.0.0.1\"]\n",
            collector.port
        )
    };
    demo.go_on_served_with(&telemetry("1"), Stdio::from(File::create(at("log")).unwrap()));
    let (public, proxied) = (Client::new(&demo), Client::of(&demo.ca(), behind.port()));
    let bob = demo.token("bob");
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const NOT_SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    let state = ("tracestate", "vendor=opaque");

    let stranger = asked(&public, "/", &bob, &[("traceparent", SAMPLED), state]);
    let id = stranger.request_id().to_owned();
    let taken = collector.once("the span", |item| is_of(item, &id));
    let root = taken.iter().find(|item| is_of(item, &id)).unwrap();
    assert!(root["trace"] != TRACE && root["parent"] == "", "{root}");
    assert_eq!(root["attributes"]["bartizan.outcome"], "permit");
    let below = taken.iter().find(|item| item["span_kind"] == 3 && item["trace"] == root["trace"]).unwrap();
    let expected = format!("00-{}-{}-01", root["trace"].as_str().unwrap(), below["span"].as_str().unwrap());
    assert_eq!(told(&heads, "traceparent").unwrap(), expected);
    assert_eq!(told(&heads, "tracestate"), None, "it is of the trace that is not gone on with");
    let not_sampled = asked(&public, "/", &bob, &[("traceparent", NOT_SAMPLED)]);
    collector.once("a stranger does not turn it off", |item| is_of(item, not_sampled.request_id()));

    let believed = asked(&proxied, "/broken", &bob, &[("traceparent", SAMPLED), state]);
    let id = believed.request_id().to_owned();
    let taken = collector.once("the span", |item| is_of(item, &id));
    let root = taken.iter().find(|item| is_of(item, &id)).unwrap();
    assert_eq!((&root["trace"], &root["parent"]), (&TRACE.into(), &"b7ad6b7169203331".into()));
    assert_eq!((&root["status"], &root["attributes"]["error.type"]), (&2.into(), &"500".into()));
    assert!(told(&heads, "traceparent").unwrap().starts_with(&format!("00-{TRACE}-")));
    assert_eq!(told(&heads, "tracestate").unwrap(), "vendor=opaque");
    let off = asked(&proxied, "/", &bob, &[("traceparent", NOT_SAMPLED), state]);
    assert_eq!(told(&heads, "traceparent").unwrap(), NOT_SAMPLED);
    assert_eq!(told(&heads, "tracestate").unwrap(), "vendor=opaque");

    // A span lasts as long as the answer, and says how it ended.
    block_on(async {
        let request = public.request("mine", "/stream", Some(&demo.token("eve")));
        let mut stream = public.send("mine", request).await;
        let id = stream.headers()["bartizan-request-id"].to_str().unwrap().to_owned();
        stream.frame().await.unwrap().unwrap();
        tokio::task::block_in_place(|| demo.json(&["session", "revoke", "--user", "eve", "--wait"]));
        assert!(stream.into_body().collect().await.is_err(), "it was cut");
        tokio::task::block_in_place(|| {
            let taken = collector.once("the span of what was cut", |item| is_of(item, &id));
            let root = &taken.iter().find(|item| is_of(item, &id)).unwrap()["attributes"];
            assert_eq!(
                (&root["bartizan.outcome"], &root["bartizan.reason"]),
                (&"cut".into(), &"session_ended".into())
            );
            assert_eq!(root["http.response.status_code"], 200);
        });
    });

    // A change of what is sent waits for a restart, and is said to.
    let config = demo.config();
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("traces = 1\n", "traces = 0.5\n")).unwrap();
    demo.reload();
    let log = || std::fs::read_to_string(at("log")).unwrap();
    until("the refusal", || log().contains("[telemetry] cannot change while it serves: restart it"));
    let traced = asked(&public, "/", &bob, &[]);
    collector.once("the last span", |item| is_of(item, traced.request_id()));
    assert!(!collector.taken().iter().any(|item| is_of(item, off.request_id())));
    demo.terminate();
    assert!(demo.wait());
}

#[test]
fn a_collector_that_is_gone_hangs_or_comes_back_keeps_nobody_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let Some(probe) = Collector::start(&at("probe"), 0, None) else { return };
    let port = probe.port;
    drop(probe);
    let (upstream, _heads) = remembering();
    let mut demo = Demo::start_in(&at("data"), &["--upstream", &upstream]);
    let more = format!("[telemetry]\nendpoint = \"http://127.0.0.1:{port}\"\ntraces = 1\n");
    let health = demo.go_on_served_with(&more, Stdio::from(File::create(at("log")).unwrap()));
    let (client, bob) = (Client::new(&demo), demo.token("bob"));
    let said = |what: &str| std::fs::read_to_string(at("log")).unwrap().matches(what).count();
    const BEGAN: &str = "does not take what is sent; requests are served as before";
    const ENDED: &str = "takes what is sent again";

    // Down from the start.
    assert_eq!(asked(&client, "/", &bob, &[]).status, 200);
    until("its trouble", || said(BEGAN) >= 1);
    // More than there is room for: each request is three spans.
    let before = demo.resident();
    block_on(async {
        for _ in 0..20 {
            let many = (0..50).map(|_| client.get("mine", "/", Some(&bob)));
            let answers = futures_util::future::join_all(many).await;
            assert!(answers.iter().all(|answer| answer.status == 200));
        }
    });
    until("drops", || counted(health, "dropped_total", "traces") > 0);
    assert!(counted(health, "waiting", "traces") <= 2048);
    assert_eq!(counted(health, "sent_total", "traces"), 0);
    let grown = demo.resident().saturating_sub(before);
    println!("MEASURED telemetry: {} KiB more with a full queue", grown / 1024);
    assert!(said("signal=traces") == 1, "one line when it begins");

    // It comes, is killed, and comes back.
    for round in 0..2 {
        let collector = Collector::start(&at(&format!("taken{round}")), port, None).unwrap();
        let answer = asked(&client, "/", &bob, &[]);
        // Until the queue has room again, it may be among those that are left out.
        until("spans", || counted(health, "sent_total", "traces") > 0 && said(ENDED) > round);
        let later = asked(&client, "/", &bob, &[]);
        assert_eq!((answer.status, later.status), (200, 200));
        collector.once("a span", |item| is_of(item, later.request_id()));
        drop(collector);
        let (troubles, answer) = (said(BEGAN), asked(&client, "/", &bob, &[]));
        assert_eq!(answer.status, 200);
        until("its trouble", || said(BEGAN) > troubles);
    }

    // It accepts and never answers, while the deployment serves and when it stops.
    let hanging = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let held = std::thread::spawn(move || {
        let mut streams = Vec::new();
        for stream in hanging.incoming().take(2) {
            streams.push(stream.unwrap());
        }
        streams
    });
    for _ in 0..10 {
        assert_eq!(asked(&client, "/", &bob, &[]).status, 200);
    }
    demo.terminate();
    assert!(demo.wait());
    assert!(said("did not take what was left") >= 1);
    drop(TcpStream::connect(("127.0.0.1", port)));
    drop(TcpStream::connect(("127.0.0.1", port)));
    drop(held.join());
}

#[test]
fn a_collector_is_checked_and_a_token_that_is_replaced_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let (ca, other) = (Issuing::new("Collectors"), Issuing::new("Others"));
    ca.issue_to(dir.path(), "collector", &["localhost"]);
    std::fs::write(at("ca.pem"), &ca.pem).unwrap();
    std::fs::write(at("other.pem"), &other.pem).unwrap();
    private(&at("headers"), "Authorization: Bearer Stachelbeere-old-1\n");
    let tls = (at("collector.pem"), at("collector.key"));
    let token = Some("Stachelbeere-new-2");
    let Some(collector) = Collector::for_whom(token, &at("taken"), 0, Some((&tls.0, &tls.1))) else { return };
    let (_, config) = crate::running::init(&at("deployment"));
    let plain = std::fs::read_to_string(&config).unwrap();
    let configure = |ca: &str| {
        let text = format!(
            "{plain}\n[log]\nlevel = \"info,h2=trace,hyper_util=trace,tonic=trace,rustls=trace\"\n[telemetry]\nendpoint = \"https://localhost:{}\"\nca = {:?}\n\
             headers_file = {:?}\n",
            collector.port,
            at(ca),
            at("headers"),
        );
        std::fs::write(&config, text).unwrap();
    };
    let serve =
        |log: &str| crate::running::serve_with(&config, Stdio::from(File::create(at(log)).unwrap())).0;
    let said = |log: &str| std::fs::read_to_string(at(log)).unwrap();

    configure("other.pem");
    let child = serve("first");
    until("the check", || said("first").contains("invalid peer certificate"));
    crate::running::terminate(child);
    assert!(collector.taken().is_empty() && !said("first").contains("Unauthenticated"), "{}", said("first"));

    configure("ca.pem");
    let check = || crate::running::bartizan(&["config", "check", config.to_str().unwrap()]);
    std::fs::set_permissions(at("headers"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let open = check();
    assert!(open.0 == 3 && open.1.contains("is open to others (mode 644)"), "{open:?}");
    assert!(!format!("{open:?}").contains("Stachelbeere"), "{open:?}");
    private(&at("headers"), "Authorization: Bearer Stachelbeere-old-1\n");
    let child = serve("second");
    until("the refusal", || said("second").contains("Unauthenticated: not the token"));
    assert!(collector.taken().is_empty());
    private(&at("headers"), "Authorization: Bearer Stachelbeere-new-2\n");
    until("what is taken", || {
        // Something to say.
        assert!(Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap().success());
        std::thread::sleep(Duration::from_millis(500));
        !collector.taken().is_empty()
    });
    crate::running::terminate(child);
    let log = said("second");
    assert!(log.contains("[redacted]") && !log.contains("Stachelbeere"), "{log}");
    // What sends says nothing to the collector of how it sends: each line would make the next ones.
    let below = |target: &str| !target.starts_with("bartizan");
    assert!(log.contains("TRACE h2::"), "{log}");
    let sent = collector.taken();
    assert!(!sent.iter().any(|line| below(line["attributes"]["target"].as_str().unwrap())), "{sent:#?}");
}

/// Far more than anything here takes.
const LONG: Duration = Duration::from_secs(60);
