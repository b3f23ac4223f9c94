//! What tools that others wrote to find fault find.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::Edge;
use crate::demo::Demo;
use crate::http::{Client, block_on};
use crate::outside::found;

/// Speaks TLS for a tool that cannot be told which host to name in it. Lives as long as the returned set of tasks.
async fn tunnel(client: &Client, app: &'static str, alpn: &'static [u8]) -> (u16, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, client, mut tasks) = (listener.local_addr().unwrap().port(), client.clone(), JoinSet::new());
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((mut plain, _)) = listener.accept().await {
            let client = client.clone();
            connections.spawn(async move {
                let mut tls = client.tls(app, alpn).await;
                let _ended = tokio::io::copy_bidirectional(&mut plain, &mut tls).await;
            });
        }
    });
    (port, tasks)
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
    let Some(h2spec) = found("h2spec") else {
        println!("SKIPPED h2spec: it is not installed, and there is no Go to build it with");
        return;
    };
    block_on(async {
        let edge = Edge::start().await;
        let (port, _tasks) = tunnel(&edge.client, "mine", b"h2").await;
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

/// What a tool printed on both channels, and how it ended.
async fn output(mut command: Command) -> (Option<i32>, String) {
    command.stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

fn long() -> bool {
    std::env::var_os("BARTIZAN_LONG").is_some()
}

#[test]
fn schemathesis_finds_no_answer_that_the_document_does_not_describe() {
    let Some(schemathesis) = found("schemathesis") else {
        println!("SKIPPED schemathesis: it is not installed (PyPI: schemathesis)");
        return;
    };
    block_on(async {
        let demo = Demo::start();
        let client = Client::new(&demo);
        let (port, _tasks) = tunnel(&client, "console", b"http/1.1").await;
        let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
        let examples = if long() { "300" } else { "8" };
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(schemathesis);
        command.current_dir(folder.path()).args(["--no-color", "run", document]);
        command.args(["--url", &format!("http://127.0.0.1:{port}")]);
        command.args(["-H", &format!("Host:{}", client.host("console"))]);
        command.args(["-H", &format!("Bartizan-Token:{}", demo.ready["admin_token"].as_str().unwrap())]);
        command.args([
            "--max-examples",
            examples,
            "--seed",
            "7",
            "--generation-deterministic",
            "--continue-on-failure",
            "--warnings",
            "off",
        ]);
        // What is asked is the document against the answers. That what is refused for another reason than a wrong form
        // could have had a right form is no fault, and neither is that people who were made up are not there.
        command.args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance"]);
        let (code, said) = output(command).await;
        let summary = said.lines().filter(|line| {
            line.contains("generated") || line.contains("Operations") || line.contains("Tested")
        });
        println!("MEASURED schemathesis:{}", summary.collect::<String>());
        // The findings come last, after a page of what was tried.
        let findings = said.find("= FAILURES =").or(said.find("= ERRORS =")).and_then(|at| said.get(at..));
        assert_eq!(code, Some(0), "{}", findings.unwrap_or(&said));
    });
}

#[test]
fn testssl_finds_no_weakness() {
    let Some(testssl) = found("testssl") else {
        println!("SKIPPED testssl.sh: it is not installed (Debian: testssl.sh)");
        return;
    };
    block_on(async {
        let demo = Demo::start();
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("report.json");
        let mut command = Command::new(testssl);
        command.args(["--quiet", "--color", "0", "--warnings", "batch", "--ip", "127.0.0.1", "--add-ca"]);
        command.arg(demo.ready["ca"].as_str().unwrap()).arg("--jsonfile").arg(&report);
        // Protocols, what the server is and prefers, forward secrecy, ciphers, vulnerabilities; not how each browser would do.
        command.args(["-p", "-S", "-P", "-f", "-s", "-U"]).arg(Client::new(&demo).host("wiki"));
        let (_, said) = output(command).await;
        let report = std::fs::read(&report).unwrap_or_else(|_| panic!("{said}"));
        let found: serde_json::Value = serde_json::from_slice(&report).unwrap();
        let found = found.as_array().unwrap();
        assert!(found.len() > 60, "{} findings", found.len());
        let text = |finding: &serde_json::Value, field: &str| finding[field].as_str().unwrap().to_owned();
        // Certificates of a day are new before anybody could revoke them; who may issue them is for the DNS to say.
        let meant = ["cert_expirationStatus", "cert_notAfter", "cert_revocation", "DNS_CAArecord"];
        let weak: Vec<String> = found
            .iter()
            .filter(|finding| {
                ["LOW", "MEDIUM", "HIGH", "CRITICAL"].contains(&text(finding, "severity").as_str())
            })
            .filter(|finding| !meant.contains(&text(finding, "id").as_str()))
            .map(|finding| {
                format!("{} {}: {}", text(finding, "severity"), text(finding, "id"), text(finding, "finding"))
            })
            .collect();
        assert_eq!(weak, Vec::<String>::new());
        println!("MEASURED testssl.sh: {} findings, none of them a weakness", found.len());
    });
}

#[test]
fn who_is_slow_on_purpose_keeps_nobody_waiting() {
    if !long() {
        println!("SKIPPED slowhttptest: it takes two minutes (cargo xtask test edge --long)");
        return;
    }
    let Some(slowhttptest) = found("slowhttptest") else {
        println!("SKIPPED slowhttptest: it is not installed (Debian: slowhttptest)");
        return;
    };
    block_on(async {
        let demo = Demo::start();
        let client = Client::new(&demo);
        let (port, _tasks) = tunnel(&client, "pulse", b"http/1.1").await;
        for (mode, args) in [
            ("slow headers", "-H -i 5 -x 24"),
            ("slow bodies", "-B -i 5 -s 8192 -x 10"),
            ("slow readers", "-X -w 10 -y 20 -n 3 -z 32 -k 2"),
        ] {
            let mut command = Command::new(&slowhttptest);
            command.args(args.split(' ')).args(["-c", "500", "-r", "200", "-l", "30", "-p", "5"]);
            command.args(["-u", &format!("http://127.0.0.1:{port}/big?mb=1")]);
            let attack = tokio::task::spawn(output(command));
            let (mut asked, mut slowest) = (0, std::time::Duration::ZERO);
            while !attack.is_finished() {
                let began = std::time::Instant::now();
                assert_eq!(client.get("wiki", "/", Some(&demo.token("bob"))).await.status, 200, "{mode}");
                (asked, slowest) = (asked + 1, slowest.max(began.elapsed()));
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            let (_, said) = attack.await.unwrap();
            assert!(said.contains("Test ended"), "{said}");
            println!("MEASURED {mode}: {asked} others were served meanwhile, the slowest in {slowest:?}");
            assert!(asked > 10, "{mode}: {asked}");
        }
    });
}
