-- What lies behind authenticator apps and recovery codes.
CREATE TABLE app_seeds (
    factor TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    seed TEXT NOT NULL,
    step INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX app_seeds_by_account ON app_seeds (account);
CREATE TABLE recovery_codes (
    factor TEXT NOT NULL,
    code BLOB NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (factor, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX recovery_codes_by_account ON recovery_codes (account);
PRAGMA user_version = 6;
