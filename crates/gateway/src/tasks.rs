//! Who owns the tasks.

use std::future::Future;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Tasks that end with their owner.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    /// Cancelled when all of them must end at once.
    abort: CancellationToken,
}

impl Tasks {
    /// Runs it until it ends, or is no longer wanted.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(self.wanted(work));
    }

    /// The same, in that runtime.
    pub(crate) fn spawn_on(&self, runtime: &Handle, work: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn_on(self.wanted(work), runtime);
    }

    fn wanted<F: Future<Output = ()> + Send + 'static>(&self, work: F) -> impl Future<Output = ()> + use<F> {
        let abort = self.abort.clone();
        async move {
            tokio::select! {
                biased;
                () = abort.cancelled() => (),
                () = work => (),
            }
        }
    }

    /// Waits until all have ended, `within` at most, and then ends the rest.
    pub(crate) async fn finish(&self, within: std::time::Duration) {
        self.tracker.close();
        if tokio::time::timeout(within, self.tracker.wait()).await.is_err() {
            tracing::warn!(
                open = self.tracker.len(),
                "requests were still open at the end of the drain time and are cut"
            );
            self.abort.cancel();
            self.tracker.wait().await;
        }
    }

    pub(crate) fn abort(&self) {
        self.abort.cancel();
    }
}

impl<F> hyper::rt::Executor<F> for Tasks
where
    F: Future + Send + 'static,
{
    fn execute(&self, work: F) {
        self.spawn(async move {
            work.await;
        });
    }
}
