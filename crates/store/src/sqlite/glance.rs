//! A look at a store that is not opened: nothing is made, migrated or written.

use std::path::Path;
use std::sync::Arc;

use bartizan_model::{Entropy, ObjectKind};
use sqlx::{ConnectOptions as _, SqliteConnection};

use super::migrate::{self, Pending};
use super::rows::Row;
use super::statements::{GET, LIST};
use super::{SqliteStore, data_key, object, objects, options};
use crate::vault::Vault;
use crate::{Error, MasterKey, Object, Result};

/// A store as it lies there.
#[derive(Debug)]
pub struct Glance {
    connection: SqliteConnection,
    migrates: bool,
}

impl SqliteStore {
    /// Looks whether the store in this file could be opened with this key, and does not open it.
    ///
    /// # Errors
    /// Those of [`SqliteStore::open`].
    pub async fn glance(path: &Path, master: &MasterKey, entropy: Arc<dyn Entropy>) -> Result<Glance> {
        let read_only = options(path).read_only(true);
        let mut connection = read_only.connect().await.map_err(Error::reading)?;
        let pending = migrate::pending(&mut connection, migrate::MIGRATIONS).await?;
        if pending != Pending::Everything {
            let sealed = data_key(&mut connection).await?;
            let sealed = sealed.ok_or_else(|| Error::corrupt("there is no data key"))?;
            Vault::unlock(&sealed, master, entropy)?;
        }
        Ok(Glance { connection, migrates: pending != Pending::Nothing })
    }
}

impl Glance {
    /// Whether opening it will change its schema, after which an older release may not read it.
    #[must_use]
    pub const fn migrates(&self) -> bool {
        self.migrates
    }

    /// An object as it stands.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::Corrupt`].
    pub async fn get(&mut self, kind: ObjectKind, name: &str) -> Result<Option<Object>> {
        let query = sqlx::query_as::<_, Row>(GET).bind(kind.as_str()).bind(name);
        object(query.fetch_optional(&mut self.connection).await)
    }

    /// The objects of a kind, by name, so many at most.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::Corrupt`].
    pub async fn list(&mut self, kind: ObjectKind, limit: u32) -> Result<Vec<Object>> {
        let query = sqlx::query_as::<_, Row>(LIST).bind(kind.as_str()).bind("").bind(i64::from(limit));
        objects(query.fetch_all(&mut self.connection).await)
    }

    /// How many objects there are, by kind.
    ///
    /// # Errors
    /// [`Error::Unreadable`].
    pub async fn counts(&mut self) -> Result<Vec<(String, u64)>> {
        let query = sqlx::query_as::<_, (String, i64)>(
            "SELECT kind, count(*) FROM objects GROUP BY kind ORDER BY kind",
        );
        let rows = query.fetch_all(&mut self.connection).await.map_err(Error::reading)?;
        Ok(rows.into_iter().map(|(kind, count)| (kind, u64::try_from(count).unwrap_or(0))).collect())
    }

    /// What is wrong with the pages of the file, in the words of SQLite (`PRAGMA quick_check`); nothing, if it is sound. It
    /// reads the whole file.
    ///
    /// # Errors
    /// [`Error::Unreadable`].
    pub async fn faults(&mut self) -> Result<Vec<String>> {
        let query = sqlx::query_scalar::<_, String>("PRAGMA quick_check(5)");
        let mut said = query.fetch_all(&mut self.connection).await.map_err(Error::reading)?;
        said.retain(|line| line != "ok");
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use bartizan_testkit::SeededEntropy;

    use super::*;
    use crate::Store as _;

    #[tokio::test]
    async fn a_glance_says_what_opening_would_and_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(1));
        let key = |byte| MasterKey::from_bytes([byte; 32]);
        let glance = async |byte| SqliteStore::glance(&path, &key(byte), Arc::clone(&entropy)).await;
        assert!(matches!(glance(1).await, Err(Error::Unreadable(_))));
        assert!(!path.exists(), "a glance makes no store");

        SqliteStore::open(&path, key(1), Arc::clone(&entropy)).await.unwrap().close().await;
        let before = std::fs::read(&path).unwrap();
        let mut seen = glance(1).await.unwrap();
        assert!(!seen.migrates());
        assert_eq!(seen.get(ObjectKind::App, "auth").await.unwrap(), None);
        assert!(
            seen.list(ObjectKind::App, 10).await.unwrap().is_empty()
                && seen.counts().await.unwrap().is_empty()
        );
        assert_eq!(seen.faults().await.unwrap(), Vec::<String>::new());
        drop(seen);
        assert!(matches!(glance(2).await, Err(Error::WrongMasterKey)));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}
