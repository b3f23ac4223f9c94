//! Verifying a log offline: with its files, its key, and at best a checkpoint that somebody kept from earlier.
//!
//! From the signed checkpoint downwards each tile is checked against the hash that the tile above has for it, and the
//! entries against the lowest tiles. So each problem has a place: what hashes to what is above it is right, and what
//! does not is wrong. Only where the top itself fails are hashes taken upwards, from the entries, to find the tile that
//! differs. The sequence numbers of the points and the form of each entry are checked where the hashes are in order.
//!
//! Files beyond the checkpoint and partial files that others have superseded are no problem: a writer, or one that was
//! cut off, leaves some for a while. No signature speaks for them, and no reader sees them.

mod content;
mod subtree;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};

use bartizan_pki::NoteVerifier;
use serde::Serialize;

use crate::merkle::root_of_levels;
use crate::points::{self, Points};
use crate::reader::read_checkpoint;
use crate::tree::{Tree, parse_tile};
use crate::{Checkpoint, Error, Hash, TilePath, TileSource};
use content::Sequences;
use subtree::Edges;

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The byte in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// The entry of the log, or the first of those that it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// What is wrong.
    pub what: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether the log is what its key signed, whole, and continues the earlier checkpoint.
    pub ok: bool,
    /// How many entries it has; none if the checkpoint cannot be read.
    pub size: Option<u64>,
    /// The root over them.
    pub root: Option<Hash>,
    /// What is not as it must be, in the order of the log; the first [`MAX_PROBLEMS`] of them.
    pub problems: Vec<Problem>,
}

/// Verifies a whole log. `since` is a checkpoint that the log is known to have had; without it, a log that was cut back
/// to an earlier state, or made anew by whoever has its key, passes.
#[must_use]
pub fn verify(source: &dyn TileSource, verifier: &NoteVerifier, since: Option<&Checkpoint>) -> Report {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    verify_on(processors, source, verifier, since)
}

/// The same on this many processors at most.
pub(crate) fn verify_on(
    processors: usize,
    source: &dyn TileSource,
    verifier: &NoteVerifier,
    since: Option<&Checkpoint>,
) -> Report {
    let mut run = Run { source, problems: Vec::new(), damaged: AtomicBool::new(false), processors };
    let checkpoint = match run.checkpoint_and_edges(verifier) {
        Ok((checkpoint, edges)) => {
            run.tree(&checkpoint, &edges);
            Some(checkpoint)
        }
        Err(error) => {
            run.report(Problem::of_file("checkpoint", chain(&error)));
            None
        }
    };
    if let (Some(checkpoint), Some(since)) = (&checkpoint, since) {
        run.consistent(checkpoint, since);
    }
    run.other_files(verifier, checkpoint.as_ref());
    let mut problems = run.problems;
    let ok = problems.is_empty();
    if problems.len() > MAX_PROBLEMS {
        let more = problems.len() - MAX_PROBLEMS;
        problems.truncate(MAX_PROBLEMS);
        problems.push(Problem::of_file("checkpoint", format!("{more} more problems are not listed")));
    }
    let (size, root) = checkpoint.map(|checkpoint| (checkpoint.size, checkpoint.root)).unzip();
    Report { ok, size, root, problems }
}

/// How many problems a report lists.
pub const MAX_PROBLEMS: usize = 1000;

impl Problem {
    fn of_file(file: impl std::fmt::Display, what: impl Into<String>) -> Self {
        Self { file: file.to_string(), offset: None, index: None, what: what.into() }
    }

    fn at(mut self, offset: usize, index: u64) -> Self {
        (self.offset, self.index) = (u64::try_from(offset).ok(), Some(index));
        self
    }
}

struct Run<'a> {
    source: &'a dyn TileSource,
    problems: Vec<Problem>,
    /// Whether any hash is wrong. Then sequence numbers are not followed: they cannot be, through damage.
    damaged: AtomicBool,
    /// How many may work at it.
    processors: usize,
}

impl Run<'_> {
    fn report(&mut self, problem: Problem) {
        self.damaged.store(true, Ordering::Relaxed);
        self.problems.push(problem);
    }

    /// The newest checkpoint and the last tiles that belong to it. A log that is being written may replace these
    /// between one reading and the next: then there is a newer checkpoint.
    fn checkpoint_and_edges(&mut self, verifier: &NoteVerifier) -> Result<(Checkpoint, Edges), Error> {
        let mut checkpoint = read_checkpoint(self.source, verifier)?.checkpoint;
        for _ in 0..RETRIES {
            let (edges, problems) = Edges::read(self.source, checkpoint.size);
            if problems.is_empty() {
                return Ok((checkpoint, edges));
            }
            let now = read_checkpoint(self.source, verifier)?.checkpoint;
            if now == checkpoint {
                for problem in problems {
                    self.report(problem);
                }
                return Ok((checkpoint, edges));
            }
            checkpoint = now;
        }
        let (edges, problems) = Edges::read(self.source, checkpoint.size);
        problems.into_iter().for_each(|problem| self.report(problem));
        Ok((checkpoint, edges))
    }

    /// Checks all tiles and entries.
    fn tree(&mut self, checkpoint: &Checkpoint, edges: &Edges) {
        let stored: Option<Vec<&[Hash]>> = edges.tiles.iter().map(Option::as_deref).collect();
        let authentic = stored.is_some_and(|levels| root_of_levels(levels) == checkpoint.root);
        let mut sequences = Sequences::default();
        // From the left: the highest level's last tile spans the oldest entries.
        let mut derived = vec![Vec::new(); edges.tiles.len()];
        for level in (1..edges.tiles.len()).rev() {
            let stored = edges.tiles.get(level).and_then(Option::as_deref);
            let expected: Vec<Option<Hash>> = match stored {
                Some(hashes) => hashes.iter().map(|hash| authentic.then_some(*hash)).collect(),
                None => vec![None; edges.width(level)],
            };
            let first = edges.number(level) * 256;
            let found = self.children(level - 1, first, &expected, &mut sequences);
            if let Some(place) = derived.get_mut(level) {
                *place = found;
            }
        }
        let leaves = self.last_bundle(edges, authentic, &mut sequences);
        if let Some(place) = derived.first_mut() {
            *place = leaves;
        }
        if !authentic {
            self.blame_edges(checkpoint, edges, &derived);
        }
        let damaged = self.damaged.load(Ordering::Relaxed);
        if !damaged {
            self.problems.append(&mut sequences.problems);
        }
    }

    /// The last tiles do not hash to the signed root: finds which of them the hashes from below contradict.
    fn blame_edges(&mut self, checkpoint: &Checkpoint, edges: &Edges, derived: &[Vec<Hash>]) {
        let before = self.problems.len();
        for (level, (stored, derived)) in edges.tiles.iter().zip(derived).enumerate() {
            let Some(stored) = stored else { continue };
            let differs = stored.iter().zip(derived).position(|(stored, derived)| stored != derived);
            if let (Some(place), Some(path)) = (differs, edges.path(level)) {
                let index = edges.first_index(level, place);
                let what = "a hash that is not that of what is below it";
                self.report(Problem::of_file(path, what).at(place * 32, index));
            }
        }
        let from_below = root_of_levels(derived.iter().map(Vec::as_slice));
        if self.problems.len() == before && from_below != checkpoint.root {
            let what = "it states another root than the entries of the log have";
            self.report(Problem::of_file("checkpoint", what));
        }
    }

    fn consistent(&mut self, checkpoint: &Checkpoint, since: &Checkpoint) {
        let wrong = if since.origin != checkpoint.origin {
            Some(format!("the earlier checkpoint is of another log, `{}`", since.origin))
        } else if since.size > checkpoint.size {
            let (now, then) = (checkpoint.size, since.size);
            Some(format!("the log has {now} entries, fewer than the {then} of the earlier checkpoint"))
        } else if self.damaged.load(Ordering::Relaxed) {
            // The tiles are not what was signed; whether they once continued the earlier checkpoint cannot be told.
            None
        } else {
            match Tree::new(self.source, checkpoint.size).root_at(since.size) {
                Ok(root) if root == since.root => None,
                Ok(_) => {
                    Some(format!("the first {} entries are not those of the earlier checkpoint", since.size))
                }
                Err(error) => Some(chain(&error)),
            }
        };
        if let Some(what) = wrong {
            self.report(Problem::of_file("checkpoint", what));
        }
    }

    /// Looks for files that no log has, and at what our own writer remembers.
    fn other_files(&mut self, verifier: &NoteVerifier, checkpoint: Option<&Checkpoint>) {
        let names = match self.source.list() {
            Ok(names) => names.unwrap_or_default(),
            Err(error) => {
                return self.report(Problem::of_file(
                    "checkpoint",
                    format!("the log's files cannot be listed: {error}"),
                ));
            }
        };
        for name in names {
            if name == points::FILE {
                if let Err(what) = self.points(verifier, checkpoint) {
                    self.report(Problem::of_file(name, what));
                }
            } else if !name.starts_with(".tmp/") && TilePath::parse(&name).is_none() {
                self.report(Problem::of_file(name, "not a file of a log"));
            }
        }
    }

    fn points(&self, verifier: &NoteVerifier, checkpoint: Option<&Checkpoint>) -> Result<(), String> {
        let Some(bytes) = self.source.read(points::FILE).map_err(|error| error.to_string())? else {
            return Ok(());
        };
        let note = String::from_utf8(bytes).map_err(|error| error.to_string())?;
        let points = Points::open(&note, verifier).map_err(|error| chain(&error))?;
        // A later state than the one that is verified cannot be compared with it, nor can any with damaged tiles.
        let comparable = |checkpoint: &&Checkpoint| points.size <= checkpoint.size;
        let damaged = self.damaged.load(Ordering::Relaxed);
        let Some(checkpoint) = checkpoint.filter(comparable).filter(|_| !damaged) else { return Ok(()) };
        match Tree::new(self.source, checkpoint.size).root_at(points.size) {
            Ok(root) if root != points.root => Err(String::from("it remembers another log")),
            // A tile that cannot be read has been reported.
            _ => Ok(()),
        }
    }
}

/// Reads a tile and says what is wrong with it, if it is not there or not what it should be.
fn read_hashes(source: &dyn TileSource, path: TilePath) -> Result<Vec<Hash>, Problem> {
    let (bytes, file) = read_file(source, path)?;
    if bytes.len() != file.width() * 32 {
        let what = format!("{} bytes in the place of {}", bytes.len(), file.width() * 32);
        return Err(Problem::of_file(file, what));
    }
    let hashes = parse_tile(&bytes).unwrap_or_default();
    Ok(hashes.into_iter().take(path.width()).collect())
}

/// Reads a file, or the full one in its place if the log has grown meanwhile.
fn read_file(source: &dyn TileSource, path: TilePath) -> Result<(Vec<u8>, TilePath), Problem> {
    crate::tree::read_either(source, path).map_err(|error| match &error {
        Error::Missing { .. } => Problem::of_file(path, "missing"),
        other => Problem::of_file(path, chain(other)),
    })
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// How often a log that is being written may outrun the reading of its last tiles.
const RETRIES: usize = 10;
