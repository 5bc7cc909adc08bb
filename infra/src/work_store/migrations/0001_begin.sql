-- Secrets that must be forgettable.
CREATE TABLE passwords (account TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE session_secrets (
    hash BLOB PRIMARY KEY,
    session TEXT NOT NULL,
    account TEXT NOT NULL,
    until INTEGER NOT NULL,
    used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_secrets_by_session ON session_secrets (session);
CREATE INDEX session_secrets_by_account ON session_secrets (account);
CREATE INDEX session_secrets_by_end ON session_secrets (until);
CREATE TABLE challenges (
    made INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    operation BLOB NOT NULL,
    code BLOB NOT NULL,
    until INTEGER NOT NULL,
    tries_left INTEGER NOT NULL
) STRICT;
CREATE INDEX challenges_by_account ON challenges (account);
CREATE INDEX challenges_by_end ON challenges (until);
PRAGMA application_id = 1296845655;
PRAGMA user_version = 1;
