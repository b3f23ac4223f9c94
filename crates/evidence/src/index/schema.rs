//! The tables, and events to and from their rows.

use std::collections::{BTreeMap, HashMap};

use bartizan_model::{Event, EventKind, Outcome, SealingKeyId};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::Found;
use crate::Error;

/// Changed with the schema: an index of another version is made anew.
pub(super) const VERSION: i64 = 4;

/// Each index is a place to write to for each event, so there are few. Those that begin with `event_` serve what few events
/// have in common; those that begin with `notable_` have only events that are no everyday ones (see [`EVERYDAY`]), which
/// are found at once by walking back from the newest. What follows `log_index` in an index is there so that events that
/// another condition excludes are passed over without a look into the table. `event_others` has only what is not about our
/// own hosts: a console that is watched over a weekend must not bury what people did before.
///
/// A span says between which times the events of a block of the log lie. The log is only nearly in the order of time.
/// `sealed` says whose events were sealed to a key, and between which entries: through the subject they are found when
/// they are to be forgotten.
pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS state (version INTEGER NOT NULL, size INTEGER NOT NULL, whole_size INTEGER, whole_root BLOB);
INSERT INTO state SELECT 4, 0, NULL, NULL WHERE NOT EXISTS (SELECT 1 FROM state);
CREATE TABLE IF NOT EXISTS span (
  block INTEGER PRIMARY KEY,
  least INTEGER NOT NULL,
  greatest INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS sealed (
  sealing_key BLOB NOT NULL,
  subject TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (sealing_key, subject)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event (
  log_index INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT,
  notable INTEGER NOT NULL,
  own INTEGER NOT NULL,
  subject TEXT,
  app TEXT,
  session BLOB,
  request BLOB,
  decision BLOB,
  sealing_key BLOB,
  personal TEXT,
  event TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS event_id ON event (id);
CREATE INDEX IF NOT EXISTS event_request ON event (request) WHERE request IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_decision ON event (decision) WHERE decision IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_session ON event (session) WHERE session IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_subject ON event (subject, log_index, app, own) WHERE subject IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_app ON event (app) WHERE app IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_key ON event (sealing_key) WHERE subject IS NULL AND personal IS NOT NULL;
CREATE INDEX IF NOT EXISTS notable_subject ON event (subject, log_index, app, outcome, kind, reason, own) WHERE notable;
CREATE INDEX IF NOT EXISTS notable_app ON event (app, log_index, outcome, kind, reason) WHERE notable;
CREATE INDEX IF NOT EXISTS notable_reason ON event (reason, log_index, outcome, kind, own) WHERE notable;
CREATE INDEX IF NOT EXISTS notable_outcome ON event (outcome, log_index, kind, own) WHERE notable;
CREATE INDEX IF NOT EXISTS notable_kind ON event (kind, log_index, outcome, own) WHERE notable;
CREATE INDEX IF NOT EXISTS event_others ON event (kind, log_index, outcome) WHERE NOT own;
";

/// Whether it is about our own hosts or our administration.
pub(crate) fn is_own(event: &Event) -> bool {
    event.resource.as_ref().is_some_and(|resource| {
        resource.kind == "Admin" || (resource.kind == "App" && OWN_APPS.contains(&resource.name.as_str()))
    })
}

/// The apps that are our own hosts.
pub const OWN_APPS: [&str; 3] = ["auth", "portal", "console"];

/// What nearly all events are; any other, and any that has a reason, is notable.
pub(super) const EVERYDAY: [(EventKind, Outcome); 2] =
    [(EventKind::Decision, Outcome::Permit), (EventKind::GrantEnd, Outcome::Ok)];

/// How many entries of the log one span is of.
pub(super) const BLOCK: u64 = 4096;

/// What is written of an event.
pub(super) struct Row {
    pub(super) log_index: u64,
    /// Without its sealed part, which is the largest and says nothing that `personal` does not.
    pub(super) event: Event,
    sealing_key: Option<SealingKeyId>,
    personal: Option<String>,
    json: String,
}

impl Row {
    pub(super) fn of(found: Found) -> Result<Self, Error> {
        let failed = |source| Error::IndexedEvent { source };
        let Found { log_index, mut event, personal } = found;
        let sealing_key = event.sealed.take().map(|sealed| sealed.key);
        let personal = personal.as_ref().map(serde_json::to_string).transpose().map_err(failed)?;
        let json = serde_json::to_string(&event).map_err(failed)?;
        Ok(Self { log_index, event, sealing_key, personal, json })
    }
}

/// Rows, in parts for one statement each. How many there are in a part is a power of two, so that the same few
/// statements, prepared once, serve any number of rows.
pub(super) fn parts<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let len = 1 << rows.len().min(ROWS).checked_ilog2()?;
        let (part, rest) = rows.split_at_checked(len)?;
        rows = rest;
        Some(part)
    })
}

/// Rows of one statement at most: SQLite takes 32,766 values, and an event has 16.
const ROWS: usize = 256;

/// The statement that adds these rows.
pub(super) fn insert(rows: &[Row]) -> QueryBuilder<Sqlite> {
    let mut insert = QueryBuilder::new(
        "INSERT OR IGNORE INTO event (log_index, id, time, kind, outcome, reason, notable, own, subject, app, \
         session, request, decision, sealing_key, personal, event) ",
    );
    insert.push_values(rows, |mut values, row| {
        let event = &row.event;
        let notable = event.reason.is_some() || !EVERYDAY.contains(&(event.kind, event.outcome));
        let app = event.resource.as_ref().filter(|resource| resource.kind == "App");
        values
            .push_bind(number(row.log_index))
            .push_bind(event.id.as_bytes().as_slice())
            .push_bind(event.time.as_micros())
            .push_bind(event.kind.as_str())
            .push_bind(event.outcome.as_str())
            .push_bind(event.reason.as_deref())
            .push_bind(notable)
            .push_bind(is_own(event))
            .push_bind(event.subject.as_ref().map(|subject| subject.id.as_str()))
            .push_bind(app.map(|app| app.name.as_str()))
            .push_bind(event.session.as_ref().map(|id| id.as_bytes().as_slice()))
            .push_bind(event.request_id.as_ref().map(|id| id.as_bytes().as_slice()))
            .push_bind(event.decision_id.as_ref().map(|id| id.as_bytes().as_slice()))
            .push_bind(row.sealing_key.as_ref().map(|key| key.as_bytes().as_slice()))
            .push_bind(row.personal.as_deref())
            .push_bind(row.json.as_str());
    });
    insert
}

/// Least and greatest time in a block of the log.
pub(super) struct Span {
    block: u64,
    least: i64,
    greatest: i64,
}

/// The spans of these rows.
pub(super) fn spans(rows: &[Row]) -> Vec<Span> {
    let mut spans: BTreeMap<u64, Span> = BTreeMap::new();
    for row in rows {
        let (block, time) = (row.log_index / BLOCK, row.event.time.as_micros());
        let span = spans.entry(block).or_insert(Span { block, least: time, greatest: time });
        (span.least, span.greatest) = (span.least.min(time), span.greatest.max(time));
    }
    spans.into_values().collect()
}

/// The statement that widens the spans that there are.
pub(super) fn widen(spans: &[Span]) -> QueryBuilder<Sqlite> {
    let mut widen = QueryBuilder::new("INSERT INTO span (block, least, greatest) ");
    widen.push_values(spans, |mut values, span| {
        values.push_bind(number(span.block)).push_bind(span.least).push_bind(span.greatest);
    });
    widen.push(
        " ON CONFLICT (block) DO UPDATE SET least = min(least, excluded.least), \
         greatest = max(greatest, excluded.greatest)",
    );
    widen
}

/// Whose events are sealed to a key, and between which entries of the log they lie.
pub(super) struct SealedTo<'a> {
    key: SealingKeyId,
    subject: &'a str,
    first: u64,
    last: u64,
}

/// To which keys these rows are sealed; those without a subject have an index of their own.
pub(super) fn sealed(rows: &[Row]) -> Vec<SealedTo<'_>> {
    let mut sealed: HashMap<(SealingKeyId, &str), SealedTo<'_>> = HashMap::new();
    for row in rows {
        let (Some(key), Some(subject)) = (row.sealing_key, &row.event.subject) else { continue };
        let (subject, index) = (subject.id.as_str(), row.log_index);
        let to = sealed.entry((key, subject)).or_insert(SealedTo { key, subject, first: index, last: index });
        to.last = to.last.max(index);
    }
    sealed.into_values().collect()
}

/// The statement that remembers them.
pub(super) fn remember(sealed: &[SealedTo<'_>]) -> QueryBuilder<Sqlite> {
    let mut remember = QueryBuilder::new("INSERT INTO sealed (sealing_key, subject, first, last) ");
    remember.push_values(sealed, |mut values, to| {
        values
            .push_bind(to.key.as_bytes().as_slice())
            .push_bind(to.subject)
            .push_bind(number(to.first))
            .push_bind(number(to.last));
    });
    remember.push(
        " ON CONFLICT (sealing_key, subject) DO UPDATE SET first = min(first, excluded.first), \
         last = max(last, excluded.last)",
    );
    remember
}

/// The statements that remove what was sealed to a key.
pub(super) const FORGET: [&str; 2] = [
    "UPDATE event INDEXED BY event_subject SET personal = NULL WHERE sealing_key = ?1 AND personal IS NOT NULL \
     AND subject IN (SELECT subject FROM sealed WHERE sealing_key = ?1) \
     AND log_index >= (SELECT min(first) FROM sealed WHERE sealing_key = ?1) \
     AND log_index <= (SELECT max(last) FROM sealed WHERE sealing_key = ?1)",
    "UPDATE event INDEXED BY event_key SET personal = NULL \
     WHERE sealing_key = ?1 AND subject IS NULL AND personal IS NOT NULL",
];

/// The columns that [`found`] reads.
pub(super) const COLUMNS: &str = "log_index, event, personal";

/// The event of a row.
pub(super) fn found(row: &SqliteRow) -> Result<Found, Error> {
    let failed = |source| Error::IndexedEvent { source };
    let event: String = row.get(1);
    let personal: Option<String> = row.get(2);
    Ok(Found {
        log_index: u64::try_from(row.get::<i64, _>(0)).unwrap_or(0),
        event: serde_json::from_str(&event).map_err(failed)?,
        personal: personal.as_deref().map(serde_json::from_str).transpose().map_err(failed)?,
    })
}

/// A number as SQLite keeps it.
pub(super) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
