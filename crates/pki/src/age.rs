//! Files that only the holder of a key opens, in the age format (<https://age-encryption.org/v1>): for backups.
//!
//! The format is a standard with tools that others wrote, so a backup can be opened without us: `age --decrypt`. Of its
//! recipients this knows the native kind alone, X25519; its primitives are those of aws-lc.
//!
//! ```text
//! age-encryption.org/v1
//! -> X25519 <ephemeral share>          one for each recipient
//! <file key, encrypted to the recipient>
//! --- <HMAC of the header>
//! <nonce 16> <chunks of 64 KiB, each ChaCha20-Poly1305>
//! ```
//!
//! Every chunk is authenticated before any of it is handed on, and the last one says that it is the last: what was
//! changed or cut off is found, but only when the reader comes there. Who must not act on half a file reads it to its end
//! first.

mod header;
mod keys;
mod stream;
#[cfg(test)]
mod tests;

pub use keys::{Identity, Recipient};
pub use stream::{Decryptor, Encryptor};

/// Why a file could not be opened or a key not be read.
#[derive(Debug, thiserror::Error)]
pub enum AgeError {
    /// The text is not the key that it should be.
    #[error("not an age {0}")]
    Key(&'static str),
    /// The file is in no form that is known here.
    #[error("not a file in the age format, or its header is damaged: {0}")]
    Header(&'static str),
    /// None of its recipients is one of these identities.
    #[error("it was sealed to other keys than these")]
    NoMatch,
    /// The header was changed.
    #[error("its header was changed since it was written")]
    Mac,
    /// The content was changed.
    #[error("its content was changed or is damaged")]
    Content,
    /// The end is missing.
    #[error("its end is missing: it was cut off")]
    Truncated,
    /// Nobody could open it.
    #[error("there is nobody to seal it to")]
    Nobody,
    /// The library gave up.
    #[error("cannot {0} (likely cause: no randomness, or a key that is none)")]
    Library(&'static str),
    /// It could not be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<AgeError> for std::io::Error {
    fn from(error: AgeError) -> Self {
        match error {
            AgeError::Io(error) => error,
            other => Self::new(std::io::ErrorKind::InvalidData, other),
        }
    }
}
