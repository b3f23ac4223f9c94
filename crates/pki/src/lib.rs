//! Keys, and what is made with them: digests, sealed boxes, certificates, assertions, signed notes.
//!
//! Nothing here stores or listens, and only `acme` asks somebody else: a key goes out as a [`Secret`](bartizan_model::Secret) for somebody else to
//! keep, and comes back the same way. All cryptography is that of `aws-lc-rs`, mostly as `rustls` wraps it.

mod acme;
pub mod age;
mod assertion;
mod authority;
mod digest;
mod error;
mod host_key;
mod join_token;
mod note;
mod point;
mod seal;
mod signing_key;
mod state_key;
mod supplied;

pub use acme::{AcmeAccount, AcmeDirectory, AcmeError};
pub use assertion::{AssertionClaims, AssertionKey, MAX_ASSERTION_LIFETIME};
pub use authority::{Authority, CertificateChain, check_request};
pub use digest::{Sha256, credential_digest, keyed_digest, new_credential, sha256};
pub use error::Error;
pub use host_key::HostKey;
pub use join_token::{JoinToken, JoinTokenError};
pub use note::{NoteKey, NoteVerifier};
pub use point::{
    control_name, control_tls, joining_tls, key_digest, point_name, point_of, point_request, point_tls,
};
pub use seal::{Sealer, SealingKeyPair, seal_once};
pub use signing_key::{SigningAlgorithm, SigningKey};
pub use state_key::StateKey;
pub use supplied::{Supplied, SuppliedError};
