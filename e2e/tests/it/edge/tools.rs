//! What tools that others wrote to find fault find.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::Edge;
use crate::http::{Client, block_on};
use crate::outside::have;

/// Speaks TLS for a tool that cannot be told which host to name in it. Lives as long as the returned set of tasks.
async fn tunnel(client: &Client, alpn: &'static [u8]) -> (u16, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, client, mut tasks) = (listener.local_addr().unwrap().port(), client.clone(), JoinSet::new());
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((mut plain, _)) = listener.accept().await {
            let client = client.clone();
            connections.spawn(async move {
                let mut tls = client.tls("mine", alpn).await;
                let _ended = tokio::io::copy_bidirectional(&mut plain, &mut tls).await;
            });
        }
    });
    (port, tasks)
}

/// Where `cargo xtask test` puts what it builds for the tests, or on the path.
fn h2spec() -> Option<PathBuf> {
    let exe = std::env::current_exe().unwrap();
    let own = exe.ancestors().nth(3).unwrap().join("tools/h2spec");
    if own.exists() { Some(own) } else { have("h2spec").then(|| PathBuf::from("h2spec")) }
}

/// Runs a part of the suite: how many tests there were, and which of them failed.
async fn run(h2spec: &PathBuf, port: u16, parts: &[String]) -> (usize, Vec<String>) {
    let mut command = Command::new(h2spec);
    command.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-o", "5", "-j"]);
    let report = tempfile::NamedTempFile::new().unwrap();
    command.arg(report.path()).args(parts).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    tokio::task::spawn_blocking(move || command.status()).await.unwrap().unwrap();
    let text = std::fs::read_to_string(report.path()).unwrap();
    let cases: Vec<&str> = text.split("<testcase ").skip(1).collect();
    let failed = cases.iter().filter(|case| case.contains("<failure") || case.contains("<error"));
    let attribute = |case: &str, name: &str| {
        let from = case.split_once(&format!("{name}=\"")).unwrap().1;
        from.split_once('"').unwrap().0.to_owned()
    };
    let failed =
        failed.map(|case| format!("{} {}", attribute(case, "package"), attribute(case, "classname")));
    (cases.len(), failed.collect())
}

#[test]
fn h2spec_finds_nothing() {
    let Some(h2spec) = h2spec() else {
        println!("SKIPPED h2spec: it is not installed, and there is no Go to build it with");
        return;
    };
    block_on(async {
        let edge = Edge::start().await;
        let (port, _tasks) = tunnel(&edge.client, b"h2").await;
        let (count, mut failed) = run(&h2spec, port, &[]).await;
        assert!(count >= 140, "{count} tests");
        println!("MEASURED h2spec: {count} tests, {} to be looked at again: {failed:?}", failed.len());
        // In some the answer may be on its way before the error in the request is: what fails each time is a fault.
        for _ in 0..6 {
            if failed.is_empty() {
                return;
            }
            let parts: Vec<String> =
                failed.iter().map(|case| case.split(' ').next().unwrap().to_owned()).collect();
            let (_, again) = run(&h2spec, port, &parts).await;
            failed.retain(|case| again.contains(case));
        }
        assert_eq!(failed, Vec::<String>::new());
    });
}
