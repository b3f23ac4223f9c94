//! Reading entries and checkpoints.

use std::ops::Range;

use bartizan_model::PointId;
use bartizan_pki::NoteVerifier;

use crate::tree::read_either;
use crate::{Checkpoint, Error, SignedCheckpoint, StoredEntry, TilePath, TileSource, parse_bundle};

/// A log that is read. It does not check entries against the checkpoint: that is what [`verify`](crate::verify()) and
/// proofs do.
#[derive(Debug, Clone)]
pub struct LogReader<S> {
    source: S,
    verifier: NoteVerifier,
}

impl<S: TileSource> LogReader<S> {
    /// The log at `source` whose checkpoints this key signs.
    #[must_use]
    pub const fn new(source: S, verifier: NoteVerifier) -> Self {
        Self { source, verifier }
    }

    /// Where it is read from.
    #[must_use]
    pub const fn source(&self) -> &S {
        &self.source
    }

    /// The newest checkpoint, verified.
    ///
    /// # Errors
    /// When it is missing, or not signed by the log's key.
    pub fn checkpoint(&self) -> Result<SignedCheckpoint, Error> {
        read_checkpoint(&self.source, &self.verifier)
    }

    /// One entry.
    ///
    /// # Errors
    /// When there is no such entry, or its bundle is missing or damaged.
    pub fn entry(&self, index: u64) -> Result<Vec<u8>, Error> {
        let found = self.entries(index..index.saturating_add(1))?.pop();
        found.ok_or(Error::NoEntry { index, size: 0 })
    }

    /// The entries of a range, read bundle by bundle.
    ///
    /// # Errors
    /// When the log ends before the range does, or a bundle is missing or damaged.
    pub fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, Error> {
        // A partial bundle may be replaced by a longer one while it is looked for: then there is a newer checkpoint.
        let mut size = self.checkpoint()?.checkpoint.size;
        loop {
            match self.entries_at(range.clone(), size) {
                Err(Error::Missing { file }) => {
                    let now = self.checkpoint()?.checkpoint.size;
                    if now <= size {
                        return Err(Error::Missing { file });
                    }
                    size = now;
                }
                other => return other,
            }
        }
    }

    /// The newest record of a point among the last `within` entries.
    ///
    /// # Errors
    /// As [`entries`](Self::entries).
    pub fn newest_of(&self, point: PointId, within: u64) -> Result<Option<u64>, Error> {
        let size = self.checkpoint()?.checkpoint.size;
        let entries = self.entries(size.saturating_sub(within)..size)?;
        let parsed = entries.iter().rev().filter_map(|entry| StoredEntry::parse(entry).ok());
        Ok(parsed.filter(|entry| entry.point == point).map(|entry| entry.sequence).next())
    }

    /// The entries of a range of a log that is known to have `size`.
    pub(crate) fn entries_at(&self, range: Range<u64>, size: u64) -> Result<Vec<Vec<u8>>, Error> {
        if range.end > size {
            return Err(Error::NoEntry { index: range.end.saturating_sub(1), size });
        }
        let mut entries = Vec::new();
        let mut next = range.start;
        while next < range.end {
            let number = next / 256;
            let path = TilePath::entries(number, size).ok_or(Error::NoEntry { index: next, size })?;
            let (bytes, file) = read_either(&self.source, path)?;
            let bundle = parse_bundle(&bytes, file.width())
                .map_err(|source| Error::Bundle { file: file.to_string(), source })?;
            let skip = usize::try_from(next % 256).unwrap_or(0);
            let end = range.end.min((number + 1) * 256);
            let take = usize::try_from(end - next).unwrap_or(0);
            entries.extend(bundle.iter().skip(skip).take(take).map(|(_, entry)| entry.to_vec()));
            next = end;
        }
        Ok(entries)
    }
}

/// The checkpoint at a source, verified.
pub(crate) fn read_checkpoint(
    source: &dyn TileSource,
    verifier: &NoteVerifier,
) -> Result<SignedCheckpoint, Error> {
    let file = || String::from("checkpoint");
    let bytes = source
        .read("checkpoint")
        .map_err(|source| Error::Read { file: file(), source })?
        .ok_or_else(|| Error::Missing { file: file() })?;
    let note = String::from_utf8(bytes)
        .ok()
        .ok_or_else(|| Error::Damaged { file: file(), found: "bytes that are no text" })?;
    let checkpoint = Checkpoint::open(&note, verifier)?;
    Ok(SignedCheckpoint { checkpoint, note })
}
