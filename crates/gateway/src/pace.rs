//! How fast the body of a request has to come while somebody waits for it.
//!
//! Whoever sends a byte now and then holds a connection, a grant and a place at the server behind for as long as they like;
//! so what counts is how much came, not that something did. A body that nobody wants more of may stand still.

use std::time::Duration;

use crate::relay::Progress;

/// Looks at a body once in each `window`.
#[derive(Debug)]
pub(crate) struct Pace<'a> {
    progress: &'a Progress,
    pub(crate) window: Duration,
    bytes: u64,
}

impl<'a> Pace<'a> {
    pub(crate) fn new(progress: &'a Progress, window: Duration) -> Self {
        Self { progress, window, bytes: progress.bytes() }
    }

    /// Whether, in the window that is over, the client was waited for and sent too little. Windows that follow begin now.
    pub(crate) fn is_too_slow(&mut self) -> bool {
        let now = self.progress.bytes();
        let came = now - std::mem::replace(&mut self.bytes, now);
        // INVARIANT: a window has a few seconds, so the product is far below its type's end.
        let least =
            MIN_RATE.saturating_mul(u64::try_from(self.window.as_millis()).unwrap_or(u64::MAX)) / 1000;
        self.progress.is_starved() && !self.progress.is_over() && came < least
    }
}

/// Bytes a second: as slow as the slowest mobile connection, and what others ask for, too (Apache `mod_reqtimeout`).
const MIN_RATE: u64 = 500;
