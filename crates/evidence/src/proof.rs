//! Proofs (c2sp.org/tlog-proof): that one entry is in the log, for somebody who has nothing but the log's key.
//!
//! The entry itself travels as the proof's extra data, so that the proof shows *what* is in the log.

use bartizan_pki::NoteVerifier;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::decimal;
use crate::merkle::root_from_path;
use crate::reader::read_checkpoint;
use crate::tree::Tree;
use crate::{Checkpoint, Error, Hash, LogReader, TileSource, leaf_hash};

/// A proof as it is written. Nothing in it is to be believed before it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The entry, if it came along.
    pub entry: Option<Vec<u8>>,
    /// Which entry of the log it is to be.
    pub index: u64,
    /// The inclusion path.
    pub path: Vec<Hash>,
    /// The checkpoint, a signed note.
    pub checkpoint: String,
}

/// What a proof has proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The entry.
    pub entry: Vec<u8>,
    /// Which entry of the log it is.
    pub index: u64,
    /// The checkpoint that commits to it.
    pub checkpoint: Checkpoint,
}

/// Proves that an entry is in the log, as a text.
///
/// # Errors
/// When there is no such entry, or files of the log are missing or damaged.
pub fn prove<S: TileSource>(
    reader: &LogReader<S>,
    verifier: &NoteVerifier,
    index: u64,
) -> Result<String, Error> {
    let signed = read_checkpoint(reader.source(), verifier)?;
    let size = signed.checkpoint.size;
    if index >= size {
        return Err(Error::NoEntry { index, size });
    }
    let entry = reader.entry(index)?;
    let path = Tree::new(reader.source(), size).path(index)?;
    let proof = Proof { entry: Some(entry), index, path, checkpoint: signed.note };
    // A damaged log must not hand out a proof that proves nothing.
    proof.verify(verifier, None)?;
    Ok(proof.to_text())
}

/// Verifies the text of a proof that carries its entry.
///
/// # Errors
/// When it is malformed, carries no entry, or does not prove that the log with this key has the entry.
pub fn verify_proof(text: &str, verifier: &NoteVerifier) -> Result<Proven, Error> {
    Proof::parse(text)?.verify(verifier, None)
}

impl Proof {
    /// Reads a proof.
    ///
    /// # Errors
    /// When the text is none, or longer than one can be.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |found| Error::ProofForm { found };
        if text.len() > MAX_LEN {
            return Err(wrong("more than 2 MiB"));
        }
        let rest = text.strip_prefix(HEADER).ok_or_else(|| wrong("another first line"))?;
        let (head, checkpoint) = rest.split_once("\n\n").ok_or_else(|| wrong("no checkpoint"))?;
        let mut lines = head.split('\n');
        let mut line = lines.next().ok_or_else(|| wrong("no index"))?;
        let mut entry = None;
        if let Some(extra) = line.strip_prefix("extra ") {
            entry = Some(STANDARD.decode(extra).ok().ok_or_else(|| wrong("extra data that is not base64"))?);
            line = lines.next().ok_or_else(|| wrong("no index"))?;
        }
        let index = line.strip_prefix("index ").and_then(decimal).ok_or_else(|| wrong("no index"))?;
        let path: Vec<Hash> = lines
            .take(MAX_PATH + 1)
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()
            .ok_or_else(|| wrong("a line that is no hash"))?;
        if path.len() > MAX_PATH {
            return Err(wrong("a path that is too long"));
        }
        Ok(Self { entry, index, path, checkpoint: checkpoint.to_owned() })
    }

    /// The proof as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::from(HEADER);
        if let Some(entry) = &self.entry {
            text.push_str("extra ");
            STANDARD.encode_string(entry, &mut text);
            text.push('\n');
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.path {
            text.push_str(&format!("{hash}\n"));
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// What the proof proves: that the log with this key has `entry`, or else the entry that the proof carries.
    ///
    /// # Errors
    /// When it does not prove it.
    pub fn verify(&self, verifier: &NoteVerifier, entry: Option<&[u8]>) -> Result<Proven, Error> {
        let entry = entry
            .or(self.entry.as_deref())
            .ok_or(Error::ProofForm { found: "no entry, and none was given" })?;
        let checkpoint = Checkpoint::open(&self.checkpoint, verifier)?;
        let root = root_from_path(self.index, checkpoint.size, leaf_hash(entry), &self.path);
        if root != Some(checkpoint.root) {
            return Err(Error::ProofFails);
        }
        Ok(Proven { entry: entry.to_vec(), index: self.index, checkpoint })
    }
}

const HEADER: &str = "c2sp.org/tlog-proof@v1\n";

/// A tree of 2^63 entries has no longer path.
const MAX_PATH: usize = 63;

/// The largest entry in base64, the longest path, the largest note.
const MAX_LEN: usize = 2 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_form_is_that_of_the_specification() {
        let proof = Proof {
            entry: None,
            index: 73_894,
            path: vec!["gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=".parse().unwrap()],
            checkpoint: "example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n\u{2014} x AAAA\n".into(),
        };
        let text = proof.to_text();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 73894\ngSKy"), "{text}");
        assert!(text.contains("PlQ=\n\nexample.com/fancylog\n109482\n"));
        assert_eq!(Proof::parse(&text).unwrap(), proof);
        for bad in [
            text.replace("@v1", "@v2"),
            text.replace("73894", "073894"),
            text.replace("index", "Index"),
            text.replace("gSKy", "gSK"),
            text.replace("\n\n", "\n"),
            text.replace("index", "extra !\nindex"),
        ] {
            assert!(Proof::parse(&bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_proof_is_read_back(entry: Option<Vec<u8>>, index: u64, path: Vec<[u8; 32]>, note in "[a-z]{1,9}\n") {
            let path: Vec<Hash> = path.into_iter().take(MAX_PATH).map(Hash::from_bytes).collect();
            let proof = Proof { entry, index, path, checkpoint: note };
            prop_assert_eq!(Proof::parse(&proof.to_text()).unwrap(), proof);
        }

        #[test]
        fn arbitrary_text_never_panics(text in "(?s).{0,200}") {
            let _ = Proof::parse(&text);
            let _ = Proof::parse(&format!("{HEADER}{text}"));
        }
    }
}
