//! The spool: where evidence waits, on this machine's disk, until the control plane has made it durable.
//!
//! An event is handed to the kernel before its effect, so a killed process loses nothing; it is on disk within 50 ms, or
//! before its effect where that is asked ([`Durability::Strict`]). What cannot be recorded does not happen: a full or
//! unwritable spool refuses room for grants, while a reserve keeps denials and administration recorded.
//!
//! Every record carries a check over its content and the check before it, so that any change is found, but the loss of
//! the newest whole records; that one is found by the evidence log, which knows how far it had come.

mod cursor;
mod files;
mod record;
mod segment;
mod writer;

pub(crate) use cursor::Cursor;
pub use record::{Check, Decoded, ReadError, decode_record};
pub use segment::{Problem, SegmentContent, check_folder, newest_record, read_segment};
pub use writer::{Class, Durability, Slot, Spool, SpoolConfig, Standing, stored_point};

/// The spool did not take a record.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// There is no room for it.
    #[error(
        "the spool is full ({used} of {limit} bytes): evidence is not being collected, or the limit is too low"
    )]
    Full {
        /// Bytes in use or promised.
        used: u64,
        /// Bytes that records of this class may use.
        limit: u64,
    },
    /// The file system refuses.
    #[error("the spool cannot be written: {0}")]
    Unwritable(String),
    /// A record is longer than any event can be.
    #[error("a record of {0} bytes is longer than the spool takes")]
    TooLong(usize),
    /// The folder could not be made ready.
    #[error("the spool at `{path}` cannot be opened")]
    Open {
        /// The folder.
        path: std::path::PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The spool was closed while a record waited to become durable.
    #[error("the spool is closed")]
    Closed,
}
