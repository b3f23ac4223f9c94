//! A log that is written to while it is read.

use std::io;
use std::path::PathBuf;

use crate::{DirSource, TilePath, TileSource, parse_bundle};

/// A log in a folder, as a reader needs it who holds a checkpoint of a moment ago.
///
/// When the log grows, a partial tile gives way to a longer one. The shorter is the beginning of the longer, so it can
/// still be handed out; whether it is right the reader finds out from its hashes, as ever.
#[derive(Debug, Clone)]
pub struct GrowingSource {
    dir: DirSource,
    folder: PathBuf,
}

impl GrowingSource {
    /// The log in this folder.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { dir: DirSource::new(folder.clone()), folder }
    }

    /// The beginning of a longer form of this tile.
    fn beginning(&self, tile: TilePath) -> io::Result<Option<Vec<u8>>> {
        let mut longer = vec![tile.full().to_string()];
        match std::fs::read_dir(self.folder.join(tile.partial_folder())) {
            Ok(entries) => {
                for entry in entries {
                    let name = entry?.file_name();
                    longer.push(format!("{}/{}", tile.partial_folder(), name.to_string_lossy()));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        for name in longer {
            let width = TilePath::parse(&name).map_or(0, TilePath::width);
            if width > tile.width()
                && let Some(bytes) = self.dir.read(&name)?
            {
                return Ok(prefix(tile, &bytes, width).map(<[u8]>::to_vec));
            }
        }
        Ok(None)
    }
}

/// As many hashes or entries from the beginning of a tile as the shorter tile has.
fn prefix(tile: TilePath, longer: &[u8], width: usize) -> Option<&[u8]> {
    match tile {
        TilePath::Checkpoint => None,
        TilePath::Hashes { .. } => longer.get(..tile.width() * 32),
        TilePath::Entries { .. } => {
            let entries = parse_bundle(longer, width).ok()?;
            let length = entries.iter().take(tile.width()).map(|(_, entry)| 2 + entry.len()).sum();
            longer.get(..length)
        }
    }
}

impl TileSource for GrowingSource {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        // The longer form may give way to a still longer one while it is looked for.
        for _ in 0..TRIES {
            if let Some(bytes) = self.dir.read(path)? {
                return Ok(Some(bytes));
            }
            let Some(tile) = TilePath::parse(path).filter(|tile| *tile != tile.full()) else {
                return Ok(None);
            };
            if let Some(bytes) = self.beginning(tile)? {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    fn list(&self) -> io::Result<Option<Vec<String>>> {
        self.dir.list()
    }
}

/// A log commits a few times a second at most; a file is read in far less.
const TRIES: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shorter_tile_is_the_beginning_of_a_longer_one() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        let hashes: Vec<u8> = (0..5u8).flat_map(|n| [n; 32]).collect();
        write("tile/0/000.p/5", &hashes);
        write("tile/entries/000.p/3", b"\0\x01a\0\x02bb\0\x01c");
        let source = GrowingSource::new(folder.path().to_owned());
        assert_eq!(source.read("tile/0/000.p/5").unwrap().unwrap(), hashes);
        assert_eq!(source.read("tile/0/000.p/2").unwrap().unwrap(), hashes[..64]);
        assert_eq!(source.read("tile/entries/000.p/2").unwrap().unwrap(), b"\0\x01a\0\x02bb");
        for missing in
            ["tile/0/000.p/6", "tile/0/000", "tile/entries/000.p/4", "tile/0/001.p/1", "checkpoint"]
        {
            assert_eq!(source.read(missing).unwrap(), None, "{missing}");
        }
    }
}
