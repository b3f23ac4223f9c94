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

/// Refuses to work as root in a data directory of another user: what root makes there its owner cannot write any more.
pub(crate) fn as_owner(dir: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata =
        std::fs::metadata(dir).with_context(|| format!("`{}` cannot be examined", dir.display()))?;
    check_owner(rustix::process::geteuid().as_raw(), metadata.uid(), dir)
}

fn check_owner(us: u32, owner: u32, dir: &Path) -> Result<()> {
    if us == 0 && owner != 0 {
        anyhow::bail!(
            "`{}` belongs to the user with the id {owner}, and what root writes there its owner could not change any more: \
             run this as that user (runuser -u NAME -- bartizan …)",
            dir.display()
        );
    }
    Ok(())
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
    fn root_writes_nothing_among_what_is_another_users() {
        let dir = Path::new("/var/lib/bartizan");
        for (us, owner) in [(0, 0), (7, 7), (7, 0), (7, 8)] {
            check_owner(us, owner, dir).unwrap();
        }
        assert!(check_owner(0, 7, dir).unwrap_err().to_string().contains("runuser"));
        as_owner(tempfile::tempdir().unwrap().path()).unwrap();
    }

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
