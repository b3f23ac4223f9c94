//! How far this point is with the feed, as its heartbeats say it.

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::feed::Applied;

/// What has been applied to its end, everything cut that is denied by it. It says no revision before: while a message is being
/// applied, its cuts are still to come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The newest of it, with what control has not heard yet of cuts.
    newest: Mutex<Option<Applied>>,
    /// Woken when there is something to tell.
    pub(crate) news: Notify,
}

impl Progress {
    pub(crate) fn applied(&self, applied: &Applied) {
        let mut newest = self.newest.lock();
        let before = newest.take().unwrap_or_default();
        *newest = Some(Applied {
            subscription: applied.subscription,
            revision: applied.revision,
            cut: before.cut.saturating_add(applied.cut),
            took: before.took.max(applied.took),
            ..Applied::default()
        });
        drop(newest);
        self.news.notify_one();
    }

    pub(crate) fn report(&self) -> Option<Applied> {
        self.newest.lock().clone()
    }

    /// Control has heard this: its cuts are counted there.
    pub(crate) fn heard(&self, said: &Applied) {
        if let Some(newest) = self.newest.lock().as_mut() {
            newest.cut = newest.cut.saturating_sub(said.cut);
            if newest.revision == said.revision {
                newest.took = std::time::Duration::ZERO;
            }
        }
    }
}
