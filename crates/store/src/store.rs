//! What a store does, whichever database it is made of.

use async_trait::async_trait;
use bartizan_model::{ObjectKind, Revision, Secret, Timestamp};
use tokio::sync::watch;

use crate::{Change, ChangeSet, Committed, Lookup, Object, Result};

/// Objects with revisions in one totally ordered change log, lookups, and sealed secrets.
///
/// Reads are cancel safe. They see every set whose `commit` has returned before they began.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// The newest revision; 0 if nothing was ever written.
    async fn revision(&self) -> Result<Revision>;

    /// The object as it stands.
    async fn get(&self, kind: ObjectKind, name: &str) -> Result<Option<Object>>;

    /// At most `limit` objects of a kind in the byte order of their names, from the first after `after`.
    ///
    /// Two pages are two reads; for one state of the whole kind use [`Store::list_at`].
    async fn list(&self, kind: ObjectKind, after: Option<&str>, limit: u32) -> Result<Vec<Object>>;

    /// All objects of a kind as they stood at `revision`, by name.
    ///
    /// # Errors
    /// [`Error::Compacted`](crate::Error::Compacted) if the kind is short-lived and the log no longer tells;
    /// [`Error::Ahead`](crate::Error::Ahead) if the log has not come that far.
    async fn list_at(&self, kind: ObjectKind, revision: Revision) -> Result<Vec<Object>>;

    /// The object as it stood at `revision`.
    ///
    /// # Errors
    /// As [`Store::list_at`].
    async fn get_at(&self, kind: ObjectKind, name: &str, revision: Revision) -> Result<Option<Object>>;

    /// At most `limit` changes of an object, newest first, from all its lives. Of short-lived kinds, what is left.
    async fn history(&self, kind: ObjectKind, name: &str, limit: u32) -> Result<Vec<Change>>;

    /// At most `limit` changes of objects of a kind, newest first. Of short-lived kinds, what is left.
    async fn recent(&self, kind: ObjectKind, limit: u32) -> Result<Vec<Change>>;

    /// The object that has this lookup.
    async fn find(&self, space: &str, key: &str) -> Result<Option<Object>>;

    /// The lookups of an object, sorted.
    async fn lookups(&self, kind: ObjectKind, name: &str) -> Result<Vec<Lookup>>;

    /// Makes all changes of the set, or none. They are on disk when this returns.
    ///
    /// Not cancel safe: a set that was handed over is committed though nobody waits for the answer.
    ///
    /// # Errors
    /// Nothing of the set is stored, whatever the error, but for [`Error::Closed`](crate::Error::Closed).
    async fn commit(&self, change: ChangeSet) -> Result<Committed>;

    /// Whether changes would be taken now, without making any. Tells it within the time that a commit may wait for the
    /// database. Ask again only when this has returned: each question waits in the queue of commits.
    ///
    /// # Errors
    /// What a commit would fail with.
    async fn probe(&self) -> Result<()>;

    /// At most `limit` changes after a revision, oldest first. A watcher that asks again from the last revision it
    /// got misses none.
    ///
    /// # Errors
    /// [`Error::Compacted`](crate::Error::Compacted) if some are gone, [`Error::Ahead`](crate::Error::Ahead) if
    /// the log has not come that far; after both a watcher starts afresh from [`Store::list_at`].
    async fn changes(&self, after: Revision, limit: u32) -> Result<Vec<Change>>;

    /// Tells the newest committed revision, each time that it changes, before `commit` returns.
    ///
    /// A receiver whose sender is gone means that the store was dropped; it says nothing of what is allowed.
    fn watch(&self) -> watch::Receiver<Revision>;

    /// The value of a secret.
    async fn secret(&self, name: &str) -> Result<Option<Secret<Vec<u8>>>>;

    /// Forgets changes of short-lived kinds ([`ObjectKind::keeps_history`]): those that were superseded before
    /// `before`, and deletions made before it that nothing else of the object precedes. Answers how many.
    ///
    /// What stands is never touched, nor is the history of other kinds, their deletions included: without the
    /// deletion, the past would show the object as still there. Safe to repeat; done in small steps, so that
    /// writers hardly wait.
    async fn compact(&self, before: Timestamp) -> Result<u64>;

    /// Refuses new work, finishes what was handed over, and closes the files. Safe to repeat.
    async fn close(&self);
}
