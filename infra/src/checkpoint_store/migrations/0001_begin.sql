-- The last signed checkpoint.
CREATE TABLE last (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    note BLOB NOT NULL
) STRICT;
PRAGMA application_id = 1296845635;
PRAGMA user_version = 1;
