//! What a process and its children have used, as the kernel counts it.

use std::collections::BTreeSet;

/// Processor time in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cpu {
    pub(crate) all: f64,
    /// Of it, in threads of SQLite: the index of the log.
    pub(crate) sqlite: f64,
}

impl Cpu {
    /// Of this process and everything that it started.
    pub(crate) fn of(pid: u32) -> Self {
        let mut used = Self::default();
        for pid in family(pid) {
            used.all += ticks(&format!("/proc/{pid}/stat"));
            let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { continue };
            for thread in threads.flatten() {
                let path = thread.path();
                let name = std::fs::read_to_string(path.join("comm")).unwrap_or_default();
                if name.starts_with("sqlx-sqlite") {
                    used.sqlite += ticks(&path.join("stat").display().to_string());
                }
            }
        }
        used
    }

    pub(crate) fn since(self, earlier: Self) -> Self {
        Self { all: self.all - earlier.all, sqlite: self.sqlite - earlier.sqlite }
    }
}

/// User and system time. The kernel gives hundredths of a second, exact in their sum.
fn ticks(path: &str) -> f64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    let field = |place: usize| -> f64 {
        fields.split_ascii_whitespace().nth(place).and_then(|text| text.parse().ok()).unwrap_or(0.0)
    };
    (field(11) + field(12)) * 10_000.0
}

fn family(pid: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut todo = vec![pid];
    while let Some(next) = todo.pop() {
        if found.insert(next) {
            let children = std::fs::read_to_string(format!("/proc/{next}/task/{next}/children"));
            todo.extend(
                children
                    .unwrap_or_default()
                    .split_ascii_whitespace()
                    .filter_map(|text| text.parse::<u32>().ok()),
            );
        }
    }
    found
}

/// Resident memory of a process in bytes.
pub(crate) fn resident(pid: u32) -> f64 {
    status(pid, "VmRSS:")
}

/// The same at its highest since the process began.
pub(crate) fn highest(pid: u32) -> f64 {
    status(pid, "VmHWM:")
}

fn status(pid: u32, what: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kilobytes = text
        .lines()
        .find_map(|line| line.strip_prefix(what))
        .and_then(|rest| rest.split_ascii_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) * 1024.0
}

/// This process.
pub(crate) fn own() -> f64 {
    ticks("/proc/self/stat")
}
