//! The tree as it lies in tiles: any of its hashes, and paths through it.

use std::collections::HashMap;

use crate::merkle::{TILE, empty_root, root_of};
use crate::{Error, Hash, TilePath, TileSource, node_hash};

/// The tree over the first `size` entries of a log. Reads each tile once.
pub(crate) struct Tree<'a> {
    source: &'a dyn TileSource,
    size: u64,
    tiles: HashMap<(u8, u64), Vec<Hash>>,
}

impl<'a> Tree<'a> {
    pub(crate) fn new(source: &'a dyn TileSource, size: u64) -> Self {
        Self { source, size, tiles: HashMap::new() }
    }

    /// The root over the first `size` entries, of which there must be that many.
    pub(crate) fn root_at(&mut self, size: u64) -> Result<Hash, Error> {
        if size == 0 { Ok(empty_root()) } else { self.range(0, size) }
    }

    /// The inclusion path of an entry, from the leaf's sibling to the root's child (RFC 6962, 2.1.1).
    pub(crate) fn path(&mut self, index: u64) -> Result<Vec<Hash>, Error> {
        let mut path = Vec::new();
        let (mut from, mut to) = (0, self.size);
        if index >= self.size {
            return Err(Error::NoEntry { index, size: self.size });
        }
        while to - from > 1 {
            let middle = from + split(to - from);
            if index < middle {
                path.push(self.range(middle, to)?);
                to = middle;
            } else {
                path.push(self.range(from, middle)?);
                from = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// MTH(D[from:to]) of RFC 6962, 2.1, where the range is one that its recursion reaches.
    fn range(&mut self, from: u64, to: u64) -> Result<Hash, Error> {
        let count = to - from;
        if count.is_power_of_two() && from.is_multiple_of(count) {
            return self.perfect(count.trailing_zeros(), from / count);
        }
        let middle = from + split(count);
        Ok(node_hash(&self.range(from, middle)?, &self.range(middle, to)?))
    }

    /// The hash of the `number`-th subtree of 2^height entries.
    fn perfect(&mut self, height: u32, number: u64) -> Result<Hash, Error> {
        let (level, within) = (height / 8, height % 8);
        let first = number << within;
        let level = u8::try_from(level).unwrap_or(u8::MAX);
        let tile = self.tile(level, first / 256)?;
        let start = usize::try_from(first % 256).unwrap_or(TILE);
        tile.get(start..start + (1 << within))
            .and_then(root_of)
            .ok_or(Error::NoEntry { index: first << (8 * u32::from(level)), size: self.size })
    }

    fn tile(&mut self, level: u8, number: u64) -> Result<&[Hash], Error> {
        if !self.tiles.contains_key(&(level, number)) {
            let path = TilePath::hashes(level, number, self.size)
                .ok_or(Error::NoEntry { index: number, size: self.size })?;
            let hashes = read_tile(self.source, path)?;
            self.tiles.insert((level, number), hashes);
        }
        Ok(self.tiles.get(&(level, number)).map(Vec::as_slice).unwrap_or_default())
    }
}

/// The largest power of two that is smaller; `count` is 2 or more.
const fn split(count: u64) -> u64 {
    count.next_power_of_two() / 2
}

/// The hashes of a tile. A partial one that is gone because the log has grown is read from the full one.
pub(crate) fn read_tile(source: &dyn TileSource, path: TilePath) -> Result<Vec<Hash>, Error> {
    let (bytes, file) = read_either(source, path)?;
    let full =
        parse_tile(&bytes).ok_or(Error::Damaged { file: file.to_string(), found: "not whole hashes" })?;
    if full.len() != file.width() {
        return Err(Error::Damaged { file: file.to_string(), found: "the wrong number of hashes" });
    }
    Ok(full.into_iter().take(path.width()).collect())
}

/// The file, or the full one if it is gone, and which of them it is.
pub(crate) fn read_either(source: &dyn TileSource, path: TilePath) -> Result<(Vec<u8>, TilePath), Error> {
    for candidate in [path, path.full()] {
        let file = candidate.to_string();
        match source.read(&file) {
            Ok(Some(bytes)) => return Ok((bytes, candidate)),
            Ok(None) => {}
            Err(source) => return Err(Error::Read { file, source }),
        }
    }
    Err(Error::Missing { file: path.to_string() })
}

/// The hashes that a tile's bytes are; none if these are not whole hashes.
pub(crate) fn parse_tile(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.iter().copied().map(Hash::from_bytes).collect())
}

/// The bytes of a tile.
pub(crate) fn tile_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}
