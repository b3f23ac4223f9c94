//! Forgetting what short-lived kinds once said.
//!
//! What may go is searched for beside the writer, for it may take long; the writer is only handed revisions, a few at a
//! time. Meanwhile nothing changes about them: what was superseded long ago stays so, and a deletion that nothing
//! precedes says no more than its absence, even if the object came back since.

use bartizan_model::{ObjectKind, Timestamp};
use sqlx::{SqliteConnection, SqlitePool};

use super::statements::{DELETIONS, FORGET, MOVE_COMPACTED, SUPERSEDED};
use crate::{Error, Result};

/// Which changes go. All superseded ones go before any deletion, or what was deleted would seem to be there still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Superseded,
    Deletions,
}

/// A change that may go.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    name: String,
    revision: i64,
    /// From this revision on nobody misses it.
    until: i64,
}

/// The next changes of a kind that may go, in the order of names and revisions; empty at the end.
pub(super) async fn candidates(
    readers: &SqlitePool,
    kind: ObjectKind,
    what: What,
    before: Timestamp,
    after: Option<&Candidate>,
) -> Result<Vec<Candidate>> {
    let select = match what {
        What::Superseded => SUPERSEDED,
        What::Deletions => DELETIONS,
    };
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(select)
        .bind(kind.as_str())
        .bind(after.map_or("", |last| &last.name))
        .bind(after.map_or(0, |last| last.revision))
        .bind(before.as_micros())
        .bind(PAGE)
        .fetch_all(readers)
        .await
        .map_err(Error::reading)?;
    Ok(rows.into_iter().map(|(name, revision, until)| Candidate { name, revision, until }).collect())
}

/// Forgets these changes, and says how many there still were.
pub(super) async fn forget(connection: &mut SqliteConnection, changes: &[Candidate]) -> Result<u64> {
    let mut forgotten = 0_u64;
    for change in changes {
        let done = sqlx::query(FORGET).bind(change.revision).execute(&mut *connection).await;
        forgotten = forgotten.saturating_add(done.map_err(Error::writing)?.rows_affected());
    }
    // What stood at a revision is known only if what is forgotten had been superseded by then.
    if let Some(until) = changes.iter().map(|change| change.until).max() {
        sqlx::query(MOVE_COMPACTED).bind(until).execute(connection).await.map_err(Error::writing)?;
    }
    Ok(forgotten)
}

/// 1000 changes a search: each is to look at a few rows, so it is over in some milliseconds where many may go.
const PAGE: i64 = 1000;

/// 100 changes in the hands of the writer: 13 ms in an unoptimised build, for which a commit may have to wait.
pub(super) const HANDFUL: usize = 100;
