//! Where to begin: the corpus in the tree.

use std::path::{Path, PathBuf};

/// The inputs kept for a target, with their names; an empty one always.
///
/// # Errors
/// The corpus cannot be read.
pub fn seeds(target: &str) -> std::io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut seeds = vec![(PathBuf::from("(empty)"), Vec::new())];
    if folder.is_dir() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let bytes = std::fs::read(&path)?;
            seeds.push((path, bytes));
        }
    }
    seeds.sort();
    Ok(seeds)
}
