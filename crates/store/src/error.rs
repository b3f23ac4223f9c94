//! What can go wrong, sorted by what the caller does about it.

use std::path::PathBuf;
use std::sync::Arc;

use bartizan_model::{ObjectKind, Revision};

use crate::Expect;

/// The result of asking the store.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the store did not do as asked. After an error of `commit` nothing of the set is stored; only
/// [`Error::Closed`] leaves it open.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The object is not the one that the writer had read: read it again and decide anew.
    #[error("{kind} `{name}` was changed by somebody else: expected {expected}, found {}", found_text(.found))]
    Conflict {
        /// Its kind.
        kind: ObjectKind,
        /// Its name.
        name: String,
        /// What the writer believed.
        expected: Expect,
        /// The revision of the object as it is; `None` if there is none.
        found: Option<Revision>,
    },
    /// The store as a whole is not at the revision that the writer had read: read again and decide anew.
    #[error("the store was changed by somebody else: expected revision {expected}, found {found}")]
    Moved {
        /// What the writer believed.
        expected: Revision,
        /// Where the store stands.
        found: Revision,
    },
    /// There is no such object.
    #[error("there is no {kind} `{name}`")]
    NotFound {
        /// The kind that was asked for.
        kind: ObjectKind,
        /// The name that was asked for.
        name: String,
    },
    /// Another object has this lookup: choose another key.
    #[error("another object already has this {space}")]
    LookupTaken {
        /// The space of the lookup; its key may stand for something personal and is not repeated.
        space: String,
    },
    /// What was asked for is outside the limits: mend the request.
    #[error("{0}")]
    Invalid(String),
    /// That part of the log is gone: start afresh from the objects as they stand.
    #[error("changes of short-lived kinds before revision {oldest} were compacted")]
    Compacted {
        /// The oldest revision of which everything is known.
        oldest: Revision,
    },
    /// The log has not come that far, which means that an older copy of the store was put in place: start afresh.
    #[error(
        "revision {asked} does not exist: the newest is {newest} (was an older copy of the store put in place?)"
    )]
    Ahead {
        /// What was asked for.
        asked: Revision,
        /// Where the store stands.
        newest: Revision,
    },
    /// Nothing can be written until the operator mends the machine; reading may still work. Where the disk failed in
    /// the very act of syncing, a crash before the next commit may yet bring the set back.
    #[error("the store cannot be written: {}", .0.reason())]
    Unwritable(#[source] Cause),
    /// Nothing could be read: the operator looks at the machine.
    #[error("the store cannot be read: {}", .0.reason())]
    Unreadable(#[source] Cause),
    /// A newer release wrote this store: start that release again.
    #[error("the store has schema {found}, this release knows {known}: use release {release} or a later one")]
    Newer {
        /// The schema of the store.
        found: u32,
        /// The newest schema that this binary knows.
        known: u32,
        /// The oldest release that may open it.
        release: String,
    },
    /// The store holds what cannot be: restore it from a backup.
    #[error("the store is damaged: {what}")]
    Corrupt {
        /// What was found.
        what: String,
        /// What the database said.
        #[source]
        source: Option<Cause>,
    },
    /// The file of the master key cannot be used as it is.
    #[error("the master key `{}` {problem}", .path.display())]
    MasterKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
        /// What the operating system said.
        #[source]
        source: Option<Arc<std::io::Error>>,
    },
    /// The secrets of this store are sealed under another master key: give the key that belongs to it.
    #[error("the master key does not belong to this store")]
    WrongMasterKey,
    /// The cryptographic library refused to work.
    #[error("a secret could not be sealed")]
    Sealing(#[source] aws_lc_rs::error::Unspecified),
    /// The store was closed. A set that was under way may or may not be stored.
    #[error("the store is closed")]
    Closed,
}

impl Error {
    /// What a failure of the database means while something is written.
    pub(crate) fn writing(error: sqlx::Error) -> Self {
        Self::of(error, Self::Unwritable)
    }

    /// What a failure of the database means while something is read.
    pub(crate) fn reading(error: sqlx::Error) -> Self {
        Self::of(error, Self::Unreadable)
    }

    fn of(error: sqlx::Error, otherwise: impl FnOnce(Cause) -> Self) -> Self {
        let cause = Cause::new(error);
        match cause.failure {
            Failure::Damaged => {
                Self::Corrupt { what: String::from("the database file is malformed"), source: Some(cause) }
            }
            Failure::Form => {
                Self::Corrupt { what: String::from("a row has another form"), source: Some(cause) }
            }
            Failure::Closed => Self::Closed,
            Failure::Full
            | Failure::ReadOnly
            | Failure::Io
            | Failure::Access
            | Failure::Locked
            | Failure::Other => otherwise(cause),
        }
    }

    /// A stored thing that cannot be.
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into(), source: None }
    }
}

/// What the database said.
#[derive(Debug, Clone)]
pub struct Cause {
    failure: Failure,
    error: Arc<sqlx::Error>,
}

impl Cause {
    fn new(error: sqlx::Error) -> Self {
        Self { failure: Failure::of(&error), error: Arc::new(error) }
    }

    /// What it means, in a few words for an operator.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self.failure {
            Failure::Full => "the disk is full",
            Failure::ReadOnly => "the file system or the file is read-only",
            Failure::Io => "the disk reports an input or output error",
            Failure::Access => "the file cannot be opened",
            Failure::Locked => "another process holds the database",
            Failure::Damaged | Failure::Form => "the database is damaged",
            Failure::Closed => "it is closed",
            Failure::Other => "the database refuses",
        }
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    Full,
    ReadOnly,
    Io,
    Access,
    Locked,
    Damaged,
    Form,
    Closed,
    Other,
}

impl Failure {
    fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                error.code().and_then(|code| code.parse().ok()).map_or(Self::Other, Self::of_code)
            }
            sqlx::Error::Io(error) => match error.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
                std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::NotFound => Self::Access,
                _ => Self::Io,
            },
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Form,
            sqlx::Error::PoolClosed => Self::Closed,
            _ => Self::Other,
        }
    }

    /// <https://www.sqlite.org/rescode.html>: the low byte of an extended result code is the primary one.
    const fn of_code(code: u32) -> Self {
        match code & 0xff {
            13 => Self::Full,
            8 => Self::ReadOnly,
            10 => Self::Io,
            3 | 14 | 23 => Self::Access,
            5 | 6 => Self::Locked,
            11 | 26 => Self::Damaged,
            _ => Self::Other,
        }
    }
}

fn found_text(found: &Option<Revision>) -> String {
    found.map_or_else(|| String::from("no object"), |revision| format!("revision {revision}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_codes_of_sqlite_are_told_apart() {
        // SQLITE_IOERR_FSYNC is 10 | 4 << 8; SQLITE_READONLY_DIRECTORY 8 | 6 << 8; SQLITE_BUSY_SNAPSHOT 5 | 2 << 8.
        for (code, failure) in [
            (13, Failure::Full),
            (1034, Failure::Io),
            (1544, Failure::ReadOnly),
            (517, Failure::Locked),
            (26, Failure::Damaged),
            (19, Failure::Other),
        ] {
            assert_eq!(Failure::of_code(code), failure, "{code}");
        }
    }

    #[test]
    fn a_full_disk_is_named_and_its_cause_kept() {
        let io = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let error = Error::writing(sqlx::Error::Io(io));
        assert_eq!(error.to_string(), "the store cannot be written: the disk is full");
        assert!(std::error::Error::source(&error).is_some());
    }
}
