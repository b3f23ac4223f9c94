//! The evidence log: what happened, so kept that nobody can change it unseen.
//!
//! The log is a folder of files in the C2SP tlog-tiles format: a signed `checkpoint` states how many entries there are
//! and the root of the Merkle tree (RFC 6962) over them; `tile/` holds the tree's hashes and, below `tile/entries/`,
//! the entries. Anybody who has the verifying key can check all of it offline, with our [`verify()`] or with what others
//! wrote. Files whose names begin with a dot are not part of the format: `.tmp/` and `.points`, which is disposable.
//!
//! An entry is one line of JSON, in exactly this spelling:
//!
//! ```text
//! {"point":"7f9c24e8-…","seq":42,"event":{…}}
//! ```
//!
//! `event` is the event as its enforcement point recorded it, byte by byte; `point` and `seq` say which point, and
//! which of its records this is, so that a record that is missing or comes twice is found.
//!
//! The log is the truth. The [`Index`] that searches it is made from it and may be deleted at any time.

mod bundle;
mod checkpoint;
mod entry;
mod error;
mod files;
mod growing;
mod index;
mod log;
mod merkle;
mod path;
mod points;
mod proof;
mod reader;
mod source;
#[cfg(test)]
mod testing;
mod tree;
mod verify;
mod writer;

pub use bundle::{BundleError, parse_bundle};
pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use entry::{EntryError, MAX_EVENT, StoredEntry};
pub use error::Error;
pub use growing::GrowingSource;
pub use index::{Count, Denied, DeniedPerson, Found, Hosts, Index, OWN_APPS, Query, Tally};
pub use log::{Checked, Log, LogConfig, Opener};
pub use merkle::{Hash, empty_root, leaf_hash, node_hash};
pub use path::TilePath;
pub use proof::{Proof, Proven, prove, verify_proof};
pub use reader::LogReader;
pub use source::{DirSource, TileSource};
pub use verify::{MAX_PROBLEMS, Problem, Report, verify};
pub use writer::{AppendResult, Gap, LogWriter, MAX_COMMIT, Record};
