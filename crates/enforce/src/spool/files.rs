//! The few things that the spool asks of the file system, with their order spelled out.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Where the next segment waits, its blocks already allocated, so that taking it into use needs no room.
pub(crate) fn spare_path(folder: &Path) -> PathBuf {
    folder.join("spare")
}

/// Makes the next segment ready: an empty file with `bytes` allocated to it.
///
/// # Errors
/// The disk is full, read-only, or fails.
pub(crate) fn make_spare(folder: &Path, bytes: u64) -> io::Result<File> {
    let path = spare_path(folder);
    let file = create(&path)?;
    match rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::KEEP_SIZE, 0, bytes) {
        Ok(()) => Ok(file),
        // A file system without allocation ahead: the reserve is then only the limit on bytes.
        Err(rustix::io::Errno::OPNOTSUPP) => Ok(file),
        Err(error) => {
            let _ = std::fs::remove_file(&path);
            Err(error.into())
        }
    }
}

pub(crate) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).read(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Makes names in the folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
