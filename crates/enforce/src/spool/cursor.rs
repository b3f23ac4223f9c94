//! Reading the spool from the front while it is written at the back.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use super::record::{Check, HEAD, MAX_PAYLOAD, decode_record};
use super::segment::HEADER;

/// A place in a segment from which records are read on.
#[derive(Debug)]
pub(crate) struct Cursor {
    file: File,
    offset: u64,
    pub(crate) sequence: u64,
    check: Check,
    pub(crate) segment: u64,
}

impl Cursor {
    /// The beginning of a segment.
    pub(crate) fn at_start(file: File, segment: u64, before: Check) -> Self {
        Self { file, offset: u64::try_from(HEADER).unwrap_or(0), sequence: segment, check: before, segment }
    }

    /// Reads whole records, at most `bytes` of them together and none with a sequence number of `end` or more.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else than records where records were written.
    pub(crate) fn read(&mut self, end: u64, bytes: usize) -> io::Result<Vec<Vec<u8>>> {
        let mut entries = Vec::new();
        if self.sequence >= end {
            return Ok(entries);
        }
        let mut buffer = vec![0; bytes.max(HEAD + MAX_PAYLOAD)];
        let mut filled = 0;
        while let Some(room) = buffer.get_mut(filled..)
            && !room.is_empty()
        {
            let place = self.offset + u64::try_from(filled).unwrap_or(0);
            match self.file.read_at(room, place)? {
                0 => break,
                read => filled += read,
            }
        }
        let mut rest = buffer.get(..filled).unwrap_or_default();
        while self.sequence < end {
            match decode_record(rest, &self.check, self.sequence) {
                Ok(record) => {
                    entries.push(record.payload.to_vec());
                    self.check = record.check;
                    self.sequence += 1;
                    self.offset += u64::try_from(record.length).unwrap_or(0);
                    rest = rest.get(record.length..).unwrap_or_default();
                }
                Err(super::ReadError::Incomplete) if !entries.is_empty() => break,
                Err(error) => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        format!("record {} at byte {}: {error}", self.sequence, self.offset),
                    ));
                }
            }
        }
        Ok(entries)
    }
}
