//! Signed notes (c2sp.org/signed-note): text with Ed25519 signatures below it, as transparency logs use them.

use aws_lc_rs::encoding::{AsBigEndian as _, Curve25519SeedBin};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use bartizan_model::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{Error, Sha256};

/// A key that signs notes.
pub struct NoteKey {
    pair: Ed25519KeyPair,
    verifier: NoteVerifier,
}

impl NoteKey {
    /// A new key. The name of a log's key is the log's origin.
    ///
    /// # Errors
    /// When the name cannot name a key, or the system has no randomness.
    pub fn generate(name: &str) -> Result<Self, Error> {
        let pair = Ed25519KeyPair::generate()
            .map_err(|source| Error::Library { doing: "make a key of signed notes", source })?;
        Self::new(name, pair)
    }

    fn new(name: &str, pair: Ed25519KeyPair) -> Result<Self, Error> {
        let public = *pair.public_key().as_ref().first_chunk().ok_or(Error::StoredForm { what: KEY })?;
        Ok(Self { verifier: NoteVerifier::new(name, public)?, pair })
    }

    /// The key and its name, for keeping.
    ///
    /// # Errors
    /// When the library cannot tell the key.
    pub fn to_secret(&self) -> Result<Secret<Vec<u8>>, Error> {
        let library = |source| Error::Library { doing: "read a key of signed notes", source };
        let seed = self.pair.seed().map_err(library)?;
        let seed: Curve25519SeedBin<'_> = seed.as_be_bytes().map_err(library)?;
        let mut bytes = Vec::with_capacity(32 + self.verifier.name.len());
        bytes.extend_from_slice(seed.as_ref());
        bytes.extend_from_slice(self.verifier.name.as_bytes());
        Ok(Secret::new(bytes))
    }

    /// The key that was kept.
    ///
    /// # Errors
    /// When the secret is not what [`to_secret`](Self::to_secret) gave.
    pub fn from_secret(secret: &Secret<Vec<u8>>) -> Result<Self, Error> {
        secret.expose(|bytes| {
            let (seed, name) = bytes.split_first_chunk::<32>().ok_or(Error::StoredForm { what: KEY })?;
            let name = str::from_utf8(name).ok().ok_or(Error::StoredForm { what: KEY })?;
            let pair = Ed25519KeyPair::from_seed_unchecked(seed)
                .map_err(|source| Error::StoredKey { what: KEY, source })?;
            Self::new(name, pair)
        })
    }

    /// What verifies this key's notes.
    #[must_use]
    pub const fn verifier(&self) -> &NoteVerifier {
        &self.verifier
    }

    /// Signs a text, which ends in a newline, and returns the whole note.
    ///
    /// # Errors
    /// When the text is empty, does not end in a newline, or contains other control characters.
    pub fn sign(&self, text: &str) -> Result<String, Error> {
        if !text.ends_with('\n') {
            return Err(Error::NoteForm { found: "a text that does not end in a newline" });
        }
        no_controls(text)?;
        let signature = self
            .pair
            .try_sign(text.as_bytes())
            .map_err(|source| Error::Library { doing: "sign a note", source })?;
        let mut bytes = self.verifier.id.to_vec();
        bytes.extend_from_slice(signature.as_ref());
        Ok(format!("{text}\n{DASH}{} {}\n", self.verifier.name, STANDARD.encode(bytes)))
    }
}

impl std::fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NoteKey").field("name", &self.verifier.name).finish_non_exhaustive()
    }
}

/// What verifies the notes of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteVerifier {
    name: String,
    id: [u8; 4],
    public: [u8; 32],
}

impl NoteVerifier {
    fn new(name: &str, public: [u8; 32]) -> Result<Self, Error> {
        let allowed = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(allowed) {
            return Err(Error::NoteName { name: name.chars().take(64).collect() });
        }
        let mut digest = Sha256::new();
        digest.update(name.as_bytes());
        digest.update(&[b'\n', ED25519_TYPE]);
        digest.update(&public);
        let [a, b, c, d, ..] = digest.finish();
        Ok(Self { name: name.to_owned(), id: [a, b, c, d], public })
    }

    /// Reads a verifier key, `NAME+HASH+KEY`, with or without a newline at its end.
    ///
    /// # Errors
    /// When the text is none, its hash does not fit, or its key is not Ed25519.
    pub fn parse(vkey: &str) -> Result<Self, Error> {
        let wrong = |found| Error::VerifierKey { found };
        let mut parts = vkey.strip_suffix('\n').unwrap_or(vkey).splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("a part is missing"));
        };
        let key = STANDARD.decode(key).ok().ok_or_else(|| wrong("the key is not base64"))?;
        let public = match key.split_first() {
            Some((&ED25519_TYPE, public)) => public.try_into().ok(),
            _ => return Err(wrong("a key that is not Ed25519")),
        };
        let verifier = Self::new(name, public.ok_or_else(|| wrong("a key of the wrong length"))?)?;
        if hash != hex(verifier.id) {
            return Err(wrong("the hash does not fit the name and the key"));
        }
        Ok(verifier)
    }

    /// The verifier key as text, `NAME+HASH+KEY`, without a newline.
    #[must_use]
    pub fn vkey(&self) -> String {
        let mut key = vec![ED25519_TYPE];
        key.extend_from_slice(&self.public);
        format!("{}+{}+{}", self.name, hex(self.id), STANDARD.encode(key))
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of a note, with its last newline, once this key's signature on it is verified. Signatures of other
    /// keys are passed over.
    ///
    /// # Errors
    /// When the note is malformed, not signed by this key, or signed wrongly.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, Error> {
        let wrong = |found| Error::NoteForm { found };
        if note.len() > MAX_NOTE {
            return Err(wrong("more than 1 MiB"));
        }
        no_controls(note)?;
        // The last empty line separates text and signatures.
        let end = note.rfind("\n\n").ok_or_else(|| wrong("no empty line above the signatures"))?;
        let (text, signatures) = note.split_at_checked(end + 1).ok_or_else(|| wrong("a broken character"))?;
        let signatures = signatures
            .strip_prefix('\n')
            .and_then(|lines| lines.strip_suffix('\n'))
            .ok_or_else(|| wrong("no signature, or no newline at the end"))?;
        let mut signed = false;
        for (count, line) in signatures.split('\n').enumerate() {
            if count >= MAX_SIGNATURES {
                return Err(wrong("too many signatures"));
            }
            let (name, signature) = line
                .strip_prefix(DASH)
                .and_then(|rest| rest.split_once(' '))
                .ok_or_else(|| wrong("a signature line of another form"))?;
            let bytes =
                STANDARD.decode(signature).ok().ok_or_else(|| wrong("a signature that is not base64"))?;
            let (id, signature) =
                bytes.split_first_chunk::<4>().ok_or_else(|| wrong("a signature that is too short"))?;
            if name != self.name || *id != self.id {
                continue;
            }
            UnparsedPublicKey::new(&ED25519, &self.public)
                .verify(text.as_bytes(), signature)
                .map_err(|source| Error::NoteSignature { key: self.name.clone(), source })?;
            signed = true;
        }
        if signed { Ok(text) } else { Err(Error::NoteUnsigned { key: self.name.clone() }) }
    }
}

fn no_controls(text: &str) -> Result<(), Error> {
    if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(Error::NoteForm { found: "a control character" });
    }
    Ok(())
}

fn hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

const KEY: &str = "key of signed notes";

/// An em dash and a space begin each signature line.
const DASH: &str = "\u{2014} ";

/// The signature type of Ed25519 (signed-note, "Signature types").
const ED25519_TYPE: u8 = 1;

/// A host name and a path are shorter.
const MAX_NAME: usize = 1024;

/// 64 signatures of the largest kind (5 kB) and the text fit well.
const MAX_NOTE: usize = 1 << 20;

/// The specification asks for 16 at least.
const MAX_SIGNATURES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The key and the note of the documentation of golang.org/x/mod/sumdb/note.
    const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_note_that_others_published_verifies() {
        let verifier = NoteVerifier::parse(VKEY).unwrap();
        assert_eq!(verifier.vkey(), VKEY);
        assert!(verifier.open(NOTE).unwrap().ends_with("what your problem is.\n"));
        let changed = NOTE.replace("answer", "Answer");
        assert!(matches!(verifier.open(&changed), Err(Error::NoteSignature { .. })));
    }

    #[test]
    fn a_note_opens_with_its_key_and_no_other() {
        let key = NoteKey::generate("example.org/log").unwrap();
        let note = key.sign("a\n\nb\n").unwrap();
        assert_eq!(key.verifier().open(&note).unwrap(), "a\n\nb\n");
        let namesake = NoteKey::generate("example.org/log").unwrap();
        assert!(matches!(namesake.verifier().open(&note), Err(Error::NoteUnsigned { .. })));
        let second = namesake.sign("a\n\nb\n").unwrap();
        let line = second.rsplit_once("\n\n").unwrap().1;
        let both = format!("{note}{line}");
        assert!(key.verifier().open(&both).is_ok() && namesake.verifier().open(&both).is_ok());
    }

    #[test]
    fn a_kept_key_is_the_same_key() {
        let key = NoteKey::generate("example.org/log").unwrap();
        let again = NoteKey::from_secret(&key.to_secret().unwrap()).unwrap();
        assert_eq!(again.verifier(), key.verifier());
        assert_eq!(again.sign("x\n").unwrap(), key.sign("x\n").unwrap());
        assert_eq!(NoteVerifier::parse(&key.verifier().vkey()).unwrap(), *key.verifier());
        assert!(NoteKey::from_secret(&Secret::new(vec![0; 31])).is_err());
        assert_eq!(format!("{key:?}"), r#"NoteKey { name: "example.org/log", .. }"#);
    }

    #[test]
    fn malformed_texts_and_keys_are_refused() {
        let key = NoteKey::generate("example.org/log").unwrap();
        for text in ["", "x", "x\ty\n"] {
            assert!(key.sign(text).is_err(), "{text:?}");
        }
        for name in ["", "a b", "a+b", "a\nb"] {
            assert!(matches!(NoteKey::generate(name), Err(Error::NoteName { .. })), "{name:?}");
        }
        for vkey in [
            "",
            "a+b",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "a+00000000+AA==",
        ] {
            assert!(matches!(NoteVerifier::parse(vkey), Err(Error::VerifierKey { .. })), "{vkey:?}");
        }
        let verifier = NoteVerifier::parse(VKEY).unwrap();
        for note in ["", "x\n", "x\n\n", NOTE.trim_end(), &NOTE.replace("\n\n", "\n")] {
            assert!(verifier.open(note).is_err(), "{note:?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_no_note(text in "(?s).{0,200}") {
            prop_assert!(NoteVerifier::parse(VKEY).unwrap().open(&text).is_err());
            prop_assert!(NoteVerifier::parse(&text).is_err());
        }

        #[test]
        fn any_text_that_may_be_signed_is_read_back(text in "[^\\x00-\\x1f]{0,40}(\n[^\\x00-\\x1f]{0,40}){0,4}") {
            let key = NoteKey::from_secret(&Secret::new([&[5; 32], b"k".as_slice()].concat())).unwrap();
            let text = format!("{text}\n");
            let note = key.sign(&text).unwrap();
            prop_assert_eq!(key.verifier().open(&note).unwrap(), text);
        }
    }
}
