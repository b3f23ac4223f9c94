//! Last use of sessions: gathered from evidence and heartbeats, written at most once a minute and session.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bartizan_identity::SignIns;
use bartizan_model::{SessionId, Timestamp};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// Which sessions were used since it was last written down. No request writes to the database.
#[derive(Debug)]
pub struct Uses {
    sign_ins: SignIns,
    seen: Mutex<BTreeMap<SessionId, Timestamp>>,
}

impl Uses {
    /// An empty account.
    #[must_use]
    pub fn new(sign_ins: SignIns) -> Arc<Self> {
        Arc::new(Self { sign_ins, seen: Mutex::new(BTreeMap::new()) })
    }

    /// A session was used at this time. Of more sessions than can be kept some are forgotten, and end a minute early.
    pub fn seen(&self, session: SessionId, at: Timestamp) {
        let mut seen = self.seen.lock();
        if seen.len() < KEPT || seen.contains_key(&session) {
            let latest = seen.entry(session).or_insert(at);
            *latest = at.max(*latest);
        }
    }

    /// Writes down what was seen, until `stop`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => (),
            }
            let seen = std::mem::take(&mut *self.seen.lock());
            if let Err(error) = self.sign_ins.extend(&seen).await {
                tracing::warn!(%error, "the last use of sessions cannot be written; they may end early");
            }
        }
    }
}

/// Sessions are extended when they were last seen a minute before; so this often is often enough.
const EVERY: Duration = Duration::from_secs(10);

/// Sessions in use at once, 40 bytes each.
const KEPT: usize = 1_000_000;
