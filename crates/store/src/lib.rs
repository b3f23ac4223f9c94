//! Everything that decisions depend on, as objects with revisions, in one totally ordered change log.
//!
//! Three rules make the whole:
//!
//! 1. **An object is its newest change.** A write appends one change, with a revision of its own, to the log and
//!    moves the object there, in one transaction. So watch, history, rollback and "who changed what" need nothing
//!    further.
//! 2. **A set of changes is atomic, and durable when `commit` returns.** Preconditions are looked at inside the
//!    transaction, so two writers that read the same revision cannot both win.
//! 3. **Secrets are beside the log, not in it.** They are sealed under a data key that is itself sealed under the
//!    master key, and no change, feed, message or `Debug` shows them.
//!
//! What this crate must not know: what a specification means, who may write it, what time it is.

mod change;
mod error;
mod limits;
mod master_key;
mod rollback;
mod sqlite;
mod store;
mod vault;

pub use change::{Change, ChangeSet, Committed, Expect, Lookup, Object, SecretWrite, Write};
pub use error::{Cause, Error, Result};
pub use limits::{
    MAX_AUTHOR, MAX_KEY, MAX_LOOKUPS, MAX_NAME, MAX_SECRET, MAX_SET_BYTES, MAX_SPACE, MAX_SPEC, MAX_WRITES,
};
pub use master_key::MasterKey;
pub use rollback::rollback;
pub use sqlite::{Glance, SqliteStore, StoreStats};
pub use store::Store;
