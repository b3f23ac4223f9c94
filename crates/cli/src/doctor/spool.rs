//! The spool: every record in it is as it was written, and it does not fill up.

use std::path::Path;
use std::time::Duration;

use bartizan_enforce::spool::{Problem, SpoolConfig, check_folder};

use super::Complaint;

/// Nothing in it is damaged, and most of it is free.
pub(super) async fn sound(dir: &Path, running: bool) -> Vec<Complaint> {
    let folder = dir.join("spool");
    if !folder.is_dir() {
        // It is made at the start.
        return Vec::new();
    }
    let mut complaints = Vec::new();
    match problems(&folder, running).await {
        Ok(problems) => complaints.extend(problems.first().map(|problem| {
            Complaint::error(
                "spool.broken",
                format!(
                    "evidence that the log does not have yet is damaged ({} problems): `{}` at {}: {}",
                    problems.len(),
                    problem.file.display(),
                    problem.offset,
                    problem.what
                ),
                format!("keep a copy of {} for whoever looks into it, then start bartizan serve: it goes on behind it", folder.display()),
            )
        })),
        Err(error) => complaints.push(Complaint::error(
            "spool.unreadable",
            format!("`{}` cannot be read: {error}", folder.display()),
            format!("ls -l {} shows whose it is; run the doctor as the user of the service", folder.display()),
        )),
    }
    complaints.extend(backlog(&folder, used(&folder)));
    complaints
}

/// What is wrong with it. Beside a process that writes, only what is still wrong a moment later.
async fn problems(folder: &Path, running: bool) -> std::io::Result<Vec<Problem>> {
    // Records before those that are there may have been delivered.
    let look = || check_folder(folder, u64::MAX);
    let mut first = match look() {
        // A segment was delivered between two looks.
        Err(error) if running && error.kind() == std::io::ErrorKind::NotFound => look()?,
        other => other?,
    };
    if running && !first.is_empty() {
        tokio::time::sleep(AGAIN).await;
        let second = look()?;
        first.retain(|problem| second.contains(problem));
    }
    Ok(first)
}

fn used(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let segments = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "seg"));
    segments.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}

fn backlog(folder: &Path, used: u64) -> Option<Complaint> {
    let config = SpoolConfig::at(folder.to_owned());
    let limit = config.max_bytes.saturating_sub(config.reserve_bytes);
    if used < limit / 2 {
        return None;
    }
    let message = format!(
        "{} MiB of evidence wait in `{}`; from {} MiB on every request is refused",
        used >> 20,
        folder.display(),
        limit >> 20
    );
    Some(Complaint::warning(
        "spool.backlog",
        message,
        "start bartizan serve if it does not run; else see `log` in its /readyz: mostly the disk of the log is full",
    ))
}

/// A record is written within microseconds.
const AGAIN: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn damage_and_a_backlog_are_found() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(sound(dir.path(), false).await, Vec::new(), "it is made at the start");
        let folder = dir.path().join("spool");
        std::fs::create_dir(&folder).unwrap();
        assert_eq!(sound(dir.path(), false).await, Vec::new());
        std::fs::write(folder.join(format!("{:020}.seg", 1)), "nothing that we wrote").unwrap();
        for running in [false, true] {
            let found = sound(dir.path(), running).await;
            assert_eq!(found.iter().map(|complaint| complaint.code).collect::<Vec<_>>(), ["spool.broken"]);
        }
        assert_eq!(backlog(&folder, 247 << 20), None);
        assert_eq!(backlog(&folder, 248 << 20).map(|complaint| complaint.code), Some("spool.backlog"));
    }
}
