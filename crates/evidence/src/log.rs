//! The log as control runs it: one writer, an index that follows it, searches and waiting.

mod check;
mod follow;
mod fresh;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{EventId, PointId, SealingKeyId, Timestamp};
use bartizan_pki::{NoteKey, NoteVerifier, SealingKeyPair};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::writer::MAX_COMMIT;
use crate::{
    Checkpoint, Count, Denied, DirSource, Error, Found, GrowingSource, LogReader, LogWriter, Query, Record,
    SignedCheckpoint, Tally, prove,
};
use follow::Follower;
use fresh::Fresh;

pub use check::Checked;

/// The keys to the personal parts of events, for the index.
pub trait Opener: Send + Sync {
    /// A key, ready to open what was sealed to it; none if it is destroyed. It is asked for once for each batch of
    /// events and not kept beyond, so that what is destroyed opens nothing in the next. It may take as long as reading
    /// and decrypting a secret does, and is called off the asynchronous threads.
    fn key(&self, key: SealingKeyId) -> Option<Arc<SealingKeyPair>>;
}

/// Where a log is, and whose.
#[derive(Debug)]
pub struct LogConfig {
    /// The folder of the log.
    pub dir: PathBuf,
    /// The file of the index.
    pub index_path: PathBuf,
    /// The log's key; its name is the origin.
    pub key: NoteKey,
    /// The log's name, such as `example.org/log`.
    pub origin: String,
}

/// A log that is open for writing and searching.
pub struct Log {
    requests: Mutex<Option<mpsc::Sender<Delivery>>>,
    written: watch::Receiver<Written>,
    indexed: watch::Receiver<Indexed>,
    follower: Arc<Follower>,
    verifier: NoteVerifier,
    dir: PathBuf,
    /// What was found when it was last verified, and the state of it that was whole then.
    checked: Mutex<Option<(Checked, Option<Checkpoint>)>>,
    stop: CancellationToken,
    tasks: tokio::sync::Mutex<JoinSet<()>>,
}

/// What the writer has made durable so far.
#[derive(Debug, Clone)]
struct Written {
    checkpoint: Arc<SignedCheckpoint>,
    newest: Arc<HashMap<PointId, u64>>,
}

/// How far the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Indexed {
    /// How many entries of the log it has.
    size: u64,
    /// How many of these there are up to the newest that is not about our own hosts: who waits for no others is not woken
    /// for what consoles do while they are looked at.
    others: u64,
}

impl Indexed {
    /// How far it is for this query.
    const fn of(self, query: &Query) -> u64 {
        if query.without_own { self.others } else { self.size }
    }
}

/// Records that wait for the writer, and who waits for them.
struct Delivery {
    records: Vec<Record>,
    reply: oneshot::Sender<Result<u64, Error>>,
}

impl Log {
    /// Opens the log and its index, and begins to bring the index up to date if it is behind.
    ///
    /// # Errors
    /// When either cannot be opened. A damaged index is made anew; a damaged log is an error.
    pub async fn open(config: LogConfig, opener: Arc<dyn Opener>) -> Result<Self, Error> {
        let LogConfig { dir, index_path, key, origin } = config;
        let verifier = key.verifier().clone();
        let folder = dir.clone();
        let writer = blocking(move || LogWriter::open(&folder, key, &origin)).await?;
        let written = Written::of(&writer);
        let source = LogReader::new(DirSource::new(dir.clone()), verifier.clone());
        let fresh = Arc::new(Fresh::new(written.checkpoint.checkpoint.size, fresh::ROOM));
        let follower = Follower::open(&index_path, source, opener, &written.checkpoint, Arc::clone(&fresh));
        let follower = Arc::new(follower.await?);

        let (written_sender, written) = watch::channel(written);
        let (indexed_sender, indexed) = {
            let size = follower.index().size().await?;
            watch::channel(Indexed { size, others: size })
        };
        let (requests, deliveries) = mpsc::channel(WAITING);
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn_blocking(move || write(writer, deliveries, &fresh, &written_sender));
        let following = Arc::clone(&follower);
        let (watched, stopped) = (written.clone(), stop.clone());
        tasks.spawn(async move { following.run(watched, &indexed_sender, &stopped).await });
        let requests = Mutex::new(Some(requests));
        let tasks = tokio::sync::Mutex::new(tasks);
        let checked = Mutex::new(None);
        Ok(Self { requests, written, indexed, follower, verifier, dir, checked, stop, tasks })
    }

    /// Appends consecutive records of one point. Returns, once they are durable, up to which record the log has the
    /// records of that point. A delivery may come twice.
    ///
    /// Cancel safe: no; a delivery that is no longer waited for may still be written, and is a duplicate when it comes
    /// again.
    ///
    /// # Errors
    /// As [`LogWriter::append`].
    pub async fn deliver(&self, records: Vec<Record>) -> Result<u64, Error> {
        let point = records.first().map(Record::point).ok_or(Error::Delivery)?;
        if records.len() > MAX_COMMIT || records.iter().any(|record| record.point() != point) {
            return Err(Error::Delivery);
        }
        let (reply, answer) = oneshot::channel();
        let requests = self.requests.lock().clone().ok_or(Error::Closed)?;
        if requests.send(Delivery { records, reply }).await.is_err() {
            return Err(Error::Closed);
        }
        drop(requests);
        answer.await.unwrap_or(Err(Error::Closed))
    }

    /// Up to which record the log has the records of a point; 0 if it has none.
    #[must_use]
    pub fn position(&self, point: PointId) -> u64 {
        self.written.borrow().newest.get(&point).copied().unwrap_or(0)
    }

    /// The newest checkpoint.
    #[must_use]
    pub fn checkpoint(&self) -> Arc<SignedCheckpoint> {
        Arc::clone(&self.written.borrow().checkpoint)
    }

    /// When the newest checkpoint was written, as the file system says; none if it does not.
    pub async fn signed(&self) -> Option<Timestamp> {
        let path = self.dir.join("checkpoint");
        let written = tokio::fs::metadata(path).await.ok()?.modified().ok()?;
        let since = written.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(Timestamp::from_micros(i64::try_from(since.as_micros()).ok()?))
    }

    /// How many of its entries are in the index: searches find no newer ones.
    #[must_use]
    pub fn indexed(&self) -> u64 {
        self.indexed.borrow().size
    }

    /// The key that verifies checkpoints, for `log.vkey`.
    #[must_use]
    pub const fn verifier(&self) -> &NoteVerifier {
        &self.verifier
    }

    /// The files of the log, for those who fetch them.
    #[must_use]
    pub fn source(&self) -> GrowingSource {
        GrowingSource::new(self.dir.clone())
    }

    /// Finds events, oldest first. If more than the limit match, these are the newest that do.
    ///
    /// # Errors
    /// When the index fails.
    pub async fn search(&self, query: &Query) -> Result<Vec<Found>, Error> {
        self.follower.index().search(query).await
    }

    /// Counts decisions and cuts, in the order of time.
    ///
    /// # Errors
    /// When the index fails.
    pub async fn tally(&self, tally: &Tally) -> Result<Vec<Count>, Error> {
        self.follower.index().tally(tally).await
    }

    /// Counts the newest denials by person: between `since` and now, and of these since `recent`.
    ///
    /// # Errors
    /// When the index fails.
    pub async fn denied(&self, since: Timestamp, recent: Timestamp) -> Result<Denied, Error> {
        self.follower.index().denied(since, recent).await
    }

    /// Finds events, and waits until there are some, or until `within` has passed. However much is written meanwhile, it is
    /// searched again after `pace` at the soonest: many may wait for what few events are.
    ///
    /// # Errors
    /// When the index fails.
    pub async fn wait_for(
        &self,
        query: &Query,
        within: Duration,
        pace: Duration,
    ) -> Result<Vec<Found>, Error> {
        let mut indexed = self.indexed.clone();
        let search = async {
            loop {
                let known = indexed.borrow_and_update().of(query);
                let again = tokio::time::Instant::now() + pace;
                // What was there before is not looked through for what comes.
                let found = match query.from {
                    Some(from) if from >= known => Vec::new(),
                    Some(_) | None => self.search(query).await?,
                };
                // A closed log finds nothing more.
                if !found.is_empty() || indexed.wait_for(|now| now.of(query) > known).await.is_err() {
                    return Ok(found);
                }
                tokio::time::sleep_until(again).await;
            }
        };
        tokio::time::timeout(within, search).await.unwrap_or(Ok(Vec::new()))
    }

    /// Waits until everything that the log has now is in the index, or until `within` has passed; whether it is.
    pub async fn wait_indexed(&self, within: Duration) -> bool {
        let size = self.checkpoint().checkpoint.size;
        let mut indexed = self.indexed.clone();
        let reached = tokio::time::timeout(within, indexed.wait_for(|indexed| indexed.size >= size)).await;
        matches!(reached, Ok(Ok(_)))
    }

    /// Proves that an event is in the log (see [`prove`]); none if there is no such event in the index.
    ///
    /// # Errors
    /// When the index or the log cannot be read.
    pub async fn prove(&self, event: EventId) -> Result<Option<String>, Error> {
        let found = self.search(&Query { event: Some(event), limit: Some(1), ..Query::default() }).await?;
        let Some(log_index) = found.first().map(|found| found.log_index) else { return Ok(None) };
        let reader = LogReader::new(self.source(), self.verifier.clone());
        let verifier = self.verifier.clone();
        blocking(move || prove(&reader, &verifier, log_index)).await.map(Some)
    }

    /// Removes from the index what was sealed to a key. Call it once the key is destroyed: until then the opener would
    /// bring it back.
    ///
    /// # Errors
    /// When the index fails; then it is to be called again.
    pub async fn forget(&self, key: SealingKeyId) -> Result<u64, Error> {
        self.follower.forget(key).await
    }

    /// Takes nothing more, and returns when everything that was taken is durable and the index is closed.
    pub async fn close(&self) {
        self.requests.lock().take();
        self.stop.cancel();
        let mut tasks = self.tasks.lock().await;
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a task of the log failed");
            }
        }
        self.follower.index().close().await;
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let size = self.checkpoint().checkpoint.size;
        f.debug_struct("Log").field("dir", &self.dir).field("size", &size).finish_non_exhaustive()
    }
}

impl Written {
    fn of(writer: &LogWriter) -> Self {
        let checkpoint = Arc::new(writer.checkpoint().clone());
        Self { checkpoint, newest: Arc::new(writer.newest().clone()) }
    }
}

/// The writer's loop: whatever waits goes into one commit.
fn write(
    mut writer: LogWriter,
    mut deliveries: mpsc::Receiver<Delivery>,
    fresh: &Fresh,
    written: &watch::Sender<Written>,
) {
    while let Some(first) = deliveries.blocking_recv() {
        let mut waiting = Vec::new();
        let mut next = Some(first);
        while let Some(Delivery { records, reply }) = next {
            let point = records.first().map(Record::point);
            match (writer.stage(records), point) {
                (Ok(()), Some(point)) => waiting.push((point, reply)),
                (Ok(()), None) => drop(reply.send(Err(Error::Delivery))),
                (Err(error), _) => drop(reply.send(Err(error))),
            }
            next = if writer.staged() < MAX_COMMIT { deliveries.try_recv().ok() } else { None };
        }
        let committed = writer.commit();
        match committed {
            Ok((result, events)) => {
                fresh.add(events);
                for gap in &result.gaps {
                    tracing::error!(
                        point = %gap.point, expected = gap.expected, found = gap.found,
                        "records are missing from the evidence: they were lost before they reached the log"
                    );
                }
                written.send_replace(Written::of(&writer));
                for (point, reply) in waiting {
                    let through = result.acknowledged.get(&point).copied().unwrap_or(0);
                    drop(reply.send(Ok(through)));
                }
            }
            Err(error) => {
                tracing::error!(%error, "evidence cannot be written");
                let source = Arc::new(error);
                for (_, reply) in waiting {
                    drop(reply.send(Err(Error::Commit { source: Arc::clone(&source) })));
                }
            }
        }
    }
}

/// Runs what reads or writes files on a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Error::Closed))
}

/// Deliveries that may wait for the writer; the next waits to be taken.
const WAITING: usize = 64;
