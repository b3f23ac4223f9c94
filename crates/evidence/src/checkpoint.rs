//! Checkpoints (c2sp.org/tlog-checkpoint): what the log's key signs.

use bartizan_pki::{NoteKey, NoteVerifier};

use crate::{Error, Hash};

/// How many entries a log has, and the root of the tree over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root over these.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// Reads a signed text. Extension lines are passed over.
    ///
    /// # Errors
    /// When it is no checkpoint.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |found| Error::CheckpointForm { found };
        let mut lines = text.strip_suffix('\n').ok_or_else(|| wrong("no newline at the end"))?.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or_else(|| wrong("no origin"))?;
        let size = lines.next().ok_or_else(|| wrong("no size"))?;
        let size = decimal(size)
            .filter(|size| *size <= MAX_SIZE)
            .ok_or_else(|| wrong("a size that is no decimal number up to 2^60"))?;
        let root = lines.next().ok_or_else(|| wrong("no root"))?;
        let root = root.parse().ok().ok_or_else(|| wrong("a root that is no hash"))?;
        if lines.any(str::is_empty) {
            return Err(wrong("an empty line"));
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// Reads a signed note, once it is verified that this key signed it, and that it is about this key's log.
    ///
    /// # Errors
    /// When it is not a checkpoint that this key signed.
    pub fn open(note: &str, verifier: &NoteVerifier) -> Result<Self, Error> {
        let text =
            verifier.open(note).map_err(|source| Error::Note { file: String::from("checkpoint"), source })?;
        let checkpoint = Self::parse(text)?;
        if checkpoint.origin != verifier.name() {
            return Err(Error::Origin { origin: checkpoint.origin, key: verifier.name().to_owned() });
        }
        Ok(checkpoint)
    }
}

/// A checkpoint and the note that states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What it states.
    pub checkpoint: Checkpoint,
    /// The note, as the file `checkpoint` holds it.
    pub note: String,
}

impl SignedCheckpoint {
    pub(crate) fn sign(checkpoint: Checkpoint, key: &NoteKey) -> Result<Self, Error> {
        let note = key.sign(&checkpoint.text()).map_err(|source| Error::Sign { source })?;
        Ok(Self { checkpoint, note })
    }
}

/// No log has as many entries; above it, sums of indices could overflow.
const MAX_SIZE: u64 = 1 << 60;

/// A number without sign and leading zeroes.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_the_specification_is_read() {
        let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let checkpoint = Checkpoint::parse(text).unwrap();
        assert_eq!(
            (checkpoint.origin.as_str(), checkpoint.size),
            ("example.com/behind-the-sofa", 20_852_163)
        );
        assert_eq!(checkpoint.text(), text);
        assert_eq!(Checkpoint::parse(&format!("{text}extension\n")).unwrap(), checkpoint);
        for bad in [
            "",
            "\n",
            text.trim_end(),
            &text.replace("20852163", "020852163"),
            &text.replace("20852163", "-1"),
            &text.replace("20852163", "18446744073709551616"),
            &text.replace("20852163", "1152921504606846977"),
            &text.replace("I=", "I"),
            &text.replace("2I=", "2J="),
            &format!("\n{text}"),
            &format!("{text}\n"),
            &format!("{text}\nextension\n"),
        ] {
            assert!(Checkpoint::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_checkpoint_opens_with_its_log_s_key_only() {
        let key = NoteKey::generate("example.org/log").unwrap();
        let of = |origin: &str| Checkpoint { origin: origin.into(), size: 1, root: crate::empty_root() };
        let signed = SignedCheckpoint::sign(of("example.org/log"), &key).unwrap();
        assert_eq!(Checkpoint::open(&signed.note, key.verifier()).unwrap(), signed.checkpoint);
        let stranger = NoteKey::generate("example.org/log").unwrap();
        assert!(matches!(Checkpoint::open(&signed.note, stranger.verifier()), Err(Error::Note { .. })));
        let other = SignedCheckpoint::sign(of("example.org/other"), &key).unwrap();
        assert!(matches!(Checkpoint::open(&other.note, key.verifier()), Err(Error::Origin { .. })));
    }

    proptest! {
        #[test]
        fn a_checkpoint_is_read_back(origin in "[a-z./]{1,20}", size in 0..=MAX_SIZE, root: [u8; 32]) {
            let checkpoint = Checkpoint { origin, size, root: Hash::from_bytes(root) };
            prop_assert_eq!(Checkpoint::parse(&checkpoint.text()).unwrap(), checkpoint);
        }

        #[test]
        fn arbitrary_text_never_panics(text in "(?s).{0,200}") {
            let _ = Checkpoint::parse(&text);
        }
    }
}
