//! From rows to objects and changes.

use bartizan_model::{ObjectKind, Revision, Timestamp};

use crate::{Change, Error, Object, Result};

/// Revision, kind, name, author, time, specification.
pub(super) type Row = (i64, String, String, String, i64, Option<String>);

pub(super) fn change(row: Row) -> Result<Change> {
    let (number, kind, name, author, time, spec) = row;
    let kind = ObjectKind::ALL
        .into_iter()
        .find(|known| known.as_str() == kind)
        .ok_or_else(|| Error::corrupt(format!("revision {number} is of the unknown kind `{kind}`")))?;
    let spec = spec.map(|spec| serde_json::from_str(&spec)).transpose().map_err(|error| {
        Error::corrupt(format!("the specification of revision {number} is no JSON: {error}"))
    })?;
    let time = Timestamp::from_micros(time);
    Ok(Change { revision: revision(number)?, kind, name, author, time, spec })
}

pub(super) fn object(row: Row) -> Result<Object> {
    let Change { revision, kind, name, author, time, spec } = change(row)?;
    let spec = spec.ok_or_else(|| Error::corrupt(format!("{kind} `{name}` stands, but was deleted")))?;
    Ok(Object { kind, name, revision, author, time, spec })
}

pub(super) fn revision(number: i64) -> Result<Revision> {
    u64::try_from(number)
        .map(Revision::new)
        .map_err(|error| Error::corrupt(format!("a revision is negative: {error}")))
}

/// A revision as a parameter. None that exists is beyond the largest `i64`, so that stands for all beyond it.
pub(super) fn number(revision: Revision) -> i64 {
    i64::try_from(revision.get()).unwrap_or(i64::MAX)
}
