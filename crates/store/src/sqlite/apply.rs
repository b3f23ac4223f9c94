//! One set of changes, inside a transaction.

use bartizan_model::{ObjectKind, Revision};
use sqlx::SqliteConnection;

use super::rows;
use super::statements::{
    ADD_LOOKUP, APPEND, CURRENT, DROP_LOOKUPS, DROP_SECRET, MOVE_HEAD, NEW_DATA_KEY, PLACE, PUT_SECRET,
    REMOVE, SEAL_DATA_KEY,
};
use crate::limits::{Effect, Prepared, PreparedWrite};
use crate::vault::Vault;
use crate::{Committed, Error, Expect, Lookup, Result, SecretWrite};

/// Makes the changes of a set from revision `head` on, which moves along.
///
/// After an error, part of it may be made, and `head` moved: the caller goes back to where it began.
pub(super) async fn apply(
    connection: &mut SqliteConnection,
    set: &Prepared,
    head: &mut Revision,
    vault: &Vault,
) -> Result<Committed> {
    if let Some(expected) = set.if_revision
        && expected != *head
    {
        return Err(Error::Moved { expected, found: *head });
    }
    let mut revisions = Vec::with_capacity(set.writes.len());
    for write in &set.writes {
        let current = current(connection, write).await?;
        check(write, current)?;
        *head = head.next();
        append(connection, set, write, *head).await?;
        revisions.push(*head);
        if current.is_some() {
            execute(sqlx::query(DROP_LOOKUPS).bind(write.kind.as_str()).bind(&write.name), connection)
                .await?;
        }
        match &write.effect {
            Effect::Put { lookups, .. } => {
                place(connection, write, *head).await?;
                for lookup in lookups {
                    add_lookup(connection, write, lookup).await?;
                }
            }
            Effect::Delete => {
                execute(sqlx::query(REMOVE).bind(write.kind.as_str()).bind(&write.name), connection).await?;
            }
        }
    }
    for secret in &set.secrets {
        write_secret(connection, secret, vault).await?;
    }
    Ok(Committed { revision: *head, revisions })
}

/// Keeps this sealed data key, if there is none yet.
pub(super) async fn new_data_key(connection: &mut SqliteConnection, sealed: &[u8]) -> Result<()> {
    execute(sqlx::query(NEW_DATA_KEY).bind(sealed), connection).await.map(drop)
}

/// Keeps the data key in this sealed form.
pub(super) async fn seal_data_key(connection: &mut SqliteConnection, sealed: &[u8]) -> Result<()> {
    execute(sqlx::query(SEAL_DATA_KEY).bind(sealed), connection).await.map(drop)
}

/// Has the page of the head written again, and nothing changed. SQLite passes over a row that is given the value which it
/// has, so the head goes one revision on and back: nobody sees that, for it is one transaction.
pub(super) async fn rewrite_head(connection: &mut SqliteConnection, head: Revision) -> Result<()> {
    for revision in [head.next(), head] {
        execute(sqlx::query(MOVE_HEAD).bind(rows::number(revision)), connection).await?;
    }
    Ok(())
}

async fn current(connection: &mut SqliteConnection, write: &PreparedWrite) -> Result<Option<Revision>> {
    let row: Option<(i64,)> = sqlx::query_as(CURRENT)
        .bind(write.kind.as_str())
        .bind(&write.name)
        .fetch_optional(connection)
        .await
        .map_err(Error::writing)?;
    row.map(|(number,)| rows::revision(number)).transpose()
}

fn check(write: &PreparedWrite, found: Option<Revision>) -> Result<()> {
    let (kind, name): (ObjectKind, &str) = (write.kind, &write.name);
    let as_expected = match write.expect {
        Expect::Any => true,
        Expect::Absent => found.is_none(),
        Expect::Revision(revision) => found == Some(revision),
    };
    if !as_expected {
        return Err(Error::Conflict { kind, name: name.to_owned(), expected: write.expect, found });
    }
    match write.effect {
        Effect::Delete if found.is_none() => Err(Error::NotFound { kind, name: name.to_owned() }),
        Effect::Delete | Effect::Put { .. } => Ok(()),
    }
}

async fn append(
    connection: &mut SqliteConnection,
    set: &Prepared,
    write: &PreparedWrite,
    revision: Revision,
) -> Result<()> {
    let spec = match &write.effect {
        Effect::Put { spec, .. } => Some(spec),
        Effect::Delete => None,
    };
    let change = sqlx::query(APPEND)
        .bind(rows::number(revision))
        .bind(write.kind.as_str())
        .bind(&write.name)
        .bind(&set.author)
        .bind(set.time.as_micros())
        .bind(spec);
    execute(change, connection).await.map(drop)
}

async fn place(connection: &mut SqliteConnection, write: &PreparedWrite, revision: Revision) -> Result<()> {
    let object = sqlx::query(PLACE).bind(write.kind.as_str()).bind(&write.name).bind(rows::number(revision));
    execute(object, connection).await.map(drop)
}

async fn add_lookup(connection: &mut SqliteConnection, write: &PreparedWrite, lookup: &Lookup) -> Result<()> {
    let row = sqlx::query(ADD_LOOKUP)
        .bind(&lookup.space)
        .bind(&lookup.key)
        .bind(write.kind.as_str())
        .bind(&write.name);
    if execute(row, connection).await? == 0 {
        return Err(Error::LookupTaken { space: lookup.space.clone() });
    }
    Ok(())
}

async fn write_secret(connection: &mut SqliteConnection, secret: &SecretWrite, vault: &Vault) -> Result<()> {
    match secret {
        SecretWrite::Put { name, value } => {
            let sealed = value.expose(|value| vault.seal(name, value))?;
            execute(sqlx::query(PUT_SECRET).bind(name).bind(sealed), connection).await?;
        }
        SecretWrite::Delete { name } => {
            execute(sqlx::query(DROP_SECRET).bind(name), connection).await?;
        }
    }
    Ok(())
}

type Statement<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// How many rows it changed.
async fn execute(statement: Statement<'_>, connection: &mut SqliteConnection) -> Result<u64> {
    statement.execute(connection).await.map(|done| done.rows_affected()).map_err(Error::writing)
}
