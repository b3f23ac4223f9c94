//! The file `.points`: up to which record the log has the records of each point, as of some earlier size.
//!
//! It spares a restart the reading of the whole log: only what was appended since it was written is read. It is signed,
//! because a wrong number in it would make the log pass over records as if it had them. Without it the whole log is
//! read.

use std::collections::HashMap;
use std::fmt::Write as _;

use bartizan_model::PointId;
use bartizan_pki::{NoteKey, NoteVerifier};

use crate::checkpoint::decimal;
use crate::{Error, Hash};

/// The newest record of each point in a log of some size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Points {
    pub(crate) size: u64,
    pub(crate) root: Hash,
    pub(crate) newest: HashMap<PointId, u64>,
}

impl Points {
    pub(crate) fn sign(&self, key: &NoteKey) -> Result<String, Error> {
        let mut text = format!("{FIRST_LINE}\n{}\n{}\n{}\n", key.verifier().name(), self.size, self.root);
        let mut newest: Vec<_> = self.newest.iter().collect();
        newest.sort();
        for (point, sequence) in newest {
            let _ = writeln!(text, "{point} {sequence}");
        }
        key.sign(&text).map_err(|source| Error::Sign { source })
    }

    pub(crate) fn open(note: &str, verifier: &NoteVerifier) -> Result<Self, Error> {
        let text = verifier.open(note).map_err(|source| Error::Note { file: String::from(FILE), source })?;
        Self::read(text, verifier.name())
            .ok_or(Error::Damaged { file: String::from(FILE), found: "another form than it should have" })
    }

    fn read(text: &str, origin: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        if lines.next()? != FIRST_LINE || lines.next()? != origin {
            return None;
        }
        let size = decimal(lines.next()?)?;
        let root = lines.next()?.parse().ok()?;
        let newest = lines
            .map(|line| {
                let (point, sequence) = line.split_once(' ')?;
                Some((point.parse().ok()?, decimal(sequence)?))
            })
            .collect::<Option<_>>()?;
        Some(Self { size, root, newest })
    }
}

/// Its name in the log's folder.
pub(crate) const FILE: &str = ".points";

/// 10,000 points fit.
pub(crate) const MAX_LEN: usize = 1 << 20;

/// Not an origin (it has spaces), so that this note is never taken for a checkpoint.
const FIRST_LINE: &str = "bartizan points v1";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Checkpoint;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_read_back_and_is_no_checkpoint(size: u64, newest: HashMap<[u8; 16], u64>) {
            let key = NoteKey::generate("example.org/log").unwrap();
            let newest = newest.into_iter().map(|(id, sequence)| (PointId::from_bytes(id), sequence)).collect();
            let points = Points { size, root: crate::empty_root(), newest };
            let note = points.sign(&key).unwrap();
            prop_assert_eq!(Points::open(&note, key.verifier()).unwrap(), points);
            prop_assert!(Checkpoint::open(&note, key.verifier()).is_err());
        }

        #[test]
        fn arbitrary_text_never_panics(text in "(?s).{0,200}") {
            let _ = Points::read(&text, "o");
            let _ = Points::read(&format!("{FIRST_LINE}\no\n{text}"), "o");
        }
    }
}
