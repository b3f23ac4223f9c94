//! The Merkle tree of RFC 6962, section 2.1, over SHA-256.
//!
//! The tree over any number of nodes is found by joining neighbours and letting a last odd one rise, again and again;
//! that is the same tree as that of the RFC, which splits at the largest power of two.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};

/// A hash of the tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    /// Base64, as in checkpoints and proofs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text that is not a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the base64 of 32 bytes")]
pub struct HashError;

impl FromStr for Hash {
    type Err = HashError;
    fn from_str(text: &str) -> Result<Self, HashError> {
        STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(HashError)
    }
}

/// The hash of a leaf.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut bytes = Vec::with_capacity(entry.len() + 1);
    bytes.push(0);
    bytes.extend_from_slice(entry);
    Hash(bartizan_pki::sha256(&bytes))
}

/// The hash of a node.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    let (_, hashes) = bytes.split_at_mut(1);
    let (first, second) = hashes.split_at_mut(32);
    first.copy_from_slice(&left.0);
    second.copy_from_slice(&right.0);
    Hash(bartizan_pki::sha256(&bytes))
}

/// The root of the tree without leaves.
#[must_use]
pub fn empty_root() -> Hash {
    Hash(bartizan_pki::sha256(&[]))
}

/// The root over these nodes, of which all but the last span the same number of leaves, and the last at most as many.
pub(crate) fn root_of(nodes: &[Hash]) -> Option<Hash> {
    let mut level = nodes.to_vec();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .filter_map(|pair| match pair {
                [left, right] => Some(node_hash(left, right)),
                [odd] => Some(*odd),
                _ => None,
            })
            .collect();
    }
    level.first().copied()
}

/// The root of a tree from the last tile of each level, lowest first, without the hashes of what is above.
pub(crate) fn root_of_levels<'a>(levels: impl IntoIterator<Item = &'a [Hash]>) -> Hash {
    let mut below = None;
    for level in levels {
        let mut nodes = level.to_vec();
        nodes.extend(below);
        below = root_of(&nodes);
    }
    below.unwrap_or_else(empty_root)
}

/// The root to which a leaf's inclusion path leads (RFC 9162, 2.1.3.2); none if it has the wrong length.
pub(crate) fn root_from_path(index: u64, size: u64, leaf: Hash, path: &[Hash]) -> Option<Hash> {
    let mut last = size.checked_sub(1).filter(|last| index <= *last)?;
    let (mut at, mut root) = (index, leaf);
    for hash in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            root = node_hash(hash, &root);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            root = node_hash(&root, hash);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    (last == 0).then_some(root)
}

/// The right edge of a growing tree: for each level of tiles the hashes of the tile that is not full yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edge {
    levels: Vec<Vec<Hash>>,
    size: u64,
}

impl Edge {
    /// The edge that these tiles, lowest first, are.
    pub(crate) const fn of(levels: Vec<Vec<Hash>>, size: u64) -> Self {
        Self { levels, size }
    }

    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn levels(&self) -> &[Vec<Hash>] {
        &self.levels
    }

    pub(crate) fn root(&self) -> Hash {
        root_of_levels(self.levels.iter().map(Vec::as_slice))
    }

    /// Adds a leaf; tells each tile that this makes full.
    pub(crate) fn push(&mut self, leaf: Hash, mut full: impl FnMut(u8, u64, &[Hash])) {
        self.size += 1;
        let mut rising = Some(leaf);
        for level in 0_u8.. {
            let Some(hash) = rising.take() else { break };
            if self.levels.len() <= usize::from(level) {
                self.levels.push(Vec::with_capacity(TILE));
            }
            let Some(tile) = self.levels.get_mut(usize::from(level)) else { break };
            tile.push(hash);
            if tile.len() == TILE {
                // The tile's number: how many are full, less one.
                let number = (self.size >> (8 * (u32::from(level) + 1))).saturating_sub(1);
                full(level, number, tile);
                rising = root_of(tile);
                tile.clear();
            }
        }
    }
}

/// How many hashes a full tile has, and how many entries a full bundle.
pub(crate) const TILE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The leaves and roots that the reference implementation of RFC 6962 tests with.
    const LEAVES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn hex(hash: Hash) -> String {
        hash.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The definition of RFC 6962, 2.1, word by word.
    fn mth(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [one] => *one,
            many => {
                let split = many.len().next_power_of_two() / 2;
                node_hash(&mth(&many[..split]), &mth(&many[split..]))
            }
        }
    }

    /// RFC 6962, 2.1.1, word by word.
    fn audit_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() <= 1 {
            return Vec::new();
        }
        let split = leaves.len().next_power_of_two() / 2;
        let (left, right) = leaves.split_at(split);
        let (mut path, other) = if index < split {
            (audit_path(index, left), mth(right))
        } else {
            (audit_path(index - split, right), mth(left))
        };
        path.push(other);
        path
    }

    #[test]
    fn roots_are_those_that_the_reference_publishes() {
        let mut edge = Edge::default();
        assert_eq!(hex(edge.root()), ROOTS[0]);
        for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
            edge.push(leaf_hash(leaf), |_, _, _| panic!("no tile is full"));
            assert_eq!(hex(edge.root()), *root);
        }
    }

    #[test]
    fn full_tiles_rise_and_the_root_stays_that_of_the_definition() {
        let leaves: Vec<Hash> = (0..70_000_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut edge = Edge::default();
        let mut full = Vec::new();
        for (count, leaf) in leaves.iter().enumerate() {
            edge.push(*leaf, |level, number, tile| {
                assert_eq!(tile.len(), TILE);
                full.push((level, number));
            });
            if [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 70_000].contains(&(count + 1)) {
                assert_eq!(edge.root(), mth(&leaves[..=count]), "{}", count + 1);
            }
        }
        // The example of tlog-tiles: 273 full tiles and one of width 112; one and one of width 17; one of width 1.
        assert_eq!(full.iter().filter(|(level, _)| *level == 0).count(), 273);
        assert_eq!(full.iter().filter(|(level, _)| *level == 1).collect::<Vec<_>>(), [&(1, 0)]);
        assert_eq!(edge.levels().iter().map(Vec::len).collect::<Vec<_>>(), [112, 17, 1]);
    }

    proptest! {
        #[test]
        fn an_inclusion_path_leads_to_its_root_and_to_no_other(size in 1_usize..200, at: prop::sample::Index, other: prop::sample::Index) {
            let leaves: Vec<Hash> = (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
            let at = at.index(size);
            let path = audit_path(at, &leaves);
            let (index, count) = (at as u64, size as u64);
            prop_assert_eq!(root_from_path(index, count, leaves[at], &path), Some(mth(&leaves)));
            let other = other.index(size);
            if other != at {
                prop_assert_ne!(root_from_path(index, count, leaves[other], &path), Some(mth(&leaves)));
                prop_assert_ne!(root_from_path(other as u64, count, leaves[at], &path), Some(mth(&leaves)));
            }
            prop_assert_eq!(root_from_path(count, count, leaves[at], &path), None);
            let mut longer = path.clone();
            longer.push(leaves[0]);
            prop_assert_eq!(root_from_path(index, count, leaves[at], &longer), None);
            if let Some((_, shorter)) = path.split_last() {
                prop_assert_eq!(root_from_path(index, count, leaves[at], shorter), None);
            }
        }

        #[test]
        fn a_hash_is_read_back(bytes: [u8; 32]) {
            let hash = Hash::from_bytes(bytes);
            prop_assert_eq!(hash.to_string().parse(), Ok(hash));
        }
    }
}
