//! The parts of a bundle.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bartizan_store::{MasterKey, SqliteStore};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Part, redact};
use crate::commands::coded;
use crate::config::Config;
use crate::doctor::examine;
use crate::system::SystemEntropy;

/// Everything about the deployment of this configuration, whose text is `text`; `log` is a file of its log, if one is known.
pub(crate) async fn gather(name: &str, text: &str, folder: &Path, log: Option<&Path>) -> Vec<Part> {
    let config = Config::read(name, text, folder);
    let mut parts = vec![
        Part {
            name: "version.json",
            about: "release, architecture, system and kernel",
            text: shown(&version()),
        },
        Part { name: "machine.json", about: "memory, load, limits, confinement", text: shown(&machine()) },
        Part {
            name: "configuration.toml",
            about: "bartizan.toml without comments and secrets",
            text: redact::configuration(text).unwrap_or_else(|why| format!("# {why}\n")),
        },
    ];
    let findings = match &config {
        Ok(config) => json!(examine(config).await.complaints),
        Err(findings) => findings.iter().map(coded).collect(),
    };
    parts.push(Part { name: "doctor.json", about: "what `bartizan doctor` finds", text: shown(&findings) });
    if let Ok(config) = &config {
        let dir = &config.data_dir;
        parts.push(Part {
            name: "data.json",
            about: "sizes of files and file system; objects counted by kind",
            text: shown(&data(dir).await),
        });
        // A signed note, made to be shown to anybody.
        let checkpoint = tail(&dir.join("log").join("checkpoint")).unwrap_or_else(|error| {
            format!(
                "{error}
"
            )
        });
        parts.push(Part {
            name: "checkpoint.txt",
            about: "the evidence log's newest checkpoint: size, root, signature",
            text: checkpoint,
        });
        for (name, path, about) in [
            ("readyz.json", "/readyz", "whether it is ready, check by check"),
            ("metrics.txt", "/metrics", "what it has counted; no label holds a person or an address"),
        ] {
            let text = match config.health {
                None => String::from("there is no [health] in the configuration\n"),
                Some(address) => {
                    asked(address, path).await.unwrap_or_else(|why| format!("{address}: {why}\n"))
                }
            };
            parts.push(Part { name, about, text });
        }
    }
    let lines = lines(log).await;
    parts.push(Part {
        name: "log.txt",
        about: "the newest warnings and errors of the process; addresses and credentials replaced",
        text: lines,
    });
    parts
}

fn shown(value: &Value) -> String {
    serde_json::to_string_pretty(value).map_or_else(|error| error.to_string(), |text| text + "\n")
}

fn version() -> Value {
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system =
        system.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).map(|name| name.trim_matches('"'));
    let kernel = rustix::system::uname();
    json!({
        "release": env!("CARGO_PKG_VERSION"),
        "debug": cfg!(debug_assertions),
        "architecture": std::env::consts::ARCH,
        "system": system,
        "kernel": kernel.release().to_string_lossy(),
        "virtual": std::fs::read_to_string("/sys/class/dmi/id/product_name").ok().map(|name| name.trim().to_owned()),
    })
}

fn machine() -> Value {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let memory: serde_json::Map<String, Value> = read("/proc/meminfo")
        .lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| ["MemTotal", "MemAvailable", "SwapTotal", "SwapFree"].contains(name))
        .map(|(name, value)| (name.to_owned(), Value::from(value.trim())))
        .collect();
    let limits: Vec<String> = read("/proc/self/limits")
        .lines()
        .filter(|line| {
            ["Max open files", "Max processes", "Max locked memory", "Max address space"]
                .iter()
                .any(|name| line.starts_with(name))
        })
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let unconfined = crate::sandbox::missing();
    json!({
        "processors": std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        "load": read("/proc/loadavg").trim(),
        "pressure": read("/proc/pressure/memory").lines().next(),
        "memory": memory,
        "limits": limits,
        "landlock": unconfined.files.is_none(),
        "seccomp": unconfined.calls.is_none(),
    })
}

/// Figures on what lies in the data directory, none of its content.
async fn data(dir: &Path) -> Value {
    let size = |name: &str| std::fs::metadata(dir.join(name)).ok().map(|metadata| metadata.len());
    let sizes: serde_json::Map<String, Value> =
        ["bartizan.db", "bartizan.db-wal", "index.db", "index.db-wal"]
            .into_iter()
            .map(|name| (name.to_owned(), json!(size(name))))
            .collect();
    let segments = std::fs::read_dir(dir.join("spool")).into_iter().flatten().flatten();
    let segments: Vec<u64> = segments
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "seg"))
        .filter_map(|file| file.metadata().ok().map(|metadata| metadata.len()))
        .collect();
    let disk = rustix::fs::statvfs(dir).ok().map(|found| {
        json!({
            "bytes": found.f_blocks.saturating_mul(found.f_frsize), "free": found.f_bavail.saturating_mul(found.f_frsize),
            "files": found.f_files, "files_free": found.f_favail,
        })
    });
    let kind = rustix::fs::statfs(dir).ok().map(|found| format!("{:#x}", found.f_type));
    let counted = match tokio::time::timeout(PATIENCE, objects(dir)).await {
        Ok(Ok(counts)) => counts,
        Ok(Err(error)) => json!({ "error": error.to_string() }),
        Err(_late) => json!({ "error": "it takes too long" }),
    };
    json!({
        "sizes": sizes, "spool": { "segments": segments.len(), "bytes": segments.iter().sum::<u64>() },
        "file_system": { "type": kind, "room": disk }, "objects": counted,
    })
}

async fn objects(dir: &Path) -> bartizan_store::Result<Value> {
    let (file, key) = (dir.join("bartizan.db"), dir.join("keys").join("master"));
    if !key.is_file() {
        // To load it would make one.
        return Ok(json!({ "error": "there is no master key" }));
    }
    let master = MasterKey::load_or_create(&key, &SystemEntropy)?;
    let mut glance = SqliteStore::glance(&file, &master, Arc::new(SystemEntropy)).await?;
    Ok(glance.counts().await?.into_iter().collect::<std::collections::BTreeMap<_, _>>().into_iter().collect())
}

/// What the process that serves says of itself.
async fn asked(address: SocketAddr, path: &str) -> Result<String, String> {
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        // An older version, in which an answer has no chunks and ends with its connection.
        stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(LONGEST).read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer =
        tokio::time::timeout(PATIENCE, ask).await.map_err(|_late| String::from("it does not answer"))?;
    let answer = answer.map_err(|error| error.to_string())?;
    answer
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned())
        .ok_or_else(|| String::from("it gives no answer that can be read"))
}

/// The newest lines that matter: of a file, or of the journal.
async fn lines(log: Option<&Path>) -> String {
    let told = match log {
        Some(file) => match tail(file) {
            Ok(text) => text,
            Err(error) => return format!("`{}` cannot be read: {error}\n", file.display()),
        },
        None => {
            let args = ["-u", "bartizan.service", "-p", "warning", "-n", "500", "-o", "cat", "--no-pager"];
            let Some(text) = crate::doctor::ask("journalctl", &args).await else {
                return String::from("no log is known; name one with --log FILE\n");
            };
            text
        }
    };
    let matters = |line: &&str| log.is_none() || line.contains("WARN") || line.contains("ERROR");
    let found: Vec<&str> = told.lines().filter(matters).collect();
    let mut text = String::new();
    for line in found.iter().skip(found.len().saturating_sub(LINES)) {
        let _ = writeln!(text, "{}", redact::line(line));
    }
    if text.is_empty() {
        text.push_str("no warning and no error was found\n");
    }
    text
}

/// The end of a file that may be long.
fn tail(file: &Path) -> std::io::Result<String> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let mut file = std::fs::File::open(file)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST)))?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What is on this machine answers within milliseconds, or not.
const PATIENCE: Duration = Duration::from_secs(3);

/// 1 MiB: some thousand lines, or all metrics many times over.
const LONGEST: u64 = 1 << 20;

/// More lines say the same again.
const LINES: usize = 200;
