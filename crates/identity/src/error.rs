//! What can go wrong, by what the caller does about it.

use bartizan_enforce::spool::SpoolError;

/// Why people, sessions or credentials could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else has this login name.
    #[error("another person already has the login name `{0}`")]
    LoginTaken(String),
    /// The login name has no form that one can sign in with.
    #[error(
        "`{0}` cannot be a login name (use 1 to 64 of a-z, 0-9, `.`, `_`, `-` and `@`, beginning with a letter or a digit)"
    )]
    LoginForm(String),
    /// The store did not do as asked.
    #[error(transparent)]
    Store(#[from] bartizan_store::Error),
    /// A key could not be made or used.
    #[error(transparent)]
    Key(#[from] bartizan_pki::Error),
    /// The step could not be recorded, so it was not taken.
    #[error("what was asked cannot be recorded, so it was not done")]
    Evidence(#[from] SpoolError),
    /// An object of ours is not as we write it.
    #[error("the stored {what} `{name}` is not as it was written")]
    Damaged {
        /// Its kind.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The session has ended, or never was.
    #[error("there is no such session")]
    NoSession,
    /// Too much is being done at once.
    #[error("too many sign-ins at once: try again in a moment")]
    Busy,
    /// A password could not be hashed, which takes 19 MiB of memory.
    #[error("a password could not be hashed")]
    Password(#[source] argon2::password_hash::Error),
    /// Two proofs that do not belong together. No path of ours leads here.
    #[error("the two factors are not of one person, or the first was proved before the factors changed")]
    Proofs,
    /// The origin of the sign-in pages is none of their host. It is made from the configuration.
    #[error("`{origin}` is not where `{host}` is reached")]
    Origin {
        /// The host of the sign-in pages.
        host: String,
        /// Their origin, as it was made.
        origin: String,
    },
    /// What is asked of a passkey could not be put together.
    #[error("a passkey could not be asked for")]
    Passkey(#[from] webauthn_rs_core::error::WebauthnError),
    /// Who arrived cannot be written down: the change was refused.
    #[error("who arrived could not be written down: {0}")]
    NotWritten(String),
    /// A lifetime is outside what is allowed.
    #[error("an idle lifetime is at least 5 minutes and at most the absolute lifetime")]
    Lifetime,
}

impl Error {
    /// A failure of the library that hashes.
    pub(crate) fn password(error: impl Into<argon2::password_hash::Error>) -> Self {
        Self::Password(error.into())
    }
}
