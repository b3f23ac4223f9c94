//! Another configuration while it serves: all of it or nothing, and nobody who is there is disturbed.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::deployed::{AUTH, CONSOLE, Deployed, ask};
use crate::health::metrics;
use crate::http::{Client, block_on};
use crate::ports::free_port;
use crate::restart::{Found, visit};

fn free() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], free_port()))
}

fn listener(address: SocketAddr, serves: &str) -> String {
    format!("[[listener]]\naddress = \"{address}\"\nserves = {serves}\n")
}

fn write(deployed: &Deployed, more: &str) {
    std::fs::write(&deployed.config, format!("domain = \"access.example.com\"\ndata_dir = \"data\"\n{more}"))
        .unwrap();
}

fn client(deployed: &Deployed, address: SocketAddr) -> Client {
    Client::of(&std::fs::read(deployed.made["ca"].as_str().unwrap()).unwrap(), address.port())
}

async fn serves(deployed: &Deployed, address: SocketAddr, host: &str) -> bool {
    if TcpStream::connect(address).await.is_err() {
        return false;
    }
    client(deployed, address).try_tls(host, b"http/1.1").await.is_ok()
}

#[test]
fn listeners_come_change_and_go_and_who_is_there_is_not_disturbed() {
    let mut deployed = Deployed::made();
    let [first, second, health, other_health, plain] = [free(), free(), free(), free(), free()];
    let told = |address| format!("[health]\naddress = \"{address}\"\n");
    let whole = "[\"apps\", \"auth\", \"console\"]";
    write(&deployed, &format!("{}{}", listener(first, whole), told(health)));
    deployed.start(&[]);
    block_on(async {
        let mut stays = client(&deployed, first).try_tls(AUTH, b"http/1.1").await.unwrap();
        assert!(ask(&mut stays, AUTH, "/sign-in").await.starts_with("http/1.1 200"));

        // A listener more, plain HTTP, and health elsewhere.
        let redirect = format!("[redirect]\naddress = \"{plain}\"\n");
        let more = format!(
            "{}{}{}{redirect}",
            listener(first, whole),
            listener(second, "[\"console\"]"),
            told(other_health)
        );
        write(&deployed, &more);
        assert!(deployed.reload());
        assert!(serves(&deployed, second, CONSOLE).await && !serves(&deployed, second, AUTH).await);
        assert_eq!(metrics(other_health)["bartizan_config_last_reload_successful"].to_string(), "1");
        assert!(TcpStream::connect(health).await.is_err(), "health moved");
        let mut sent = TcpStream::connect(plain).await.unwrap();
        sent.write_all(format!("GET /x HTTP/1.1\r\nHost: {AUTH}\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        sent.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains(&format!("location: https://{AUTH}:{}/x", first.port())), "{answer}");
        assert!(ask(&mut stays, AUTH, "/sign-in").await.starts_with("http/1.1 200"), "it was not disturbed");

        // A request that is open while its listener goes away is answered.
        let mut slow = client(&deployed, second).try_tls(CONSOLE, b"http/1.1").await.unwrap();
        let head = format!(
            "POST /api/v1/apply HTTP/1.1\r\nHost: {CONSOLE}\r\nContent-Type: application/json\r\n\
                            Bartizan-Token: bzn_none\r\nContent-Length: 2\r\n"
        );
        slow.write_all(head.as_bytes()).await.unwrap();
        // The port of apps and sign-in is another for clients, and the console is served elsewhere.
        let changed = format!(
            "{}public_port = 443\n{redirect}{}",
            listener(first, "[\"apps\", \"auth\"]"),
            told(other_health)
        );
        write(&deployed, &changed);
        let reloaded = tokio::task::block_in_place(|| deployed.reload());
        assert!(reloaded);
        assert!(TcpStream::connect(second).await.is_err(), "nobody listens there any more");
        slow.write_all(b"\r\n{}").await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(15), slow.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(
            read.is_ok() && answer.starts_with("HTTP/1.1 4") && answer.contains("bartizan-request-id"),
            "{answer}"
        );
        assert!(serves(&deployed, first, AUTH).await && !serves(&deployed, first, CONSOLE).await);
        let mut sent = TcpStream::connect(plain).await.unwrap();
        sent.write_all(format!("GET /x HTTP/1.1\r\nHost: {AUTH}\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        sent.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains(&format!("location: https://{AUTH}/x\r\n")), "{answer}");
    });
    deployed.stop();
}

#[test]
fn what_is_not_in_order_or_cannot_change_changes_nothing() {
    let mut deployed = Deployed::made();
    let [first, second, taken] = [free(), free(), free()];
    let health = "[health]\naddress = \"127.0.0.1:0\"\n";
    let whole = listener(first, "[\"apps\", \"auth\", \"console\"]");
    write(&deployed, &format!("{whole}{health}"));
    deployed.start(&[]);
    let _held = TcpListener::bind(taken).unwrap();
    for (text, expected) in [
        (format!("{whole}{health}[nonsense]\n"), "unknown key `nonsense`"),
        (format!("{whole}[redirect]\naddress = \"{first}\"\n{health}"), "speaks TLS there"),
        // One of them can be listened on: nothing is changed all the same.
        (
            format!("{}{}{health}", listener(second, "[\"auth\"]"), listener(taken, "[\"console\"]")),
            "cannot listen on",
        ),
        (
            format!("{whole}[health]\naddress = \"{taken}\"\n[redirect]\naddress = \"{second}\"\n"),
            "cannot listen on",
        ),
        (
            format!(
                "{whole}{health}[tls]\nauthority = \"acme\"\n[tls.acme]\nterms_agreed = true\n[redirect]\naddress = \"{second}\"\n"
            ),
            "the public authority of [tls] cannot change while it serves",
        ),
    ] {
        write(&deployed, &text);
        assert!(!deployed.reload(), "{text}");
        assert!(deployed.said().contains(expected), "{expected}: {}", deployed.said());
        block_on(async {
            assert!(serves(&deployed, first, AUTH).await && serves(&deployed, first, CONSOLE).await);
            assert!(TcpStream::connect(second).await.is_err(), "nothing is listened on half-way");
        });
        assert_eq!(deployed.metrics()["bartizan_config_last_reload_successful"].to_string(), "0");
    }
    let text = std::fs::read_to_string(&deployed.config).unwrap();
    std::fs::write(&deployed.config, format!("{whole}{health}")).unwrap();
    assert!(!deployed.reload());
    std::fs::write(
        &deployed.config,
        format!("domain = \"other.example.com\"\ndata_dir = \"elsewhere\"\n{whole}{health}"),
    )
    .unwrap();
    assert!(!deployed.reload());
    assert!(deployed.said().contains("`domain` and `data_dir` cannot change while it serves"));
    std::fs::remove_file(&deployed.config).unwrap();
    assert!(!deployed.reload());
    assert!(deployed.said().contains("cannot be read"));
    drop(text);
    write(&deployed, &format!("{whole}{health}"));
    assert!(deployed.reload());
    assert_eq!(deployed.metrics()["bartizan_config_last_reload_successful"].to_string(), "1");
    deployed.stop();
}

#[test]
fn no_request_fails_while_it_is_reloaded_again_and_again() {
    let mut deployed = Deployed::made();
    let [first, second] = [free(), free()];
    let health = "[health]\naddress = \"127.0.0.1:0\"\n";
    let whole = listener(first, "[\"apps\", \"auth\", \"console\"]");
    write(&deployed, &format!("{whole}{health}"));
    deployed.start(&[]);
    let client = client(&deployed, first);
    block_on(async {
        let found = Arc::new(Found::default());
        let mut visitors = JoinSet::new();
        for seed in 0..8 {
            let (client, found) = (client.clone(), Arc::clone(&found));
            visitors.spawn(async move { visit(&client, &found, seed).await });
        }
        for round in 0..30 {
            // Other rules for who is there, a listener that comes and goes, and once in a while nonsense.
            let more = match round % 3 {
                0 => format!(
                    "{whole}trusted_proxies = [\"10.0.0.{round}\"]\n{}{health}",
                    listener(second, "[\"console\"]")
                ),
                1 => format!("{whole}{health}"),
                _ => format!("{whole}{health}[nonsense]\n"),
            };
            write(&deployed, &more);
            let reloaded = tokio::task::block_in_place(|| deployed.reload());
            assert_eq!(reloaded, round % 3 < 2, "{}", deployed.said());
        }
        found.stop.store(true, Ordering::Relaxed);
        while visitors.join_next().await.is_some() {}
        let (answered, connections) =
            (found.answered.load(Ordering::Relaxed), found.connections.load(Ordering::Relaxed));
        println!("MEASURED {answered} requests on {connections} connections over 30 reloads");
        let failed = found.failed.lock();
        assert!(failed.is_empty(), "{} failed: {:?}", failed.len(), failed.first());
        assert!(connections > 8 && answered > 100, "{answered} on {connections}");
    });
    deployed.stop();
}

/// A supervisor is told when it serves, reads its configuration again, has done so, and stops (sd_notify(3)).
#[test]
fn a_supervisor_is_told_of_a_reload() {
    let mut deployed = Deployed::made();
    let path = deployed.path("notify");
    let told = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    told.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let next = || {
        let mut bytes = [0; 4096];
        let len = told.recv(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..len]).trim_end().to_owned()
    };
    deployed.start(&[("NOTIFY_SOCKET", &path)]);
    assert_eq!(next(), "READY=1");
    let reloading = |text: String| {
        let time = text.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").map(str::parse::<u64>);
        assert!(matches!(time, Some(Ok(1..))), "{text}");
    };
    assert!(deployed.reload());
    reloading(next());
    assert_eq!(next(), "READY=1\nSTATUS=The configuration was read again and is in force");
    std::fs::write(&deployed.config, "nonsense").unwrap();
    assert!(!deployed.reload());
    reloading(next());
    let refused = next();
    assert!(
        refused.starts_with("READY=1\nSTATUS=The configuration was read again and is not used: "),
        "{refused}"
    );
    deployed.stop();
    assert_eq!(next(), "STOPPING=1");
}
