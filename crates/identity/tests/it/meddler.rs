//! A store in which something happens just before a session or the key of state is written: the moment that a check
//! before it cannot see.

use std::sync::Arc;

use async_trait::async_trait;
use bartizan_model::{ObjectKind, Revision, Secret, Timestamp};
use bartizan_store::{Change, ChangeSet, Committed, Lookup, Object, Result, SecretWrite, Store, Write};
use parking_lot::Mutex;
use tokio::sync::watch;

/// What happens, once.
pub(crate) type Meddling = Arc<Mutex<Option<ChangeSet>>>;

#[derive(Debug)]
pub(crate) struct Meddler {
    pub(crate) inner: Arc<dyn Store>,
    pub(crate) meddling: Meddling,
}

#[async_trait]
impl Store for Meddler {
    async fn commit(&self, change: ChangeSet) -> Result<Committed> {
        let begins = |write: &Write| matches!(write, Write::Put { kind: ObjectKind::Session, .. });
        let makes_key =
            |write: &SecretWrite| matches!(write, SecretWrite::Put { name, .. } if name == "state-key");
        if change.writes.iter().any(begins) || change.secrets.iter().any(makes_key) {
            let meddling = self.meddling.lock().take();
            if let Some(meddling) = meddling {
                self.inner.commit(meddling).await?;
            }
        }
        self.inner.commit(change).await
    }

    async fn revision(&self) -> Result<Revision> {
        self.inner.revision().await
    }
    async fn get(&self, kind: ObjectKind, name: &str) -> Result<Option<Object>> {
        self.inner.get(kind, name).await
    }
    async fn list(&self, kind: ObjectKind, after: Option<&str>, limit: u32) -> Result<Vec<Object>> {
        self.inner.list(kind, after, limit).await
    }
    async fn list_at(&self, kind: ObjectKind, revision: Revision) -> Result<Vec<Object>> {
        self.inner.list_at(kind, revision).await
    }
    async fn get_at(&self, kind: ObjectKind, name: &str, revision: Revision) -> Result<Option<Object>> {
        self.inner.get_at(kind, name, revision).await
    }
    async fn history(&self, kind: ObjectKind, name: &str, limit: u32) -> Result<Vec<Change>> {
        self.inner.history(kind, name, limit).await
    }
    async fn recent(&self, kind: ObjectKind, limit: u32) -> Result<Vec<Change>> {
        self.inner.recent(kind, limit).await
    }

    async fn find(&self, space: &str, key: &str) -> Result<Option<Object>> {
        self.inner.find(space, key).await
    }
    async fn lookups(&self, kind: ObjectKind, name: &str) -> Result<Vec<Lookup>> {
        self.inner.lookups(kind, name).await
    }
    async fn probe(&self) -> Result<()> {
        self.inner.probe().await
    }
    async fn changes(&self, after: Revision, limit: u32) -> Result<Vec<Change>> {
        self.inner.changes(after, limit).await
    }
    fn watch(&self) -> watch::Receiver<Revision> {
        self.inner.watch()
    }
    async fn secret(&self, name: &str) -> Result<Option<Secret<Vec<u8>>>> {
        self.inner.secret(name).await
    }
    async fn compact(&self, before: Timestamp) -> Result<u64> {
        self.inner.compact(before).await
    }
    async fn close(&self) {
        self.inner.close().await;
    }
}
