//! Opening a log: its checkpoint says what is in it, everything else is removed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bartizan_pki::NoteKey;

use super::commit::TEMPORARY;
use super::{LogWriter, MAX_COMMIT, Staged};
use crate::files::{Files, FilesSource};
use crate::merkle::Edge;
use crate::points::{self, Points};
use crate::reader::read_checkpoint;
use crate::tree::{Tree, read_tile};
use crate::{
    Checkpoint, Error, Hash, LogReader, SignedCheckpoint, StoredEntry, TilePath, empty_root, leaf_hash,
    parse_bundle,
};

impl LogWriter {
    pub(crate) fn open_files(files: Arc<dyn Files>, key: NoteKey, origin: &str) -> Result<Self, Error> {
        if key.verifier().name() != origin {
            return Err(Error::Origin { origin: origin.to_owned(), key: key.verifier().name().to_owned() });
        }
        let beginning = Checkpoint { origin: origin.to_owned(), size: 0, root: empty_root() };
        let mut writer = Self {
            checkpoint: SignedCheckpoint::sign(beginning, &key)?,
            files,
            key,
            edge: Edge::default(),
            bundle: Vec::new(),
            newest: HashMap::new(),
            staged: Staged::default(),
            doubted: HashMap::new(),
            folders: HashSet::new(),
            points_at: 0,
            failed: None,
        };
        writer.empty_temporary()?;
        let checkpoint = writer.files.read("checkpoint");
        if checkpoint.map_err(|source| Error::Read { file: String::from("checkpoint"), source })?.is_none() {
            // The checkpoint is a log's first file; where there are others, it was taken away.
            if !writer.list("tile")?.is_empty() {
                return Err(Error::Missing { file: String::from("checkpoint") });
            }
            writer.put(&[(String::from("checkpoint"), writer.checkpoint.note.clone().into_bytes())])?;
            return Ok(writer);
        }
        writer.checkpoint = read_checkpoint(&FilesSource(&*writer.files), writer.key.verifier())?;
        writer.read_edge()?;
        writer.remove_leftovers()?;
        writer.read_points()?;
        Ok(writer)
    }

    fn empty_temporary(&mut self) -> Result<(), Error> {
        for name in self.list(TEMPORARY)? {
            let file = format!("{TEMPORARY}/{name}");
            self.files.remove_file(&file).map_err(|source| Error::Write { file, source })?;
        }
        self.files
            .make_dir(TEMPORARY)
            .map_err(|source| Error::Write { file: String::from(TEMPORARY), source })?;
        Ok(())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Error> {
        self.files.list(folder).map_err(|source| Error::Read { file: folder.to_owned(), source })
    }

    /// Reads the last tile of each level and the last bundle, and checks them against the checkpoint.
    fn read_edge(&mut self) -> Result<(), Error> {
        let source = FilesSource(&*self.files);
        let Checkpoint { size, root, .. } = self.checkpoint.checkpoint;
        let mut levels = Vec::new();
        for level in 0_u8..8 {
            let nodes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
            if nodes == 0 {
                break;
            }
            levels.push(match TilePath::hashes(level, nodes / 256, size) {
                Some(path) => read_tile(&source, path)?,
                None => Vec::new(),
            });
        }
        let edge = Edge::of(levels, size);
        if edge.root() != root {
            let found = "it states another root than the tiles of the log have";
            return Err(Error::Damaged { file: String::from("checkpoint"), found });
        }
        if let Some(path) = TilePath::entries(size / 256, size) {
            let file = path.to_string();
            let bundle =
                self.files.read(&file).map_err(|source| Error::Read { file: file.clone(), source })?;
            let bundle = bundle.ok_or_else(|| Error::Missing { file: file.clone() })?;
            let entries = parse_bundle(&bundle, path.width())
                .map_err(|source| Error::Bundle { file: file.clone(), source })?;
            let leaves: Vec<Hash> = entries.into_iter().map(|(_, entry)| leaf_hash(entry)).collect();
            if edge.levels().first() != Some(&leaves) {
                return Err(Error::Damaged { file, found: "entries that the tree does not have" });
            }
            self.bundle = bundle;
        }
        self.edge = edge;
        Ok(())
    }

    /// Removes what an unfinished commit may have left: full files from the edge on, and partial ones except the edge.
    fn remove_leftovers(&mut self) -> Result<(), Error> {
        let size = self.size();
        for level in 0_u8..8 {
            let nodes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
            let edge = nodes / 256;
            let most = u64::try_from(MAX_COMMIT).unwrap_or(u64::MAX).checked_shr(8 * (u32::from(level) + 1));
            // As many tiles as a commit makes full, and the one that it begins, on both sides of the edge: the newest
            // commit of which the checkpoint speaks may not have removed what it replaced.
            let most = most.unwrap_or(0) + 1;
            for number in edge.saturating_sub(most)..=edge + most {
                let hashes = TilePath::Hashes { level, number, partial: None };
                self.keep_only(hashes, TilePath::hashes(level, number, size))?;
                if level == 0 {
                    let entries = TilePath::Entries { number, partial: None };
                    self.keep_only(entries, TilePath::entries(number, size))?;
                }
            }
        }
        Ok(())
    }

    fn keep_only(&self, full: TilePath, keep: Option<TilePath>) -> Result<(), Error> {
        let folder = full.partial_folder();
        let failed = |source| Error::Write { file: full.to_string(), source };
        if keep.is_none_or(|keep| keep != full) {
            self.files.remove_file(&full.to_string()).map_err(failed)?;
        }
        let keep = keep.map(|path| path.to_string());
        let mut empty = true;
        for name in self.list(&folder)? {
            let file = format!("{folder}/{name}");
            if keep.as_ref() == Some(&file) {
                empty = false;
            } else {
                self.files.remove_file(&file).map_err(failed)?;
            }
        }
        if empty { self.files.remove_dir(&folder).map_err(failed) } else { Ok(()) }
    }

    /// Finds the newest record of each point: what `.points` remembers, and what was appended since.
    fn read_points(&mut self) -> Result<(), Error> {
        let source = FilesSource(&*self.files);
        let size = self.size();
        let remembered = match remembered(&source, &self.key, size) {
            Ok(remembered) => remembered,
            Err(error) => {
                tracing::warn!(%error, "the newest records of each point are read from the whole log");
                None
            }
        };
        let (mut newest, from) =
            remembered.map_or_else(|| (HashMap::new(), 0), |points| (points.newest, points.size));
        let reader = LogReader::new(source, self.key.verifier().clone());
        let mut next = from;
        while next < size {
            let end = size.min((next / 256 + 16) * 256);
            for (index, entry) in (next..).zip(reader.entries_at(next..end, size)?) {
                let entry = StoredEntry::parse(&entry).map_err(|source| Error::Entry { index, source })?;
                let known: &mut u64 = newest.entry(entry.point).or_default();
                *known = entry.sequence.max(*known);
            }
            next = end;
        }
        self.newest = newest;
        self.points_at = from;
        self.remember_points();
        Ok(())
    }
}

/// What `.points` says, if it is about this log and not about a later state of it.
fn remembered(source: &FilesSource<'_>, key: &NoteKey, size: u64) -> Result<Option<Points>, Error> {
    let file = || String::from(points::FILE);
    let read = source.0.read(points::FILE).map_err(|source| Error::Read { file: file(), source })?;
    let Some(bytes) = read else { return Ok(None) };
    let note = String::from_utf8(bytes)
        .ok()
        .ok_or_else(|| Error::Damaged { file: file(), found: "bytes that are no text" })?;
    let points = Points::open(&note, key.verifier())?;
    if points.size > size || Tree::new(source, size).root_at(points.size)? != points.root {
        return Err(Error::Damaged { file: file(), found: "the state of another log" });
    }
    Ok(Some(points))
}
