//! The log verifies itself: as whoever has its key would, and from where it was whole the last time.

use std::io;

use bartizan_model::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{Log, blocking};
use crate::verify::verify_on;
use crate::{Checkpoint, Error, GrowingSource, TileSource};

/// What was found when a log was verified as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// When that began.
    pub at: Timestamp,
    /// How many entries it had; none if that could not be told.
    pub size: Option<u64>,
    /// How much was not as it must be.
    pub problems: u64,
}

impl Log {
    /// Verifies the whole log on one processor, and that it goes on from where it was whole the last time. Nothing is found
    /// if it is told to stop before it is done.
    ///
    /// Cancel safe: yes; what was begun is done, and its result is lost.
    ///
    /// # Errors
    /// When the log is closed.
    pub async fn check(&self, now: Timestamp, stop: &CancellationToken) -> Result<Option<Checked>, Error> {
        let since = self.checked.lock().as_ref().and_then(|(_, whole)| whole.clone());
        let source = Stoppable { source: self.source(), stop: stop.clone() };
        let verifier = self.verifier.clone();
        let before = since.clone();
        let report = blocking(move || Ok(verify_on(1, &source, &verifier, before.as_ref()))).await?;
        if stop.is_cancelled() {
            return Ok(None);
        }
        for problem in &report.problems {
            tracing::error!(
                file = problem.file,
                index = problem.index,
                what = problem.what,
                "the log is damaged"
            );
        }
        let origin = self.checkpoint().checkpoint.origin.clone();
        let whole = match (report.ok, report.size, report.root) {
            (true, Some(size), Some(root)) => Some(Checkpoint { origin, size, root }),
            _ => since,
        };
        let problems = u64::try_from(report.problems.len()).unwrap_or(u64::MAX);
        let checked = Checked { at: now, size: report.size, problems };
        *self.checked.lock() = Some((checked.clone(), whole));
        Ok(Some(checked))
    }

    /// What was found when it was last verified since it was opened.
    #[must_use]
    pub fn checked(&self) -> Option<Checked> {
        self.checked.lock().as_ref().map(|(checked, _)| checked.clone())
    }
}

/// A log of which nothing more is read once that is not wanted any more.
struct Stoppable {
    source: GrowingSource,
    stop: CancellationToken,
}

impl TileSource for Stoppable {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        if self.stop.is_cancelled() {
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        self.source.read(name)
    }
}
