//! The index: a SQLite database that finds events. It is made from the log and may be deleted while nothing runs.
//!
//! Personal parts of events lie in it in clear, for who may search them, until [`Index::forget`] removes those of a
//! person whose key was destroyed: overwritten in the file, and gone from the write-ahead log.

mod denied;
mod query;
mod schema;
mod tally;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use bartizan_model::{Event, Personal, SealingKeyId, Timestamp};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

pub use denied::{Denied, DeniedPerson};
pub use query::Query;
pub use schema::OWN_APPS;
pub(crate) use schema::is_own;
pub use tally::{Count, Hosts, Tally};

use crate::{Error, Hash};
use schema::{Row, SCHEMA};

/// An event as it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which entry of the log it is.
    pub log_index: u64,
    /// The event. From the index it comes without its sealed part: see `personal`.
    pub event: Event,
    /// Its personal part in clear; none if it had none, or the person was erased.
    pub personal: Option<Personal>,
}

/// The index of a log.
#[derive(Debug)]
pub struct Index {
    pool: SqlitePool,
}

/// How far an index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IndexState {
    /// How many entries it has.
    pub(crate) size: u64,
    /// The newest state of the log that it had all of: its size and root. By this it is known whose index it is.
    pub(crate) whole: Option<(u64, Hash)>,
}

impl Index {
    /// Opens an index, or makes an empty one if there is none or it is not one that this version can use.
    ///
    /// # Errors
    /// When the file cannot be opened, or it and the files beside it cannot be replaced.
    pub async fn open(path: &Path) -> Result<Self, Error> {
        match Self::try_open(path).await {
            Ok(index) => Ok(index),
            Err(error) => {
                tracing::warn!(%error, "the index of the log is made anew");
                delete(path)
                    .map_err(|error| Error::Index { doing: "delete", source: sqlx::Error::Io(error) })?;
                Self::try_open(path).await
            }
        }
    }

    /// Deletes an index and makes an empty one.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(crate) async fn anew(self, path: &Path) -> Result<Self, Error> {
        self.close().await;
        delete(path).map_err(|error| Error::Index { doing: "delete", source: sqlx::Error::Io(error) })?;
        Self::try_open(path).await
    }

    async fn try_open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Index { doing: "open", source };
        make_private(path).map_err(|error| failed(sqlx::Error::Io(error)))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What a crash takes from an index is taken from the log again.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(10))
            // What is deleted is overwritten with zeros.
            .pragma("secure_delete", "ON")
            // Pages that are written again and again, such as the ends of the indexes, go from the write-ahead log into the
            // database once in 16 MiB, not in 4; and the inner pages of a large database stay in memory.
            .pragma("wal_autocheckpoint", "4000")
            .pragma("cache_size", "-16384")
            .pragma("temp_store", "MEMORY");
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await.map_err(failed)?;
        let index = Self { pool };
        for schema in [SCHEMA, tally::SCHEMA] {
            sqlx::raw_sql(schema).execute(&index.pool).await.map_err(failed)?;
        }
        let (version,): (i64,) =
            sqlx::query_as("SELECT version FROM state").fetch_one(&index.pool).await.map_err(failed)?;
        if version != schema::VERSION {
            index.close().await;
            return Err(failed(sqlx::Error::Protocol(format!("it has version {version}"))));
        }
        Ok(index)
    }

    /// How many entries of the log are in the index.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn size(&self) -> Result<u64, Error> {
        Ok(self.state().await?.size)
    }

    pub(crate) async fn state(&self) -> Result<IndexState, Error> {
        let (size, whole, root): (i64, Option<i64>, Option<Vec<u8>>) =
            sqlx::query_as("SELECT size, whole_size, whole_root FROM state")
                .fetch_one(&self.pool)
                .await
                .map_err(|source| Error::Index { doing: "read", source })?;
        let root = root.and_then(|bytes| bytes.try_into().ok()).map(Hash::from_bytes);
        let whole = whole.and_then(|size| u64::try_from(size).ok()).zip(root);
        Ok(IndexState { size: u64::try_from(size).unwrap_or(0), whole })
    }

    /// Adds events, which follow those that are in the index. Those that are in it already are passed over.
    ///
    /// # Errors
    /// When the database fails; then none was added.
    pub async fn add(&self, events: Vec<Found>) -> Result<(), Error> {
        self.add_at(events, None).await
    }

    /// Adds events; `whole` is the state of the log that the index then has all of.
    pub(crate) async fn add_at(&self, events: Vec<Found>, whole: Option<(u64, Hash)>) -> Result<(), Error> {
        let failed = |source| Error::Index { doing: "write", source };
        let rows = events.into_iter().map(Row::of).collect::<Result<Vec<_>, _>>()?;
        let mut transaction = self.pool.begin().await.map_err(failed)?;
        for part in schema::parts(&rows) {
            schema::insert(part).build().execute(&mut *transaction).await.map_err(failed)?;
        }
        if let Some(last) = rows.last() {
            let (size,): (i64,) = sqlx::query_as("SELECT size FROM state")
                .fetch_one(&mut *transaction)
                .await
                .map_err(failed)?;
            let size = u64::try_from(size).unwrap_or(0);
            tally::add(&mut transaction, &rows, size).await.map_err(failed)?;
            for part in schema::parts(&schema::spans(&rows)) {
                schema::widen(part).build().execute(&mut *transaction).await.map_err(failed)?;
            }
            for part in schema::parts(&schema::sealed(&rows)) {
                schema::remember(part).build().execute(&mut *transaction).await.map_err(failed)?;
            }
            sqlx::query("UPDATE state SET size = max(size, ?)")
                .bind(schema::number(last.log_index.saturating_add(1)))
                .execute(&mut *transaction)
                .await
                .map_err(failed)?;
        }
        if let Some((size, root)) = whole {
            sqlx::query("UPDATE state SET whole_size = ?, whole_root = ?")
                .bind(schema::number(size))
                .bind(root.as_bytes().to_vec())
                .execute(&mut *transaction)
                .await
                .map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)
    }

    /// Finds events, oldest first. If more than the limit match, these are the newest that do.
    ///
    /// # Errors
    /// When the database fails, or holds something that it was not given.
    pub async fn search(&self, query: &Query) -> Result<Vec<Found>, Error> {
        let rows = query
            .select()
            .build()
            .fetch_all(&self.pool)
            .await
            .map_err(|source| Error::Index { doing: "search", source })?;
        let mut found = rows.iter().map(schema::found).collect::<Result<Vec<_>, _>>()?;
        found.reverse();
        Ok(found)
    }

    /// Counts decisions and cuts, in the order of time.
    ///
    /// # Errors
    /// When the database fails, or holds something that it was not given.
    pub async fn tally(&self, tally: &Tally) -> Result<Vec<Count>, Error> {
        let rows = tally
            .select()
            .build()
            .fetch_all(&self.pool)
            .await
            .map_err(|source| Error::Index { doing: "search", source })?;
        rows.iter().map(|row| tally.count(row)).collect()
    }

    /// Counts the newest denials by person.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn denied(&self, since: Timestamp, recent: Timestamp) -> Result<Denied, Error> {
        denied::count(&self.pool, since, recent)
            .await
            .map_err(|source| Error::Index { doing: "search", source })
    }

    /// Removes the clear values of all events that were sealed to this key. Call it once the key is destroyed.
    ///
    /// # Errors
    /// When the database fails; then it is to be called again.
    pub async fn forget(&self, key: SealingKeyId) -> Result<u64, Error> {
        let failed = |source| Error::Index { doing: "erase from", source };
        let mut transaction = self.pool.begin().await.map_err(failed)?;
        let mut forgotten = 0;
        for statement in schema::FORGET {
            let done =
                sqlx::query(statement).bind(key.as_bytes().as_slice()).execute(&mut *transaction).await;
            forgotten += done.map_err(failed)?.rows_affected();
        }
        transaction.commit().await.map_err(failed)?;
        // Until then the write-ahead log still has pages as they were before.
        let (busy, _, _): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.pool).await.map_err(failed)?;
        if busy != 0 {
            return Err(failed(sqlx::Error::Protocol(String::from("a reader still uses the old state"))));
        }
        Ok(forgotten)
    }

    /// Closes the database.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Makes the file, if it is not there, so that nobody else reads it. SQLite gives the files beside it the same rights.
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path).map(drop)
}

/// Deletes a database and what SQLite keeps beside it.
fn delete(path: &Path) -> std::io::Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
