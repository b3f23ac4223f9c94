//! Restarts under load, with a socket that a supervisor holds: nobody's request fails.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use crate::demo::binary;
use crate::http::{Client, block_on};
use crate::outside::have;
use crate::running::init;

const HOST: &str = "auth.access.example.com";

/// What the clients found.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) stop: AtomicBool,
    pub(crate) answered: AtomicU32,
    pub(crate) connections: AtomicU32,
    pub(crate) failed: parking_lot::Mutex<Vec<String>>,
}

/// One client, as browsers are: it uses a connection until it is told that it is over, with pauses between.
pub(crate) async fn visit(client: &Client, found: &Found, seed: u64) {
    let mut pause = seed;
    while !found.stop.load(Ordering::Relaxed) {
        found.connections.fetch_add(1, Ordering::Relaxed);
        let mut stream = match client.try_tls(HOST, b"http/1.1").await {
            Ok(stream) => stream,
            Err(error) => {
                found.failed.lock().push(format!("no connection: {error}"));
                return;
            }
        };
        loop {
            let ask = format!("GET /sign-in HTTP/1.1\r\nHost: {HOST}:{}\r\n\r\n", client.port());
            let (mut answer, began) = (Vec::new(), Instant::now());
            let sent = stream.write_all(ask.as_bytes()).await;
            let whole = |answer: &[u8]| {
                let text = String::from_utf8_lossy(answer).to_lowercase();
                let (head, _) = text.split_once("\r\n\r\n")?;
                let length =
                    head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                let closes = head.contains("connection: close");
                (answer.len() >= head.len() + 4 + length.unwrap_or(0)).then_some((head.to_owned(), closes))
            };
            let (head, closes) = loop {
                if let Some(whole) = whole(&answer) {
                    break whole;
                }
                match stream.read_buf(&mut answer).await {
                    Ok(1..) if sent.is_ok() => {}
                    end => {
                        let what = format!("no answer after {:?}: {end:?} {sent:?}", began.elapsed());
                        found.failed.lock().push(what);
                        break (String::new(), true);
                    }
                }
            };
            if head.starts_with("http/1.1 200") {
                found.answered.fetch_add(1, Ordering::Relaxed);
            } else if !head.is_empty() {
                found.failed.lock().push(head.lines().next().unwrap_or_default().to_owned());
            }
            if closes || found.stop.load(Ordering::Relaxed) {
                break;
            }
            pause = pause.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            tokio::time::sleep(Duration::from_millis(pause >> 59)).await;
        }
    }
}

#[test]
fn no_request_fails_while_it_is_restarted_under_load() {
    if !have("python3") {
        println!("SKIPPED restarts: there is no python3 to hold the socket");
        return;
    }
    let restarts = if std::env::var_os("BARTIZAN_LONG").is_some() { 100 } else { 8 };
    let dir = tempfile::tempdir().unwrap();
    let (made, config) = init(dir.path());
    let port: u16 = made["listen"].as_str().unwrap().rsplit_once(':').unwrap().1.parse().unwrap();
    let ca = std::fs::read(made["ca"].as_str().unwrap()).unwrap();
    let mut supervisor = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/supervise.py"))
        .args([&port.to_string(), &restarts.to_string(), "0.4"])
        .arg(binary())
        .args(["serve", "--json", "--config"])
        .arg(&config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(supervisor.stdout.take().unwrap()).lines();
    assert_eq!(said.next().unwrap().unwrap(), "READY");
    block_on(async {
        let (client, found) = (Client::of(&ca, port), Arc::new(Found::default()));
        let mut visitors = JoinSet::new();
        for seed in 0..8 {
            let (client, found) = (client.clone(), Arc::clone(&found));
            visitors.spawn(async move { visit(&client, &found, seed).await });
        }
        let line = tokio::task::spawn_blocking(move || (said.next(), said));
        let (last, mut said) = line.await.unwrap();
        found.stop.store(true, Ordering::Relaxed);
        while visitors.join_next().await.is_some() {}
        assert_eq!(last.unwrap().unwrap(), "LAST");
        std::io::Write::write_all(supervisor.stdin.as_mut().unwrap(), b"\n").unwrap();
        assert_eq!(tokio::task::spawn_blocking(move || said.next()).await.unwrap().unwrap().unwrap(), "DONE");
        let (answered, connections) =
            (found.answered.load(Ordering::Relaxed), found.connections.load(Ordering::Relaxed));
        println!("MEASURED {answered} requests on {connections} connections over {restarts} restarts");
        let failed = found.failed.lock();
        assert!(failed.is_empty(), "{} failed: {:?}", failed.len(), failed.first());
        assert!(answered > 200, "{answered} were answered");
    });
    assert!(supervisor.wait().unwrap().success());
}

#[test]
fn the_unit_confines_what_it_starts() {
    if !have("systemd-analyze") {
        println!("SKIPPED systemd-analyze: it is not installed (Debian: systemd)");
        return;
    }
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/systemd/bartizan.service");
    // Its exposure is 2.0 at most; the threshold is in tenths.
    let output = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", "--threshold=20", unit])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let level = out.lines().rev().find(|line| line.contains("exposure level")).unwrap_or_default();
    println!("MEASURED {}", level.trim_start_matches(|c: char| !c.is_ascii_alphabetic()));
    assert!(output.status.success(), "{level}\n{err}");
}
