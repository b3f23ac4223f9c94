//! What can go wrong with keys.

use aws_lc_rs::error::{KeyRejected, Unspecified};

/// Why a key could not be made, read or used. No text in it shows a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cryptographic library gave up; it does not say why.
    #[error("cannot {doing} (likely cause: no randomness or no memory)")]
    Library {
        /// What was being done.
        doing: &'static str,
        /// The library's answer.
        source: Unspecified,
    },
    /// A stored key has the wrong form.
    #[error("the stored {what} cannot be read (likely cause: it is damaged, or of another kind)")]
    StoredForm {
        /// Which key.
        what: &'static str,
    },
    /// A stored key has the right form and is not a key.
    #[error("the stored {what} is refused (likely cause: it is damaged)")]
    StoredKey {
        /// Which key.
        what: &'static str,
        /// Why.
        source: KeyRejected,
    },
    /// Nothing can be sealed to this public key.
    #[error("cannot seal to the public key (likely cause: it is no X25519 key)")]
    SealTo {
        /// Why.
        source: rustls::Error,
    },
    /// A sealer has been used so often that a nonce could repeat.
    #[error("this sealer has sealed all that it may; make a new one")]
    SealerSpent,
    /// The bytes are no sealed box.
    #[error("not a sealed box: {found}")]
    BoxForm {
        /// What is there instead.
        found: &'static str,
    },
    /// The box was sealed to another key, or was changed.
    #[error("the sealed box does not open with this key (likely cause: it was sealed to another)")]
    BoxKey {
        /// The library's answer.
        source: rustls::Error,
    },
    /// The box opens with this key, but its content was changed or belongs elsewhere.
    #[error("the content of the sealed box was changed, or belongs to something else")]
    BoxContent {
        /// The library's answer.
        source: Unspecified,
    },
    /// State for a browser is too large to be kept there.
    #[error("{bytes} bytes of state are more than a cookie holds")]
    StateTooLong {
        /// Its length.
        bytes: usize,
    },
    /// A certificate or a request for one could not be made or read.
    #[error("cannot {doing}")]
    Certificate {
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: rcgen::Error,
    },
    /// The text is no host to certify.
    #[error(
        "`{host}` is not a host name that can be certified (expected lower-case DNS labels, no wildcard)"
    )]
    Host {
        /// The text.
        host: String,
    },
    /// A certificate was asked for under another name than the one that is to be certified.
    #[error("the certificate request is for {asked}, not for `{host}` alone")]
    OtherName {
        /// The host that was to be certified.
        host: String,
        /// What the request names.
        asked: String,
    },
    /// A certificate was asked for a key of a kind that is not certified.
    #[error("the certificate request is not for an ECDSA P-256 key")]
    RequestKey,
    /// The authority cannot vouch for anything any more.
    #[error("the deployment's certificate authority has expired")]
    AuthorityExpired,
    /// A key and its certificate cannot serve TLS.
    #[error(
        "the key and its certificate cannot be used together (likely cause: the certificate is for another key)"
    )]
    CertifiedKey {
        /// Why.
        source: rustls::Error,
    },
    /// Points and control cannot speak TLS with each other with this.
    #[error("cannot {doing}")]
    Tls {
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: rustls::Error,
    },
    /// An assertion would be valid for too long.
    #[error("an assertion may be valid for 120 s at most, not for {seconds} s")]
    AssertionLifetime {
        /// For how long it would be.
        seconds: i64,
    },
    /// An assertion could not be signed.
    #[error("cannot sign an assertion")]
    Assertion {
        /// Why.
        source: jsonwebtoken::errors::Error,
    },
    /// The text cannot name the key of a signed note.
    #[error("`{name}` cannot name a key of signed notes (no spaces, control characters or `+`)")]
    NoteName {
        /// The text.
        name: String,
    },
    /// The text is no verifier key.
    #[error("not a verifier key: {found} (expected NAME+HASH+KEY as in the file log.vkey)")]
    VerifierKey {
        /// What is there instead.
        found: &'static str,
    },
    /// The text is no signed note.
    #[error("not a signed note: {found}")]
    NoteForm {
        /// What is there instead.
        found: &'static str,
    },
    /// The note carries no signature of the key.
    #[error("the note is not signed by `{key}`")]
    NoteUnsigned {
        /// The key.
        key: String,
    },
    /// The note carries a signature of the key that is not one.
    #[error("the note's signature by `{key}` is wrong (likely cause: the note was changed)")]
    NoteSignature {
        /// The key.
        key: String,
        /// The library's answer.
        source: Unspecified,
    },
}
