//! `bartizan log`.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bartizan_evidence::{Checkpoint, GrowingSource, LogReader, TileSource, prove, verify};
use bartizan_model::EventId;
use bartizan_pki::NoteVerifier;
use serde_json::{Value, json};

use super::query;
use super::watch::{EVERY, wait_for};
use crate::args::{Global, Log, LogSearch};
use crate::client::Client;
use crate::output::{Ended, Failure, NOT_FOUND, PROBLEMS, USAGE, data};
use crate::progress::{Progress, Unit, Watched};

pub(super) async fn run(global: &Global, log: Log) -> Ended {
    match log {
        Log::Search(filter) => search(global, &filter).await,
        Log::Verify { dir, key, since } => check(global, dir, key, since).await,
        Log::Prove { id, dir, key } => print_proof(global, &id, dir, key).await,
    }
}

async fn search(global: &Global, filter: &LogSearch) -> Ended {
    let client = Client::from_options(global)?;
    let limit = filter.limit.map(|limit| limit.to_string());
    let mut fields = [
        ("user", filter.user.as_deref()),
        ("app", filter.app.as_deref()),
        ("kind", filter.kind.as_deref()),
        ("outcome", filter.outcome.as_deref()),
        ("reason", filter.reason.as_deref()),
        ("request", filter.request.as_deref()),
        ("since", filter.since.as_deref()),
        ("until", filter.until.as_deref()),
        ("limit", limit.as_deref()),
    ];
    let mut last = print(global, &client, &fields, None).await?;
    if !filter.watch {
        return Ok(());
    }
    // What comes in two seconds is far less than is answered at once.
    let most = Some("1000");
    for field in &mut fields {
        if field.0 == "limit" {
            field.1 = most;
        }
    }
    loop {
        tokio::time::sleep(EVERY).await;
        match print(global, &client, &fields, last).await {
            Ok(newest) => last = newest.or(last),
            Err(failure) => wait_for(failure)?,
        }
    }
}

/// Prints what is found behind an index of the log, and says the newest index that was seen.
async fn print(
    global: &Global,
    client: &Client,
    fields: &[(&str, Option<&str>)],
    behind: Option<u64>,
) -> Result<Option<u64>, Failure> {
    let events = client.get(&format!("/api/v1/log/search{}", query(fields))).await?;
    let mut newest = behind;
    for event in events.as_array().into_iter().flatten() {
        let index = event.get("log_index").and_then(Value::as_u64);
        if behind.is_some() && index <= behind {
            continue;
        }
        newest = newest.max(index);
        data(&if global.is_json() { event.to_string() } else { line(event) })?;
    }
    Ok(newest)
}

/// An event for people: when, what, how it came out, who, where, and the id to ask further with.
fn line(event: &Value) -> String {
    let at = |pointer: &str| match event.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::from("-"),
        Some(other) => other.to_string(),
    };
    let who = match event.pointer("/subject/name").and_then(Value::as_str) {
        Some(name) => name.to_owned(),
        None => at("/subject/type"),
    };
    let what = match (at("/request/method"), at("/request/path")) {
        (method, path) if method != "-" => {
            format!("{method} {}{}", at("/request/host"), if path == "-" { String::new() } else { path })
        }
        _ if event.pointer("/object/kind").is_some_and(|kind| !kind.is_null()) => {
            format!("{} {} {}", at("/object/kind"), at("/object/name"), at("/object/change"))
        }
        _ => format!("{} {}", at("/action"), at("/resource/name")),
    };
    let (time, kind, outcome, reason) = (at("/time"), at("/kind"), at("/outcome"), at("/reason"));
    format!("{time}  {kind:<13} {outcome:<6} {reason:<18} {who:<10} {what}  {}", at("/request_id"))
}

/// Where the files of a log are.
enum Source {
    /// In a folder.
    Dir(GrowingSource),
    /// At a running deployment; fetched as they are needed.
    Remote(Box<Client>, tokio::runtime::Handle),
}

impl TileSource for Source {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match self {
            Self::Dir(dir) => dir.read(path),
            Self::Remote(client, runtime) => {
                let fetched = runtime.block_on(client.bytes(&format!("/api/v1/log/file/{path}")));
                let fetched = fetched.map_err(|failure| io::Error::other(failure.message))?;
                Ok(fetched.map(|bytes| bytes.to_vec()))
            }
        }
    }

    fn list(&self) -> io::Result<Option<Vec<String>>> {
        match self {
            Self::Dir(dir) => dir.list(),
            Self::Remote(..) => Ok(None),
        }
    }
}

/// Where the log is, and the key that verifies it.
async fn source(
    global: &Global,
    dir: Option<PathBuf>,
    key: Option<&Path>,
) -> Result<(Source, NoteVerifier), Failure> {
    if let Some(dir) = dir {
        let missing = || Failure::new(USAGE, "say with --key FILE which key the log must be signed with");
        let verifier = read_key(key.ok_or_else(missing)?)?;
        return Ok((Source::Dir(GrowingSource::new(dir)), verifier));
    }
    let client = Client::from_options(global)?;
    let verifier = match key {
        Some(key) => read_key(key)?,
        None => {
            let key = client.bytes("/api/v1/log/key").await?.unwrap_or_default();
            NoteVerifier::parse(std::str::from_utf8(&key)?)?
        }
    };
    Ok((Source::Remote(Box::new(client), tokio::runtime::Handle::current()), verifier))
}

fn read_key(path: &Path) -> Result<NoteVerifier, Failure> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    Ok(NoteVerifier::parse(&text).with_context(|| format!("`{}` is not a log's key", path.display()))?)
}

async fn check(global: &Global, dir: Option<PathBuf>, key: Option<PathBuf>, since: Option<PathBuf>) -> Ended {
    let (source, verifier) = source(global, dir, key.as_deref()).await?;
    let since = match since {
        None => None,
        Some(path) => {
            let note = std::fs::read_to_string(&path)
                .with_context(|| format!("`{}` cannot be read", path.display()))?;
            let earlier = Checkpoint::open(&note, &verifier)
                .with_context(|| format!("`{}` is not a checkpoint of this log", path.display()))?;
            Some(earlier)
        }
    };
    let source = Watched::new(source, Progress::new("verifying the log", Unit::Files, None));
    let report = tokio::task::spawn_blocking(move || verify(&source, &verifier, since.as_ref())).await?;
    if global.is_json() {
        data(&serde_json::to_string(&report)?)?;
    } else if report.ok {
        let size = report.size.unwrap_or(0);
        data(&format!(
            "the log is whole: {size} entries, root {}",
            json!(report.root).as_str().unwrap_or("-")
        ))?;
    } else {
        for problem in &report.problems {
            let problem = json!(problem);
            let at = |field: &str| {
                problem.get(field).map_or_else(String::new, |value| format!(", {field} {value}"))
            };
            let text =
                |field: &str| problem.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
            data(&format!("{}{}{}: {}", text("file"), at("offset"), at("index"), text("what")))?;
        }
    }
    if report.ok { Ok(()) } else { Err(Failure::new(PROBLEMS, "the log is not whole")) }
}

async fn print_proof(global: &Global, id: &str, dir: Option<PathBuf>, key: Option<PathBuf>) -> Ended {
    let missing = || Failure::new(NOT_FOUND, format!("there is no event `{id}` in the log"));
    let local = dir.is_some();
    let (source, verifier) = source(global, dir, key.as_deref()).await?;
    let index = match (id.parse::<u64>(), id.parse::<EventId>()) {
        (Ok(index), _) => Some(index),
        (Err(_), Err(_)) => return Err(missing()),
        (Err(_), Ok(_)) if local => None,
        (Err(_), Ok(event)) => {
            let client = Client::from_options(global)?;
            let found = client.get(&format!("/api/v1/log/search?event={event}&limit=1")).await?;
            let index = found.pointer("/0/log_index").and_then(Value::as_u64);
            Some(index.ok_or_else(missing)?)
        }
    };
    let wanted = id.to_owned();
    let proof = tokio::task::spawn_blocking(move || {
        let reader = LogReader::new(source, verifier.clone());
        let index = match index {
            Some(index) => Some(index),
            None => scan(&reader, &wanted)?,
        };
        index.map(|index| prove(&reader, &verifier, index)).transpose()
    })
    .await??;
    data(proof.ok_or_else(missing)?.trim_end())
}

/// Looks for an event in a log that has no index.
fn scan<S: TileSource>(reader: &LogReader<S>, id: &str) -> Result<Option<u64>, bartizan_evidence::Error> {
    const PAGE: u64 = 256;
    let size = reader.checkpoint()?.checkpoint.size;
    let mut from = 0;
    while from < size {
        let entries = reader.entries(from..(from + PAGE).min(size))?;
        for (index, entry) in (from..).zip(&entries) {
            let event = serde_json::from_slice::<Value>(entry).unwrap_or_default();
            if event.pointer("/event/id").and_then(Value::as_str) == Some(id) {
                return Ok(Some(index));
            }
        }
        from += PAGE;
    }
    Ok(None)
}
