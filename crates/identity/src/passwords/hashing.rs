//! Argon2id in memory that is used again.

use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use bartizan_model::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use parking_lot::Mutex;
use subtle::ConstantTimeEq as _;

use super::PasswordText;
use crate::error::Error;

/// Computes hashes. Their memory stays here: what 19 MiB at a time is given back by one thread after another, an allocator
/// may keep for each of them, and no bound on how many hashes run at once bounds that.
#[derive(Debug, Default)]
pub(super) struct Hashing {
    computed: AtomicU64,
    /// As many as ever ran at once.
    memory: Mutex<Vec<Vec<Block>>>,
}

impl Hashing {
    /// How many hashes were computed.
    pub(super) fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// The stored form of a password.
    pub(super) fn hash(&self, normal: &Secret<String>, salt: [u8; SALT_LEN]) -> Result<PasswordText, Error> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params()?);
        let mut output = [0; OUTPUT_LEN];
        self.compute(&argon2, normal, &salt, &mut output)?;
        Ok(stored(&salt, &output))
    }

    /// Whether the password is that of the stored form, and whether that form is what would be made today.
    pub(super) fn verify(&self, stored: &str, normal: &Secret<String>) -> Result<(bool, bool), Error> {
        let damaged = || Error::Damaged { what: "password", name: String::from("?") };
        let parsed = PasswordHash::new(stored).map_err(|_form| damaged())?;
        let (salt, hash) = parsed.salt.as_ref().zip(parsed.hash.as_ref()).ok_or_else(damaged)?;
        let algorithm = Algorithm::try_from(parsed.algorithm.as_str()).map_err(Error::password)?;
        let version = parsed.version.map_or(Ok(Version::default()), Version::try_from);
        let version = version.map_err(Error::password)?;
        let params = Params::try_from(&parsed).map_err(Error::password)?;
        let numbers = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        let current = algorithm == Algorithm::Argon2id
            && version == Version::V0x13
            && numbers(&params) == numbers(&self::params()?);
        let mut output = vec![0; hash.len()];
        self.compute(&Argon2::new(algorithm, version, params), normal, salt.as_ref(), &mut output)?;
        Ok((output.ct_eq(hash.as_bytes()).into(), current))
    }

    fn compute(
        &self,
        argon2: &Argon2<'_>,
        normal: &Secret<String>,
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), Error> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let mut memory = self.memory.lock().pop().unwrap_or_default();
        memory.resize(argon2.params().block_count().max(memory.len()), Block::new());
        let done = normal.expose(|text| {
            argon2.hash_password_into_with_memory(text.as_bytes(), salt, output, memory.as_mut_slice())
        });
        self.memory.lock().push(memory);
        done.map_err(Error::password)
    }
}

/// A form that is stored, with this salt and this hash.
pub(super) fn stored(salt: &[u8; SALT_LEN], output: &[u8; OUTPUT_LEN]) -> PasswordText {
    let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(output));
    Secret::new(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${output}"))
}

fn params() -> Result<Params, Error> {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_LEN)).map_err(Error::password)
}

/// OWASP's second choice for Argon2id: as strong as the first, in less memory, of which each hash takes its own.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
pub(super) const OUTPUT_LEN: usize = 32;
pub(super) const SALT_LEN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_after_one_another_share_their_memory() {
        let (hashing, word) = (Hashing::default(), Secret::new(String::from("a password")));
        let made = hashing.hash(&word, [1; SALT_LEN]).unwrap();
        assert!(made.expose(|text| hashing.verify(text, &word)).unwrap().0);
        assert_eq!(hashing.memory.lock().len(), 1);
        assert_eq!(hashing.computed(), 2);
    }

    #[test]
    fn it_computes_what_the_library_does() {
        use argon2::{PasswordHasher as _, PasswordVerifier as _};
        let (hashing, word) = (Hashing::default(), Secret::new(String::from("a password")));
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params().unwrap());
        let theirs = argon2.hash_password_with_salt(b"a password", &[7; SALT_LEN]).unwrap().to_string();
        let ours = hashing.hash(&word, [7; SALT_LEN]).unwrap();
        assert_eq!(ours.expose(Clone::clone), theirs);
        assert!(ours.expose(|text| argon2.verify_password(b"a password", text.as_str())).is_ok());
    }
}
