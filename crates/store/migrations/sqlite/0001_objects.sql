-- Times are microseconds since 1970-01-01T00:00:00Z.

-- Where the log ends, and the oldest revision of which everything is known. Kept apart from the log, since a revision
-- is never used twice, though the change that had it be compacted.
CREATE TABLE head (
    id        INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    revision  INTEGER NOT NULL,
    compacted INTEGER NOT NULL
) STRICT;
INSERT INTO head (id, revision, compacted) VALUES (1, 0, 0);

-- The change log. A change without specification is a deletion.
CREATE TABLE changes (
    revision INTEGER NOT NULL PRIMARY KEY,
    kind     TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    author   TEXT    NOT NULL,
    time     INTEGER NOT NULL,
    spec     TEXT
) STRICT;
CREATE INDEX changes_by_object ON changes (kind, name, revision);

-- The objects as they stand: each is its newest change. The reference keeps compaction from taking one away.
CREATE TABLE objects (
    kind     TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    revision INTEGER NOT NULL UNIQUE REFERENCES changes (revision),
    PRIMARY KEY (kind, name)
) STRICT;

CREATE TABLE lookups (
    space TEXT NOT NULL,
    key   TEXT NOT NULL,
    kind  TEXT NOT NULL,
    name  TEXT NOT NULL,
    PRIMARY KEY (space, key),
    FOREIGN KEY (kind, name) REFERENCES objects (kind, name)
) STRICT;
CREATE INDEX lookups_by_object ON lookups (kind, name);

-- The key under which the secrets are sealed, itself sealed under the master key.
CREATE TABLE data_key (
    id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    sealed BLOB    NOT NULL
) STRICT;

CREATE TABLE secrets (
    name   TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT;
