//! Making a deployment of an opened backup that may be gone on with.
//!
//! What a backup says is of earlier. So what must not come back does not: sessions and links that may have ended since,
//! revisions that may have been used since, and, where the log of what came after is still there, people who were
//! deleted or erased since.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use bartizan_evidence::{Checkpoint, DirSource, LogReader, StoredEntry, TilePath, TileSource as _, verify};
use bartizan_identity::People;
use bartizan_model::{Clock, EventKind, ObjectKind, Outcome, Personal, Revision, UserId};
use bartizan_pki::age::Identity;
use bartizan_store::{ChangeSet, Expect, SqliteStore, Store, Write};

use super::archive::{DATABASE, Manifest};
use super::opened::{Opened, open};
use crate::commands::AUTHORITY;
use crate::deployment::{self, Deployment};
use crate::system::SystemClock;
use bartizan_gateway::Share;

/// A deployment that was brought back.
#[derive(Debug)]
pub(crate) struct Restored {
    pub(crate) manifest: Manifest,
    /// The configuration of then.
    pub(crate) config: String,
    /// The revision at which it goes on.
    pub(crate) revision: Revision,
    /// How many entries its log has.
    pub(crate) log_size: u64,
    pub(crate) sessions_ended: usize,
    /// People who were deleted after the backup, and are so again.
    pub(crate) deleted: usize,
    /// People who were erased after the backup, and are so again.
    pub(crate) erased: usize,
    /// Other changes after the backup: they are lost.
    pub(crate) lost: usize,
    pub(crate) took: Duration,
}

/// Brings a backup back into `dir`, which must not be there or be empty. `newer` is the log of the deployment as it was
/// last seen, if that is still to be had: it takes the place of the one in the backup.
///
/// The folder appears whole or not at all.
pub(crate) async fn bring_back(
    file: &Path,
    identities: Vec<Identity>,
    dir: &Path,
    newer: Option<&Path>,
) -> Result<Restored> {
    let began = SystemClock.boot();
    let above = match dir.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(above).with_context(|| format!("cannot make `{}`", above.display()))?;
    let draft = tempfile::Builder::new()
        .prefix(".bartizan-restore-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .tempdir_in(above)
        .with_context(|| format!("nothing can be written to `{}`", above.display()))?;
    let folder = draft.path();
    let opened = open(file, identities, folder).await?;
    let since = match newer {
        Some(newer) => with_newer_log(&opened, newer, folder).await?,
        None => Since::default(),
    };
    let restored = made_fit(opened, since, folder).await?;
    // The folder that is there is empty, or this fails.
    std::fs::rename(folder, dir).with_context(|| format!("`{}` could not be made", dir.display()))?;
    let _gone = draft.keep();
    std::fs::File::open(above)?.sync_all()?;
    Ok(Restored { took: SystemClock.boot().since(began), ..restored })
}

/// What a newer log tells of what came after the backup.
#[derive(Debug, Default)]
struct Since {
    size: Option<u64>,
    revision: Revision,
    deleted: BTreeSet<UserId>,
    erased: BTreeSet<UserId>,
    lost: usize,
}

/// Puts a newer log in the place of the one in the backup, if it goes on where that one ends.
async fn with_newer_log(opened: &Opened, newer: &Path, folder: &Path) -> Result<Since> {
    let note = std::fs::read_to_string(folder.join("log/checkpoint"))?;
    let (verifier, log, newer) = (opened.verifier.clone(), folder.join("log"), newer.to_owned());
    tokio::task::spawn_blocking(move || {
        let earlier = Checkpoint::open(&note, &verifier)?;
        let source = DirSource::new(newer.clone());
        let report = verify(&source, &verifier, Some(&earlier));
        if let Some(problem) = report.problems.first() {
            bail!(
                "`{}` cannot take the place of the log in the backup: {}: {}",
                newer.display(),
                problem.file,
                problem.what
            );
        }
        let reader = LogReader::new(source.clone(), verifier);
        let checkpoint = reader.checkpoint()?;
        let size = checkpoint.checkpoint.size;
        let mut since = Since { size: Some(size), ..Since::default() };
        let mut from = earlier.size;
        while from < size {
            let until = size.min(from + 256);
            for entry in reader.entries(from..until)? {
                since.learn(&entry)?;
            }
            from = until;
        }
        std::fs::remove_dir_all(&log)?;
        for tile in TilePath::of_log(size) {
            let name = tile.to_string();
            let bytes = source.read(&name)?.with_context(|| format!("the newer log has no `{name}`"))?;
            put(&log.join(&name), &bytes)?;
        }
        put(&log.join("checkpoint"), checkpoint.note.as_bytes())?;
        Ok(since)
    })
    .await?
}

fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, bytes)
}

impl Since {
    fn learn(&mut self, entry: &[u8]) -> Result<()> {
        let event = StoredEntry::parse(entry)?.event()?;
        self.revision = self.revision.max(event.revision.unwrap_or_default());
        let Some(object) = event.object.filter(|_| event.kind == EventKind::AdminChange) else {
            return Ok(());
        };
        match (object.kind.as_str(), object.change.as_str(), object.name.parse::<UserId>()) {
            ("user", "deleted", Ok(user)) => drop(self.deleted.insert(user)),
            ("user", "erased", Ok(user)) => drop(self.erased.insert(user)),
            _ => self.lost += 1,
        }
        Ok(())
    }
}

async fn made_fit(opened: Opened, since: Since, folder: &Path) -> Result<Restored> {
    let known = Revision::new(opened.manifest.revision).max(since.revision);
    let next = Revision::new(known.get().saturating_add(LEAP));
    SqliteStore::leap(&folder.join(DATABASE), next).await?;
    // Started for nobody: what does not start now would not start later either. Its enforcement point is a new one, for the
    // one that wrote before may have gone on with its numbers.
    let deployment = Deployment::start(deployment::Config {
        dir: folder.to_owned(),
        domain: opened.manifest.domain.clone(),
        authority_valid_for: AUTHORITY,
        acme: None,
        traces: Share::NONE,
        points: None,
    })
    .await?;
    let cleaned = cleaned(&deployment, &since).await;
    let revision = deployment.store.revision().await;
    deployment.stop().await;
    let (sessions_ended, (deleted, erased)) = cleaned?;
    let (manifest, config, lost) = (opened.manifest, opened.config, since.lost);
    let log_size = since.size.unwrap_or(manifest.log_size);
    let (revision, took) = (revision?, Duration::ZERO);
    Ok(Restored { manifest, config, revision, log_size, sessions_ended, deleted, erased, lost, took })
}

/// Takes away what must not come back; how many sessions ended, and how many people were deleted and erased.
async fn cleaned(deployment: &Deployment, since: &Since) -> Result<(usize, (usize, usize))> {
    let recorder = deployment.enforcer.recorder();
    let event = recorder.event(EventKind::SystemRestore, Outcome::Ok);
    recorder.record(event, &Personal::default(), None).await?;
    let (store, clock) = (&deployment.store, deployment.clock.as_ref());
    let sessions_ended = forget(store.as_ref(), clock, ObjectKind::Session).await?;
    for kind in [ObjectKind::Credential, ObjectKind::Code, ObjectKind::ClientGrant, ObjectKind::JoinToken] {
        forget(store.as_ref(), clock, kind).await?;
    }
    Ok((sessions_ended, gone_again(store, &deployment.people, clock, since).await?))
}

/// Deletes all objects of a kind; how many there were.
async fn forget(store: &dyn Store, clock: &dyn Clock, kind: ObjectKind) -> Result<usize> {
    let mut gone = 0;
    loop {
        let page = store.list(kind, None, PAGE).await?;
        if page.is_empty() {
            return Ok(gone);
        }
        gone += page.len();
        let mut change = ChangeSet::new(AUTHOR, clock.now());
        change.writes.extend(page.into_iter().map(|object| Write::Delete {
            kind,
            name: object.name,
            expect: Expect::Any,
        }));
        store.commit(change).await?;
    }
}

/// Deletes and erases those who had been when the newer log was written.
async fn gone_again(
    store: &Arc<dyn Store>,
    people: &People,
    clock: &dyn Clock,
    since: &Since,
) -> Result<(usize, usize)> {
    let (mut deleted, mut erased) = (0, 0);
    let everybody: BTreeMap<UserId, bool> = since
        .deleted
        .iter()
        .map(|user| (*user, false))
        .chain(since.erased.iter().map(|user| (*user, true)))
        .collect();
    for (user, erase) in everybody {
        let Some(erasure) = people.erasure(user).await? else { continue };
        let mut change = ChangeSet::new(AUTHOR, clock.now());
        change.writes.extend(erasure.person);
        if erase {
            change.writes.extend(erasure.factors);
            change.secrets = erasure.secrets;
            erased += 1;
        } else {
            deleted += change.writes.len();
        }
        store.commit(change).await?;
    }
    Ok((deleted, erased))
}

/// Who writes what is done here.
const AUTHOR: &str = "restore";

/// More revisions than a deployment makes between a backup and the moment at which it is brought back.
const LEAP: u64 = 1_000_000;

const PAGE: u32 = 500;
