-- The event log. `events.position` is the position + 1, so that SQLite's own sequence table remembers how long
-- the log once was. Streams get small numbers because an index over 44-byte names costs a third of the speed.
-- Schema 1 was never released.
CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    stream INTEGER NOT NULL,
    version INTEGER NOT NULL,
    line BLOB NOT NULL,
    leaf BLOB NOT NULL,
    UNIQUE (stream, version)
) STRICT;
CREATE TABLE requests (
    id BLOB PRIMARY KEY,
    digest BLOB NOT NULL,
    position INTEGER NOT NULL,
    lines INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
    BEGIN SELECT raise(ABORT, 'an event is never changed'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
    BEGIN SELECT raise(ABORT, 'an event is never deleted'); END;
CREATE TRIGGER streams_are_never_changed BEFORE UPDATE ON streams
    BEGIN SELECT raise(ABORT, 'a stream is never renamed'); END;
CREATE TRIGGER streams_are_never_deleted BEFORE DELETE ON streams
    BEGIN SELECT raise(ABORT, 'a stream is never deleted'); END;
CREATE TRIGGER requests_are_never_changed BEFORE UPDATE ON requests
    BEGIN SELECT raise(ABORT, 'a request is never changed'); END;
CREATE TRIGGER requests_are_never_deleted BEFORE DELETE ON requests
    BEGIN SELECT raise(ABORT, 'a request is never deleted'); END;
PRAGMA application_id = 1296845617;
PRAGMA user_version = 2;
