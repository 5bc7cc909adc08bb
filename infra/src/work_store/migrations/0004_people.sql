-- What waits for the answer to a challenge, sealed, and from where each address was logged in to.
ALTER TABLE challenges ADD COLUMN form TEXT;
CREATE TABLE familiar_sources (
    address BLOB NOT NULL,
    source BLOB NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (address, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX familiar_sources_by_end ON familiar_sources (until);
PRAGMA user_version = 4;
