//! What is in a backup, and under which names.

use std::io::{self, Read, Write};

use bartizan_model::Timestamp;
use serde::{Deserialize, Serialize};

/// What a backup is of. The first file of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The form of the archive.
    pub(crate) format: u32,
    /// The release that took it.
    pub(crate) release: String,
    /// The domain of the deployment.
    pub(crate) domain: String,
    /// When it was taken.
    pub(crate) time: Timestamp,
    /// The newest revision of the database.
    pub(crate) revision: u64,
    /// How many entries the log has.
    pub(crate) log_size: u64,
    /// Whether the log has everything that had been recorded when the database was copied.
    pub(crate) evidence_complete: bool,
}

/// The form that this release writes and reads.
pub(super) const FORMAT: u32 = 1;

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const CONFIG: &str = "bartizan.toml";
pub(super) const MASTER: &str = "keys/master";
pub(super) const DATABASE: &str = "bartizan.db";
pub(super) const LOG: &str = "log/";

/// What an entry of the archive is. Nothing else is in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Manifest,
    Config,
    Master,
    Database,
    /// A file of the log, by its name there.
    Log(&'a str),
}

impl<'a> Part<'a> {
    /// The part of this name; none if no backup of ours has one, so that no name leads anywhere.
    pub(super) fn of(name: &'a str) -> Option<Self> {
        match name {
            MANIFEST => Some(Self::Manifest),
            CONFIG => Some(Self::Config),
            MASTER => Some(Self::Master),
            DATABASE => Some(Self::Database),
            other => {
                let file = other.strip_prefix(LOG)?;
                bartizan_evidence::TilePath::parse(file).map(|_tile| Self::Log(file))
            }
        }
    }

    /// The most that such a file may hold; none where the disk is the only limit.
    pub(super) fn max_len(self) -> Option<u64> {
        match self {
            Self::Manifest => Some(64 << 10),
            Self::Config => Some(1 << 20),
            Self::Master => Some(4 << 10),
            Self::Database => None,
            Self::Log(file) => {
                let tile = bartizan_evidence::TilePath::parse(file)?;
                u64::try_from(tile.max_len()).ok()
            }
        }
    }
}

/// Writes an archive.
pub(super) struct Writer<W: Write> {
    archive: tar::Builder<W>,
    time: u64,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(to: W, time: Timestamp) -> Self {
        Self { archive: tar::Builder::new(to), time: u64::try_from(time.as_secs()).unwrap_or(0) }
    }

    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.add_from(name, u64::try_from(bytes.len()).unwrap_or(0), bytes)
    }

    pub(super) fn add_from(&mut self, name: &str, length: u64, from: impl Read) -> io::Result<()> {
        let mut header = tar::Header::new_ustar();
        header.set_size(length);
        header.set_mode(0o600);
        header.set_mtime(self.time);
        self.archive.append_data(&mut header, name, from)
    }

    pub(super) fn finish(self) -> io::Result<W> {
        self.archive.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_backup_has_is_a_part_of_one() {
        for name in [
            "manifest.json",
            "bartizan.toml",
            "keys/master",
            "bartizan.db",
            "log/checkpoint",
            "log/tile/0/000",
        ] {
            assert!(Part::of(name).is_some(), "{name}");
        }
        for name in [
            "",
            "/etc/passwd",
            "../bartizan.db",
            "log/../keys/master",
            "log/",
            "log/.points",
            "keys/other",
            "spool/point",
            "./bartizan.db",
            "bartizan.db/x",
            "log/tile/0/../../../x",
        ] {
            assert!(Part::of(name).is_none(), "{name}");
        }
    }
}
