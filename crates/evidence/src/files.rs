//! The few file operations that the log's writer is made of, so that tests can cut it off after any of them.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use crate::source::{TileSource, read_file};

/// Operations on files below one folder. Names are relative to it, with `/`; the folder itself is the empty name.
pub(crate) trait Files: Send + Sync + Debug {
    /// A whole file; none if there is no such file.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
    /// The names in a folder, without the folder; empty if there is no such folder.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
    /// Makes a folder whose parent exists; `false` if it was there.
    fn make_dir(&self, folder: &str) -> io::Result<bool>;
    /// Writes a whole file, new or over an old one.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Waits until these files, and the names in these folders, are on disk. On failure the name that failed.
    fn sync(&self, names: &[String]) -> Result<(), (String, io::Error)>;
    /// Gives a file another name, replacing what had it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file; it is no error if there is none.
    fn remove_file(&self, name: &str) -> io::Result<()>;
    /// Removes an empty folder; it is no error if there is none.
    fn remove_dir(&self, folder: &str) -> io::Result<()>;
}

/// Files in a folder of this machine.
#[derive(Debug)]
pub(crate) struct DirFiles {
    folder: PathBuf,
}

impl DirFiles {
    /// The files below this folder, which is made if it is not there.
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        // The log's folder itself must outlive a crash, too.
        if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            File::open(parent)?.sync_all()?;
        }
        Ok(Self { folder })
    }
}

impl Files for DirFiles {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        read_file(&self.folder.join(name), MAX_FILE)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let listing = match fs::read_dir(self.folder.join(folder)) {
            Ok(listing) => listing,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        listing.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned())).collect()
    }

    fn make_dir(&self, folder: &str) -> io::Result<bool> {
        match fs::create_dir(self.folder.join(folder)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        fs::write(self.folder.join(name), bytes)
    }

    fn sync(&self, names: &[String]) -> Result<(), (String, io::Error)> {
        if names.len() > SYNC_EACH {
            // One commit of the file system's journal in the place of one for each file. It reports failed writes
            // since Linux 5.8.
            return File::open(&self.folder)
                .and_then(|folder| rustix::fs::syncfs(&folder).map_err(io::Error::from))
                .map_err(|error| (String::from("the log's folder"), error));
        }
        for name in names {
            File::open(self.folder.join(name))
                .and_then(|file| file.sync_all())
                .map_err(|error| (name.clone(), error))?;
        }
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.folder.join(from), self.folder.join(to))
    }

    fn remove_file(&self, name: &str) -> io::Result<()> {
        gone(fs::remove_file(self.folder.join(name)))
    }

    fn remove_dir(&self, folder: &str) -> io::Result<()> {
        gone(fs::remove_dir(self.folder.join(folder)))
    }
}

fn gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Any files, read as a log.
#[derive(Debug)]
pub(crate) struct FilesSource<'a>(pub(crate) &'a dyn Files);

impl TileSource for FilesSource<'_> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.0.read(path)
    }
}

/// More than the largest bundle.
const MAX_FILE: usize = 32 << 20;

/// Above this many files one `syncfs` is cheaper, although it also waits for what others write.
const SYNC_EACH: usize = 24;
