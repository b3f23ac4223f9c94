//! The SQL of the store, in the words that SQLite and PostgreSQL share.
//!
//! Columns are listed, never `*`. Names are compared by their bytes (in PostgreSQL, columns of collation `C`).

/// Revision at which the log ends; oldest revision of which everything is known.
pub(super) const HEAD: &str = "SELECT revision, compacted FROM head";
pub(super) const MOVE_HEAD: &str = "UPDATE head SET revision = $1";
pub(super) const MOVE_COMPACTED: &str = "UPDATE head SET compacted = $1 WHERE compacted < $1";

pub(super) const CURRENT: &str = "SELECT revision FROM objects WHERE kind = $1 AND name = $2";
pub(super) const APPEND: &str =
    "INSERT INTO changes (revision, kind, name, author, time, spec) VALUES ($1, $2, $3, $4, $5, $6)";
pub(super) const PLACE: &str = "INSERT INTO objects (kind, name, revision) VALUES ($1, $2, $3) \
     ON CONFLICT (kind, name) DO UPDATE SET revision = excluded.revision";
pub(super) const REMOVE: &str = "DELETE FROM objects WHERE kind = $1 AND name = $2";
pub(super) const DROP_LOOKUPS: &str = "DELETE FROM lookups WHERE kind = $1 AND name = $2";
/// Does nothing if the lookup is taken: an error would end a transaction of PostgreSQL.
pub(super) const ADD_LOOKUP: &str = "INSERT INTO lookups (space, key, kind, name) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (space, key) DO NOTHING";

pub(super) const GET: &str = "SELECT c.revision, c.kind, c.name, c.author, c.time, c.spec \
     FROM objects o JOIN changes c ON c.revision = o.revision WHERE o.kind = $1 AND o.name = $2";
pub(super) const FIND: &str = "SELECT c.revision, c.kind, c.name, c.author, c.time, c.spec \
     FROM lookups l JOIN objects o ON o.kind = l.kind AND o.name = l.name \
     JOIN changes c ON c.revision = o.revision WHERE l.space = $1 AND l.key = $2";
pub(super) const LIST: &str = "SELECT c.revision, c.kind, c.name, c.author, c.time, c.spec \
     FROM objects o JOIN changes c ON c.revision = o.revision \
     WHERE o.kind = $1 AND o.name > $2 ORDER BY o.name LIMIT $3";
pub(super) const LOOKUPS: &str =
    "SELECT space, key FROM lookups WHERE kind = $1 AND name = $2 ORDER BY space, key";

pub(super) const GET_AT: &str = "SELECT revision, kind, name, author, time, spec FROM changes \
     WHERE kind = $1 AND name = $2 AND revision <= $3 ORDER BY revision DESC LIMIT 1";
pub(super) const LIST_AT: &str = "SELECT c.revision, c.kind, c.name, c.author, c.time, c.spec FROM changes c \
     JOIN (SELECT max(revision) AS revision FROM changes WHERE kind = $1 AND revision <= $2 GROUP BY name) newest \
     ON c.revision = newest.revision WHERE c.spec IS NOT NULL ORDER BY c.name";
pub(super) const HISTORY: &str = "SELECT revision, kind, name, author, time, spec FROM changes \
     WHERE kind = $1 AND name = $2 ORDER BY revision DESC LIMIT $3";
pub(super) const RECENT: &str = "SELECT revision, kind, name, author, time, spec FROM changes \
     WHERE kind = $1 ORDER BY revision DESC LIMIT $2";
pub(super) const CHANGES: &str = "SELECT revision, kind, name, author, time, spec FROM changes \
     WHERE revision > $1 ORDER BY revision LIMIT $2";

pub(super) const SECRET: &str = "SELECT sealed FROM secrets WHERE name = $1";
pub(super) const PUT_SECRET: &str = "INSERT INTO secrets (name, sealed) VALUES ($1, $2) \
     ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed";
pub(super) const DROP_SECRET: &str = "DELETE FROM secrets WHERE name = $1";

pub(super) const DATA_KEY: &str = "SELECT sealed FROM data_key";
pub(super) const NEW_DATA_KEY: &str =
    "INSERT INTO data_key (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
pub(super) const SEAL_DATA_KEY: &str = "UPDATE data_key SET sealed = $1";

/// Superseded changes that may go, each with the revision that superseded it.
pub(super) const SUPERSEDED: &str = "SELECT c.name, c.revision, n.revision \
     FROM changes c JOIN changes n ON n.revision = (SELECT min(d.revision) FROM changes d \
     WHERE d.kind = c.kind AND d.name = c.name AND d.revision > c.revision) \
     WHERE c.kind = $1 AND (c.name, c.revision) > ($2, $3) AND c.time < $4 AND n.time < $4 \
     ORDER BY c.name, c.revision LIMIT $5";
/// Deletions that may go: those that are all that is left of their object.
pub(super) const DELETIONS: &str = "SELECT t.name, t.revision, t.revision FROM changes t \
     WHERE t.kind = $1 AND (t.name, t.revision) > ($2, $3) AND t.time < $4 AND t.spec IS NULL AND NOT EXISTS \
     (SELECT 1 FROM changes d WHERE d.kind = t.kind AND d.name = t.name AND d.revision <> t.revision) \
     ORDER BY t.name, t.revision LIMIT $5";
pub(super) const FORGET: &str = "DELETE FROM changes WHERE revision = $1";

// What follows is only SQLite's.

/// The lock to write is taken at the start, for a transaction that reads first and is then refused cannot wait.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";
pub(super) const COMMIT: &str = "COMMIT";
pub(super) const ROLLBACK: &str = "ROLLBACK";
pub(super) const SAVEPOINT: &str = "SAVEPOINT job";
pub(super) const RELEASE: &str = "RELEASE job";
pub(super) const ROLLBACK_TO: &str = "ROLLBACK TO job";
