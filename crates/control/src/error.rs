//! What can go wrong, by what the caller does about it.

/// Why the control plane did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("there is no {what} `{name}`")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// What it was called.
        name: String,
    },
    /// What was asked is not in order.
    #[error("{0}")]
    Invalid(String),
    /// One field of what was asked is not in order.
    #[error("{why}")]
    Field {
        /// What the field is called in the API.
        name: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// What was sent is longer than what is read.
    #[error("what was sent is larger than 1 MiB: apply it in parts")]
    TooLarge,
    /// It would lock everybody out.
    #[error("{0}")]
    RefusedForSafety(String),
    /// What is stored is not yet all known here: try again.
    #[error("the change log cannot be followed at the moment, so nothing can be changed safely: try again")]
    Behind,
    /// An object of ours is not as we write it.
    #[error("the stored {kind} `{name}` is not as it was written: {why}")]
    Damaged {
        /// Its kind.
        kind: bartizan_model::ObjectKind,
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// People or sessions could not be read or changed.
    #[error(transparent)]
    Identity(#[from] bartizan_identity::Error),
    /// The store did not do as asked.
    #[error(transparent)]
    Store(#[from] bartizan_store::Error),
    /// The log did not do as asked.
    #[error("the evidence log cannot be read: {0}")]
    Evidence(String),
    /// The change cannot be recorded, so it was not made.
    #[error("what was asked cannot be recorded, so it was not done")]
    Unrecorded(#[from] bartizan_enforce::spool::SpoolError),
    /// A key could not be made or used.
    #[error(transparent)]
    Key(#[from] bartizan_pki::Error),
}
