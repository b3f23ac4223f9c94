//! Appending to the log.
//!
//! Nothing is ever changed in place. A commit writes the new tiles and bundles under other names, brings them to disk,
//! gives them their names, brings these to disk, and only then puts the new checkpoint in the place of the old one: the
//! one step that makes the entries part of the log. A crash before it leaves files behind that no checkpoint speaks of;
//! opening the log removes them. What a checkpoint on disk covers was on disk before it, so what was acknowledged is
//! never lost, and what was not is sent again and recognised by its sequence number if it is there after all.

mod commit;
mod recover;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem;
use std::path::Path;
use std::sync::Arc;

use bartizan_model::{Event, PointId};
use bartizan_pki::NoteKey;

use crate::files::{DirFiles, Files};
use crate::merkle::Edge;
use crate::{Error, SignedCheckpoint, StoredEntry};

/// One record of an enforcement point's spool: an event, and the bytes in which it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    point: PointId,
    sequence: u64,
    entry: Vec<u8>,
    event: Event,
}

impl Record {
    /// Reads a record, counted by its point from 1 without gap. `entry` is the JSON form of an [`Event`], which the log
    /// keeps as it is; at most [`MAX_EVENT`](crate::MAX_EVENT) bytes.
    ///
    /// # Errors
    /// When it is too long, or not an event.
    pub fn parse(point: PointId, sequence: u64, entry: Vec<u8>) -> Result<Self, Error> {
        let stored = StoredEntry { point, sequence, event: &entry };
        let event = stored.event().map_err(|source| Error::Record { point, sequence, source })?;
        Ok(Self { point, sequence, entry, event })
    }

    /// Whose.
    #[must_use]
    pub const fn point(&self) -> PointId {
        self.point
    }

    /// The event.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.event
    }
}

/// An event that is part of the log now.
#[derive(Debug)]
pub(crate) struct Appended {
    pub(crate) event: Event,
    /// How long its entry is.
    pub(crate) bytes: usize,
}

/// Records of a point that were lost before they reached the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Whose.
    pub point: PointId,
    /// The first that is missing.
    pub expected: u64,
    /// The first that came.
    pub found: u64,
}

/// What was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendResult {
    /// The index of the first entry that was appended, or would have been.
    pub first_index: u64,
    /// How many entries the log has now.
    pub size: u64,
    /// Up to which record the log has the records of each point that was heard from.
    pub acknowledged: BTreeMap<PointId, u64>,
    /// Records that are missing for good; the log shows where.
    pub gaps: Vec<Gap>,
}

/// The one writer of a log.
#[derive(Debug)]
pub struct LogWriter {
    files: Arc<dyn Files>,
    key: NoteKey,
    edge: Edge,
    /// The entries of the bundle that is not full yet, as it lies on disk.
    bundle: Vec<u8>,
    checkpoint: SignedCheckpoint,
    newest: HashMap<PointId, u64>,
    staged: Staged,
    /// Gaps that a point was told of once.
    doubted: HashMap<PointId, (u64, u64)>,
    /// Folders that are known to exist.
    folders: HashSet<String>,
    /// The size at which `.points` was last written.
    points_at: u64,
    /// The file that could not be brought to disk; from then on nothing is written.
    failed: Option<String>,
}

/// What the next commit appends.
#[derive(Debug, Default)]
struct Staged {
    entries: Vec<Vec<u8>>,
    events: Vec<Appended>,
    newest: BTreeMap<PointId, u64>,
    gaps: Vec<Gap>,
}

impl LogWriter {
    /// Opens the log in a folder; begins one if the folder is empty or not there. The key's name is the log's origin.
    ///
    /// What a crash left unfinished is removed. There must be no other writer.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or what is in it is damaged or another key's log.
    pub fn open(dir: &Path, key: NoteKey, origin: &str) -> Result<Self, Error> {
        let files = DirFiles::open(dir.to_owned())
            .map_err(|source| Error::Write { file: String::from("the log's folder"), source })?;
        Self::open_files(Arc::new(files), key, origin)
    }

    /// How many entries the log has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.edge.size()
    }

    /// The newest checkpoint; it states size and root.
    #[must_use]
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Up to which record the log has the records of each point.
    #[must_use]
    pub const fn newest(&self) -> &HashMap<PointId, u64> {
        &self.newest
    }

    /// Appends records, durably: when it returns, they are part of the log on disk. Records that the log already has
    /// are passed over.
    ///
    /// # Errors
    /// When a record has no number, records are missing between (see [`Error::Gap`]), or the disk fails. Then none
    /// of the records counts, except those of whole groups of [`MAX_COMMIT`] before the failure.
    pub fn append(&mut self, mut records: Vec<Record>) -> Result<AppendResult, Error> {
        let first_index = self.size();
        let mut whole =
            AppendResult { first_index, size: first_index, acknowledged: BTreeMap::new(), gaps: Vec::new() };
        while !records.is_empty() {
            let rest = records.split_off(records.len().min(MAX_COMMIT));
            self.staged = Staged::default();
            self.stage(mem::replace(&mut records, rest))?;
            let (part, _) = self.commit()?;
            whole.size = part.size;
            whole.acknowledged.extend(part.acknowledged);
            whole.gaps.extend(part.gaps);
        }
        Ok(whole)
    }

    /// Takes records into the next commit, all or none of them. Several callers' records make one commit.
    ///
    /// # Errors
    /// As [`append`](Self::append), except for the disk. What was staged before stays staged.
    pub(crate) fn stage(&mut self, records: Vec<Record>) -> Result<(), Error> {
        let mut newest = self.staged.newest.clone();
        let mut entries = Vec::with_capacity(records.len());
        let mut events = Vec::with_capacity(records.len());
        let mut gaps = Vec::new();
        for record in records {
            let Record { point, sequence, entry, event } = record;
            if sequence == 0 {
                return Err(Error::Delivery);
            }
            let known = newest.get(&point).or_else(|| self.newest.get(&point)).copied().unwrap_or(0);
            // Also where everything is a duplicate, the answer says how far the log has come.
            newest.insert(point, known.max(sequence));
            if sequence <= known {
                continue;
            }
            let expected = known.saturating_add(1);
            if sequence > expected {
                let gap = (expected, sequence);
                if self.doubted.insert(point, gap) != Some(gap) {
                    return Err(Error::Gap { point, expected, found: sequence });
                }
                gaps.push(Gap { point, expected, found: sequence });
            }
            let entry = StoredEntry { point, sequence, event: &entry }.encode();
            events.push(Appended { event, bytes: entry.len() });
            entries.push(entry);
        }
        self.staged.newest = newest;
        self.staged.entries.append(&mut entries);
        self.staged.events.append(&mut events);
        self.staged.gaps.append(&mut gaps);
        Ok(())
    }

    /// How many records wait for the next commit.
    pub(crate) const fn staged(&self) -> usize {
        self.staged.entries.len()
    }
}

/// How many records one commit takes at most. It bounds memory and what a crash can leave behind.
pub const MAX_COMMIT: usize = 16_384;
