-- The public keys of passkeys, and what judges a passkey's answer to a challenge.
ALTER TABLE challenges ADD COLUMN passkey TEXT;
CREATE TABLE passkeys (
    factor TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    credential TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX passkeys_by_account ON passkeys (account);
PRAGMA user_version = 5;
