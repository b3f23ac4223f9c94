//! Taking a backup: of a deployment that runs or of one that does not.

use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use bartizan_enforce::spool::newest_record;
use bartizan_evidence::{GrowingSource, LogReader, TilePath, TileSource as _};
use bartizan_model::{Clock as _, Secret};
use bartizan_pki::NoteVerifier;
use bartizan_pki::age::{Encryptor, Recipient};
use bartizan_store::SqliteStore;

use super::archive::{CONFIG, DATABASE, FORMAT, LOG, MANIFEST, MASTER, Manifest, Writer};
use crate::progress::{Progress, Unit, Watched};
use crate::system::SystemClock;

/// A backup that was taken.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) file: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) manifest: Manifest,
    pub(crate) took: Duration,
}

/// Takes a backup of the deployment in `dir`, with the configuration `config`, into `file`, which must not be there.
///
/// Who writes the deployment meanwhile does not wait. The file appears whole or not at all.
pub(crate) async fn take(
    dir: &Path,
    domain: &str,
    config: &str,
    recipients: &[Recipient],
    file: &Path,
) -> Result<Taken> {
    let began = SystemClock.boot();
    // Beside the database: what is not sealed yet does not leave the place where it is kept in clear anyway.
    let copies = tempfile::Builder::new().prefix(".backup-").tempdir_in(dir);
    let copies = copies.with_context(|| format!("nothing can be written to `{}`", dir.display()))?;
    let copy = copies.path().join(DATABASE);
    let time = SystemClock.now();
    let revision = SqliteStore::copy(&dir.join(DATABASE), &copy).await?;
    let evidence_complete = evidence_up_to_now(dir).await?;

    let (folder, log) = (folder_of(file), dir.join("log"));
    let verifier = log_verifier(dir)?;
    let source = GrowingSource::new(log);
    let checkpoint = LogReader::new(source.clone(), verifier).checkpoint()?;
    let manifest = Manifest {
        format: FORMAT,
        release: env!("CARGO_PKG_VERSION").to_owned(),
        domain: domain.to_owned(),
        time,
        revision: revision.get(),
        log_size: checkpoint.checkpoint.size,
        evidence_complete,
    };
    let draft = tempfile::Builder::new()
        .prefix(".bartizan-backup-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .tempfile_in(&folder)
        .with_context(|| format!("nothing can be written to `{}`", folder.display()))?;
    let job = Job {
        manifest: manifest.clone(),
        note: checkpoint.note,
        config: config.to_owned(),
        master: Secret::new(std::fs::read(dir.join(MASTER)).context("the master key cannot be read")?),
        copy,
        source,
        recipients: recipients.to_vec(),
    };
    let output = draft.reopen()?;
    let written = tokio::task::spawn_blocking(move || job.write(output)).await?;
    let bytes = written.with_context(|| format!("`{}` could not be written", file.display()))?;
    // Unlike a rename, this never replaces what somebody else made meanwhile.
    draft.persist_noclobber(file).with_context(|| format!("`{}` could not be made", file.display()))?;
    std::fs::File::open(&folder)?.sync_all()?;
    Ok(Taken { file: file.to_owned(), bytes, manifest, took: SystemClock.boot().since(began) })
}

/// What is written, off the asynchronous threads.
struct Job {
    manifest: Manifest,
    note: String,
    config: String,
    master: Secret<Vec<u8>>,
    copy: PathBuf,
    source: GrowingSource,
    recipients: Vec<Recipient>,
}

impl Job {
    fn write(self, output: std::fs::File) -> Result<u64> {
        let output = Watched::new(output, Progress::new("backing up", Unit::Bytes, None));
        let sealed = Encryptor::new(BufWriter::with_capacity(1 << 20, output), &self.recipients)?;
        let mut archive = Writer::new(sealed, self.manifest.time);
        archive.add(MANIFEST, &serde_json::to_vec_pretty(&self.manifest)?)?;
        archive.add(CONFIG, self.config.as_bytes())?;
        self.master.expose(|key| archive.add(MASTER, key))?;
        let database = std::fs::File::open(&self.copy)?;
        let length = database.metadata()?.len();
        archive.add_from(DATABASE, length, database)?;
        archive.add(&format!("{LOG}checkpoint"), self.note.as_bytes())?;
        for tile in TilePath::of_log(self.manifest.log_size) {
            let name = tile.to_string();
            let Some(bytes) = self.source.read(&name)? else {
                bail!("the log has no `{name}`: `bartizan doctor` says what is wrong with it");
            };
            archive.add(&format!("{LOG}{name}"), &bytes)?;
        }
        let mut output = archive.finish()?.finish()?;
        output.flush()?;
        let output = output.into_inner().map_err(std::io::IntoInnerError::into_error)?.into_inner();
        output.sync_all()?;
        Ok(output.metadata()?.len())
    }
}

/// Waits until the log has what was recorded up to now; whether it has.
async fn evidence_up_to_now(dir: &Path) -> Result<bool> {
    let Some((point, newest)) = newest_record(&dir.join("spool"))? else { return Ok(true) };
    let reader = LogReader::new(GrowingSource::new(dir.join("log")), log_verifier(dir)?);
    let began = SystemClock.boot();
    loop {
        let reader = reader.clone();
        let has = tokio::task::spawn_blocking(move || reader.newest_of(point, LOOK_BACK)).await??;
        if has.is_some_and(|has| has >= newest) {
            return Ok(true);
        }
        if SystemClock.boot().since(began) >= PATIENCE {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn log_verifier(dir: &Path) -> Result<NoteVerifier> {
    let path = dir.join("keys/log.vkey");
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    NoteVerifier::parse(&text).with_context(|| format!("`{}` is not a log's key", path.display()))
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Writes a new file that only its owner can read.
pub(crate) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Evidence is in the log after 100 ms; a deployment whose log stands still is backed up all the same, and says so.
const PATIENCE: Duration = Duration::from_secs(5);

/// Among how many entries of the log the newest of the point is looked for.
const LOOK_BACK: u64 = 4096;
