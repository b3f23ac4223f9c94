//! The one table, and events to and from its rows.

use bartizan_model::Event;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::Found;
use crate::Error;

/// Changed with the schema: an index of another version is made anew.
pub(super) const VERSION: i64 = 1;

/// Columns by which people search are each indexed together with the order of results.
pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS state (version INTEGER NOT NULL, size INTEGER NOT NULL, whole_size INTEGER, whole_root BLOB);
INSERT INTO state SELECT 1, 0, NULL, NULL WHERE NOT EXISTS (SELECT 1 FROM state);
CREATE TABLE IF NOT EXISTS event (
  log_index INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT,
  subject TEXT,
  resource_type TEXT,
  resource TEXT,
  session BLOB,
  request BLOB,
  decision BLOB,
  sealing_key BLOB,
  personal TEXT,
  event TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS event_id ON event (id);
CREATE INDEX IF NOT EXISTS event_time ON event (time);
CREATE INDEX IF NOT EXISTS event_kind ON event (kind, outcome);
CREATE INDEX IF NOT EXISTS event_reason ON event (reason) WHERE reason IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_subject ON event (subject) WHERE subject IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_resource ON event (resource) WHERE resource IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_session ON event (session) WHERE session IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_request ON event (request) WHERE request IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_decision ON event (decision) WHERE decision IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_key ON event (sealing_key) WHERE personal IS NOT NULL;
";

/// Rows of one statement: SQLite takes 32,766 values at most.
pub(super) const ROWS: usize = 500;

/// The statement that adds these events.
pub(super) fn insert(events: &[Found]) -> Result<QueryBuilder<Sqlite>, Error> {
    let failed = |source| Error::IndexedEvent { source };
    let rows = events
        .iter()
        .map(|found| {
            let personal = found.personal.as_ref().map(serde_json::to_string).transpose().map_err(failed)?;
            // The sealed part is the largest, and says nothing that `personal` does not.
            let event = Event { sealed: None, ..found.event.clone() };
            Ok((found, personal, serde_json::to_string(&event).map_err(failed)?))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut insert = QueryBuilder::new(
        "INSERT OR IGNORE INTO event (log_index, id, time, kind, outcome, reason, subject, resource_type, resource, \
         session, request, decision, sealing_key, personal, event) ",
    );
    insert.push_values(rows, |mut row, (found, personal, json)| {
        let event = &found.event;
        let resource = event.resource.as_ref();
        row.push_bind(number(found.log_index))
            .push_bind(event.id.as_bytes().to_vec())
            .push_bind(event.time.as_micros())
            .push_bind(event.kind.as_str())
            .push_bind(event.outcome.as_str())
            .push_bind(event.reason.clone())
            .push_bind(event.subject.as_ref().map(|subject| subject.id.clone()))
            .push_bind(resource.map(|resource| resource.kind.clone()))
            .push_bind(resource.map(|resource| resource.name.clone()))
            .push_bind(event.session.map(|id| id.as_bytes().to_vec()))
            .push_bind(event.request_id.map(|id| id.as_bytes().to_vec()))
            .push_bind(event.decision_id.map(|id| id.as_bytes().to_vec()))
            .push_bind(event.sealed.as_ref().map(|sealed| sealed.key.as_bytes().to_vec()))
            .push_bind(personal)
            .push_bind(json);
    });
    Ok(insert)
}

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
