//! Boxes that only one key opens: what is personal is sealed to its person, and destroying the key erases it.
//!
//! A box is made of three layers. A random data key encrypts the content with AES-256-GCM; HPKE (RFC 9180, base mode,
//! DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM) encrypts the data key to the person's public key. A
//! [`Sealer`] does the second once and the first for each box, because an X25519 agreement for each event would cost
//! more than the rest of the event. Each box carries the encrypted data key, so it opens on its own:
//!
//! ```text
//! version 1 | encapsulated key 32 | encrypted data key 48 | nonce 12 | content and tag
//! ```
//!
//! The associated data binds a box to where it belongs; it is not in the box.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{PrivateKey, X25519};
use bartizan_model::Secret;
use parking_lot::Mutex;
use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_AES_256 as HPKE;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke as _, HpkePrivateKey, HpkePublicKey};
use zeroize::Zeroizing;

use crate::Error;

/// The key pair to which somebody's personal data is sealed.
///
/// It remembers the data keys that it opened last: a sealer's boxes are many, and the agreement that opens its data key
/// takes fifty times as long as the content of a box. To forget a person is to drop every copy of the pair.
pub struct SealingKeyPair {
    private: Secret<[u8; 32]>,
    public: [u8; 32],
    opened: Mutex<VecDeque<Opened>>,
}

/// A data key that was opened, by what it was opened from: the encapsulated and the encrypted key.
struct Opened {
    encapsulated: [u8; 32],
    data_key: [u8; 48],
    key: Arc<LessSafeKey>,
}

impl SealingKeyPair {
    /// A new key pair.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate() -> Result<Self, Error> {
        let (_, private) = HPKE.generate_key_pair().map_err(|source| Error::SealTo { source })?;
        Self::from_private(private.secret_bytes())
    }

    /// The public key.
    #[must_use]
    pub const fn public(&self) -> [u8; 32] {
        self.public
    }

    /// The private key, for keeping.
    #[must_use]
    pub fn to_secret(&self) -> Secret<Vec<u8>> {
        self.private.expose(|key| Secret::new(key.to_vec()))
    }

    /// The key pair that was kept.
    ///
    /// # Errors
    /// When the secret is not what [`to_secret`](Self::to_secret) gave.
    pub fn from_secret(secret: &Secret<Vec<u8>>) -> Result<Self, Error> {
        secret.expose(|bytes| Self::from_private(bytes))
    }

    fn from_private(bytes: &[u8]) -> Result<Self, Error> {
        let private: Zeroizing<[u8; 32]> = Zeroizing::new(
            bytes
                .first_chunk()
                .filter(|_| bytes.len() == 32)
                .copied()
                .ok_or(Error::StoredForm { what: KEY })?,
        );
        let public = PrivateKey::from_private_key(&X25519, private.as_slice())
            .map_err(|source| Error::StoredKey { what: KEY, source })?
            .compute_public_key()
            .map_err(|source| Error::Library { doing: "compute a public sealing key", source })?;
        let public = *public.as_ref().first_chunk().ok_or(Error::StoredForm { what: KEY })?;
        Ok(Self { private: Secret::new(*private), public, opened: Mutex::default() })
    }

    /// Opens a box that was sealed to this key with the same associated data.
    ///
    /// # Errors
    /// When the bytes are no box, were sealed to another key or with other associated data, or were changed.
    pub fn open(&self, boxed: &[u8], aad: &[u8]) -> Result<Vec<u8>, Error> {
        let parts = Parts::read(boxed)?;
        let key = self.data_key(&parts)?;
        let mut content = parts.content.to_vec();
        let plain_len = key
            .open_in_place(Nonce::assume_unique_for_key(*parts.nonce), Aad::from(aad), &mut content)
            .map_err(|source| Error::BoxContent { source })?
            .len();
        content.truncate(plain_len);
        Ok(content)
    }

    fn data_key(&self, parts: &Parts<'_>) -> Result<Arc<LessSafeKey>, Error> {
        let known = |opened: &&Opened| {
            opened.encapsulated == *parts.encapsulated && opened.data_key == *parts.data_key
        };
        if let Some(opened) = self.opened.lock().iter().find(known) {
            return Ok(Arc::clone(&opened.key));
        }
        let private = HpkePrivateKey::from(self.private.expose(|key| key.to_vec()));
        let data_key = Zeroizing::new(
            HPKE.open(&EncapsulatedSecret(parts.encapsulated.to_vec()), INFO, &[], parts.data_key, &private)
                .map_err(|source| Error::BoxKey { source })?,
        );
        let key = UnboundKey::new(&AES_256_GCM, &data_key).map_err(|source| Error::BoxContent { source })?;
        let key = Arc::new(LessSafeKey::new(key));
        let mut opened = self.opened.lock();
        if opened.len() >= REMEMBERED {
            opened.pop_front();
        }
        let (encapsulated, data_key) = (*parts.encapsulated, *parts.data_key);
        opened.push_back(Opened { encapsulated, data_key, key: Arc::clone(&key) });
        Ok(key)
    }
}

impl std::fmt::Debug for SealingKeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealingKeyPair").field("private", &self.private).finish_non_exhaustive()
    }
}

/// Seals many boxes to one person, each for little more than an AES-GCM encryption.
pub struct Sealer {
    /// The version, the encapsulated key and the encrypted data key: the same in each box.
    head: Vec<u8>,
    /// aws-lc wipes the memory of a key when it is freed.
    key: LessSafeKey,
    used: AtomicU64,
}

impl Sealer {
    /// A sealer with a data key of its own, encrypted to this public key.
    ///
    /// # Errors
    /// When the public key is not one (its agreement would yield zero), or the system has no randomness.
    pub fn new(public: &[u8; 32]) -> Result<Self, Error> {
        let mut data_key = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(data_key.as_mut_slice())
            .map_err(|source| Error::Library { doing: "draw a data key", source })?;
        let (encapsulated, encrypted) = HPKE
            .seal(INFO, &[], data_key.as_slice(), &HpkePublicKey(public.to_vec()))
            .map_err(|source| Error::SealTo { source })?;
        let key = UnboundKey::new(&AES_256_GCM, data_key.as_slice())
            .map_err(|source| Error::Library { doing: "make a data key", source })?;
        let mut head = Vec::with_capacity(HEAD_LEN);
        head.push(VERSION);
        head.extend_from_slice(&encapsulated.0);
        head.extend_from_slice(&encrypted);
        Ok(Self { head, key: LessSafeKey::new(key), used: AtomicU64::new(0) })
    }

    /// Seals `plain`; the box opens with the same `aad` only.
    ///
    /// # Errors
    /// After 2^32 boxes, or when the system has no randomness.
    pub fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        let number = u32::try_from(self.used.fetch_add(1, Ordering::Relaxed))
            .ok()
            .filter(|_| self.used.load(Ordering::Relaxed) <= MAX_BOXES)
            .ok_or(Error::SealerSpent)?;
        // The number alone never repeats within this process. The random part keeps a copy of the process (a
        // restored snapshot of the machine) from using the same nonce for another content.
        let mut random = [0; 8];
        aws_lc_rs::rand::fill(&mut random)
            .map_err(|source| Error::Library { doing: "draw a nonce", source })?;
        let nonce = (u128::from(number) << 64 | u128::from(u64::from_be_bytes(random))).to_be_bytes();
        let nonce: [u8; 12] = *nonce.last_chunk().ok_or(Error::SealerSpent)?;

        let start = self.head.len() + nonce.len();
        let mut boxed = Vec::with_capacity(start + plain.len() + AES_256_GCM.tag_len());
        boxed.extend_from_slice(&self.head);
        boxed.extend_from_slice(&nonce);
        boxed.extend_from_slice(plain);
        let (_, content) = boxed.split_at_mut(start);
        let tag = self
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), content)
            .map_err(|source| Error::Library { doing: "seal a box", source })?;
        boxed.extend_from_slice(tag.as_ref());
        Ok(boxed)
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("used", &self.used).finish_non_exhaustive()
    }
}

/// Seals one box, for what is sealed seldom.
///
/// # Errors
/// As [`Sealer::new`] and [`Sealer::seal`].
pub fn seal_once(public: &[u8; 32], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
    Sealer::new(public)?.seal(aad, plain)
}

struct Parts<'a> {
    encapsulated: &'a [u8; 32],
    data_key: &'a [u8; 48],
    nonce: &'a [u8; 12],
    content: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(boxed: &'a [u8]) -> Result<Self, Error> {
        let short = || Error::BoxForm { found: "too few bytes" };
        let (version, rest) = boxed.split_first().ok_or_else(short)?;
        if *version != VERSION {
            return Err(Error::BoxForm { found: "an unknown version" });
        }
        let (encapsulated, rest) = rest.split_first_chunk().ok_or_else(short)?;
        let (data_key, rest) = rest.split_first_chunk().ok_or_else(short)?;
        let (nonce, content) = rest.split_first_chunk().ok_or_else(short)?;
        if content.len() < AES_256_GCM.tag_len() {
            return Err(short());
        }
        Ok(Self { encapsulated, data_key, nonce, content })
    }
}

const KEY: &str = "sealing key";

const VERSION: u8 = 1;

/// Version, encapsulated key, data key with tag.
const HEAD_LEN: usize = 1 + 32 + 48;

/// The number of a box has 32 bits of its nonce.
const MAX_BOXES: u64 = 1 << 32;

/// How many data keys a pair remembers: a person's events come from a few points, each with one sealer at a time.
const REMEMBERED: usize = 8;

/// HPKE `info` (RFC 9180, 5.1): these keys do nothing else.
const INFO: &[u8] = b"bartizan sealed box v1";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_and_associated_data() {
        let pair = SealingKeyPair::generate().unwrap();
        let sealer = Sealer::new(&pair.public()).unwrap();
        for plain in [b"".as_slice(), b"x", &[7; 5000]] {
            let boxed = sealer.seal(b"event 1", plain).unwrap();
            assert_eq!(pair.open(&boxed, b"event 1").unwrap(), plain);
            assert!(matches!(pair.open(&boxed, b"event 2"), Err(Error::BoxContent { .. })));
        }
        let once = seal_once(&pair.public(), b"mail", b"ada@example.org").unwrap();
        assert_eq!(pair.open(&once, b"mail").unwrap(), b"ada@example.org");
    }

    #[test]
    fn boxes_of_more_sealers_than_are_remembered_open_in_any_order() {
        let pair = SealingKeyPair::generate().unwrap();
        let sealers: Vec<Sealer> =
            (0..3 * REMEMBERED).map(|_| Sealer::new(&pair.public()).unwrap()).collect();
        for round in 0..3_u8 {
            for sealer in &sealers {
                let boxed = sealer.seal(&[round], &[round]).unwrap();
                assert_eq!(pair.open(&boxed, &[round]).unwrap(), [round]);
                // A remembered data key opens nothing that it did not seal.
                assert!(pair.open(&boxed, b"other").is_err());
                let mut changed = boxed.clone();
                changed[40] ^= 1;
                assert!(matches!(pair.open(&changed, &[round]), Err(Error::BoxKey { .. })));
            }
        }
        assert_eq!(pair.opened.lock().len(), REMEMBERED);
    }

    #[test]
    fn another_key_does_not_open_it() {
        let pair = SealingKeyPair::generate().unwrap();
        let other = SealingKeyPair::generate().unwrap();
        let boxed = seal_once(&pair.public(), b"", b"x").unwrap();
        assert!(matches!(other.open(&boxed, b""), Err(Error::BoxKey { .. })));
    }

    #[test]
    fn a_kept_key_is_the_same_key() {
        let pair = SealingKeyPair::generate().unwrap();
        let boxed = seal_once(&pair.public(), b"a", b"x").unwrap();
        let again = SealingKeyPair::from_secret(&pair.to_secret()).unwrap();
        assert_eq!(again.public(), pair.public());
        assert_eq!(again.open(&boxed, b"a").unwrap(), b"x");
        for len in [0, 31, 33] {
            assert!(SealingKeyPair::from_secret(&Secret::new(vec![1; len])).is_err());
        }
    }

    #[test]
    fn the_same_content_never_yields_the_same_box() {
        let pair = SealingKeyPair::generate().unwrap();
        let sealer = Sealer::new(&pair.public()).unwrap();
        let mut nonces: Vec<Vec<u8>> = (0..1000)
            .map(|_| {
                let boxed = sealer.seal(b"", b"x").unwrap();
                Parts::read(&boxed).unwrap().nonce.to_vec()
            })
            .collect();
        nonces.sort();
        nonces.dedup();
        assert_eq!(nonces.len(), 1000);
    }

    #[test]
    fn a_sealer_refuses_before_a_number_repeats() {
        let pair = SealingKeyPair::generate().unwrap();
        let sealer = Sealer::new(&pair.public()).unwrap();
        sealer.used.store(MAX_BOXES - 1, Ordering::Relaxed);
        assert!(sealer.seal(b"", b"x").is_ok());
        for _ in 0..3 {
            assert!(matches!(sealer.seal(b"", b"x"), Err(Error::SealerSpent)));
        }
    }

    #[test]
    fn a_public_key_of_small_order_is_refused() {
        assert!(matches!(Sealer::new(&[0; 32]), Err(Error::SealTo { .. })));
    }

    #[test]
    fn debug_output_shows_no_key() {
        let pair = SealingKeyPair::from_secret(&Secret::new(vec![0xab; 32])).unwrap();
        assert_eq!(format!("{pair:?}"), "SealingKeyPair { private: [redacted], .. }");
        assert_eq!(format!("{:?}", Sealer::new(&pair.public()).unwrap()), "Sealer { used: 0, .. }");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_changed_bit_and_any_cut_is_found(plain: Vec<u8>, at: prop::sample::Index, bit in 0u8..8) {
            let pair = SealingKeyPair::from_secret(&Secret::new(vec![3; 32])).unwrap();
            let boxed = seal_once(&pair.public(), b"aad", &plain).unwrap();
            prop_assert_eq!(pair.open(&boxed, b"aad").unwrap(), plain);
            let mut changed = boxed.clone();
            let at = at.index(changed.len());
            changed[at] ^= 1 << bit;
            // The highest bit of an X25519 public value is ignored by the agreement (RFC 7748, 5), but HPKE hashes
            // the encapsulated key as it is.
            prop_assert!(pair.open(&changed, b"aad").is_err());
            prop_assert!(pair.open(&boxed[..at], b"aad").is_err());
        }

        #[test]
        fn arbitrary_bytes_are_refused(bytes: Vec<u8>) {
            let pair = SealingKeyPair::from_secret(&Secret::new(vec![3; 32])).unwrap();
            prop_assert!(pair.open(&bytes, b"").is_err());
        }
    }
}
