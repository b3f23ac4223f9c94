//! A segment: a file of consecutive records behind a header that ties it to what came before.

use std::path::{Path, PathBuf};

use bartizan_model::PointId;

use super::record::{Check, ReadError, decode_record, first_16};

const MAGIC: &[u8; 8] = b"BZSPOOL1";

/// Magic, point, first sequence number, check of the record before, check of all these.
pub(crate) const HEADER: usize = 8 + 16 + 8 + 16 + 16;

/// What a segment says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) point: PointId,
    pub(crate) first: u64,
    pub(crate) before: Check,
}

impl Header {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(self.point.as_bytes());
        bytes.extend_from_slice(&self.first.to_le_bytes());
        bytes.extend_from_slice(&self.before);
        let check = first_16(&bartizan_pki::sha256(&bytes));
        bytes.extend_from_slice(&check);
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let body = bytes.get(..HEADER - 16)?;
        let check = bytes.get(HEADER - 16..HEADER)?;
        if first_16(&bartizan_pki::sha256(body)) != check {
            return None;
        }
        let (magic, rest) = body.split_first_chunk::<8>()?;
        let (point, rest) = rest.split_first_chunk::<16>()?;
        let (first, rest) = rest.split_first_chunk::<8>()?;
        let (before, _) = rest.split_first_chunk::<16>()?;
        (magic == MAGIC).then(|| Self {
            point: PointId::from_bytes(*point),
            first: u64::from_le_bytes(*first),
            before: *before,
        })
    }
}

/// Something in the spool that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Where in it, in bytes.
    pub offset: u64,
    /// What is wrong.
    pub what: String,
}

/// What a segment holds, up to the first thing that is wrong with it.
#[derive(Debug)]
pub struct SegmentContent {
    /// The point that wrote it.
    pub point: PointId,
    /// The sequence number of its first record.
    pub first: u64,
    /// The check that its first record is built on.
    pub before: Check,
    /// How many whole records it holds.
    pub records: u64,
    /// The check of the last of them (that before the first, if there is none).
    pub last_check: Check,
    /// Where the last of them ends, in bytes.
    pub end: u64,
    /// What follows it that is not a record, and where.
    pub fault: Option<(u64, ReadError)>,
}

/// Reads a segment from memory, handing each record to `each`.
///
/// # Errors
/// The header is not one that we wrote.
pub fn read_segment(bytes: &[u8], mut each: impl FnMut(u64, &[u8])) -> Result<SegmentContent, &'static str> {
    let header = Header::decode(bytes).ok_or("the segment's header is not as it was written")?;
    let mut content = SegmentContent {
        point: header.point,
        first: header.first,
        before: header.before,
        records: 0,
        last_check: header.before,
        end: u64::try_from(HEADER).unwrap_or(0),
        fault: None,
    };
    let mut rest = bytes.get(HEADER..).unwrap_or_default();
    while !rest.is_empty() {
        let sequence = header.first.saturating_add(content.records);
        match decode_record(rest, &content.last_check, sequence) {
            Ok(record) => {
                each(sequence, record.payload);
                content.records += 1;
                content.last_check = record.check;
                content.end += u64::try_from(record.length).unwrap_or(0);
                rest = rest.get(record.length..).unwrap_or_default();
            }
            Err(error) => {
                content.fault = Some((content.end, error));
                break;
            }
        }
    }
    Ok(content)
}

/// Whose the newest record in a folder is, and its number, if there is one. The spool may be in use.
///
/// # Errors
/// The folder cannot be read.
pub fn newest_record(folder: &Path) -> std::io::Result<Option<(PointId, u64)>> {
    for (_, path) in list(folder)?.into_iter().rev() {
        // Who empties it may have been faster.
        let bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            read => read?,
        };
        if let Ok(content) = read_segment(&bytes, |_, _| ())
            && content.records > 0
        {
            return Ok(Some((content.point, content.first.saturating_add(content.records - 1))));
        }
    }
    Ok(None)
}

/// The segments of a folder in the order of their names, which is that of their first records.
pub(crate) fn list(folder: &Path) -> std::io::Result<Vec<(u64, PathBuf)>> {
    let mut segments = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let first = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_suffix(".seg"))
            .and_then(|digits| digits.parse().ok());
        if let Some(first) = first {
            segments.push((first, path));
        }
    }
    segments.sort();
    Ok(segments)
}

pub(crate) fn path_of(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}.seg"))
}

/// Checks every segment of a folder: each record, and that each segment goes on where the one before ended.
///
/// `from` is the first record that must still be there: the one after the newest that the evidence log holds.
///
/// # Errors
/// The folder cannot be read.
pub fn check_folder(folder: &Path, from: u64) -> std::io::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let mut expected: Option<(u64, Check)> = None;
    let segments = list(folder)?;
    let mut contents = Vec::new();
    for (name, path) in segments {
        let bytes = std::fs::read(&path)?;
        match read_segment(&bytes, |_, _| ()) {
            Ok(content) => contents.push((name, path, content)),
            Err(what) => problems.push(Problem { file: path, offset: 0, what: what.into() }),
        }
    }
    for (place, (name, path, content)) in contents.iter().enumerate() {
        let mut report = |offset, what: String| problems.push(Problem { file: path.clone(), offset, what });
        if content.first != *name {
            report(0, format!("its first record is {}, not what its name says", content.first));
        }
        match expected {
            // A segment may begin before the end of the one before it, with the same records: they were written
            // again because the disk had failed to take them.
            Some((next, _)) if content.first > next => {
                report(0, format!("records {next} to {} are missing before it", content.first - 1));
            }
            Some((next, check)) if content.first == next && content.before != check => {
                report(0, String::from("it does not follow the segment before it"));
            }
            None if content.first > from => {
                report(0, format!("records {from} to {} are missing before it", content.first - 1));
            }
            Some(_) | None => {}
        }
        let next = content.first.saturating_add(content.records);
        let replaced = contents.get(place + 1).is_some_and(|(_, _, after)| after.first <= next);
        if let Some((offset, error)) = content.fault
            && !(replaced && error == ReadError::Incomplete)
        {
            report(offset, error.to_string());
        }
        expected = Some((next, content.last_check));
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use bartizan_testkit::SeededEntropy;

    use super::*;
    use crate::spool::{Class, Spool, SpoolConfig};

    #[test]
    fn the_newest_record_is_found_while_the_spool_is_written() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(newest_record(folder.path()).unwrap(), None);
        assert!(newest_record(&folder.path().join("none")).is_err());
        let config = SpoolConfig { segment_bytes: 4096, ..SpoolConfig::at(folder.path().to_owned()) };
        let spool = Spool::open(config, 0, &SeededEntropy::new(1)).unwrap();
        assert_eq!(newest_record(folder.path()).unwrap(), None);
        for number in 1..200 {
            spool.record(Class::Essential, vec![b'x'; 100]).unwrap();
            assert_eq!(newest_record(folder.path()).unwrap(), Some((spool.point(), number)));
        }
        assert!(list(folder.path()).unwrap().len() > 3);
    }
}
