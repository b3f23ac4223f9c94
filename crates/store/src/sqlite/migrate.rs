//! Bringing a database to the schema of this release, and refusing one that is beyond it.
//!
//! Forward only. A migration says which releases may still open its result, by the number of the newest migration
//! that they know; so a release can be taken back as long as its migrations allow, and is refused where data would
//! be misread.

use sqlx::SqliteConnection;

use super::statements::{BEGIN, COMMIT};
use crate::{Error, Result};

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Migration {
    /// Its place; the first is 1, and there are no gaps.
    number: u32,
    /// The newest migration that a release must know to open the result without harm.
    oldest_reader: u32,
    /// The oldest release that does, for people.
    oldest_release: &'static str,
    sql: &'static str,
}

/// Every migration there is, in order.
pub(super) const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    oldest_reader: 1,
    oldest_release: "0.1.0",
    sql: include_str!("../../migrations/sqlite/0001_objects.sql"),
}];

/// Applies what is pending, all in one transaction.
pub(super) async fn migrate(connection: &mut SqliteConnection, known: &[Migration]) -> Result<()> {
    let newest = known.last().map_or(0, |migration| migration.number);
    if up_to_date(connection, newest).await? {
        return Ok(());
    }
    sqlx::query(BEGIN).execute(&mut *connection).await.map_err(Error::writing)?;
    let applied = apply(connection, known, newest).await;
    let end = if applied.is_ok() { COMMIT } else { "ROLLBACK" };
    let ended = sqlx::query(end).execute(&mut *connection).await.map_err(Error::writing);
    applied.and(ended.map(drop))
}

async fn apply(connection: &mut SqliteConnection, known: &[Migration], newest: u32) -> Result<()> {
    // Again inside the transaction: another process may have been faster.
    if up_to_date(connection, newest).await? {
        return Ok(());
    }
    sqlx::raw_sql(META).execute(&mut *connection).await.map_err(Error::writing)?;
    let from = version(connection).await?.map_or(0, |meta| meta.schema);
    for migration in known.iter().filter(|migration| migration.number > from) {
        sqlx::raw_sql(migration.sql).execute(&mut *connection).await.map_err(Error::writing)?;
        sqlx::query(SET_META)
            .bind(i64::from(migration.number))
            .bind(i64::from(migration.oldest_reader))
            .bind(migration.oldest_release)
            .execute(&mut *connection)
            .await
            .map_err(Error::writing)?;
        tracing::info!(schema = migration.number, "store migrated");
    }
    Ok(())
}

/// What is to be applied to a database before it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pending {
    Nothing,
    Some,
    Everything,
}

/// Looks at what is pending, and applies nothing.
pub(super) async fn pending(connection: &mut SqliteConnection, known: &[Migration]) -> Result<Pending> {
    let newest = known.last().map_or(0, |migration| migration.number);
    if up_to_date(connection, newest).await? {
        return Ok(Pending::Nothing);
    }
    Ok(if version(connection).await?.is_some() { Pending::Some } else { Pending::Everything })
}

/// Whether nothing is pending.
async fn up_to_date(connection: &mut SqliteConnection, newest: u32) -> Result<bool> {
    let Some(meta) = version(connection).await? else { return Ok(false) };
    if meta.oldest_reader > newest {
        return Err(Error::Newer { found: meta.schema, known: newest, release: meta.oldest_release });
    }
    Ok(meta.schema >= newest)
}

struct Meta {
    schema: u32,
    oldest_reader: u32,
    oldest_release: String,
}

async fn version(connection: &mut SqliteConnection) -> Result<Option<Meta>> {
    let there: Option<(i64,)> =
        sqlx::query_as(HAS_META).fetch_optional(&mut *connection).await.map_err(Error::reading)?;
    if there.is_none() {
        return Ok(None);
    }
    let row: Option<(i64, i64, String)> =
        sqlx::query_as(GET_META).fetch_optional(connection).await.map_err(Error::reading)?;
    let Some((schema, oldest_reader, oldest_release)) = row else { return Ok(None) };
    let number = |number: i64| {
        u32::try_from(number)
            .map_err(|error| Error::corrupt(format!("{number} is no version of a schema: {error}")))
    };
    Ok(Some(Meta { schema: number(schema)?, oldest_reader: number(oldest_reader)?, oldest_release }))
}

const HAS_META: &str = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'";
/// Read by every release there ever was, so these columns stay as they are for good.
const META: &str = "CREATE TABLE IF NOT EXISTS meta (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), \
     schema_version INTEGER NOT NULL, oldest_reader INTEGER NOT NULL, oldest_release TEXT NOT NULL) STRICT";
const GET_META: &str = "SELECT schema_version, oldest_reader, oldest_release FROM meta";
const SET_META: &str = "INSERT INTO meta (id, schema_version, oldest_reader, oldest_release) VALUES (1, $1, $2, $3) \
     ON CONFLICT (id) DO UPDATE SET schema_version = excluded.schema_version, \
     oldest_reader = excluded.oldest_reader, oldest_release = excluded.oldest_release";

#[cfg(test)]
mod tests {
    use sqlx::Connection as _;

    use super::*;

    const FIRST: Migration = Migration {
        number: 1,
        oldest_reader: 1,
        oldest_release: "0.1.0",
        sql: "CREATE TABLE one (a INTEGER) STRICT; CREATE TABLE two (a INTEGER) STRICT;",
    };
    const ADDS: Migration = Migration {
        number: 2,
        oldest_reader: 1,
        oldest_release: "0.1.0",
        sql: "CREATE TABLE three (a INTEGER) STRICT;",
    };
    const BREAKS: Migration = Migration {
        number: 3,
        oldest_reader: 3,
        oldest_release: "0.3.0",
        sql: "DROP TABLE one; CREATE TABLE one (b TEXT) STRICT;",
    };

    async fn memory() -> SqliteConnection {
        SqliteConnection::connect("sqlite::memory:").await.unwrap()
    }

    async fn tables(connection: &mut SqliteConnection) -> Vec<String> {
        let rows: Vec<(String,)> = sqlx::query_as("SELECT name FROM sqlite_schema ORDER BY name")
            .fetch_all(connection)
            .await
            .unwrap();
        rows.into_iter().map(|row| row.0).collect()
    }

    #[tokio::test]
    async fn only_what_is_pending_is_applied() {
        let mut connection = memory().await;
        migrate(&mut connection, &[FIRST]).await.unwrap();
        assert_eq!(tables(&mut connection).await, ["meta", "one", "two"]);
        migrate(&mut connection, &[FIRST, ADDS, BREAKS]).await.unwrap();
        migrate(&mut connection, &[FIRST, ADDS, BREAKS]).await.unwrap();
        assert_eq!(tables(&mut connection).await, ["meta", "one", "three", "two"]);
    }

    #[tokio::test]
    async fn a_migration_that_fails_leaves_nothing_of_any_that_were_pending() {
        let mut connection = memory().await;
        let broken = Migration { sql: "CREATE TABLE three (a INTEGER) STRICT; CREATE TABLE one (", ..ADDS };
        assert!(migrate(&mut connection, &[FIRST, broken]).await.is_err());
        assert_eq!(tables(&mut connection).await, Vec::<String>::new());
        migrate(&mut connection, &[FIRST, ADDS]).await.unwrap();
        assert_eq!(tables(&mut connection).await, ["meta", "one", "three", "two"]);
    }

    #[tokio::test]
    async fn an_older_release_opens_what_it_still_reads_and_refuses_the_rest() {
        let mut connection = memory().await;
        migrate(&mut connection, &[FIRST, ADDS]).await.unwrap();
        migrate(&mut connection, &[FIRST]).await.unwrap();
        migrate(&mut connection, &[FIRST, ADDS, BREAKS]).await.unwrap();
        let refused = migrate(&mut connection, &[FIRST, ADDS]).await.unwrap_err();
        assert!(matches!(&refused, Error::Newer { found: 3, known: 2, release } if release == "0.3.0"));
    }

    #[test]
    fn migrations_are_numbered_without_gaps() {
        for (migration, number) in MIGRATIONS.iter().zip(1..) {
            assert_eq!(migration.number, number);
            assert!(migration.oldest_reader <= number);
        }
        assert!(MIGRATIONS.is_sorted_by_key(|migration| migration.oldest_reader));
    }
}
