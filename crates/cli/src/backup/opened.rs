//! Opening a backup into a folder, and finding out whether it is whole.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufReader, Read, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use bartizan_evidence::{DirSource, verify};
use bartizan_model::Entropy;
use bartizan_pki::age::{Decryptor, Identity};
use bartizan_pki::{NoteKey, NoteVerifier};
use bartizan_store::{MasterKey, SqliteStore, Store as _};

use super::archive::{DATABASE, FORMAT, Manifest, Part};
use crate::deployment::LOG_KEY;
use crate::progress::{Progress, Unit, Watched};
use crate::system::SystemEntropy;

/// A backup that lies open in a folder, and is whole.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) manifest: Manifest,
    /// The configuration of then.
    pub(crate) config: String,
    /// The key that verifies the log.
    pub(crate) verifier: NoteVerifier,
}

/// Opens a backup into `folder`, which is empty, and verifies all of it: that nobody changed it, that the database is whole
/// and opens with its key, and that the log is what its key signed.
pub(crate) async fn open(file: &Path, identities: Vec<Identity>, folder: &Path) -> Result<Opened> {
    let (from, to) = (file.to_owned(), folder.to_owned());
    let extracted = tokio::task::spawn_blocking(move || extract(&from, &identities, &to)).await?;
    let (manifest, config) = extracted.with_context(|| format!("`{}`", file.display()))?;

    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let master = MasterKey::load_or_create(&folder.join("keys/master"), entropy.as_ref())?;
    let revision = SqliteStore::sound(&folder.join(DATABASE)).await.context("the database in it")?;
    if revision.get() != manifest.revision {
        bail!("its database is of revision {revision}, and it says {}", manifest.revision);
    }
    // Brings what an earlier release wrote to the schema of this one; what a later one wrote is refused.
    let store = SqliteStore::open(&folder.join(DATABASE), master, entropy).await;
    let store = store.context("the database in it")?;
    let key = store.secret(LOG_KEY).await;
    store.close().await;
    let key = key?.context("its database has no key of a log")?;
    let verifier = NoteKey::from_secret(&key)?.verifier().clone();
    let source = Watched::new(
        DirSource::new(folder.join("log")),
        Progress::new("verifying the log in it", Unit::Files, None),
    );
    let signed_by = verifier.clone();
    let report = tokio::task::spawn_blocking(move || verify(&source, &signed_by, None)).await?;
    if let Some(problem) = report.problems.first() {
        bail!("the evidence log in it is not whole: {}: {}", problem.file, problem.what);
    }
    if report.size != Some(manifest.log_size) {
        bail!("its log is shorter or longer than it says");
    }
    Ok(Opened { manifest, config, verifier })
}

fn extract(file: &Path, identities: &[Identity], folder: &Path) -> Result<(Manifest, String)> {
    let opened = File::open(file).context("it cannot be read")?;
    let progress = Progress::new("reading the backup", Unit::Bytes, Some(opened.metadata()?.len()));
    let opened = Watched::new(opened, progress);
    let sealed = Decryptor::new(BufReader::with_capacity(1 << 20, opened), identities)?;
    let mut archive = tar::Archive::new(sealed);
    let (mut manifest, mut config) = (None::<Manifest>, None);
    let mut found = [false; 3];
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = entry.path_bytes().into_owned();
        let name = std::str::from_utf8(&name).ok().context("a name in it is no text")?;
        let shown: String = name.chars().take(80).collect();
        let part = Part::of(name).with_context(|| format!("`{shown}` belongs in no backup"))?;
        if !entry.header().entry_type().is_file() {
            bail!("`{shown}` in it is no file");
        }
        if part.max_len().is_some_and(|most| entry.size() > most) {
            bail!("`{shown}` in it is longer than it may be");
        }
        if manifest.is_none() && part != Part::Manifest {
            bail!("it does not begin with what it is of");
        }
        let mut place = |what: usize| found.get_mut(what).map(|found| *found = true);
        match part {
            Part::Manifest => {
                let read: Manifest = serde_json::from_reader(&mut entry).context("what it is of")?;
                if read.format != FORMAT {
                    bail!(
                        "release {} wrote it, in a form that this release does not know: install that one",
                        read.release
                    );
                }
                manifest = Some(read);
            }
            Part::Config => {
                let mut text = String::new();
                entry.read_to_string(&mut text).context("the configuration in it")?;
                config = Some(text);
            }
            Part::Master => {
                place(0);
                write(&mut entry, &folder.join(name))?;
            }
            Part::Database => {
                place(1);
                write(&mut entry, &folder.join(name))?;
            }
            Part::Log(_) => {
                place(2);
                write(&mut entry, &folder.join(name))?;
            }
        }
    }
    // To the end, for only there it says that nothing is missing.
    let mut rest = archive.into_inner();
    std::io::copy(&mut rest, &mut std::io::sink())?;
    match (manifest, config) {
        (Some(manifest), Some(config)) if found == [true; 3] => Ok((manifest, config)),
        _ => bail!("something is missing in it"),
    }
}

/// Writes a file of its own; one that is there already is not replaced.
fn write(from: &mut impl Read, to: &Path) -> Result<()> {
    let folder: PathBuf = to.parent().map(Path::to_owned).unwrap_or_default();
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    std::io::copy(from, &mut file)?;
    file.flush()?;
    Ok(file.sync_all()?)
}
