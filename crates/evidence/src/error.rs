//! What can go wrong with the log.

use std::io;
use std::sync::Arc;

use bartizan_model::PointId;

use crate::{BundleError, EntryError};

/// Why the log cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("`{file}` of the log cannot be read")]
    Read {
        /// Which.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written. Nothing of what was to be appended counts; it may be tried again.
    #[error("`{file}` of the log cannot be written (likely cause: the disk is full)")]
    Write {
        /// Which.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The disk did not confirm that a file is on it. What it holds now is unknown, so nothing more is written until
    /// the log is opened again.
    #[error("`{file}` of the log is not safely on disk (likely cause: the disk is failing)")]
    Sync {
        /// Which.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// An earlier failure left the state of the disk unknown.
    #[error(
        "the log takes nothing more since `{file}` could not be brought to disk; restart once the disk is sound"
    )]
    Stopped {
        /// The file that failed.
        file: String,
    },
    /// A file that must be there is not.
    #[error("`{file}` of the log is missing (likely cause: it was deleted; restore it from a backup)")]
    Missing {
        /// Which.
        file: String,
    },
    /// A file does not hold what it must.
    #[error("`{file}` of the log is damaged: {found} (run `bartizan log verify`)")]
    Damaged {
        /// Which.
        file: String,
        /// What is wrong with it.
        found: &'static str,
    },
    /// An entry bundle is not one.
    #[error("`{file}` of the log is damaged (run `bartizan log verify`)")]
    Bundle {
        /// Which.
        file: String,
        /// What is wrong with it.
        source: BundleError,
    },
    /// An entry is not one.
    #[error("entry {index} of the log is damaged (run `bartizan log verify`)")]
    Entry {
        /// Which.
        index: u64,
        /// What is wrong with it.
        source: EntryError,
    },
    /// A signed note, or a key of one, is wrong.
    #[error("`{file}` is not what the log's key signed")]
    Note {
        /// Which file.
        file: String,
        /// Why.
        source: bartizan_pki::Error,
    },
    /// A checkpoint could not be signed.
    #[error("the checkpoint cannot be signed")]
    Sign {
        /// Why.
        source: bartizan_pki::Error,
    },
    /// The text is no checkpoint.
    #[error("not a checkpoint: {found}")]
    CheckpointForm {
        /// What is there instead.
        found: &'static str,
    },
    /// The key belongs to another log.
    #[error("the log `{origin}` cannot use the key of `{key}`")]
    Origin {
        /// The log.
        origin: String,
        /// The key's name.
        key: String,
    },
    /// There is no such entry.
    #[error("there is no entry {index}: the log has {size}")]
    NoEntry {
        /// What was asked for.
        index: u64,
        /// How many there are.
        size: u64,
    },
    /// The text is no proof.
    #[error("not a proof: {found}")]
    ProofForm {
        /// What is there instead.
        found: &'static str,
    },
    /// The proof does not prove it.
    #[error("the proof does not lead from the entry to the root of the checkpoint")]
    ProofFails,
    /// A record is no event.
    #[error("record {sequence} of point {point} is not an event")]
    Record {
        /// Whose.
        point: PointId,
        /// Which.
        sequence: u64,
        /// Why.
        source: EntryError,
    },
    /// Records are missing between what the log has of a point and what came. Said once: should the point have nothing
    /// else to send the next time, what it sends is taken, and the gap stays visible in the log.
    #[error("records {expected} to {found} of point {point} did not come (excluding the last)")]
    Gap {
        /// Whose.
        point: PointId,
        /// The record that should have come.
        expected: u64,
        /// The record that came.
        found: u64,
    },
    /// The records of one delivery are not those of one point.
    #[error("a delivery holds the records of one point, at least one, counted from 1")]
    Delivery,
    /// What was delivered was not written.
    #[error("the evidence was not written")]
    Commit {
        /// Why.
        source: Arc<Error>,
    },
    /// The log is being closed.
    #[error("the log is closed")]
    Closed,
    /// The index failed. It can be deleted: it is made again from the log.
    #[error("cannot {doing} the index of the log (it can be deleted while nothing runs; it is made again)")]
    Index {
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: sqlx::Error,
    },
    /// What the index holds is not what was put there.
    #[error("an event in the index cannot be read (delete the index while nothing runs; it is made again)")]
    IndexedEvent {
        /// Why.
        source: serde_json::Error,
    },
}
