//! Recovery codes: on paper, for the day when the authenticator app is gone. Each works once.

use bartizan_model::{Entropy, Secret};

use crate::base32;

/// Ten codes, shown once.
#[derive(Debug)]
pub struct RecoveryCodes(Vec<Secret<String>>);

impl RecoveryCodes {
    /// The codes as they are written down.
    #[must_use]
    pub fn codes(&self) -> &[Secret<String>] {
        &self.0
    }

    /// New codes, and the digests that are kept of them.
    pub(crate) fn generate(entropy: &dyn Entropy) -> (Self, Vec<RecoveryDigest>) {
        let mut codes = Vec::with_capacity(COUNT);
        let mut digests = Vec::with_capacity(COUNT);
        for _ in 0..COUNT {
            let mut bits = [0; BYTES];
            entropy.fill(&mut bits);
            let plain = Secret::new(base32::encode(&bits, base32::LEGIBLE));
            digests.push(RecoveryDigest::of(&plain));
            codes.push(plain.expose(|plain| {
                let mut grouped = String::with_capacity(LETTERS + LETTERS / 4);
                for (place, letter) in plain.chars().enumerate() {
                    if place > 0 && place % 4 == 0 {
                        grouped.push('-');
                    }
                    grouped.push(letter);
                }
                Secret::new(grouped)
            }));
        }
        (Self(codes), digests)
    }
}

/// The SHA-256 of a code: 80 random bits need no salt and no slow hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecoveryDigest(pub(crate) [u8; 32]);

impl RecoveryDigest {
    /// The digest of what somebody typed; `None` if it cannot be a code. Case, spaces and dashes do not count, nor
    /// does it if a letter was taken for the digit that it looks like.
    pub(crate) fn typed(text: &Secret<String>) -> Option<Self> {
        text.expose(|text| {
            if text.len() > MAX_TYPED {
                return None;
            }
            let mut plain = String::with_capacity(MAX_TYPED);
            for letter in text.chars().filter(|letter| !letter.is_whitespace() && !DASHES.contains(letter)) {
                plain.push(match letter.to_ascii_lowercase() {
                    'o' => '0',
                    'i' | 'l' => '1',
                    letter => letter,
                });
            }
            let plain = Secret::new(plain);
            let known = |byte: &u8| base32::LEGIBLE.contains(byte);
            plain
                .expose(|plain| plain.len() == LETTERS && plain.as_bytes().iter().all(known))
                .then(|| Self::of(&plain))
        })
    }

    fn of(plain: &Secret<String>) -> Self {
        Self(plain.expose(|plain| bartizan_pki::sha256(plain.as_bytes())))
    }
}

impl std::fmt::Debug for RecoveryDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryDigest(..)")
    }
}

/// How many codes a person has at first.
pub(crate) const COUNT: usize = 10;

/// 80 bits: not to be guessed through the front door nor from their digests.
const BYTES: usize = 10;
const LETTERS: usize = BYTES * 8 / 5;

/// Sixteen letters, and as many dashes and spaces again.
const MAX_TYPED: usize = 64;

const DASHES: [char; 4] = ['-', '\u{2010}', '\u{2011}', '\u{2013}'];

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Counter(std::sync::atomic::AtomicU8);
    impl Entropy for Counter {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0.fetch_add(37, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn codes_are_read_as_people_write_them() {
        let (codes, digests) = RecoveryCodes::generate(&Counter(0.into()));
        assert_eq!((codes.codes().len(), digests.len()), (COUNT, COUNT));
        for (code, digest) in codes.codes().iter().zip(&digests) {
            let text = code.expose(Clone::clone);
            assert_eq!((text.len(), text.split('-').count()), (19, 4), "{text}");
            let ways = [
                text.clone(),
                text.to_uppercase(),
                text.replace('-', ""),
                text.replace('-', " – "),
                text.replace('0', "O").replace('1', "l"),
                format!("  {} ", text.replace('1', "I")),
            ];
            for way in ways {
                assert_eq!(RecoveryDigest::typed(&Secret::new(way.clone())), Some(*digest), "{way}");
            }
        }
        assert!(!format!("{codes:?} {digests:?}").contains(&codes.codes()[0].expose(Clone::clone)));
    }

    #[test]
    fn nothing_else_is_a_code() {
        for text in [
            "",
            "k7qd",
            "uuuu-uuuu-uuuu-uuuu",
            "0000-0000-0000-000",
            "0000-0000-0000-00000",
            "é000-0000-0000-0000",
        ] {
            assert_eq!(RecoveryDigest::typed(&Secret::new(text.to_owned())), None, "{text}");
        }
        assert_eq!(RecoveryDigest::typed(&Secret::new("0".repeat(100_000))), None);
    }
}
