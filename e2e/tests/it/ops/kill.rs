//! Killed again and again at any moment: what was acknowledged is there, and everything that was done is on record.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bartizan_evidence::{GrowingSource, LogReader, StoredEntry};
use bartizan_model::EventKind;
use bartizan_pki::NoteVerifier;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use parking_lot::Mutex;
use tokio::task::JoinSet;

use super::deployment::{bartizan, config_for, demo_in, told};
use crate::demo::binary;
use crate::http::{Answer, Client, block_on};

/// The ids of people who were made, by name, as far as the deployment has said so.
type Acknowledged = Arc<Mutex<BTreeMap<String, String>>>;

fn call(
    client: &Client,
    token: &str,
    method: Method,
    path: &str,
    body: &'static str,
) -> Request<Full<Bytes>> {
    let mut request = client.request("console", path, Some(token));
    *request.method_mut() = method;
    request.headers_mut().insert("content-type", "application/json".parse().unwrap());
    *request.body_mut() = Full::from(body);
    request
}

/// One call, on a connection that may end in the middle of it.
async fn ask(client: &Client, request: Request<Full<Bytes>>) -> Option<Answer> {
    let stream = client.try_tls("console.bartizan.localhost", b"http/1.1").await.ok()?;
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.ok()?;
    let mut driven = JoinSet::new();
    driven.spawn(connection);
    let (parts, body) = sender.send_request(request).await.ok()?.into_parts();
    let body = http_body_util::BodyExt::collect(body).await.ok()?.to_bytes();
    Some(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
}

/// Makes people until nobody answers any more.
async fn write(client: Client, token: String, prefix: String, acknowledged: Acknowledged) {
    for number in 0.. {
        let name = format!("{prefix}-{number}");
        let path = format!("/api/v1/users/{name}/invite");
        let Some(answer) = ask(&client, call(&client, &token, Method::POST, &path, "{}")).await else {
            return;
        };
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        acknowledged.lock().insert(name, id);
    }
}

fn start(config: &str) -> Child {
    let mut serve = Command::new(binary());
    serve.args(["serve", "--json", "--config", config]);
    serve.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits for the line that says that it serves.
fn ready(child: &mut Child) -> bool {
    use std::io::{BufRead as _, BufReader};
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    line.starts_with('{')
}

#[test]
fn what_was_acknowledged_survives_being_killed_at_any_moment() {
    let rounds = if std::env::var_os("BARTIZAN_LONG").is_some() { 1000 } else { 50 };
    let folder = tempfile::tempdir().unwrap();
    let (demo, data, _) = demo_in(folder.path());
    let (token, port) = (demo.ready["admin_token"].as_str().unwrap().to_owned(), demo.port());
    let client = Client::new(&demo);
    demo.kill();
    let config = config_for(&data, &format!("127.0.0.1:{port}"), &folder.path().join("bartizan.toml"));
    let acknowledged = Acknowledged::default();
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    let (mut starts, mut before) = (Vec::new(), 0);
    for round in 0..rounds {
        let began = Instant::now();
        let mut child = start(&config);
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let moment = Duration::from_millis(chance >> 56);
        if round % 5 == 4 {
            // While it starts.
            std::thread::sleep(moment);
            child.kill().unwrap();
            child.wait().unwrap();
            continue;
        }
        assert!(ready(&mut child), "round {round}: it does not start any more");
        starts.push(began.elapsed());
        block_on(async {
            let mut writers = JoinSet::new();
            for writer in 0..3 {
                let (client, token) = (client.clone(), token.clone());
                writers.spawn(write(client, token, format!("r{round}w{writer}"), Arc::clone(&acknowledged)));
            }
            // Of the round before: what was said to be there is there.
            let earlier: Vec<String> = acknowledged.lock().keys().rev().take(5).cloned().collect();
            for name in earlier {
                let path = format!("/api/v1/objects/user/{name}");
                let answer = ask(&client, call(&client, &token, Method::GET, &path, "")).await.unwrap();
                assert_eq!(answer.status, 200, "round {round}: {name} is gone");
            }
            tokio::time::sleep(moment).await;
            child.kill().unwrap();
            child.wait().unwrap();
            while let Some(ended) = writers.join_next().await {
                ended.unwrap();
            }
        });
        before = acknowledged.lock().len().max(before);
    }
    starts.sort();
    let (middle, slow) = (starts[starts.len() / 2], starts[starts.len() * 99 / 100]);
    println!("MEASURED {before} people over {rounds} kills; serving again after {middle:?}, p99 {slow:?}");
    assert!(before >= usize::try_from(rounds).unwrap(), "{before} are too few to show anything");

    let mut child = start(&config);
    assert!(ready(&mut child));
    let everybody = block_on(everybody(&client, &token));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    let acknowledged = acknowledged.lock();
    for (name, id) in &*acknowledged {
        assert_eq!(everybody.get(name), Some(id), "{name} was acknowledged");
    }
    let recorded = recorded(&data);
    for (name, id) in &everybody {
        let made = recorded.get(id).copied().unwrap_or(0);
        let invited = name.starts_with('r') && name.contains('w');
        assert!(!invited || made == 1, "{name} is there, and on record {made} times");
    }
    let (log, key) = (data.join("log"), data.join("keys/log.vkey"));
    told(&["log", "verify", "--dir", log.to_str().unwrap(), "--key", key.to_str().unwrap()]);
    let (_, found, _) = bartizan(&["doctor", "--config", &config, "--json"]);
    assert!(!found.contains("store.") && !found.contains("log.") && !found.contains("spool."), "{found}");
}

/// All people, by name.
async fn everybody(client: &Client, token: &str) -> BTreeMap<String, String> {
    let (mut found, mut after) = (BTreeMap::new(), String::new());
    loop {
        let path = format!("/api/v1/users?limit=1000{after}");
        let page = ask(client, call(client, token, Method::GET, &path, "")).await.unwrap().json();
        let Some(last) = page.as_array().unwrap().last() else { return found };
        after = format!("&after={}", last["id"].as_str().unwrap());
        for person in page.as_array().unwrap() {
            let text = |field: &str| person[field].as_str().unwrap_or_default().to_owned();
            found.insert(text("name"), text("id"));
        }
    }
}

/// How often the making of each person is on record.
fn recorded(data: &Path) -> BTreeMap<String, u32> {
    let key = std::fs::read_to_string(data.join("keys/log.vkey")).unwrap();
    let reader = LogReader::new(GrowingSource::new(data.join("log")), NoteVerifier::parse(&key).unwrap());
    let size = reader.checkpoint().unwrap().checkpoint.size;
    let mut made = BTreeMap::new();
    for entry in reader.entries(0..size).unwrap() {
        let event = StoredEntry::parse(&entry).unwrap().event().unwrap();
        if let (EventKind::AdminChange, Some(object)) = (event.kind, event.object)
            && object.change == "created"
        {
            *made.entry(object.name).or_insert(0) += 1;
        }
    }
    made
}
