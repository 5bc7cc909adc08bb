-- Who does what one node at a time may do, and how often it was taken. Nobody holds what was released.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT,
    until INTEGER NOT NULL,
    fence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 3;
