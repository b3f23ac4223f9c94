//! Going back is going forward: a new change that says what an old one said.

use bartizan_model::{ObjectKind, Revision, Timestamp};

use crate::{ChangeSet, Committed, Error, Expect, Result, Store, Write};

/// Writes the object as it stood at revision `to`, or deletes it if there was none then.
///
/// Lookups stay as they are, because the log does not hold them: a login name that was left years ago may by now
/// be another person's, and its digest must not outlive an erasure. An object that comes back from deletion has none.
/// Who derives lookups from a specification (people do have such) reads [`Store::get_at`] and puts both.
///
/// # Errors
/// [`Error::Conflict`] if the object is not as expected, or is changed by somebody else meanwhile;
/// [`Error::NotFound`] if it stands neither now nor then; and those of [`Store::get_at`] and [`Store::commit`].
pub async fn rollback(
    store: &dyn Store,
    kind: ObjectKind,
    name: &str,
    to: Revision,
    author: &str,
    time: Timestamp,
    expect: Expect,
) -> Result<Committed> {
    let now = store.get(kind, name).await?.map(|object| object.revision);
    let then = store.get_at(kind, name, to).await?;
    let as_expected = match expect {
        Expect::Any => true,
        Expect::Absent => now.is_none(),
        Expect::Revision(revision) => now == Some(revision),
    };
    if !as_expected {
        return Err(Error::Conflict { kind, name: name.to_owned(), expected: expect, found: now });
    }
    // Whatever the caller expects, what is written was derived from the object as it was read here.
    let unchanged = now.map_or(Expect::Absent, Expect::Revision);
    let write = match then {
        Some(object) => Write::Put {
            kind,
            name: object.name,
            spec: object.spec,
            lookups: store.lookups(kind, name).await?,
            expect: unchanged,
        },
        None if now.is_some() => Write::Delete { kind, name: name.to_owned(), expect: unchanged },
        None => return Err(Error::NotFound { kind, name: name.to_owned() }),
    };
    let mut set = ChangeSet::new(author, time);
    set.writes.push(write);
    store.commit(set).await
}
