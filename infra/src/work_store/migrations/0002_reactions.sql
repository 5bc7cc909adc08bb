-- How far each reaction has come, and receipts of anchors that are not in the log yet.
CREATE TABLE reaction_cursors (reaction TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE anchor_receipts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    anchor TEXT NOT NULL,
    size INTEGER NOT NULL,
    checkpoint TEXT NOT NULL,
    receipt TEXT NOT NULL,
    cause TEXT NOT NULL,
    position INTEGER NOT NULL,
    UNIQUE (anchor, size, checkpoint, receipt)
) STRICT;
PRAGMA user_version = 2;
