//! The key under which everything secret is sealed, kept in a file of its own.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;

use bartizan_model::{Entropy, Secret};
use zeroize::Zeroizing;

use crate::{Error, Result};

/// 256 bits, for AES-256.
pub(crate) const KEY_LEN: usize = 32;

/// The key that seals the data key of a store, which seals its secrets.
#[derive(Debug, Clone)]
pub struct MasterKey(Secret<[u8; KEY_LEN]>);

impl MasterKey {
    /// The key with these bytes, for keys that come from elsewhere than a file.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; KEY_LEN]) -> Self {
        Self(Secret::new(bytes))
    }

    /// Reads the key from the file; if there is none, makes one.
    ///
    /// A new file appears whole and durable or not at all; if two processes make it at once, both get the same key.
    ///
    /// # Errors
    /// [`Error::MasterKey`] if the file cannot be read or made, is not 32 bytes long, or is open to others than its
    /// owner.
    pub fn load_or_create(path: &Path, entropy: &dyn Entropy) -> Result<Self> {
        if let Some(key) = load(path)? {
            return Ok(key);
        }
        create(path, entropy)?;
        // Read back, for another process may have been faster.
        load(path)?.ok_or_else(|| problem(path, "vanished while it was made"))
    }

    pub(crate) fn bytes(&self) -> &Secret<[u8; KEY_LEN]> {
        &self.0
    }
}

fn load(path: &Path) -> Result<Option<MasterKey>> {
    let failed = |problem| move |error| io_problem(path, problem, error);
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_problem(path, "cannot be opened", error)),
    };
    let metadata = file.metadata().map_err(failed("cannot be examined"))?;
    if !metadata.is_file() {
        return Err(problem(path, "is not a file"));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(problem(path, "is open to others than its owner (mend it with chmod 600)"));
    }
    if metadata.len() != KEY_LEN as u64 {
        return Err(problem(path, "is not 32 bytes long"));
    }
    let mut bytes = Zeroizing::new([0; KEY_LEN]);
    file.read_exact(bytes.as_mut_slice()).map_err(failed("cannot be read"))?;
    Ok(Some(MasterKey::from_bytes(*bytes)))
}

fn create(path: &Path, entropy: &dyn Entropy) -> Result<()> {
    let failed = |problem| move |error| io_problem(path, problem, error);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut bytes = Zeroizing::new([0; KEY_LEN]);
    entropy.fill(bytes.as_mut_slice());
    // Drafts of two processes must not meet, nor one that a crash left behind.
    let mut tag = [0; 8];
    entropy.fill(&mut tag);
    let draft = path.with_added_extension(format!("{:016x}.draft", u64::from_be_bytes(tag)));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(bytes.as_slice()).and_then(|()| file.sync_all()))
        // Unlike a rename, a link never replaces what another process made.
        .and_then(|()| std::fs::hard_link(&draft, path));
    let removed = std::fs::remove_file(&draft);
    match written {
        Ok(()) => removed.map_err(failed("was made, but its draft cannot be removed"))?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(io_problem(path, "cannot be made", error)),
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("cannot be made durable"))
}

fn problem(path: &Path, problem: &'static str) -> Error {
    Error::MasterKey { path: path.to_owned(), problem, source: None }
}

fn io_problem(path: &Path, problem: &'static str, error: std::io::Error) -> Error {
    Error::MasterKey { path: path.to_owned(), problem, source: Some(Arc::new(error)) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[derive(Debug)]
    struct Counting(std::sync::atomic::AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    fn counting() -> Counting {
        Counting(std::sync::atomic::AtomicU8::new(1))
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let entropy = counting();
        let made = MasterKey::load_or_create(&path, &entropy).unwrap();
        let read = MasterKey::load_or_create(&path, &entropy).unwrap();
        assert!(made.0 == read.0);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
        assert_eq!(std::fs::read(&path).unwrap(), [1; 32]);
    }

    #[test]
    fn the_slower_of_two_processes_takes_the_key_of_the_faster() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let entropy = counting();
        create(&path, &entropy).unwrap();
        create(&path, &entropy).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), [1; 32]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn a_key_that_others_can_read_or_that_is_cut_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        MasterKey::load_or_create(&path, &counting()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = MasterKey::load_or_create(&path, &counting()).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, [1; 31]).unwrap();
        let error = MasterKey::load_or_create(&path, &counting()).unwrap_err();
        assert!(error.to_string().contains("32 bytes"), "{error}");
        assert!(MasterKey::load_or_create(folder.path(), &counting()).is_err());
    }

    #[test]
    fn a_key_is_not_made_where_there_is_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        let error = MasterKey::load_or_create(&folder.path().join("no/key"), &counting()).unwrap_err();
        assert!(matches!(error, Error::MasterKey { source: Some(_), .. }), "{error:?}");
    }
}
