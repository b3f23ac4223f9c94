//! How many decisions came out how: counted as events are added, so that no chart has to count events.
//!
//! Decisions are counted by their outcome, and what was cut beside them. Nothing here says who asked, so there is nothing to
//! erase. The newest `KEPT` spans of five minutes in which there was something are kept, 35 days and more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bartizan_model::{Event, EventKind, Outcome, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::schema::{Row, is_own, parts};
use crate::Error;

/// What is to be counted: decisions and cuts to which everything that is set applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Not earlier than the five minutes (of an app: the hour) that this is in, and `KEPT` such spans before the end.
    pub since: Timestamp,
    /// Not later than the five minutes (or the hour) before which this is.
    pub until: Timestamp,
    /// The length of the spans that are counted apart, in whole units of five minutes (or an hour); all at once if it is not
    /// said.
    pub step: Option<Duration>,
    /// What was asked for.
    pub hosts: Hosts,
    /// The outcome: permit, deny or cut.
    pub outcome: Option<Outcome>,
    /// The reason.
    pub reason: Option<String>,
}

/// Which hosts are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hosts {
    /// All but our own, and not our administration.
    Apps,
    /// All, and our administration.
    All,
    /// One app, by the hour.
    App(String),
    /// Each app apart, by the hour.
    EachApp,
}

/// How often something was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    /// When the span begins in which it was.
    pub at: Timestamp,
    /// The app, if each is counted apart.
    pub app: Option<String>,
    /// How it came out.
    pub outcome: Outcome,
    /// Why.
    pub reason: Option<String>,
    /// How often.
    pub count: u64,
}

/// How many spans of five minutes are kept: 35 days of them.
pub(super) const KEPT: i64 = 35 * 288;

/// The tables. `tally` is by five minutes and small; `app_tally` is by the hour, since there may be many apps.
pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS tally (
  bucket INTEGER NOT NULL,
  own INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (bucket, own, outcome, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS app_tally (
  outcome TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  app TEXT NOT NULL,
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (outcome, bucket, app, reason)
) STRICT, WITHOUT ROWID;
";

/// Whether it is counted: it is a decision, or the cut of what one permitted.
fn counts(event: &Event) -> bool {
    match event.kind {
        EventKind::Decision => OUTCOMES.contains(&event.outcome),
        EventKind::GrantEnd => event.outcome == Outcome::Cut,
        EventKind::SigninStep
        | EventKind::SessionStart
        | EventKind::SessionEnd
        | EventKind::AdminChange
        | EventKind::SystemStart
        | EventKind::SystemRestore => false,
    }
}

/// What is counted together, and how often it was.
struct Counted<K>(Vec<(K, i64)>);

impl<K: Ord> Counted<K> {
    fn of(keys: impl Iterator<Item = K>) -> Self {
        let mut counted = BTreeMap::new();
        for key in keys {
            *counted.entry(key).or_insert(0) += 1;
        }
        Self(counted.into_iter().collect())
    }
}

/// Counts the rows that are not in the index yet: those from entry `from` of the log on.
pub(super) async fn add(
    connection: &mut SqliteConnection,
    rows: &[Row],
    from: u64,
) -> Result<(), sqlx::Error> {
    let new = || rows.iter().filter(|row| row.log_index >= from).map(|row| &row.event);
    let counted = || new().filter(|event| counts(event));
    let all = Counted::of(counted().map(|event| {
        (bucket(event.time, FIVE_MINUTES), is_own(event), event.outcome.as_str(), reason(event))
    }));
    let days: BTreeSet<i64> =
        all.0.iter().map(|((bucket, ..), _)| bucket.div_euclid(BUCKETS_OF_A_DAY)).collect();
    let mut begins = false;
    for day in days {
        begins |= !is_known(connection, day * BUCKETS_OF_A_DAY).await?;
    }
    for part in parts(&all.0) {
        let mut insert = QueryBuilder::new("INSERT INTO tally (bucket, own, outcome, reason, count) ");
        insert.push_values(part, |mut values, ((bucket, own, outcome, reason), count)| {
            values
                .push_bind(*bucket)
                .push_bind(*own)
                .push_bind(*outcome)
                .push_bind(*reason)
                .push_bind(*count);
        });
        more(insert, "bucket, own, outcome, reason").build().execute(&mut *connection).await?;
    }
    let by_app = Counted::of(counted().filter_map(|event| {
        let app = event.resource.as_ref().filter(|resource| resource.kind == "App")?;
        Some((event.outcome.as_str(), bucket(event.time, HOUR), app.name.as_str(), reason(event)))
    }));
    for part in parts(&by_app.0) {
        let mut insert = QueryBuilder::new("INSERT INTO app_tally (outcome, bucket, app, reason, count) ");
        insert.push_values(part, |mut values, ((outcome, bucket, app, reason), count)| {
            values
                .push_bind(*outcome)
                .push_bind(*bucket)
                .push_bind(*app)
                .push_bind(*reason)
                .push_bind(*count);
        });
        more(insert, "outcome, bucket, app, reason").build().execute(&mut *connection).await?;
    }
    if begins {
        drop_old(connection).await?;
    }
    Ok(())
}

/// What is there already is counted on.
fn more(mut insert: QueryBuilder<Sqlite>, key: &str) -> QueryBuilder<Sqlite> {
    insert.push(format_args!(" ON CONFLICT ({key}) DO UPDATE SET count = count + excluded.count"));
    insert
}

/// Whether something of the day that begins with this bucket has been counted.
async fn is_known(connection: &mut SqliteConnection, day: i64) -> Result<bool, sqlx::Error> {
    let known = sqlx::query("SELECT 1 FROM tally WHERE bucket >= ? AND bucket < ? LIMIT 1")
        .bind(day)
        .bind(day + BUCKETS_OF_A_DAY);
    Ok(known.fetch_optional(connection).await?.is_some())
}

/// Drops what is older than the newest that are kept. Spans are counted, and not the time between them: one event with a
/// time far in the future must not take the past away.
async fn drop_old(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let oldest: Option<(i64,)> =
        sqlx::query_as("SELECT DISTINCT bucket FROM tally ORDER BY bucket DESC LIMIT 1 OFFSET ?")
            .bind(KEPT - 1)
            .fetch_optional(&mut *connection)
            .await?;
    let Some((oldest,)) = oldest else { return Ok(()) };
    sqlx::query("DELETE FROM tally WHERE bucket < ?").bind(oldest).execute(&mut *connection).await?;
    sqlx::query("DELETE FROM app_tally WHERE outcome IN ('permit', 'deny', 'cut') AND bucket < ?")
        .bind(oldest.div_euclid(HOUR / FIVE_MINUTES))
        .execute(connection)
        .await?;
    Ok(())
}

impl Tally {
    /// How long the spans are that the answer comes from.
    const fn unit(&self) -> i64 {
        match self.hosts {
            Hosts::Apps | Hosts::All => FIVE_MINUTES,
            Hosts::App(_) | Hosts::EachApp => HOUR,
        }
    }

    /// First and last span, the last excluded: never more than are kept.
    fn range(&self) -> (i64, i64) {
        let last = bucket(self.until, self.unit());
        let last = if last * self.unit() < self.until.as_micros() { last + 1 } else { last };
        (bucket(self.since, self.unit()).max(last - KEPT), last)
    }

    /// How many spans are one step.
    fn spans(&self) -> i64 {
        let whole = self.step.map(|step| i64::try_from(step.as_micros()).unwrap_or(i64::MAX) / self.unit());
        whole.map_or(i64::MAX, |spans| spans.max(1))
    }

    pub(super) fn select(&self) -> QueryBuilder<Sqlite> {
        let (first, last) = self.range();
        let mut select = QueryBuilder::new("SELECT (bucket - ");
        select.push_bind(first).push(") / ").push_bind(self.spans());
        let app = if self.hosts == Hosts::EachApp { "app" } else { "NULL" };
        select.push(format_args!(" AS step, outcome, reason, {app}, sum(count) FROM "));
        select.push(match self.hosts {
            Hosts::Apps => "tally WHERE NOT own",
            Hosts::All => "tally WHERE 1",
            Hosts::App(_) | Hosts::EachApp => "app_tally WHERE 1",
        });
        match &self.hosts {
            // Hour by hour: other apps may have any number of rows between.
            Hosts::App(app) => {
                select.push(" AND bucket IN (WITH RECURSIVE hour (bucket) AS (SELECT ").push_bind(first);
                select.push(" UNION ALL SELECT bucket + 1 FROM hour WHERE bucket + 1 < ").push_bind(last);
                select.push(") SELECT bucket FROM hour WHERE bucket < ").push_bind(last);
                select.push(") AND app = ").push_bind(app.clone());
            }
            Hosts::Apps | Hosts::All | Hosts::EachApp => {
                select.push(" AND bucket >= ").push_bind(first).push(" AND bucket < ").push_bind(last);
            }
        }
        match self.outcome {
            Some(outcome) => select.push(" AND outcome = ").push_bind(outcome.as_str()),
            None => select.push(" AND outcome IN ('permit', 'deny', 'cut')"),
        };
        if let Some(reason) = &self.reason {
            select.push(" AND reason = ").push_bind(reason.clone());
        }
        select.push(" GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4");
        select
    }

    pub(super) fn count(&self, row: &SqliteRow) -> Result<Count, Error> {
        let outcome: String = row.get(1);
        let known = OUTCOMES.into_iter().find(|known| known.as_str() == outcome);
        let outcome = known.ok_or_else(|| Error::Index {
            doing: "read",
            source: sqlx::Error::Protocol(format!("it counts the outcome `{outcome}`")),
        })?;
        let (first, _) = self.range();
        let begins = first.saturating_add(row.get::<i64, _>(0).saturating_mul(self.spans()));
        let reason: String = row.get(2);
        Ok(Count {
            at: Timestamp::from_micros(begins.saturating_mul(self.unit())),
            app: row.get(3),
            outcome,
            reason: Some(reason).filter(|reason| !reason.is_empty()),
            count: u64::try_from(row.get::<i64, _>(4)).unwrap_or(0),
        })
    }
}

/// In which span of this length something was.
fn bucket(at: Timestamp, unit: i64) -> i64 {
    at.as_micros().div_euclid(unit)
}

fn reason(event: &Event) -> &str {
    event.reason.as_deref().unwrap_or_default()
}

const OUTCOMES: [Outcome; 3] = [Outcome::Permit, Outcome::Deny, Outcome::Cut];

/// In microseconds, as times are.
const FIVE_MINUTES: i64 = 300 * 1_000_000;
const HOUR: i64 = 12 * FIVE_MINUTES;
const BUCKETS_OF_A_DAY: i64 = 288;
