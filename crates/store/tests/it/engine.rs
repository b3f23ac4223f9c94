//! The databases that the suite runs on.

use std::path::PathBuf;
use std::sync::Arc;

use bartizan_model::{ObjectKind, Timestamp};
use bartizan_store::{ChangeSet, Expect, Lookup, MasterKey, SqliteStore, Store, Write};
use bartizan_testkit::SeededEntropy;
use serde_json::Value;

/// One database, empty at first.
pub(crate) trait Engine: Send {
    /// Opens it, again if it was opened and closed before.
    fn open(&mut self) -> impl Future<Output = Arc<dyn Store>> + Send;

    /// Every byte that the database has on disk.
    fn at_rest(&self) -> Vec<u8>;
}

pub(crate) struct Sqlite {
    folder: tempfile::TempDir,
    opened: u64,
}

impl Sqlite {
    pub(crate) const MASTER: [u8; 32] = [7; 32];

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("bartizan.db")
    }

    pub(crate) async fn open_sqlite(&mut self) -> SqliteStore {
        // Another seed each time, or nonces would repeat.
        self.opened += 1;
        let entropy = Arc::new(SeededEntropy::new(self.opened));
        SqliteStore::open(&self.path(), MasterKey::from_bytes(Self::MASTER), entropy).await.unwrap()
    }
}

impl Default for Sqlite {
    fn default() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), opened: 0 }
    }
}

impl Engine for Sqlite {
    async fn open(&mut self) -> Arc<dyn Store> {
        Arc::new(self.open_sqlite().await)
    }

    fn at_rest(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

/// The instant `seconds` after the epoch.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

pub(crate) fn put(kind: ObjectKind, name: &str, spec: Value) -> Write {
    Write::Put { kind, name: name.to_owned(), spec, lookups: Vec::new(), expect: Expect::Any }
}

pub(crate) fn delete(kind: ObjectKind, name: &str) -> Write {
    Write::Delete { kind, name: name.to_owned(), expect: Expect::Any }
}

/// The write with these lookups, if it is one that can have them.
pub(crate) fn with_lookups(write: Write, found_by: &[(&str, &str)]) -> Write {
    match write {
        Write::Put { kind, name, spec, expect, .. } => {
            let lookups = found_by.iter().map(|(space, key)| Lookup::new(*space, *key)).collect();
            Write::Put { kind, name, spec, lookups, expect }
        }
        delete @ Write::Delete { .. } => delete,
    }
}

pub(crate) fn expecting(write: Write, expect: Expect) -> Write {
    match write {
        Write::Put { kind, name, spec, lookups, .. } => Write::Put { kind, name, spec, lookups, expect },
        Write::Delete { kind, name, .. } => Write::Delete { kind, name, expect },
    }
}

/// A set of these writes by `ann`, at 1 s.
pub(crate) fn set(writes: Vec<Write>) -> ChangeSet {
    let mut set = ChangeSet::new("ann", at(1));
    set.writes = writes;
    set
}
