//! A copy of a store that others go on writing, and what makes a copy fit to be gone on with.

use std::path::Path;

use bartizan_model::Revision;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::statements::HEAD;
use super::{SqliteStore, make_private, options, rows};
use crate::{Error, Result};

impl SqliteStore {
    /// Copies the store in `from` as it stands at one instant into the file `to`, which must not be there or be empty,
    /// and tells of which revision the copy is. Nothing is written to the store, and who writes it does not wait.
    ///
    /// Nothing that was deleted is in the copy. It has been synced when this returns.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the store cannot be read, or the copy not be written.
    pub async fn copy(from: &Path, to: &Path) -> Result<Revision> {
        make_private(to).await.map_err(|error| Error::reading(sqlx::Error::Io(error)))?;
        let target = to.to_str().ok_or_else(|| Error::corrupt("the path of the copy is no text"))?;
        let mut source = options(from).read_only(true).connect().await.map_err(Error::reading)?;
        sqlx::query("VACUUM INTO ?1").bind(target).execute(&mut source).await.map_err(Error::reading)?;
        drop(source);
        let file = tokio::fs::File::open(to).await;
        let synced = match file {
            Ok(file) => file.sync_all().await,
            Err(error) => Err(error),
        };
        synced.map_err(|error| Error::reading(sqlx::Error::Io(error)))?;
        Self::sound(to).await
    }

    /// Whether SQLite finds the file of a copy whole; its newest revision. Nothing is written, and nothing beside it.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Unreadable`].
    pub async fn sound(path: &Path) -> Result<Revision> {
        // Not as a store is opened: a copy has no write-ahead log, and should get none from being looked at.
        let alone = SqliteConnectOptions::new().filename(path).read_only(true).disable_statement_logging();
        let mut connection = alone.connect().await.map_err(Error::reading)?;
        let found = sqlx::query_as("PRAGMA integrity_check(1)").fetch_one(&mut connection).await;
        let (found,): (String,) = found.map_err(Error::reading)?;
        if found != "ok" {
            return Err(Error::corrupt(found));
        }
        let (newest, _): (i64, i64) =
            sqlx::query_as(HEAD).fetch_one(&mut connection).await.map_err(Error::reading)?;
        rows::revision(newest)
    }

    /// Lets a store that was brought back from a copy go on at `revision`, if it is not there yet: no revision that the
    /// store from which the copy was taken may have used since is used again.
    ///
    /// Nobody else may have it open.
    ///
    /// # Errors
    /// [`Error::Unwritable`].
    pub async fn leap(path: &Path, revision: Revision) -> Result<()> {
        let mut connection = options(path).connect().await.map_err(Error::writing)?;
        sqlx::query("UPDATE head SET revision = ?1 WHERE revision < ?1")
            .bind(rows::number(revision))
            .execute(&mut connection)
            .await
            .map_err(Error::writing)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Arc;

    use bartizan_model::{Entropy, ObjectKind, Secret, Timestamp};
    use bartizan_testkit::SeededEntropy;

    use super::*;
    use crate::{ChangeSet, Expect, MasterKey, SecretWrite, Store as _, Write};

    fn put(name: &str) -> ChangeSet {
        let mut set = ChangeSet::new("ann", Timestamp::from_micros(0));
        let (kind, spec) = (ObjectKind::Group, serde_json::json!({ "members": [] }));
        let (name, lookups, expect) = (name.to_owned(), Vec::new(), Expect::Any);
        set.secrets.push(SecretWrite::Put { name: name.clone(), value: Secret::new(b"hidden".to_vec()) });
        set.writes.push(Write::Put { kind, name, spec, lookups, expect });
        set
    }

    async fn open(path: &Path) -> SqliteStore {
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(1));
        SqliteStore::open(path, MasterKey::from_bytes([1; 32]), entropy).await.unwrap()
    }

    #[tokio::test]
    async fn a_copy_is_of_one_instant_though_others_write() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("db"), folder.path().join("copy"));
        let store = Arc::new(open(&from).await);
        store.commit(put("g0")).await.unwrap();
        let writing = {
            let store = Arc::clone(&store);
            async move {
                for number in 1..200 {
                    store.commit(put(&format!("g{number}"))).await.unwrap();
                }
            }
        };
        let ((), revision) = tokio::join!(writing, SqliteStore::copy(&from, &to));
        let revision = revision.unwrap();
        assert_eq!(std::fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
        let copy = open(&to).await;
        assert_eq!(copy.revision().await.unwrap(), revision);
        let then = store.list_at(ObjectKind::Group, revision).await.unwrap();
        assert_eq!(copy.list(ObjectKind::Group, None, 1000).await.unwrap(), then);
        let newest = then.iter().max_by_key(|object| object.revision).unwrap();
        assert!(copy.secret(&newest.name).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn what_was_deleted_is_not_in_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("db"), folder.path().join("copy"));
        let store = open(&from).await;
        let mut set = put("doomed-group-with-a-name-of-its-own");
        set.writes.clear();
        store.commit(set).await.unwrap();
        let mut gone = ChangeSet::new("ann", Timestamp::from_micros(0));
        gone.secrets.push(SecretWrite::Delete { name: String::from("doomed-group-with-a-name-of-its-own") });
        store.commit(gone).await.unwrap();
        SqliteStore::copy(&from, &to).await.unwrap();
        let bytes = std::fs::read(&to).unwrap();
        assert!(!bytes.windows(12).any(|window| window == b"doomed-group"));
    }

    #[tokio::test]
    async fn after_a_leap_old_revisions_are_not_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let store = open(&path).await;
        store.commit(put("a")).await.unwrap();
        store.close().await;
        SqliteStore::leap(&path, Revision::new(1000)).await.unwrap();
        SqliteStore::leap(&path, Revision::new(10)).await.unwrap();
        let store = open(&path).await;
        assert_eq!(store.revision().await.unwrap(), Revision::new(1000));
        assert_eq!(store.commit(put("b")).await.unwrap().revision, Revision::new(1001));
        assert_eq!(store.list_at(ObjectKind::Group, Revision::new(500)).await.unwrap().len(), 1);
        let changes = store.changes(Revision::new(1), 10).await.unwrap();
        assert_eq!(changes.len(), 1);
    }

    #[tokio::test]
    async fn a_damaged_store_is_not_copied_as_if_it_were_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("db"), folder.path().join("copy"));
        let store = open(&from).await;
        for number in 0..50 {
            store.commit(put(&format!("g{number}"))).await.unwrap();
        }
        store.close().await;
        let mut bytes = std::fs::read(&from).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 4096].fill(0x5a);
        std::fs::write(&from, bytes).unwrap();
        assert!(SqliteStore::copy(&from, &to).await.is_err());
        assert!(SqliteStore::copy(&folder.path().join("none"), &folder.path().join("other")).await.is_err());
    }
}
