//! The store in one SQLite file: for a single machine, with no server to run.
//!
//! Write-ahead log, `synchronous=FULL`: what is committed has been synced. One connection writes, and only its task
//! uses it; some others read, each what was committed when its statement began.

mod apply;
mod compaction;
mod copy;
mod glance;
mod job;
mod migrate;
mod rows;
mod statements;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_model::{Entropy, ObjectKind, Revision, Secret, Timestamp};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use self::glance::Glance;
use self::job::{Asked, Job, Trust};
use self::rows::Row;
use self::statements::{
    CHANGES, DATA_KEY, FIND, GET, GET_AT, HEAD, HISTORY, LIST, LIST_AT, LOOKUPS, RECENT, SECRET,
};
use self::writer::{Counters, QUEUE, Writer};
use crate::limits::Prepared;
use crate::vault::Vault;
use crate::{Change, ChangeSet, Committed, Error, Lookup, MasterKey, Object, Result, Store};

/// A store in one SQLite file, and two beside it while it is open (`-wal`, `-shm`).
///
/// One process at a time writes it: another would go unnoticed by [`Store::watch`].
pub struct SqliteStore {
    path: PathBuf,
    jobs: mpsc::Sender<Job>,
    readers: SqlitePool,
    newest: watch::Sender<Revision>,
    vault: Arc<Vault>,
    counters: Arc<Counters>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// What a store did since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreStats {
    /// Transactions, each of which is at most one sync of the disk.
    pub transactions: u64,
    /// Changes of objects.
    pub changes: u64,
}

impl SqliteStore {
    /// Opens the store in this file, makes it if there is none, and brings it to the schema of this release.
    ///
    /// # Errors
    /// [`Error::WrongMasterKey`] if its secrets are sealed under another key; [`Error::Newer`] if a newer release
    /// wrote it; [`Error::Unwritable`] or [`Error::Corrupt`] if the file is not to be used.
    pub async fn open(path: &Path, master: MasterKey, entropy: Arc<dyn Entropy>) -> Result<Self> {
        make_private(path).await.map_err(|error| Error::writing(sqlx::Error::Io(error)))?;
        let options = options(path);
        let mut connection = options.connect().await.map_err(Error::writing)?;
        migrate::migrate(&mut connection, migrate::MIGRATIONS).await?;
        let vault = Arc::new(unlock(&mut connection, &master, entropy).await?);
        let (number, _): (i64, i64) =
            sqlx::query_as(HEAD).fetch_one(&mut connection).await.map_err(Error::reading)?;

        let readers = SqlitePoolOptions::new()
            // All from the start and for good: reading does not depend on whether files can be opened later.
            .min_connections(READERS)
            .max_connections(READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(BUSY)
            .test_before_acquire(false)
            .connect_with(options.clone().read_only(true))
            .await
            .map_err(Error::reading)?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (newest, _) = watch::channel(rows::revision(number)?);
        let (counters, stop, tasks) =
            (Arc::<Counters>::default(), CancellationToken::new(), TaskTracker::new());
        let writer = Writer {
            options,
            connection: Some(connection),
            trust: Trust::Whole,
            jobs: queue,
            stop: stop.clone(),
            newest: newest.clone(),
            vault: Arc::clone(&vault),
            counters: Arc::clone(&counters),
        };
        tasks.spawn(writer.run());
        Ok(Self { path: path.to_owned(), jobs, readers, newest, vault, counters, tasks, stop })
    }

    /// What the store did since it was opened.
    #[must_use]
    pub fn stats(&self) -> StoreStats {
        StoreStats {
            transactions: self.counters.transactions.load(Ordering::Relaxed),
            changes: self.counters.changes.load(Ordering::Relaxed),
        }
    }

    /// Seals the data key under another master key, which is from then on the one to open the store with.
    ///
    /// Keep both until this returns: only then is the old one of no use.
    ///
    /// # Errors
    /// As [`Store::commit`]; the old key is then still the one.
    pub async fn change_master_key(&self, master: &MasterKey) -> Result<()> {
        let (asked, answer) = Asked::new(self.vault.locked(master)?);
        self.ask(Job::SealDataKey(asked), answer).await
    }

    async fn ask<T>(&self, job: Job, answer: oneshot::Receiver<Result<T>>) -> Result<T> {
        if self.jobs.send(job).await.is_err() {
            return Err(Error::Closed);
        }
        answer.await.unwrap_or(Err(Error::Closed))
    }

    /// Where the log ends, and the oldest revision of which everything is known.
    async fn head(&self) -> Result<(Revision, Revision)> {
        let (newest, oldest): (i64, i64) =
            sqlx::query_as(HEAD).fetch_one(&self.readers).await.map_err(Error::reading)?;
        Ok((rows::revision(newest)?, rows::revision(oldest)?))
    }

    /// Whether what was read of the past was all there was.
    ///
    /// To be asked after reading: both bounds only grow, so if all was there at the time of the question, it was
    /// there before.
    async fn check_known(&self, asked: Revision, gone: Gone) -> Result<()> {
        let (newest, oldest) = self.head().await?;
        if asked > newest {
            return Err(Error::Ahead { asked, newest });
        }
        match gone {
            Gone::Possibly if asked < oldest => Err(Error::Compacted { oldest }),
            Gone::Possibly | Gone::Never => Ok(()),
        }
    }
}

/// Whether changes may have been compacted.
#[derive(Debug, Clone, Copy)]
enum Gone {
    Possibly,
    Never,
}

impl Gone {
    const fn of(kind: ObjectKind) -> Self {
        if kind.keeps_history() { Self::Never } else { Self::Possibly }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn revision(&self) -> Result<Revision> {
        Ok(self.head().await?.0)
    }

    async fn get(&self, kind: ObjectKind, name: &str) -> Result<Option<Object>> {
        object(sqlx::query_as(GET).bind(kind.as_str()).bind(name).fetch_optional(&self.readers).await)
    }

    async fn list(&self, kind: ObjectKind, after: Option<&str>, limit: u32) -> Result<Vec<Object>> {
        // No name is empty, so all are after the empty one.
        let (after, limit) = (after.unwrap_or_default(), i64::from(limit));
        let query = sqlx::query_as(LIST).bind(kind.as_str()).bind(after).bind(limit);
        objects(query.fetch_all(&self.readers).await)
    }

    async fn list_at(&self, kind: ObjectKind, revision: Revision) -> Result<Vec<Object>> {
        let query = sqlx::query_as(LIST_AT).bind(kind.as_str()).bind(rows::number(revision));
        let listed = objects(query.fetch_all(&self.readers).await)?;
        self.check_known(revision, Gone::of(kind)).await?;
        Ok(listed)
    }

    async fn get_at(&self, kind: ObjectKind, name: &str, revision: Revision) -> Result<Option<Object>> {
        let query = sqlx::query_as(GET_AT).bind(kind.as_str()).bind(name).bind(rows::number(revision));
        let row: Option<Row> = query.fetch_optional(&self.readers).await.map_err(Error::reading)?;
        self.check_known(revision, Gone::of(kind)).await?;
        // A deletion has no specification: then there was none.
        row.filter(|row| row.5.is_some()).map(rows::object).transpose()
    }

    async fn history(&self, kind: ObjectKind, name: &str, limit: u32) -> Result<Vec<Change>> {
        let query = sqlx::query_as(HISTORY).bind(kind.as_str()).bind(name).bind(i64::from(limit));
        changes(query.fetch_all(&self.readers).await)
    }

    async fn recent(&self, kind: ObjectKind, limit: u32) -> Result<Vec<Change>> {
        let query = sqlx::query_as(RECENT).bind(kind.as_str()).bind(i64::from(limit));
        changes(query.fetch_all(&self.readers).await)
    }

    async fn find(&self, space: &str, key: &str) -> Result<Option<Object>> {
        object(sqlx::query_as(FIND).bind(space).bind(key).fetch_optional(&self.readers).await)
    }

    async fn lookups(&self, kind: ObjectKind, name: &str) -> Result<Vec<Lookup>> {
        let rows: Vec<(String, String)> = sqlx::query_as(LOOKUPS)
            .bind(kind.as_str())
            .bind(name)
            .fetch_all(&self.readers)
            .await
            .map_err(Error::reading)?;
        Ok(rows.into_iter().map(|(space, key)| Lookup { space, key }).collect())
    }

    async fn commit(&self, change: ChangeSet) -> Result<Committed> {
        let (asked, answer) = Asked::new(Prepared::new(change)?);
        self.ask(Job::Commit(asked), answer).await
    }

    async fn probe(&self) -> Result<()> {
        let (asked, answer) = Asked::new(());
        self.ask(Job::Probe(asked), answer).await
    }

    async fn changes(&self, after: Revision, limit: u32) -> Result<Vec<Change>> {
        let query = sqlx::query_as(CHANGES).bind(rows::number(after)).bind(i64::from(limit));
        let found = changes(query.fetch_all(&self.readers).await)?;
        self.check_known(after, Gone::Possibly).await?;
        Ok(found)
    }

    fn watch(&self) -> watch::Receiver<Revision> {
        self.newest.subscribe()
    }

    async fn secret(&self, name: &str) -> Result<Option<Secret<Vec<u8>>>> {
        let sealed: Option<(Vec<u8>,)> =
            sqlx::query_as(SECRET).bind(name).fetch_optional(&self.readers).await.map_err(Error::reading)?;
        sealed.map(|(sealed,)| self.vault.open(name, &sealed)).transpose()
    }

    async fn compact(&self, before: Timestamp) -> Result<u64> {
        let mut forgotten = 0_u64;
        for kind in ObjectKind::ALL.into_iter().filter(|kind| !kind.keeps_history()) {
            for what in [compaction::What::Superseded, compaction::What::Deletions] {
                let mut last = None;
                loop {
                    let page =
                        compaction::candidates(&self.readers, kind, what, before, last.as_ref()).await?;
                    for handful in page.chunks(compaction::HANDFUL) {
                        let (asked, answer) = Asked::new(handful.to_vec());
                        let done = self.ask(Job::Forget(asked), answer).await?;
                        forgotten = forgotten.saturating_add(done);
                    }
                    last = page.last().cloned();
                    if last.is_none() {
                        break;
                    }
                }
            }
        }
        Ok(forgotten)
    }

    async fn close(&self) {
        // The writer last: whoever closes last brings the write-ahead log into the file, and readers cannot.
        self.readers.close().await;
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path)
            .field("newest", &*self.newest.borrow())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

fn object(row: sqlx::Result<Option<Row>>) -> Result<Option<Object>> {
    row.map_err(Error::reading)?.map(rows::object).transpose()
}

fn objects(rows: sqlx::Result<Vec<Row>>) -> Result<Vec<Object>> {
    rows.map_err(Error::reading)?.into_iter().map(rows::object).collect()
}

fn changes(rows: sqlx::Result<Vec<Row>>) -> Result<Vec<Change>> {
    rows.map_err(Error::reading)?.into_iter().map(rows::change).collect()
}

/// How the file is opened to be written.
fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        // What is deleted is overwritten, so that a destroyed secret is not left in free pages. In the write-ahead
        // log it stays until that begins anew: after 4 MB of further writes, or when the store is closed.
        .pragma("secure_delete", "ON")
        // 64 MiB: what a burst may leave on disk as write-ahead log.
        .pragma("journal_size_limit", "67108864")
        // Nothing is sorted in files elsewhere, in which it would lie in clear.
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

/// Makes the file, if there is none, for its owner alone; SQLite gives the files beside it the same mode.
async fn make_private(path: &Path) -> std::io::Result<()> {
    tokio::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).await.map(drop)
}

/// Opens the data key; a store without one gets one.
async fn unlock(
    connection: &mut SqliteConnection,
    master: &MasterKey,
    entropy: Arc<dyn Entropy>,
) -> Result<Vault> {
    if data_key(connection).await?.is_none() {
        let locked = Vault::new(Arc::clone(&entropy))?.locked(master)?;
        apply::new_data_key(connection, &locked).await?;
    }
    // Read back, for another process may have been faster.
    let sealed = data_key(connection).await?.ok_or_else(|| Error::corrupt("the data key vanished"))?;
    Vault::unlock(&sealed, master, entropy)
}

async fn data_key(connection: &mut SqliteConnection) -> Result<Option<Vec<u8>>> {
    let row: Option<(Vec<u8>,)> =
        sqlx::query_as(DATA_KEY).fetch_optional(connection).await.map_err(Error::reading)?;
    Ok(row.map(|(sealed,)| sealed))
}

/// 5 s: how long to wait for another process (a backup, `sqlite3` in a shell) or a free reader before giving up.
const BUSY: Duration = Duration::from_secs(5);

/// 4 readers: reads run on threads of their own, 25,000 a second together (reference/reliability.md, 5.2), and no
/// request waits for one.
const READERS: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_commit_is_synced_and_what_is_deleted_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection =
            options(&folder.path().join("db")).create_if_missing(true).connect().await.unwrap();
        let mut pragma = async |statement: &'static str| {
            let row: (i64,) = sqlx::query_as(statement).fetch_one(&mut connection).await.unwrap();
            row.0
        };
        // https://www.sqlite.org/pragma.html#pragma_synchronous: 2 is FULL.
        assert_eq!(pragma("PRAGMA synchronous").await, 2);
        assert_eq!(pragma("PRAGMA secure_delete").await, 1);
        assert_eq!(pragma("PRAGMA foreign_keys").await, 1);
        let mode: (String,) = sqlx::query_as("PRAGMA journal_mode").fetch_one(&mut connection).await.unwrap();
        assert_eq!(mode.0, "wal");
    }
}
