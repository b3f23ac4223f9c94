//! How far a long command is, for who waits for it at a terminal: one line on stderr that is gone when the command is done.

use std::io::{self, IsTerminal as _, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bartizan_evidence::TileSource;
use bartizan_model::{BootTime, Clock as _};
use parking_lot::Mutex;

use crate::system::SystemClock;

/// What is counted of a long work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Bytes,
    Files,
}

/// How far a long work is.
#[derive(Debug)]
pub(crate) struct Progress {
    what: &'static str,
    unit: Unit,
    total: Option<u64>,
    done: AtomicU64,
    /// Whether somebody looks.
    seen: bool,
    /// When the line was last written, and whether it stands there.
    line: Mutex<(BootTime, bool)>,
}

impl Progress {
    /// A work that begins now. Where stderr is no terminal, nothing is ever said.
    pub(crate) fn new(what: &'static str, unit: Unit, total: Option<u64>) -> Arc<Self> {
        let seen = io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let line = Mutex::new((SystemClock.boot(), false));
        Arc::new(Self { what, unit, total, done: AtomicU64::new(0), seen, line })
    }

    fn add(&self, more: u64) {
        let done = self.done.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        if !self.seen {
            return;
        }
        // Whoever finds another at it has nothing newer to say.
        let Some(mut line) = self.line.try_lock() else { return };
        let now = SystemClock.boot();
        if now.since(line.0) < EVERY {
            return;
        }
        *line = (now, true);
        let _ = write!(io::stderr().lock(), "\r{}\x1b[K", self.text(done));
    }

    fn text(&self, done: u64) -> String {
        let share = self.total.filter(|total| *total > 0).map(|total| {
            let percent = done.min(total).saturating_mul(100) / total;
            format!(" ({percent} %)")
        });
        let share = share.unwrap_or_default();
        match self.unit {
            Unit::Bytes => format!("{}: {} MiB{share}", self.what, done >> 20),
            Unit::Files => format!("{}: {done} files{share}", self.what),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.line.get_mut().1 {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}

/// Something that is read or written while somebody waits.
#[derive(Debug)]
pub(crate) struct Watched<T> {
    inner: T,
    progress: Arc<Progress>,
}

impl<T> Watched<T> {
    pub(crate) const fn new(inner: T, progress: Arc<Progress>) -> Self {
        Self { inner, progress }
    }

    /// What was watched.
    pub(crate) fn into_inner(self) -> T {
        self.inner
    }

    fn moved(&self, bytes: usize) {
        self.progress.add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }
}

impl<T: Read> Read for Watched<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.moved(read);
        Ok(read)
    }
}

impl<T: Write> Write for Watched<T> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.moved(written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: TileSource> TileSource for Watched<T> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.progress.add(1);
        self.inner.read(path)
    }

    fn list(&self) -> io::Result<Option<Vec<String>>> {
        self.inner.list()
    }
}

/// Often enough to see that it moves. What is done sooner than that says nothing.
const EVERY: Duration = Duration::from_millis(400);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_what_moved_and_a_share_only_where_there_is_a_whole() {
        let progress = Progress::new("reading the backup", Unit::Bytes, Some(4 << 20));
        let mut read = Vec::new();
        let from = io::repeat(7).take(3 << 20);
        Watched::new(from, Arc::clone(&progress)).read_to_end(&mut read).unwrap();
        let done = progress.done.load(Ordering::Relaxed);
        assert_eq!((read.len(), progress.text(done)), (3 << 20, "reading the backup: 3 MiB (75 %)".into()));
        let mut written = Watched::new(Vec::new(), Arc::clone(&progress));
        written.write_all(&[0; 10]).unwrap();
        assert_eq!(written.into_inner().len(), 10);
        assert_eq!(progress.done.load(Ordering::Relaxed), done + 10);
        assert_eq!(progress.text(9 << 20), "reading the backup: 9 MiB (100 %)");
        let files = Progress::new("verifying the log", Unit::Files, None);
        assert_eq!(files.text(12), "verifying the log: 12 files");
    }
}
