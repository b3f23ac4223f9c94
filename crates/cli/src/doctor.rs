//! What `doctor` looks at: each check is a function from the deployment on this machine to what is wrong with it.
//!
//! Nothing is changed and nothing is mended, so it can be run beside a deployment that serves.

mod clock;
mod data;
mod disk;
mod host;
mod log;
mod names;
mod programs;
mod service;
mod spool;
mod tls;

use serde::Serialize;

use crate::config::Config;
use crate::lock::Claim;

pub(crate) use names::{is_local, is_ours};
pub(crate) use programs::ask;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Severity {
    /// It does not work, or is not safe.
    Error,
    /// It will not work for long.
    Warning,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Complaint {
    /// A stable name for it.
    pub(crate) code: &'static str,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// What is wrong.
    pub(crate) message: String,
    /// The command, or the act, that mends it.
    pub(crate) mend: String,
}

impl Complaint {
    fn error(code: &'static str, message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), mend: mend.into() }
    }

    fn warning(code: &'static str, message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, mend) }
    }
}

/// What the checks found: what they are of, and what is wrong.
#[derive(Debug, Default)]
pub(crate) struct Examination {
    /// What was looked at, in order, with the number of complaints.
    pub(crate) checks: Vec<(&'static str, usize)>,
    /// What is wrong.
    pub(crate) complaints: Vec<Complaint>,
}

impl Examination {
    fn add(&mut self, check: &'static str, complaints: Vec<Complaint>) {
        self.checks.push((check, complaints.len()));
        self.complaints.extend(complaints);
    }
}

/// Looks at everything.
pub(crate) async fn examine(config: &Config) -> Examination {
    let mut examination = Examination::default();
    let dir = &config.data_dir;
    examination.add("data directory", data::private(dir));
    if !dir.is_dir() {
        examination.add("listener", host::listeners(config, false));
        return examination;
    }
    examination.add("disk space", host::space(dir));
    examination.add("file system", disk::file_system(dir));
    let claim = crate::lock::claim(dir);
    let running = matches!(claim, Ok(Claim::Theirs(_)));
    if !running {
        // Whoever serves has opened it; whether others can says nothing more.
        examination.add("store", data::store(dir, &config.domain).await);
    }
    let (faults, apps) = data::inside(dir).await;
    examination.add("store's file", faults);
    examination.add("evidence log", log::whole(dir));
    examination.add("spool", spool::sound(dir, running).await);
    examination.add("clock", log::clock(dir));
    if let Some(complaints) = clock::synchronised().await {
        examination.add("clock's source", complaints);
    }
    examination.add("names", names::resolve(config, &apps).await);
    examination.add("listener", host::listeners(config, running));
    examination.add("certificates", tls::certificates(config, running).await);
    examination.add("certificate authority", data::authority(dir));
    examination.add("open files", host::files());
    examination.add("memory", service::memory());
    examination.add("kernel", service::kernel());
    if let Some(complaints) = service::confinement().await {
        examination.add("unit", complaints);
    }
    drop(claim);
    examination
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Texts of the form of a code. What is a file or a host has an end that no code has.
    fn codes(text: &str) -> impl Iterator<Item = &str> {
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        text.split(['"', '`']).filter(move |part| {
            part.split_once('.').is_some_and(|(area, what)| {
                let others = ["db", "test", "pem", "toml", "vkey", "service", "localhost", "invalid"];
                word(area) && word(what) && (!others.contains(&what) || area == "config")
            })
        })
    }

    #[test]
    fn each_code_is_in_the_book_and_nothing_else_is() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = BTreeSet::new();
        let files = std::fs::read_dir(root.join("src/doctor")).unwrap().map(|file| file.unwrap().path());
        for file in files.chain(["src/commands/config.rs", "src/certificates.rs"].map(|file| root.join(file)))
        {
            let text = std::fs::read_to_string(file).unwrap();
            found.extend(codes(&text).map(str::to_owned));
        }
        let book = std::fs::read_to_string(root.join("../../docs/book/doctor.md")).unwrap();
        let rows = book.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
        let written: BTreeSet<String> = rows
            .inspect(|(code, rest)| {
                let severity = rest.split(" |").next();
                assert!(matches!(severity, Some("error" | "warning")), "{code}");
            })
            .map(|(code, _)| code.to_owned())
            .collect();
        assert!(found.contains("store.newer") && found.len() > 30, "{found:?}");
        assert_eq!(found, written);
    }
}
