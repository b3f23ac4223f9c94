//! The key for small state of ours that a browser holds: it can neither read it, nor change it, nor use it elsewhere.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use bartizan_model::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::{Zeroize as _, Zeroizing};

use crate::Error;

/// Seals state with AES-256-GCM, each text for one purpose.
///
/// Nonces are random: NIST SP 800-38D, 8.3, allows 2^32 texts under one key, which is one a second for 136 years.
pub struct StateKey {
    secret: Secret<[u8; 32]>,
    /// aws-lc wipes the memory of a key when it is freed.
    key: LessSafeKey,
}

impl StateKey {
    /// A new key.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(bytes.as_mut_slice())
            .map_err(|source| Error::Library { doing: "draw a key for state", source })?;
        Self::from_bytes(&bytes)
    }

    /// The key that was kept.
    ///
    /// # Errors
    /// When the secret is not what [`to_secret`](Self::to_secret) gave.
    pub fn from_secret(secret: &Secret<Vec<u8>>) -> Result<Self, Error> {
        secret.expose(|bytes| {
            let bytes = bytes.as_slice().try_into().map_err(|_length| Error::StoredForm { what: KEY })?;
            Self::from_bytes(bytes)
        })
    }

    /// The key, for keeping.
    #[must_use]
    pub fn to_secret(&self) -> Secret<Vec<u8>> {
        self.secret.expose(|key| Secret::new(key.to_vec()))
    }

    fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        let key = UnboundKey::new(&AES_256_GCM, bytes)
            .map_err(|source| Error::Library { doing: "make a key for state", source })?;
        Ok(Self { secret: Secret::new(*bytes), key: LessSafeKey::new(key) })
    }

    /// Seals `plain` into text that is safe in a cookie or a URL; it opens for the same purpose only.
    ///
    /// # Errors
    /// When the state is larger than a cookie holds, or the system has no randomness.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<String, Error> {
        if plain.len() > MAX_PLAIN {
            return Err(Error::StateTooLong { bytes: plain.len() });
        }
        let mut nonce = [0; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce)
            .map_err(|source| Error::Library { doing: "draw a nonce", source })?;
        // Of the final length from the start: growing would leave an unwiped copy behind.
        let mut sealed = Vec::with_capacity(HEAD_LEN + plain.len() + AES_256_GCM.tag_len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let (_, content) = sealed.split_at_mut(HEAD_LEN);
        let tag = self
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad(purpose), content)
            .map_err(|source| Error::Library { doing: "seal state", source })?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// What was sealed for this purpose; `None` if the text is anything else. Why is nobody's business.
    #[must_use]
    pub fn open(&self, purpose: &str, text: &str) -> Option<Secret<Vec<u8>>> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (version, rest) = sealed.split_first()?;
        let (nonce, content) = rest.split_first_chunk::<NONCE_LEN>()?;
        if *version != VERSION {
            return None;
        }
        let mut content = content.to_vec();
        let opened = self.key.open_in_place(Nonce::assume_unique_for_key(*nonce), aad(purpose), &mut content);
        let plain = opened.ok().map(|plain| Secret::new(plain.to_vec()));
        content.zeroize();
        plain
    }
}

impl std::fmt::Debug for StateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StateKey").field("secret", &self.secret).finish_non_exhaustive()
    }
}

/// The version has a fixed length, so version and purpose cannot run into each other.
fn aad(purpose: &str) -> Aad<Vec<u8>> {
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(purpose.as_bytes());
    Aad::from(bytes)
}

const KEY: &str = "key for state";

const VERSION: u8 = 1;

const NONCE_LEN: usize = 12;

/// Version and nonce.
const HEAD_LEN: usize = 1 + NONCE_LEN;

/// Browsers keep cookies of at most 4096 bytes, name and attributes included (RFC 6265, 6.1).
const MAX_TEXT: usize = 3072;

/// What fills [`MAX_TEXT`]: three quarters of it, without head and tag.
const MAX_PLAIN: usize = MAX_TEXT / 4 * 3 - HEAD_LEN - 16;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn opened(key: &StateKey, purpose: &str, text: &str) -> Option<Vec<u8>> {
        key.open(purpose, text).map(|plain| plain.expose(Clone::clone))
    }

    #[test]
    fn what_was_sealed_opens_after_the_key_was_kept() {
        let key = StateKey::generate().unwrap();
        let text = key.seal("attempt", b"state").unwrap();
        let kept = StateKey::from_secret(&key.to_secret()).unwrap();
        assert_eq!(opened(&kept, "attempt", &text).unwrap(), b"state");
        assert_eq!(opened(&StateKey::generate().unwrap(), "attempt", &text), None);
        assert!(StateKey::from_secret(&Secret::new(vec![0; 31])).is_err());
        assert!(!format!("{key:?}").contains(&key.to_secret().expose(|bytes| format!("{bytes:?}"))));
    }

    #[test]
    fn two_texts_of_one_state_differ() {
        let key = StateKey::generate().unwrap();
        assert_ne!(key.seal("a", b"x").unwrap(), key.seal("a", b"x").unwrap());
    }

    #[test]
    fn the_largest_state_fits_a_cookie_and_a_larger_one_is_refused() {
        let key = StateKey::generate().unwrap();
        let text = key.seal("a", &[7; MAX_PLAIN]).unwrap();
        assert!(text.len() <= MAX_TEXT);
        assert_eq!(opened(&key, "a", &text).unwrap(), [7; MAX_PLAIN]);
        assert!(matches!(key.seal("a", &[7; MAX_PLAIN + 1]), Err(Error::StateTooLong { .. })));
        assert_eq!(opened(&key, "a", &"A".repeat(MAX_TEXT + 1)), None);
    }

    proptest! {
        #[test]
        fn no_flipped_bit_and_no_other_purpose_opens(
            plain in proptest::collection::vec(any::<u8>(), 0..200),
            place: prop::sample::Index,
            bit in 0..8u8,
            other in "[a-z]{0,8}",
        ) {
            let key = StateKey::generate().unwrap();
            let text = key.seal("attempt", &plain).unwrap();
            prop_assert_eq!(opened(&key, "attempt", &text), Some(plain));
            prop_assert!(other == "attempt" || key.open(&other, &text).is_none());
            let mut bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            prop_assert!(key.open("attempt", &URL_SAFE_NO_PAD.encode(bytes)).is_none());
        }

        #[test]
        fn no_text_is_too_strange(text in ".{0,300}") {
            prop_assert!(StateKey::generate().unwrap().open("attempt", &text).is_none());
        }
    }
}
