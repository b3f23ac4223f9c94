//! Where a log's files are read from.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::TilePath;
use crate::points;

/// Something that has the files of a log. It need not be trusted.
pub trait TileSource: Sync {
    /// The file of this name (see [`TilePath`]); none if there is no such file.
    ///
    /// # Errors
    /// When it cannot be known or read.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// The names of all files; none if they cannot be listed.
    ///
    /// # Errors
    /// When listing fails.
    fn list(&self) -> io::Result<Option<Vec<String>>> {
        Ok(None)
    }
}

/// A log in a folder.
#[derive(Debug, Clone)]
pub struct DirSource {
    folder: PathBuf,
}

impl DirSource {
    /// The log in this folder.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl TileSource for DirSource {
    /// Files other than those of a log are not found, wherever the name points. Of a file that is longer than it may
    /// be, one byte more is read than that, so that this is seen.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let max = match TilePath::parse(path) {
            Some(tile) => tile.max_len(),
            None if path == points::FILE => points::MAX_LEN,
            None => return Ok(None),
        };
        read_file(&self.folder.join(path), max)
    }

    fn list(&self) -> io::Result<Option<Vec<String>>> {
        let mut names = Vec::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(self.folder.join(&folder))? {
                let entry = entry?;
                let name = folder.join(entry.file_name());
                if entry.file_type()?.is_dir() {
                    folders.push(name);
                } else {
                    names.push(name.to_string_lossy().into_owned());
                }
            }
        }
        names.sort();
        Ok(Some(names))
    }
}

/// Reads a file of at most `max` bytes, and one byte more of a longer one; none if there is no such file.
pub(crate) fn read_file(path: &Path, max: usize) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_shows_the_files_of_the_log_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("log/tile/0")).unwrap();
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        std::fs::write(folder.path().join("log/tile/0/000"), [7; 9000]).unwrap();
        let source = DirSource::new(folder.path().join("log"));
        assert_eq!(source.read("tile/0/000").unwrap().unwrap().len(), 8193);
        for missing in
            ["checkpoint", "tile/0/001", "tile/0/000.p/3", "../secret", "tile/0/../../../secret", "tile/0"]
        {
            assert_eq!(source.read(missing).unwrap(), None, "{missing}");
        }
        assert_eq!(source.list().unwrap().unwrap(), ["tile/0/000"]);
    }
}
