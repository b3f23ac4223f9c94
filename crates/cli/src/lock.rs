//! One process at a time has a data directory: two would write one log with two hands.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

/// The data directory is ours as long as this lives. The kernel gives it back when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Whose a data directory is.
#[derive(Debug)]
pub(crate) enum Claim {
    /// Ours.
    Ours(Lock),
    /// That of another process, with this number if it said so.
    Theirs(Option<u32>),
}

/// Takes the data directory, if nobody has it.
pub(crate) fn claim(dir: &Path) -> Result<Claim> {
    let path = dir.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("`{}` cannot be opened", path.display()))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => {
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            return Ok(Claim::Theirs(text.trim().parse().ok()));
        }
        Err(error) => {
            return Err(error).with_context(|| format!("`{}` cannot be locked", path.display()));
        }
    }
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())?;
    Ok(Claim::Ours(Lock { _file: file }))
}

/// Takes the data directory, or says who has it.
pub(crate) fn take(dir: &Path) -> Result<Lock> {
    match claim(dir)? {
        Claim::Ours(lock) => Ok(lock),
        Claim::Theirs(process) => {
            let who = process.map_or_else(|| String::from("another process"), |id| format!("process {id}"));
            anyhow::bail!("the data directory `{}` is in use by {who}: stop it first", dir.display())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_directory_has_one_process() {
        let dir = tempfile::tempdir().unwrap();
        let first = take(dir.path()).unwrap();
        let refused = take(dir.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        drop(first);
        take(dir.path()).unwrap();
    }
}
