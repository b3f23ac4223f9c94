//! Envelope encryption: secrets under a data key, the data key under the master key.
//!
//! So another master key means to seal 32 bytes anew, not every secret. A sealed value is one byte for the form, the
//! nonce, the ciphertext and its tag (AES-256-GCM, NIST SP 800-38D). Its name is authenticated with it: a sealed value
//! that somebody moves to another name does not open.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use bartizan_model::{Entropy, Secret};
use zeroize::Zeroizing;

use crate::master_key::KEY_LEN;
use crate::{Error, MasterKey, Result};

/// The data key, open.
pub(crate) struct Vault {
    key: LessSafeKey,
    bytes: Secret<[u8; KEY_LEN]>,
    entropy: Arc<dyn Entropy>,
}

impl Vault {
    /// A vault with a new data key.
    pub(crate) fn new(entropy: Arc<dyn Entropy>) -> Result<Self> {
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        entropy.fill(bytes.as_mut_slice());
        Self::with_key(Secret::new(*bytes), entropy)
    }

    /// The vault whose sealed data key this is.
    pub(crate) fn unlock(sealed: &[u8], master: &MasterKey, entropy: Arc<dyn Entropy>) -> Result<Self> {
        let key = master.bytes().expose(cipher)?;
        let opened = open(&key, DATA_KEY, sealed).ok_or(Error::WrongMasterKey)?;
        let bytes = opened
            .expose(|opened| <[u8; KEY_LEN]>::try_from(opened.as_slice()).ok())
            .ok_or_else(|| Error::corrupt("the data key has another length"))?;
        Self::with_key(Secret::new(bytes), entropy)
    }

    /// The data key, sealed under a master key.
    pub(crate) fn locked(&self, master: &MasterKey) -> Result<Vec<u8>> {
        let key = master.bytes().expose(cipher)?;
        self.bytes.expose(|bytes| seal(&key, DATA_KEY, bytes, &*self.entropy))
    }

    pub(crate) fn seal(&self, name: &str, value: &[u8]) -> Result<Vec<u8>> {
        seal(&self.key, name, value, &*self.entropy)
    }

    pub(crate) fn open(&self, name: &str, sealed: &[u8]) -> Result<Secret<Vec<u8>>> {
        open(&self.key, name, sealed)
            .ok_or_else(|| Error::corrupt(format!("secret `{name}` does not open: it was changed or moved")))
    }

    fn with_key(bytes: Secret<[u8; KEY_LEN]>, entropy: Arc<dyn Entropy>) -> Result<Self> {
        let key = bytes.expose(cipher)?;
        Ok(Self { key, bytes, entropy })
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

/// The name that is authenticated with the data key. Secrets are under another key, so it may be one of theirs.
const DATA_KEY: &str = "bartizan data key";

/// AES-256-GCM, a nonce of 96 random bits, the name as additional data.
const FORM: u8 = 1;

fn cipher(bytes: &[u8; KEY_LEN]) -> Result<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, bytes).map(LessSafeKey::new).map_err(Error::Sealing)
}

fn seal(key: &LessSafeKey, name: &str, value: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>> {
    // Random nonces are safe for 2^32 values under one key (SP 800-38D, 8.3): more than there will be secrets.
    let mut nonce = [0; NONCE_LEN];
    entropy.fill(&mut nonce);
    // Room for the tag from the start: growing would leave the value behind in freed memory.
    let mut text = Zeroizing::new(Vec::with_capacity(value.len() + AES_256_GCM.tag_len()));
    text.extend_from_slice(value);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(name.as_bytes()), &mut *text)
        .map_err(Error::Sealing)?;
    let mut sealed = Vec::with_capacity(1 + NONCE_LEN + text.len());
    sealed.push(FORM);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&text);
    Ok(sealed)
}

fn open(key: &LessSafeKey, name: &str, sealed: &[u8]) -> Option<Secret<Vec<u8>>> {
    let (&form, rest) = sealed.split_first()?;
    let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>()?;
    if form != FORM {
        return None;
    }
    let mut value = text.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length = key.open_in_place(nonce, Aad::from(name.as_bytes()), &mut value).ok()?.len();
    value.truncate(length);
    Some(Secret::new(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Counting(std::sync::atomic::AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    fn vault() -> Vault {
        Vault::new(Arc::new(Counting(std::sync::atomic::AtomicU8::new(1)))).unwrap()
    }

    #[test]
    fn a_value_opens_under_its_name_alone() {
        let vault = vault();
        let sealed = vault.seal("a", b"value").unwrap();
        assert!(vault.open("a", &sealed).unwrap() == Secret::new(b"value".to_vec()));
        assert!(vault.open("b", &sealed).is_err());
        assert_ne!(sealed, vault.seal("a", b"value").unwrap(), "each sealing has its own nonce");
    }

    #[test]
    fn a_changed_or_cut_value_does_not_open() {
        let vault = vault();
        let sealed = vault.seal("a", b"value").unwrap();
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(vault.open("a", &changed).is_err(), "byte {position}");
            assert!(vault.open("a", &sealed[..position]).is_err(), "cut at {position}");
        }
    }

    #[test]
    fn the_data_key_opens_under_its_master_key_alone() {
        let (ours, other) = (MasterKey::from_bytes([7; 32]), MasterKey::from_bytes([8; 32]));
        let vault = vault();
        let sealed = vault.seal("a", b"value").unwrap();
        let locked = vault.locked(&ours).unwrap();
        let again = Vault::unlock(&locked, &ours, Arc::clone(&vault.entropy)).unwrap();
        assert!(again.open("a", &sealed).is_ok());
        let wrong = Vault::unlock(&locked, &other, Arc::clone(&vault.entropy)).unwrap_err();
        assert!(matches!(wrong, Error::WrongMasterKey), "{wrong:?}");
    }
}
