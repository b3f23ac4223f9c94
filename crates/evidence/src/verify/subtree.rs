//! Tiles against what is above and below them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::content::{Content, Sequences};
use super::{MAX_PROBLEMS, Problem, Run, read_file, read_hashes};
use crate::merkle::{TILE, root_of};
use crate::{Hash, TilePath, TileSource, leaf_hash, parse_bundle};

/// The last, partial tile of each level and the last bundle, as they are stored.
pub(super) struct Edges {
    size: u64,
    /// Lowest first; none where a tile is missing or malformed, empty where the level ends with a full tile.
    pub(super) tiles: Vec<Option<Vec<Hash>>>,
    bundle: Option<Vec<u8>>,
}

impl Edges {
    pub(super) fn read(source: &dyn TileSource, size: u64) -> (Self, Vec<Problem>) {
        let mut edges = Self { size, tiles: Vec::new(), bundle: None };
        let mut problems = Vec::new();
        while edges.nodes(edges.tiles.len()) > 0 {
            let tile = match edges.path(edges.tiles.len()) {
                Some(path) => read_hashes(source, path).map_err(|problem| problems.push(problem)).ok(),
                None => Some(Vec::new()),
            };
            edges.tiles.push(tile);
        }
        if let Some(path) = edges.bundle_path() {
            match read_file(source, path) {
                // A full bundle begins with what the partial one had.
                Ok((bytes, file)) => edges.bundle = Some(beginning(bytes, path.width(), file.width())),
                Err(problem) => problems.push(problem),
            }
        }
        (edges, problems)
    }

    fn nodes(&self, level: usize) -> u64 {
        u32::try_from(8 * level).ok().and_then(|shift| self.size.checked_shr(shift)).unwrap_or(0)
    }

    /// The number of a level's last tile.
    pub(super) fn number(&self, level: usize) -> u64 {
        self.nodes(level) / 256
    }

    /// How many hashes it has.
    pub(super) fn width(&self, level: usize) -> usize {
        usize::try_from(self.nodes(level) % 256).unwrap_or(0)
    }

    pub(super) fn path(&self, level: usize) -> Option<TilePath> {
        TilePath::hashes(u8::try_from(level).ok()?, self.number(level), self.size)
    }

    fn bundle_path(&self) -> Option<TilePath> {
        TilePath::entries(self.size / 256, self.size)
    }

    /// The first entry below a hash of a level's last tile.
    pub(super) fn first_index(&self, level: usize, place: usize) -> u64 {
        let first = (self.number(level) * 256).saturating_add(u64::try_from(place).unwrap_or(0));
        u32::try_from(8 * level).ok().and_then(|shift| first.checked_shl(shift)).unwrap_or(u64::MAX)
    }
}

fn beginning(mut bytes: Vec<u8>, width: usize, stored: usize) -> Vec<u8> {
    if stored > width
        && let Ok(entries) = parse_bundle(&bytes, stored)
        && let Some((end, _)) = entries.get(width)
    {
        let end = *end;
        bytes.truncate(end);
    }
    bytes
}

/// What was found below some neighbouring hashes.
#[derive(Default)]
struct Found {
    roots: Vec<Hash>,
    problems: Vec<Problem>,
    content: Content,
}

impl Run<'_> {
    /// Checks full subtrees that are neighbours, and returns the hash of each: the expected one where there is one,
    /// else the one that follows from below.
    pub(super) fn children(
        &mut self,
        level: usize,
        first: u64,
        expected: &[Option<Hash>],
        sequences: &mut Sequences,
    ) -> Vec<Hash> {
        if self.problems.len() > MAX_PROBLEMS {
            // Enough is known; whoever has the key may state any size, and all below it would be looked for.
            return expected.iter().map(|hash| hash.unwrap_or_else(crate::empty_root)).collect();
        }
        if level == 0 {
            return self.leaf_tiles(first, expected, sequences);
        }
        let mut roots = Vec::with_capacity(expected.len());
        for (number, expected) in (first..).zip(expected) {
            roots.push(self.subtree(level, number, *expected, sequences));
        }
        roots
    }

    fn subtree(
        &mut self,
        level: usize,
        number: u64,
        expected: Option<Hash>,
        sequences: &mut Sequences,
    ) -> Hash {
        let path = TilePath::Hashes { level: u8::try_from(level).unwrap_or(u8::MAX), number, partial: None };
        let stored = match read_hashes(self.source, path) {
            Ok(hashes) => Some(hashes),
            Err(problem) => {
                self.report(problem);
                None
            }
        };
        let authentic = expected.is_some() && stored.as_deref().and_then(root_of) == expected;
        let below: Vec<Option<Hash>> = match &stored {
            Some(hashes) if authentic => hashes.iter().copied().map(Some).collect(),
            _ => vec![None; TILE],
        };
        let derived = self.children(level - 1, number * 256, &below, sequences);
        let root = root_of(&derived).unwrap_or_else(crate::empty_root);
        if authentic {
            return expected.unwrap_or(root);
        }
        if let Some(stored) = stored {
            let differs = stored.iter().zip(&derived).position(|(stored, derived)| stored != derived);
            let place = differs.unwrap_or(0);
            let index = (number * 256 + u64::try_from(place).unwrap_or(0)) << (8 * level);
            if differs.is_some() {
                let what = "a hash that is not that of what is below it";
                self.report(Problem::of_file(path, what).at(place * 32, index));
            } else if expected.is_some_and(|expected| expected != root) {
                let what = "with all that is below it, not what the tile above has a hash of";
                self.report(Problem::of_file(path, what).at(0, index));
            }
        }
        expected.unwrap_or(root)
    }

    /// Checks full tiles of the lowest level and their bundles, on as many processors as it may use.
    fn leaf_tiles(&mut self, first: u64, expected: &[Option<Hash>], sequences: &mut Sequences) -> Vec<Hash> {
        let units: Vec<(u64, &[Option<Hash>])> = (first..).step_by(UNIT).zip(expected.chunks(UNIT)).collect();
        let workers = self.processors.min(units.len()).min(MAX_WORKERS);
        let this = &*self;
        let mut found: Vec<(usize, Found)> = if workers < 2 {
            units.iter().enumerate().map(|(place, unit)| (place, this.unit(unit.0, unit.1))).collect()
        } else {
            let next = AtomicUsize::new(0);
            let work = || {
                let mut done = Vec::new();
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some((first, expected)) = units.get(place) else { return done };
                    done.push((place, this.unit(*first, expected)));
                }
            };
            thread::scope(|scope| {
                let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
                threads.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
            })
        };
        found.sort_by_key(|(place, _)| *place);
        let mut roots = Vec::with_capacity(expected.len());
        for (_, unit) in found {
            roots.extend(unit.roots);
            unit.problems.into_iter().for_each(|problem| self.report(problem));
            sequences.extend(unit.content);
        }
        if roots.len() != expected.len() {
            self.report(Problem::of_file("checkpoint", "the verification itself failed; run it again"));
            roots.resize(expected.len(), crate::empty_root());
        }
        roots
    }

    fn unit(&self, first: u64, expected: &[Option<Hash>]) -> Found {
        let mut found = Found::default();
        let mut bundles = Vec::with_capacity(expected.len());
        for (number, expected) in (first..).zip(expected) {
            let entries = TilePath::Entries { number, partial: None };
            let bundle = match read_file(self.source, entries) {
                Ok((bytes, _)) => Some(bytes),
                Err(problem) => {
                    found.problems.push(problem);
                    None
                }
            };
            let tile = TilePath::Hashes { level: 0, number, partial: None };
            let stored = match read_hashes(self.source, tile) {
                Ok(hashes) => Some(hashes),
                Err(problem) => {
                    found.problems.push(problem);
                    None
                }
            };
            let leaves =
                compare(entries, bundle.as_deref(), tile, stored.as_deref(), *expected, &mut found.problems);
            let root = expected.or_else(|| leaves.as_deref().and_then(root_of));
            found.roots.push(root.unwrap_or_else(crate::empty_root));
            bundles.extend(bundle.map(|bundle| (entries, bundle)));
        }
        if found.problems.is_empty() && !self.damaged.load(Ordering::Relaxed) {
            for (path, bundle) in &bundles {
                found.content.read(*path, bundle);
            }
        }
        found
    }

    /// Checks the last, partial bundle, and returns the hashes that the lowest level's last tile should have.
    pub(super) fn last_bundle(
        &mut self,
        edges: &Edges,
        authentic: bool,
        sequences: &mut Sequences,
    ) -> Vec<Hash> {
        let stored = edges.tiles.first().and_then(Option::as_deref);
        let (Some(entries), Some(tile)) = (edges.bundle_path(), edges.path(0)) else { return Vec::new() };
        let expected = stored.filter(|_| authentic).and_then(root_of);
        let mut problems = Vec::new();
        // Where the last tiles are not what was signed, the entries say which of them is wrong: see `blame_edges`.
        let bundle = edges.bundle.as_deref();
        let leaves = compare(entries, bundle, tile, stored.filter(|_| authentic), expected, &mut problems);
        problems.into_iter().for_each(|problem| self.report(problem));
        if let Some(bundle) = &edges.bundle
            && !self.damaged.load(Ordering::Relaxed)
        {
            let mut content = Content::default();
            content.read(entries, bundle);
            sequences.extend(content);
        }
        leaves.or_else(|| stored.map(<[Hash]>::to_vec)).unwrap_or_default()
    }
}

/// Compares a bundle with its tile, and decides by the hash that is expected above them which of the two is wrong.
/// Returns the leaves' hashes as far as they are known.
fn compare(
    entries: TilePath,
    bundle: Option<&[u8]>,
    tile: TilePath,
    stored: Option<&[Hash]>,
    expected: Option<Hash>,
    problems: &mut Vec<Problem>,
) -> Option<Vec<Hash>> {
    let first = match entries {
        TilePath::Entries { number, .. } => number * 256,
        TilePath::Checkpoint | TilePath::Hashes { .. } => 0,
    };
    let index = |place: usize| first + u64::try_from(place).unwrap_or(0);
    let parsed = match bundle.map(|bytes| parse_bundle(bytes, entries.width())) {
        Some(Ok(parsed)) => Some(parsed),
        Some(Err(error)) => {
            let what = format!("not an entry bundle: {}", error.found);
            problems.push(Problem::of_file(entries, what).at(error.offset, first));
            None
        }
        None => None,
    };
    let is_expected = |hashes: &[Hash]| expected.is_none_or(|expected| root_of(hashes) == Some(expected));
    let Some(parsed) = parsed else {
        if let Some(stored) = stored
            && !is_expected(stored)
        {
            problems.push(Problem::of_file(tile, "not what the tile above has a hash of").at(0, first));
        }
        return stored.map(<[Hash]>::to_vec);
    };
    let leaves: Vec<Hash> = parsed.iter().map(|(_, entry)| leaf_hash(entry)).collect();
    let differs =
        stored.and_then(|stored| stored.iter().zip(&leaves).position(|(stored, leaf)| stored != leaf));
    let tile_is_wrong = |place: usize| {
        Problem::of_file(tile, "a hash that is not that of its entry").at(place * 32, index(place))
    };
    let entry_is_wrong = |place: usize| {
        let offset = parsed.get(place).map_or(0, |(offset, _)| *offset);
        Problem::of_file(entries, "an entry that is not the one that the tree has a hash of")
            .at(offset, index(place))
    };
    match differs {
        Some(place) if expected.is_some() && stored.is_some_and(is_expected) => {
            problems.push(entry_is_wrong(place))
        }
        Some(place) if expected.is_some() && is_expected(&leaves) => problems.push(tile_is_wrong(place)),
        // Nothing above says which of the two is right.
        Some(place) => problems.extend([entry_is_wrong(place), tile_is_wrong(place)]),
        None if !is_expected(&leaves) => {
            let what = "not what the tile above has a hash of";
            problems.push(Problem::of_file(entries, what).at(0, first));
            if stored.is_some() {
                problems.push(Problem::of_file(tile, what).at(0, first));
            }
        }
        None => {}
    }
    Some(leaves)
}

/// How many bundles are checked in one go; their bytes are held for so long.
const UNIT: usize = 16;

/// More than this many readers gain nothing on one disk.
const MAX_WORKERS: usize = 16;
