//! How many files may be open at once, and how many connections follow from it.
//!
//! A connection that finds no file left fails in whatever it happens to do, for whoever happens to be there. So the gateway
//! takes no more of them than there are files for, and tells the others to come back.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit of this process as far as the system permits; how many files may be open then.
pub(crate) fn raise() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum.unwrap_or(u64::MAX),
        Err(error) => {
            tracing::warn!(%error, "the limit of open files stays as it is");
            limit.current.unwrap_or(u64::MAX)
        }
    }
}

/// How many connections from clients there are files for: one for each, and one for its way to an app's server.
pub(crate) fn connections(files: u64) -> usize {
    let room = files.saturating_sub(RESERVED) / 2;
    usize::try_from(room).unwrap_or(usize::MAX).clamp(LEAST, MOST)
}

/// For the database, the log, the spool, listeners, health, and the lobby in which administration goes on.
pub(crate) const RESERVED: u64 = 256;

/// Below that it serves hardly anybody.
const LEAST: usize = 8;

/// At 20 KB each, 400 MB.
const MOST: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_files_for_what_is_let_in() {
        for (files, expected) in
            [(0, LEAST), (256, LEAST), (300, 22), (1024, 384), (65_536, 20_000), (u64::MAX, 20_000)]
        {
            assert_eq!(connections(files), expected, "{files}");
        }
    }
}
