//! `bartizan backup`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use bartizan_model::Timestamp;
use bartizan_pki::age::Identity;
use bartizan_store::{MasterKey, SqliteStore};
use serde_json::json;

use super::config::load_alone;
use crate::args::{Backup, BackupVerb, Global};
use crate::backup::{Taken, identities, open, recipients, take, write_private};
use crate::config::Config;
use crate::deployment::{self, Deployment};
use crate::output::{CONFLICT, Ended, FAILED, Failure, PROBLEMS, USAGE, data, talk};
use crate::system::{SystemClock, SystemEntropy};
use bartizan_gateway::Share;

pub(super) async fn run(global: &Global, backup: Backup) -> Ended {
    match backup.verb {
        Some(BackupVerb::Key { to }) => key(global, &to),
        Some(BackupVerb::Check { file, identity }) => check(global, &file, &identity).await,
        None => {
            let Some(to) = backup.to else { return Err(Failure::new(USAGE, "say with --to where")) };
            let recipients = recipients(&backup.recipient, backup.recipients.as_deref())?;
            if backup.keep.is_some() && !to.is_dir() {
                return Err(Failure::new(USAGE, "--keep needs a folder: say with --to which"));
            }
            let config = load_alone(&backup.config)?;
            let text = std::fs::read_to_string(&backup.config)?;
            deliver_what_waits(&config).await?;
            let file = if to.is_dir() { to.join(name(&config.domain, now())) } else { to.clone() };
            if file.exists() {
                let message = format!("`{}` is there already: nothing was written", file.display());
                return Err(Failure::new(CONFLICT, message));
            }
            let taken = take(&config.data_dir, &config.domain, &text, &recipients, &file).await?;
            let removed = match backup.keep {
                Some(keep) => remove_old(&to, &config.domain, keep)?,
                None => Vec::new(),
            };
            said(global, &taken, &removed)
        }
    }
}

fn said(global: &Global, taken: &Taken, removed: &[PathBuf]) -> Ended {
    let manifest = &taken.manifest;
    if global.is_json() {
        let said = json!({
            "file": taken.file, "bytes": taken.bytes, "time": manifest.time, "revision": manifest.revision,
            "log_size": manifest.log_size, "evidence_complete": manifest.evidence_complete,
            "took_ms": taken.took.as_secs_f64() * 1000.0, "removed": removed,
        });
        return data(&said.to_string());
    }
    let megabytes = taken.bytes as f64 / f64::from(1 << 20);
    data(&format!(
        "{}: {megabytes:.1} MiB, revision {}, {} events, in {:.1} s",
        taken.file.display(),
        manifest.revision,
        manifest.log_size,
        taken.took.as_secs_f64()
    ))?;
    if !manifest.evidence_complete {
        talk("The log was not up to date, so the newest events are not in it; `bartizan doctor` says why.");
    }
    for old in removed {
        talk(&format!("removed {}", old.display()));
    }
    Ok(())
}

/// What a deployment that does not run has recorded and not yet put into its log, as after a crash, is put there.
async fn deliver_what_waits(config: &Config) -> Result<(), Failure> {
    let dir = &config.data_dir;
    if !dir.join("bartizan.db").is_file() {
        return Err(Failure::new(FAILED, format!("there is no deployment in `{}`", dir.display())));
    }
    crate::lock::as_owner(dir)?;
    let crate::lock::Claim::Ours(lock) = crate::lock::claim(dir)? else { return Ok(()) };
    drop(lock);
    if bartizan_enforce::spool::newest_record(&dir.join("spool"))?.is_none() {
        return Ok(());
    }
    if migrates(dir).await? {
        let message =
            "the deployment was last run by an earlier release: back it up with that one, before the upgrade";
        return Err(Failure::new(CONFLICT, message));
    }
    let deployment = Deployment::start(deployment::Config {
        dir: dir.clone(),
        domain: config.domain.clone(),
        authority_valid_for: super::serve::AUTHORITY,
        acme: None,
        traces: Share::NONE,
        points: None,
    })
    .await?;
    deployment.stop().await;
    Ok(())
}

/// Whether opening the store brings it to another schema, after which an earlier release cannot read it.
async fn migrates(dir: &Path) -> anyhow::Result<bool> {
    let master = MasterKey::load_or_create(&dir.join("keys").join("master"), &SystemEntropy)?;
    let glance = SqliteStore::glance(&dir.join("bartizan.db"), &master, Arc::new(SystemEntropy)).await?;
    Ok(glance.migrates())
}

fn key(global: &Global, to: &Path) -> Ended {
    if to.exists() {
        let message =
            format!("`{}` is there already: a key that is lost opens nothing any more", to.display());
        return Err(Failure::new(CONFLICT, message));
    }
    let identity = Identity::generate()?;
    let recipient = identity.recipient().to_string();
    identity
        .to_text()
        .expose(|secret| write_private(to, &format!("# public key: {recipient}\n{secret}\n")))
        .with_context(|| format!("`{}` cannot be written", to.display()))?;
    if global.is_json() {
        return data(&json!({ "recipient": recipient, "identity": to }).to_string());
    }
    talk(&format!(
        "The private key is in {}. Without it no backup opens: keep it elsewhere, in two places.",
        to.display()
    ));
    data(&recipient)
}

async fn check(global: &Global, file: &Path, identity: &Path) -> Ended {
    let identities = identities(identity)?;
    let folder = tempfile::Builder::new().prefix("bartizan-backup-").tempdir()?;
    let opened = open(file, identities, folder.path()).await;
    let opened = opened.map_err(|error| Failure::new(PROBLEMS, format!("{error:#}")))?;
    let manifest = opened.manifest;
    if global.is_json() {
        return data(&json!({ "ok": true, "backup": manifest }).to_string());
    }
    data(&format!(
        "whole: {} of {}, release {}, revision {}, {} events",
        manifest.domain, manifest.time, manifest.release, manifest.revision, manifest.log_size
    ))
}

fn now() -> Timestamp {
    use bartizan_model::Clock as _;
    SystemClock.now()
}

/// Such that names sort by time.
fn name(domain: &str, time: Timestamp) -> String {
    let time: String = time.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
    let (day, second) = time.split_at_checked(8).unwrap_or((&time, ""));
    format!("{}{day}T{second}Z{SUFFIX}", prefix(domain))
}

fn prefix(domain: &str) -> String {
    format!("bartizan-{domain}-")
}

/// Removes all but the newest backups of this deployment.
fn remove_old(folder: &Path, domain: &str, keep: u32) -> Result<Vec<PathBuf>, Failure> {
    let mut backups = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let time = name.to_str().and_then(|name| name.strip_prefix(&prefix(domain))?.strip_suffix(SUFFIX));
        // Only what is named as we name them: another domain may begin as this one does.
        let ours =
            |time: &str| time.len() == 16 && time.bytes().all(|b| b.is_ascii_digit() || b"TZ".contains(&b));
        if time.is_some_and(ours) && entry.file_type()?.is_file() {
            backups.push(entry.path());
        }
    }
    backups.sort();
    let old = backups.len().saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX));
    backups.truncate(old);
    for path in &backups {
        std::fs::remove_file(path).with_context(|| format!("`{}` cannot be removed", path.display()))?;
    }
    Ok(backups)
}

const SUFFIX: &str = ".tar.age";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_time_and_only_ours_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |seconds: i64| Timestamp::from_micros(1_795_507_200_000_000 + seconds * 1_000_000);
        assert_eq!(name("a.example", at(0)), "bartizan-a.example-20261124T080000Z.tar.age");
        let ours: Vec<String> = (0..4).map(|day| name("a.example", at(day * 86_400))).collect();
        let others = [
            name("b.example", at(0)),
            name("a.example-x", at(0)),
            String::from("bartizan-a.example-notes.tar.age"),
        ];
        for file in ours.iter().chain(&others) {
            std::fs::write(folder.path().join(file), "").unwrap();
        }
        let removed = remove_old(folder.path(), "a.example", 3).unwrap();
        assert_eq!(removed, [folder.path().join(&ours[0])]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 6);
        assert_eq!(remove_old(folder.path(), "a.example", 3).unwrap().len(), 0);
    }
}
