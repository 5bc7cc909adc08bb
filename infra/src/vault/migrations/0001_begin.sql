-- The key vault: every key wrapped by the one above it.
CREATE TABLE house (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE subject_keys (
    owner TEXT PRIMARY KEY,
    key_id BLOB NOT NULL UNIQUE,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE stream_keys (
    stream TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE report_keys (
    report TEXT NOT NULL,
    version INTEGER NOT NULL,
    owner TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (report, version)
) STRICT, WITHOUT ROWID;
PRAGMA application_id = 1296845654;
PRAGMA user_version = 1;
