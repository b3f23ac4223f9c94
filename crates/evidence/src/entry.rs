//! One entry of the log: an event, and whose record of which number it is.

use bartizan_model::{Event, PointId};

/// The largest event, in bytes of JSON, that fits an entry (65,535 bytes) beside its point and sequence number.
pub const MAX_EVENT: usize = 65_535 - WRAPPING;

/// Bytes that are no entry.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// What surrounds the event is not spelled as it must be.
    #[error("not `{{\"point\":…,\"seq\":…,\"event\":…}}`")]
    Form,
    /// The event is not one.
    #[error("not an event")]
    Event {
        /// Why.
        source: serde_json::Error,
    },
    /// The event is larger than [`MAX_EVENT`].
    #[error("{bytes} bytes are too much for an event")]
    TooLong {
        /// How large it is.
        bytes: usize,
    },
}

/// An entry as the log keeps it. The event is not read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredEntry<'a> {
    /// Whose record.
    pub point: PointId,
    /// Which of its records, counted from 1.
    pub sequence: u64,
    /// The event in JSON, as its point recorded it.
    pub event: &'a [u8],
}

impl<'a> StoredEntry<'a> {
    /// Reads an entry's wrapping.
    ///
    /// # Errors
    /// When it is not spelled exactly as [`encode`](Self::encode) does.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, EntryError> {
        Self::read(bytes).ok_or(EntryError::Form)
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (point, rest) = bytes.strip_prefix(OPEN)?.split_at_checked(36)?;
        let point: PointId = str::from_utf8(point).ok()?.parse().ok()?;
        let rest = rest.strip_prefix(SEQ)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = rest.split_at_checked(digits)?;
        let sequence: u64 = str::from_utf8(number).ok()?.parse().ok()?;
        let event = rest.strip_prefix(EVENT)?.strip_suffix(b"}")?;
        let read = Self { point, sequence, event };
        // One entry, one spelling: no leading zeroes, no capitals in the point.
        bytes.starts_with(&read.head()).then_some(read)
    }

    fn head(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(WRAPPING + self.event.len());
        bytes.extend_from_slice(OPEN);
        bytes.extend_from_slice(self.point.to_string().as_bytes());
        bytes.extend_from_slice(SEQ);
        bytes.extend_from_slice(self.sequence.to_string().as_bytes());
        bytes.extend_from_slice(EVENT);
        bytes
    }

    /// The bytes of the entry, which are a leaf of the log.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.head();
        bytes.extend_from_slice(self.event);
        bytes.push(b'}');
        bytes
    }

    /// Reads the event.
    ///
    /// # Errors
    /// When it is too long, or not an event.
    pub fn event(&self) -> Result<Event, EntryError> {
        if self.event.len() > MAX_EVENT {
            return Err(EntryError::TooLong { bytes: self.event.len() });
        }
        serde_json::from_slice(self.event).map_err(|source| EntryError::Event { source })
    }
}

const OPEN: &[u8] = br#"{"point":""#;
const SEQ: &[u8] = br#"","seq":"#;
const EVENT: &[u8] = br#","event":"#;

/// What surrounds an event at most: the texts above, a point, the longest number, a brace.
const WRAPPING: usize = OPEN.len() + 36 + SEQ.len() + 20 + EVENT.len() + 1;

#[cfg(test)]
mod tests {
    use super::*;
    use bartizan_model::{EventId, EventKind, Outcome, Timestamp};
    use proptest::prelude::*;

    fn event() -> Vec<u8> {
        let id = EventId::from_bytes([7; 16]);
        serde_json::to_vec(&Event::new(id, Timestamp::default(), EventKind::SystemStart, Outcome::Ok))
            .unwrap()
    }

    #[test]
    fn an_entry_is_json_with_the_event_as_it_came() {
        let event = event();
        let entry = StoredEntry { point: PointId::from_bytes([1; 16]), sequence: 42, event: &event }.encode();
        let json: serde_json::Value = serde_json::from_slice(&entry).unwrap();
        assert_eq!(json["point"], "01010101-0101-0101-0101-010101010101");
        assert_eq!(json["seq"], 42);
        assert_eq!(json["event"]["kind"], "system.start");
        let read = StoredEntry::parse(&entry).unwrap();
        assert_eq!((read.sequence, read.event), (42, event.as_slice()));
        assert_eq!(read.event().unwrap().kind, EventKind::SystemStart);
    }

    #[test]
    fn other_spellings_are_no_entries() {
        let good = String::from_utf8(
            StoredEntry { point: PointId::from_bytes([0xab; 16]), sequence: 42, event: b"{}" }.encode(),
        )
        .unwrap();
        for bad in [
            good.replace("abab", "ABAB"),
            good.replace("42", "042"),
            good.replace("42", ""),
            good.replace("42", "99999999999999999999"),
            good.replace("42", "-1"),
            good.replace(',', " ,"),
            format!(" {good}"),
            format!("{good} "),
            good.trim_end_matches('}').to_owned(),
        ] {
            assert!(StoredEntry::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        let entry = StoredEntry::parse(good.as_bytes()).unwrap();
        assert!(matches!(entry.event(), Err(EntryError::Event { .. })));
    }

    #[test]
    fn the_largest_event_just_fits() {
        let event = vec![b' '; MAX_EVENT];
        let entry = StoredEntry { point: PointId::from_bytes([1; 16]), sequence: u64::MAX, event: &event };
        assert_eq!(entry.encode().len(), 65_535);
        let longer = vec![b' '; MAX_EVENT + 1];
        let entry = StoredEntry { event: &longer, ..entry };
        assert!(matches!(entry.event(), Err(EntryError::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn an_entry_is_read_back(point: [u8; 16], sequence: u64, event: Vec<u8>) {
            let entry = StoredEntry { point: PointId::from_bytes(point), sequence, event: &event };
            let bytes = entry.encode();
            prop_assert_eq!(StoredEntry::parse(&bytes).unwrap(), entry);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            let _ = StoredEntry::parse(&bytes).map(|entry| entry.event());
            let _ = StoredEntry::parse(&[OPEN, bytes.as_slice()].concat()).map(|entry| entry.event());
        }
    }
}
