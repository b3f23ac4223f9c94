//! What somebody who helps from outside needs to know of a deployment, and nothing that is anybody's: no object's content, no
//! name of a person, no address, no key.
//!
//! Each part is gathered on its own. What cannot be had is replaced by why, because a bundle is made when something is broken.

mod parts;
mod redact;

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use bartizan_model::{Clock as _, Timestamp};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::system::SystemClock;

pub(crate) use parts::gather;

/// A file of a bundle.
#[derive(Debug)]
pub(crate) struct Part {
    /// What it is called.
    pub(crate) name: &'static str,
    /// What is in it, and what was left out, in words.
    pub(crate) about: &'static str,
    /// Its content.
    pub(crate) text: String,
}

/// What was not even looked at, in words.
pub(crate) const LEFT_OUT: &str = "left out: what objects hold, people (names, addresses, ids), events of the log, keys, credentials, \
     comments of the configuration; network and mail addresses in log lines are replaced";

/// Writes the bundle into a file that is not there yet, for its owner alone.
pub(crate) fn write(parts: &[Part], to: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let mut packed = pack(parts, file)?;
    packed.flush()?;
    packed.sync_all()?;
    Ok(())
}

fn pack<W: Write>(parts: &[Part], to: W) -> Result<W> {
    let mut archive = tar::Builder::new(GzEncoder::new(to, Compression::default()));
    let seconds = u64::try_from(SystemClock.now().as_micros() / 1_000_000).unwrap_or_default();
    for part in parts {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(part.text.len())?);
        header.set_mode(0o600);
        header.set_mtime(seconds);
        archive.append_data(&mut header, Path::new(FOLDER).join(part.name), part.text.as_bytes())?;
    }
    Ok(archive.into_inner()?.finish()?)
}

/// A name that says when it was made.
pub(crate) fn name_at(now: Timestamp) -> String {
    let digits: String = now.to_string().chars().take(19).filter(char::is_ascii_digit).collect();
    format!("bartizan-support-{digits}.tar.gz")
}

/// Everything is in one folder, wherever it is unpacked.
const FOLDER: &str = "bartizan-support";

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_is_packed_is_what_was_shown() {
        let parts = [
            Part { name: "a.json", about: "", text: String::from("{}") },
            Part { name: "b.txt", about: "", text: String::new() },
        ];
        let packed = pack(&parts, Vec::new()).unwrap();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&*packed));
        let mut seen = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            assert_eq!(entry.header().mode().unwrap(), 0o600);
            seen.push((entry.path().unwrap().display().to_string(), text));
        }
        let expected = [("bartizan-support/a.json", "{}"), ("bartizan-support/b.txt", "")];
        assert_eq!(seen, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
        assert_eq!(
            name_at(Timestamp::from_micros(1_764_000_000_000_001)),
            "bartizan-support-20251124160000.tar.gz"
        );
    }

    #[test]
    fn a_file_that_is_there_is_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("x");
        std::fs::write(&to, "mine").unwrap();
        assert!(write(&[], &to).is_err());
        assert_eq!(std::fs::read_to_string(to).unwrap(), "mine");
    }
}
