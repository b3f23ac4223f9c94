//! Keys, and what is made with them: digests, sealed boxes, certificates, assertions, signed notes.
//!
//! Nothing here stores, listens or asks: a key goes out as a [`Secret`](bartizan_model::Secret) for somebody else to
//! keep, and comes back the same way. All cryptography is that of `aws-lc-rs`, mostly as `rustls` wraps it.

pub mod age;
mod assertion;
mod authority;
mod digest;
mod error;
mod host_key;
mod note;
mod seal;
mod state_key;

pub use assertion::{AssertionClaims, AssertionKey, MAX_ASSERTION_LIFETIME};
pub use authority::{Authority, CertificateChain};
pub use digest::{Sha256, credential_digest, keyed_digest, new_credential, sha256};
pub use error::Error;
pub use host_key::HostKey;
pub use note::{NoteKey, NoteVerifier};
pub use seal::{Sealer, SealingKeyPair, seal_once};
pub use state_key::StateKey;
