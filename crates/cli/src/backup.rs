//! Backups: everything that a deployment is, sealed in one file, and back.
//!
//! A backup is a tar archive in an age file, so it can be looked into without us (`age --decrypt | tar --extract`):
//! what it is of, the configuration, the master key, a copy of the database at one instant, and the evidence log up to a
//! checkpoint that holds everything which led to that instant.

mod archive;
mod brought_back;
mod opened;
mod taken;

pub(crate) use brought_back::{Restored, bring_back};
pub(crate) use opened::open;
pub(crate) use taken::{Taken, take, write_private};

use std::path::Path;

use bartizan_model::Secret;
use bartizan_pki::age::{AgeError, Identity, Recipient};

use crate::output::{Failure, INVALID};

/// Reads the keys to which a backup is sealed: some as they are, some from a file.
pub(crate) fn recipients(texts: &[String], file: Option<&Path>) -> Result<Vec<Recipient>, Failure> {
    let mut recipients = Vec::new();
    for text in texts {
        let parsed = text.parse::<Recipient>();
        let shown: String = text.chars().take(80).collect();
        recipients
            .push(parsed.map_err(|error| Failure::new(INVALID, format!("--recipient {shown}: {error}")))?);
    }
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::new(INVALID, format!("`{}` cannot be read: {error}", path.display()))
        })?;
        let read = Recipient::read_file(&text);
        recipients
            .extend(read.map_err(|error| Failure::new(INVALID, format!("`{}`: {error}", path.display())))?);
    }
    Ok(recipients)
}

/// Reads the private keys that open a backup.
pub(crate) fn identities(path: &Path) -> Result<Vec<Identity>, Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::new(INVALID, format!("the identities in `{}` cannot be read: {error}", path.display()))
    };
    let text = Secret::new(std::fs::read_to_string(path).map_err(|error| wrong(&error))?);
    text.expose(|text| Identity::read_file(text)).map_err(|error: AgeError| wrong(&error))
}
