//! The names of a log's files (c2sp.org/tlog-tiles, "APIs").

use std::fmt;

use crate::merkle::TILE;

/// A file of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TilePath {
    /// `checkpoint`.
    Checkpoint,
    /// `tile/entries/<N>[.p/<W>]`.
    Entries {
        /// N.
        number: u64,
        /// W, from 1 to 255, if the bundle is not full.
        partial: Option<u8>,
    },
    /// `tile/<L>/<N>[.p/<W>]`.
    Hashes {
        /// L.
        level: u8,
        /// N.
        number: u64,
        /// W, from 1 to 255, if the tile is not full.
        partial: Option<u8>,
    },
}

impl TilePath {
    /// The bundle of this number in a log of this size; none if the log ends before it.
    #[must_use]
    pub fn entries(number: u64, size: u64) -> Option<Self> {
        let partial = partial(number, size)?;
        Some(Self::Entries { number, partial })
    }

    /// The tile of this level and number in a log of this size; none if the log ends before it.
    #[must_use]
    pub fn hashes(level: u8, number: u64, size: u64) -> Option<Self> {
        let nodes = size.checked_shr(8 * u32::from(level))?;
        let partial = partial(number, nodes)?;
        Some(Self::Hashes { level, number, partial })
    }

    /// The files that a log of this size is made of, besides its checkpoint.
    pub fn of_log(size: u64) -> impl Iterator<Item = Self> {
        let entries = (0..).map_while(move |number| Self::entries(number, size));
        let levels =
            (0..8).map(move |level| (0..).map_while(move |number| Self::hashes(level, number, size)));
        entries.chain(levels.flatten())
    }

    /// The same, full.
    #[must_use]
    pub const fn full(self) -> Self {
        match self {
            Self::Checkpoint => Self::Checkpoint,
            Self::Entries { number, .. } => Self::Entries { number, partial: None },
            Self::Hashes { level, number, .. } => Self::Hashes { level, number, partial: None },
        }
    }

    /// How many entries or hashes it holds.
    #[must_use]
    pub fn width(self) -> usize {
        match self {
            Self::Checkpoint => 1,
            Self::Entries { partial, .. } | Self::Hashes { partial, .. } => partial.map_or(TILE, usize::from),
        }
    }

    /// The largest that such a file can be.
    #[must_use]
    pub fn max_len(self) -> usize {
        match self {
            // A checkpoint with 64 signatures of the largest kind fits well.
            Self::Checkpoint => 1 << 20,
            Self::Entries { .. } => self.width() * (2 + usize::from(u16::MAX)),
            Self::Hashes { .. } => self.width() * 32,
        }
    }

    /// The folder of the partial forms, `<N>.p`.
    pub(crate) fn partial_folder(self) -> String {
        format!("{}.p", self.full())
    }

    /// Reads a name, in the one spelling that it has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let read = Self::read(text)?;
        // One thing, one spelling: no leading zeroes, no superfluous groups.
        (read.to_string() == text).then_some(read)
    }

    fn read(text: &str) -> Option<Self> {
        if text == "checkpoint" {
            return Some(Self::Checkpoint);
        }
        if text.len() > MAX_LEN {
            return None;
        }
        let (level, rest) = text.strip_prefix("tile/")?.split_once('/')?;
        let (number, partial) = match rest.split_once(".p/") {
            Some((number, width)) => (number, Some(width.parse::<u8>().ok().filter(|width| *width > 0)?)),
            None => (rest, None),
        };
        let number = number.split('/').try_fold(0_u64, |number, group| {
            let digits = group.strip_prefix('x').unwrap_or(group);
            if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            number.checked_mul(1000)?.checked_add(digits.parse().ok()?)
        })?;
        if level == "entries" {
            return Some(Self::Entries { number, partial });
        }
        let level = level.parse::<u8>().ok().filter(|level| *level < 64)?;
        Some(Self::Hashes { level, number, partial })
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, partial) = match *self {
            Self::Checkpoint => return f.write_str("checkpoint"),
            Self::Entries { number, partial } => {
                f.write_str("tile/entries/")?;
                (number, partial)
            }
            Self::Hashes { level, number, partial } => {
                write!(f, "tile/{level}/")?;
                (number, partial)
            }
        };
        let mut groups = vec![number % 1000];
        let mut rest = number / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        while let Some(group) = groups.pop() {
            if groups.is_empty() {
                write!(f, "{group:03}")?;
            } else {
                write!(f, "x{group:03}/")?;
            }
        }
        partial.map_or(Ok(()), |width| write!(f, ".p/{width}"))
    }
}

/// The width of a tile if it is partial; none if there is no such tile.
fn partial(number: u64, nodes: u64) -> Option<Option<u8>> {
    let start = number.checked_mul(256)?;
    let width = nodes.checked_sub(start).filter(|width| *width > 0)?;
    Some(u8::try_from(width).ok())
}

/// `tile/entries/`, seven groups of five characters, `.p/255`: longer names are no file of a log.
const MAX_LEN: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_those_of_the_specification() {
        let number = 1_234_067;
        assert_eq!(TilePath::Hashes { level: 3, number, partial: None }.to_string(), "tile/3/x001/x234/067");
        assert_eq!(TilePath::Entries { number: 7, partial: Some(12) }.to_string(), "tile/entries/007.p/12");
        assert_eq!(TilePath::hashes(0, 273, 70_000).unwrap().to_string(), "tile/0/273.p/112");
        assert_eq!(TilePath::hashes(2, 0, 70_000).unwrap().to_string(), "tile/2/000.p/1");
        assert_eq!(TilePath::hashes(3, 0, 70_000), None);
        assert_eq!(TilePath::hashes(0, 0, 256).unwrap().to_string(), "tile/0/000");
        assert_eq!(TilePath::entries(1, 256), None);
        assert_eq!(TilePath::hashes(200, 0, u64::MAX), None);
    }

    #[test]
    fn a_log_is_made_of_its_bundles_and_the_tiles_above_them() {
        let files = |size| TilePath::of_log(size).map(|tile| tile.to_string()).collect::<Vec<_>>();
        assert!(files(0).is_empty());
        assert_eq!(files(1), ["tile/entries/000.p/1", "tile/0/000.p/1"]);
        assert_eq!(files(256), ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
        let third = ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/5"];
        let tiles = ["tile/0/000", "tile/0/001", "tile/0/002.p/5", "tile/1/000.p/2"];
        assert_eq!(files(517), [&third[..], &tiles].concat());
        let high =
            TilePath::of_log(1 << 24).filter(|tile| matches!(tile, TilePath::Hashes { level: 2.., .. }));
        let high: Vec<String> = high.map(|tile| tile.to_string()).collect();
        assert_eq!(high, ["tile/2/000", "tile/3/000.p/1"]);
    }

    #[test]
    fn other_spellings_are_no_files_of_a_log() {
        for text in [
            "",
            "/checkpoint",
            "tile/0/000/",
            "tile/0/0",
            "tile/00/000",
            "tile/64/000",
            "tile/0/x000/001",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/../checkpoint",
            "tile/0/000.p",
            "tile/0/+01",
            "tile/entries/x001",
            "tile/0/001/x002",
        ] {
            assert_eq!(TilePath::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_name_is_read_back(level in 0_u8..64, number: u64, width: u8, entries: bool) {
            let partial = (width > 0).then_some(width);
            let path = if entries { TilePath::Entries { number, partial } } else { TilePath::Hashes { level, number, partial } };
            prop_assert_eq!(TilePath::parse(&path.to_string()), Some(path));
        }

        #[test]
        fn arbitrary_text_never_panics(text in ".{0,80}") {
            let _ = TilePath::parse(&text);
            let _ = TilePath::parse(&format!("tile/{text}"));
        }
    }
}
