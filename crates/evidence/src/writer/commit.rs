//! One commit: new files, then the checkpoint that speaks of them, then the removal of what they replace.

use std::collections::BTreeSet;
use std::mem;

use super::{AppendResult, Appended, LogWriter, Staged};
use crate::bundle::push_entry;
use crate::merkle::{Edge, TILE};
use crate::points::{self, Points};
use crate::tree::tile_bytes;
use crate::{Checkpoint, EntryError, Error, SignedCheckpoint, TilePath, leaf_hash};

impl LogWriter {
    /// Makes what was staged part of the log, and gives back the events that were appended.
    ///
    /// # Errors
    /// When the disk fails. What was staged is dropped: it is sent again.
    pub(crate) fn commit(&mut self) -> Result<(AppendResult, Vec<Appended>), Error> {
        let staged = mem::take(&mut self.staged);
        if let Some(file) = &self.failed {
            return Err(Error::Stopped { file: file.clone() });
        }
        let first_index = self.size();
        if !staged.entries.is_empty() {
            let result = self.write(&staged);
            if let Err(Error::Sync { file, .. }) = &result {
                self.failed = Some(file.clone());
            }
            result?;
        }
        let Staged { newest, gaps, events, .. } = staged;
        for (point, sequence) in &newest {
            self.newest.insert(*point, *sequence);
            self.doubted.remove(point);
        }
        self.remember_points();
        Ok((AppendResult { first_index, size: self.size(), acknowledged: newest, gaps }, events))
    }

    fn write(&mut self, staged: &Staged) -> Result<(), Error> {
        let (mut edge, mut bundle) = (self.edge.clone(), self.bundle.clone());
        let mut outputs = Vec::new();
        for entry in &staged.entries {
            if !push_entry(&mut bundle, entry) {
                return Err(Error::Entry {
                    index: edge.size(),
                    source: EntryError::TooLong { bytes: entry.len() },
                });
            }
            edge.push(leaf_hash(entry), |level, number, hashes| {
                outputs.push((TilePath::Hashes { level, number, partial: None }, tile_bytes(hashes)));
                if level == 0 {
                    outputs.push((TilePath::Entries { number, partial: None }, mem::take(&mut bundle)));
                }
            });
        }
        let superseded = self.partial_outputs(&edge, &bundle, &mut outputs);
        let checkpoint = Checkpoint {
            origin: self.checkpoint.checkpoint.origin.clone(),
            size: edge.size(),
            root: edge.root(),
        };
        let checkpoint = SignedCheckpoint::sign(checkpoint, &self.key)?;

        let outputs: Vec<(String, Vec<u8>)> =
            outputs.into_iter().map(|(path, bytes)| (path.to_string(), bytes)).collect();
        self.put(&outputs)?;
        self.put(&[(String::from("checkpoint"), checkpoint.note.clone().into_bytes())])?;
        (self.edge, self.bundle, self.checkpoint) = (edge, bundle, checkpoint);
        self.remove(&superseded);
        Ok(())
    }

    /// Adds the partial tiles of the new edge, where they differ from those of the old; names those that these replace.
    fn partial_outputs(
        &self,
        edge: &Edge,
        bundle: &[u8],
        outputs: &mut Vec<(TilePath, Vec<u8>)>,
    ) -> Vec<TilePath> {
        let (old, new) = (self.edge.size(), edge.size());
        let mut superseded = Vec::new();
        for (level, hashes) in (0_u8..).zip(edge.levels()) {
            let nodes = |size: u64| size.checked_shr(8 * u32::from(level)).unwrap_or(0);
            if nodes(old) == nodes(new) {
                continue;
            }
            let last = |size: u64| TilePath::hashes(level, nodes(size) / 256, size);
            if let Some(path) = last(new) {
                outputs.push((path, tile_bytes(hashes)));
            }
            superseded.extend(last(old));
        }
        if let Some(path) = TilePath::entries(new / 256, new) {
            outputs.push((path, bundle.to_vec()));
        }
        superseded.extend(TilePath::entries(old / 256, old));
        superseded
    }

    /// Puts files in their places, durably. A file appears with all of its content or not at all.
    pub(super) fn put(&mut self, outputs: &[(String, Vec<u8>)]) -> Result<(), Error> {
        let result = self.try_put(outputs);
        if result.is_err() {
            // Folders that were made may not be on disk: the next time they are taken for new.
            self.folders.clear();
        }
        result
    }

    fn try_put(&mut self, outputs: &[(String, Vec<u8>)]) -> Result<(), Error> {
        let mut dirty = BTreeSet::new();
        for (name, _) in outputs {
            self.make_folders(name, &mut dirty)?;
        }
        let temporary = |number: usize| format!("{TEMPORARY}/{number}");
        for (number, (name, bytes)) in outputs.iter().enumerate() {
            self.files
                .write(&temporary(number), bytes)
                .map_err(|source| Error::Write { file: name.clone(), source })?;
        }
        let written: Vec<String> = (0..outputs.len()).map(temporary).collect();
        self.sync(&written)?;
        for (number, (name, _)) in outputs.iter().enumerate() {
            self.files
                .rename(&temporary(number), name)
                .map_err(|source| Error::Write { file: name.clone(), source })?;
            dirty.insert(parent(name).to_owned());
        }
        self.sync(&dirty.into_iter().collect::<Vec<_>>())
    }

    fn sync(&self, names: &[String]) -> Result<(), Error> {
        self.files.sync(names).map_err(|(file, source)| Error::Sync { file, source })
    }

    fn make_folders(&mut self, name: &str, dirty: &mut BTreeSet<String>) -> Result<(), Error> {
        let folder = parent(name);
        if folder.is_empty() || self.folders.contains(folder) {
            return Ok(());
        }
        self.make_folders(folder, dirty)?;
        // Also one that is there may not be on disk yet: the writer that made it may have been cut off.
        self.files.make_dir(folder).map_err(|source| Error::Write { file: folder.to_owned(), source })?;
        dirty.insert(parent(folder).to_owned());
        self.folders.insert(folder.to_owned());
        Ok(())
    }

    /// Removes partial files that are superseded. They do no harm if that fails.
    pub(super) fn remove(&mut self, paths: &[TilePath]) {
        for path in paths {
            let is_full_now = match *path {
                TilePath::Checkpoint => false,
                TilePath::Entries { number, .. } => number < self.size() / 256,
                TilePath::Hashes { level, number, .. } => {
                    let nodes = self.size().checked_shr(8 * u32::from(level)).unwrap_or(0);
                    number < nodes / 256
                }
            };
            let mut removed = self.files.remove_file(&path.to_string());
            if is_full_now && removed.is_ok() {
                let folder = path.partial_folder();
                removed = self.files.remove_dir(&folder);
                self.folders.remove(&folder);
            }
            if let Err(error) = removed {
                tracing::warn!(file = %path, %error, "a superseded file of the log stays");
            }
        }
    }

    /// Writes `.points` anew when enough was appended. It is disposable, so a failure is no failure of the commit.
    pub(super) fn remember_points(&mut self) {
        if self.size().saturating_sub(self.points_at) < POINTS_EVERY {
            return;
        }
        self.remember_points_now();
    }

    pub(super) fn remember_points_now(&mut self) {
        let Checkpoint { size, root, .. } = self.checkpoint.checkpoint;
        let points = Points { size, root, newest: self.newest.clone() };
        let written = points
            .sign(&self.key)
            .and_then(|note| self.put(&[(String::from(points::FILE), note.into_bytes())]));
        self.points_at = self.size();
        if let Err(error) = written {
            tracing::warn!(%error, "the newest records of each point are not remembered; the next start takes longer");
        }
    }
}

/// The folder of a name; empty for the log's folder.
fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Where files are written before they get their names.
pub(super) const TEMPORARY: &str = ".tmp";

/// How many entries a start reads again at most, a few commits aside: a tenth of a second.
pub(super) const POINTS_EVERY: u64 = 16_384;

const _: () = assert!(TILE == 256, "numbers of tiles are taken from shifts by 8 bits");
