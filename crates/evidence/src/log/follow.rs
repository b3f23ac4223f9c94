//! The index follows the log: it takes what was appended, opens personal parts, and adds both.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{Event, Personal, SealingKeyId};
use bartizan_pki::SealingKeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use super::fresh::Fresh;
use super::{Indexed, Opener, Written, blocking};
use crate::index::is_own;
use crate::tree::Tree;
use crate::{DirSource, Error, Found, Index, LogReader, SignedCheckpoint, StoredEntry};

pub(super) struct Follower {
    index: Index,
    reader: LogReader<DirSource>,
    opener: Arc<dyn Opener>,
    fresh: Arc<Fresh>,
    /// Held from the opening of personal parts until they are in the index, and while they are removed: otherwise
    /// what was opened before could be added after.
    order: Mutex<()>,
}

impl Follower {
    /// Opens the index; begins a new one if it is not of this log.
    pub(super) async fn open(
        path: &Path,
        reader: LogReader<DirSource>,
        opener: Arc<dyn Opener>,
        log: &SignedCheckpoint,
        fresh: Arc<Fresh>,
    ) -> Result<Self, Error> {
        let mut index = Index::open(path).await?;
        let state = index.state().await?;
        let size = log.checkpoint.size;
        let source = reader.source().clone();
        let belongs = match state.whole {
            _ if state.size > size => false,
            None => state.size == 0,
            Some((whole, root)) => {
                blocking(move || Ok(Tree::new(&source, size).root_at(whole)? == root)).await?
            }
        };
        if !belongs {
            tracing::warn!("the index is of another log and is made anew");
            index = index.anew(path).await?;
        }
        Ok(Self { index, reader, opener, fresh, order: Mutex::new(()) })
    }

    pub(super) const fn index(&self) -> &Index {
        &self.index
    }

    pub(super) async fn forget(&self, key: SealingKeyId) -> Result<u64, Error> {
        let _order = self.order.lock().await;
        self.index.forget(key).await
    }

    /// Follows the log until it is told to stop and the index has everything, or the writer has ended.
    pub(super) async fn run(
        &self,
        mut written: watch::Receiver<Written>,
        indexed: &watch::Sender<Indexed>,
        stop: &CancellationToken,
    ) {
        let mut wait = Duration::ZERO;
        loop {
            let checkpoint = Arc::clone(&written.borrow_and_update().checkpoint);
            match self.catch_up(&checkpoint, indexed, stop).await {
                Ok(()) => wait = Duration::ZERO,
                Err(error) => {
                    tracing::warn!(%error, "the index of the log is behind");
                    wait = (wait * 2).clamp(RETRY_FIRST, RETRY_LAST);
                }
            }
            if wait.is_zero() {
                // Cancel safe: a change that was not seen is seen the next time.
                tokio::select! {
                    changed = written.changed() => if changed.is_err() { return },
                    () = stop.cancelled() => return,
                }
            } else {
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = stop.cancelled() => return,
                }
            }
        }
    }

    async fn catch_up(
        &self,
        log: &SignedCheckpoint,
        indexed: &watch::Sender<Indexed>,
        stop: &CancellationToken,
    ) -> Result<(), Error> {
        let size = log.checkpoint.size;
        let mut next = self.index.size().await?;
        while next < size && !stop.is_cancelled() {
            // Up to the end of a bundle, so that none is read twice.
            let end = size.min((next / 256 + BUNDLES) * 256);
            let order = self.order.lock().await;
            let (reader, opener) = (self.reader.clone(), Arc::clone(&self.opener));
            let fresh = self.fresh.take(&(next..end));
            let events: Vec<Found> = blocking(move || {
                let events = match fresh {
                    Some(events) => events,
                    None => read(&reader, next..end)?,
                };
                let mut keys = Keys { opener: &*opener, asked: HashMap::new() };
                let found = (next..).zip(events).map(|(log_index, event)| {
                    let personal = open(&mut keys, &event);
                    Found { log_index, event, personal }
                });
                Ok(found.collect())
            })
            .await?;
            let whole = (end == size).then_some((size, log.checkpoint.root));
            let other = events.iter().rev().find(|found| !is_own(&found.event));
            let others = other.map(|found| found.log_index.saturating_add(1));
            self.index.add_at(events, whole).await?;
            drop(order);
            indexed.send_modify(|now| *now = Indexed { size: end, others: others.unwrap_or(now.others) });
            next = end;
        }
        Ok(())
    }
}

/// The keys of one batch. Most events of a batch are of a few people, and asking for a key and unwrapping what it wraps
/// takes far longer than opening one box does.
struct Keys<'a> {
    opener: &'a dyn Opener,
    asked: HashMap<SealingKeyId, Option<Arc<SealingKeyPair>>>,
}

impl Keys<'_> {
    fn get(&mut self, key: SealingKeyId) -> Option<&SealingKeyPair> {
        self.asked.entry(key).or_insert_with(|| self.opener.key(key)).as_deref()
    }
}

/// The events of these entries, from the log.
fn read(reader: &LogReader<DirSource>, entries: Range<u64>) -> Result<Vec<Event>, Error> {
    let event = |(index, entry): (u64, &Vec<u8>)| {
        let damaged = |source| Error::Entry { index, source };
        StoredEntry::parse(entry).map_err(damaged)?.event().map_err(damaged)
    };
    (entries.start..).zip(&reader.entries(entries)?).map(event).collect()
}

/// The personal part, if its key still exists.
fn open(keys: &mut Keys<'_>, event: &Event) -> Option<Personal> {
    let sealed = event.sealed.as_ref()?;
    let boxed = URL_SAFE_NO_PAD.decode(&sealed.bytes).ok()?;
    // The event's id is the associated data.
    let plain = keys.get(sealed.key)?.open(&boxed, event.id.as_bytes()).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// How many bundles are read and indexed in one go.
const BUNDLES: u64 = 16;

const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_LAST: Duration = Duration::from_secs(10);
