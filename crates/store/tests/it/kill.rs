//! A process that is killed while it writes loses nothing that it was told is stored.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{ObjectKind, Revision, Secret};
use bartizan_store::{MasterKey, SecretWrite, SqliteStore, Store};
use bartizan_testkit::SeededEntropy;
use serde_json::json;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::task::JoinSet;

use crate::engine::{put, set, with_lookups};

/// Set for the process that is to be killed: the database, and the number of the round.
const DATABASE: &str = "BARTIZAN_STORE_KILL_DATABASE";
const ROUND: &str = "BARTIZAN_STORE_KILL_ROUND";

const ROUNDS: u64 = 200;
const WRITERS: u64 = 4;
const WRITES: u64 = 3;

async fn open(path: &Path, seed: u64) -> SqliteStore {
    let (master, entropy) = (MasterKey::from_bytes([7; 32]), Arc::new(SeededEntropy::new(seed)));
    SqliteStore::open(path, master, entropy).await.unwrap()
}

// === The process that is killed ===

/// Does nothing unless it was started by the test below.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writer_that_is_killed() {
    let (Some(database), Some(round)) = (std::env::var_os(DATABASE), std::env::var_os(ROUND)) else { return };
    let round: u64 = round.to_string_lossy().parse().unwrap();
    let store = Arc::new(open(&PathBuf::from(database), round).await);
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            for number in 0_u64.. {
                let id = (round * WRITERS + writer) * 1_000_000 + number;
                let name = format!("w{writer}-{}", number % 4);
                let key = id.to_string();
                let mut change = set(vec![
                    with_lookups(put(ObjectKind::App, &name, json!({ "set": id })), &[("set", &key)]),
                    put(ObjectKind::Session, &name, json!({ "set": id })),
                    put(ObjectKind::Policy, &name, json!({ "set": id, "text": "x".repeat(300) })),
                ]);
                let value = Secret::new(key.into_bytes());
                change.secrets.push(SecretWrite::Put { name: format!("secret-{writer}"), value });
                let done = store.commit(change).await.unwrap();
                // One write of one line: it arrives whole, or the reader sees no line end.
                let line = format!("ack {writer} {id} {}\n", done.revision);
                std::io::stdout().write_all(line.as_bytes()).unwrap();
                std::io::stdout().flush().unwrap();
            }
        });
    }
    writers.join_all().await;
}

// === The test ===

#[derive(Debug, Clone, Copy)]
struct Ack {
    writer: u64,
    id: u64,
    last: u64,
}

impl Ack {
    fn parse(line: &str) -> Option<Self> {
        // The test harness writes its own text before ours on the first line.
        let line = line.strip_suffix('\n')?;
        let mut numbers = line.split_once("ack ")?.1.split(' ').map(|number| number.parse().unwrap());
        Some(Self { writer: numbers.next()?, id: numbers.next()?, last: numbers.next()? })
    }
}

fn start(database: &Path, round: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::writer_that_is_killed", "--nocapture", "--test-threads", "1"])
        .env(DATABASE, database)
        .env(ROUND, round.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets the process run to a random moment, kills it, and answers what it was told is stored.
async fn run_and_kill(database: &Path, round: u64, random: &SeededEntropy) -> Vec<Ack> {
    let mut child = start(database, round);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let (mut acks, mut line) = (Vec::new(), String::new());
    // One in five is killed while it starts, recovers or migrates; the others after some of their writes.
    let wanted = if random.below(5) == 0 { 0 } else { 1 + random.below(24) };
    while acks.len() < wanted {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "the writer ended by itself in round {round}");
        acks.extend(Ack::parse(&line));
    }
    let wait = if wanted == 0 { random.below(30_000) } else { random.below(3_000) };
    tokio::time::sleep(Duration::from_micros(wait as u64)).await;
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it died was said.
    loop {
        line.clear();
        if output.read_line(&mut line).unwrap() == 0 {
            return acks;
        }
        acks.extend(Ack::parse(&line));
    }
}

/// Checks everything since `from`, and answers where the log stands.
async fn check(store: &dyn Store, from: Revision, acks: &[Ack]) -> Revision {
    let changes = store.changes(from, u32::MAX).await.unwrap();
    let newest = store.revision().await.unwrap();
    assert_eq!(changes.len() as u64, newest.get() - from.get(), "no gap");
    let mut sets: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for change in &changes {
        let id = change.spec.as_ref().unwrap()["set"].as_u64().unwrap();
        sets.entry(id).or_default().push(change.revision.get());
    }
    for (id, revisions) in &sets {
        assert_eq!(revisions.len() as u64, WRITES, "set {id} is whole or not there");
        assert_eq!(revisions[2] - revisions[0], WRITES - 1, "set {id} is in one piece");
    }
    for ack in acks {
        let there = sets.get(&ack.id).unwrap_or_else(|| panic!("{ack:?} was acknowledged and is lost"));
        assert_eq!(there.last(), Some(&ack.last));
    }
    for writer in 0..WRITERS {
        let Some(last) = acks.iter().rfind(|ack| ack.writer == writer) else { continue };
        // The set after the last acknowledged one may be stored, too.
        let stored = sets.keys().filter(|id| **id >= last.id && **id <= last.id + 1).max().unwrap();
        let secret = store.secret(&format!("secret-{writer}")).await.unwrap().unwrap();
        assert_eq!(secret.expose(|value| String::from_utf8(value.clone()).unwrap()), stored.to_string());
        assert!(store.find("set", &stored.to_string()).await.unwrap().is_some());
    }
    newest
}

async fn check_file(database: &Path) {
    let mut connection = SqliteConnectOptions::new().filename(database).connect().await.unwrap();
    let found: Vec<(String,)> =
        sqlx::query_as("PRAGMA integrity_check").fetch_all(&mut connection).await.unwrap();
    assert_eq!(found, [(String::from("ok"),)]);
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
    assert!(broken.is_empty());
}

#[tokio::test]
async fn two_hundred_random_kills_lose_no_acknowledged_write() {
    let seed = RandomState::new().build_hasher().finish();
    eprintln!("seed {seed}");
    let random = SeededEntropy::new(seed);
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("bartizan.db");
    let (mut all, mut newest) = (Vec::new(), Revision::new(0));
    for round in 0..ROUNDS {
        let acks = run_and_kill(&database, round, &random).await;
        let store = open(&database, 1_000_000 + round).await;
        check_file(&database).await;
        newest = check(&store, newest, &acks).await;
        store.close().await;
        all.extend(acks);
    }
    assert!(all.len() as u64 > ROUNDS, "the writers did write");
    // And what earlier rounds had is still there in the end.
    let store = open(&database, 2_000_000).await;
    let log = store.changes(Revision::new(0), u32::MAX).await.unwrap();
    for ack in all {
        let last = &log[usize::try_from(ack.last).unwrap() - 1];
        assert_eq!(last.spec.as_ref().unwrap()["set"], json!(ack.id));
    }
}
