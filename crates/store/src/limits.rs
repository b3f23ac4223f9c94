//! How large what is written may be, and its form on the way to the database.

use bartizan_model::{ObjectKind, Revision, Timestamp};

use crate::{ChangeSet, Error, Expect, Lookup, Result, SecretWrite, Write};

/// 200 bytes: the longest object name. The longest that we make are names (63) and digests in hexadecimal (64).
pub const MAX_NAME: usize = 200;
/// 200 bytes: the longest author; authors are ids or names of commands.
pub const MAX_AUTHOR: usize = 200;
/// 64 bytes: the longest name of a lookup space.
pub const MAX_SPACE: usize = 64;
/// 200 bytes: the longest key of a lookup.
pub const MAX_KEY: usize = 200;
/// 64: the most lookups of one object.
pub const MAX_LOOKUPS: usize = 64;
/// 1 MiB of JSON: the largest specification. Group member lists are the largest that we know: 20,000 people.
pub const MAX_SPEC: usize = 1 << 20;
/// 64 KiB: the largest secret; certificates with their chain and key are a tenth of it.
pub const MAX_SECRET: usize = 64 << 10;
/// 10,000: the most writes, and the most secrets, of one set; enough for a whole configuration to be applied at once.
pub const MAX_WRITES: usize = 10_000;
/// 32 MiB: the most that the specifications of one set are together, for the set waits in memory.
pub const MAX_SET_BYTES: usize = 32 << 20;

/// A set of changes that is within the limits, in the form in which it is written.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) author: String,
    pub(crate) time: Timestamp,
    pub(crate) if_revision: Option<Revision>,
    pub(crate) writes: Vec<PreparedWrite>,
    pub(crate) secrets: Vec<SecretWrite>,
}

#[derive(Debug)]
pub(crate) struct PreparedWrite {
    pub(crate) kind: ObjectKind,
    pub(crate) name: String,
    pub(crate) expect: Expect,
    pub(crate) effect: Effect,
}

#[derive(Debug)]
pub(crate) enum Effect {
    Put { spec: String, lookups: Vec<Lookup> },
    Delete,
}

impl Prepared {
    pub(crate) fn new(set: ChangeSet) -> Result<Self> {
        let ChangeSet { author, time, writes, secrets, if_revision } = set;
        text("author", &author, MAX_AUTHOR)?;
        count("writes of the set", writes.len(), MAX_WRITES)?;
        count("secrets of the set", secrets.len(), MAX_WRITES)?;
        for secret in &secrets {
            match secret {
                SecretWrite::Put { name, value } => {
                    text("name of the secret", name, MAX_NAME)?;
                    bytes(&format!("secret `{name}`"), value.expose(Vec::len), MAX_SECRET)?;
                }
                SecretWrite::Delete { name } => text("name of the secret", name, MAX_NAME)?,
            }
        }
        let mut total = 0_usize;
        let writes = writes.into_iter().map(PreparedWrite::new).collect::<Result<Vec<_>>>()?;
        for write in &writes {
            if let Effect::Put { spec, .. } = &write.effect {
                total = total.saturating_add(spec.len());
            }
        }
        bytes("set of changes", total, MAX_SET_BYTES)?;
        Ok(Self { author, time, if_revision, writes, secrets })
    }
}

impl PreparedWrite {
    fn new(write: Write) -> Result<Self> {
        match write {
            Write::Put { kind, name, spec, mut lookups, expect } => {
                text("name of the object", &name, MAX_NAME)?;
                count("lookups of the object", lookups.len(), MAX_LOOKUPS)?;
                for lookup in &lookups {
                    text("space of the lookup", &lookup.space, MAX_SPACE)?;
                    text("key of the lookup", &lookup.key, MAX_KEY)?;
                }
                // Listed twice, a lookup would find itself taken.
                lookups.sort_unstable();
                lookups.dedup();
                let spec = spec.to_string();
                bytes(&format!("specification of {kind} `{name}`"), spec.len(), MAX_SPEC)?;
                Ok(Self { kind, name, expect, effect: Effect::Put { spec, lookups } })
            }
            Write::Delete { kind, name, expect } => {
                text("name of the object", &name, MAX_NAME)?;
                Ok(Self { kind, name, expect, effect: Effect::Delete })
            }
        }
    }
}

/// Control characters are refused because PostgreSQL cannot hold U+0000, and no name needs the others.
fn text(what: &str, text: &str, limit: usize) -> Result<()> {
    if text.is_empty() {
        return Err(Error::Invalid(format!("the {what} is empty")));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::Invalid(format!("the {what} has a control character")));
    }
    bytes(what, text.len(), limit)
}

fn bytes(what: &str, length: usize, limit: usize) -> Result<()> {
    if length > limit {
        return Err(Error::Invalid(format!("the {what} is {length} bytes long (at most {limit})")));
    }
    Ok(())
}

fn count(what: &str, number: usize, limit: usize) -> Result<()> {
    if number > limit {
        return Err(Error::Invalid(format!("the {what} are {number} (at most {limit})")));
    }
    Ok(())
}
