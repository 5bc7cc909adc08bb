//! What is said of a log that is not opened because something of it is lost or damaged.

use std::fmt;
use std::path::PathBuf;

/// Where a log is damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DamagedPlace {
    /// A frame of the write-ahead log does not verify, and commits reached farther.
    Frame {
        /// Which, from 1.
        number: u64,
        /// Where it begins in the file.
        byte: u64,
    },
    /// The header of the write-ahead log does not verify, and the database has not what stands behind it.
    Header,
    /// The database is shorter than it must be.
    Cut {
        /// Pages it has.
        pages: u64,
        /// Pages it must have.
        of: u64,
    },
    /// SQLite cannot read the database.
    Database(String),
}

impl fmt::Display for DamagedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame { number, byte } => write!(
                f,
                "frame {number} of its write-ahead log (events.db-wal, from byte {byte} on) does \
                 not verify, and what was committed reached farther"
            ),
            Self::Header => f.write_str(
                "the header of its write-ahead log (events.db-wal, from byte 0 on) does not verify, \
                 and events.db has not what stands behind it",
            ),
            Self::Cut { pages, of } => {
                write!(f, "events.db ends after {pages} of the {of} pages it must have")
            }
            Self::Database(what) => write!(f, "events.db cannot be read ({what})"),
        }
    }
}

/// Why SQLite is not let at a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unsound {
    Damaged(DamagedPlace),
    /// There is no database, and there was one of so many events.
    Missing {
        known: u64,
    },
    /// The write-ahead log ends in order before it reached as far as the hint says.
    Short {
        byte: u64,
    },
}

/// A log that is damaged, and what of it is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDamage {
    /// The database.
    pub path: PathBuf,
    /// Where.
    pub place: DamagedPlace,
    /// How many events prove themselves, those behind the damage too.
    pub whole: u64,
    /// How many there were, as far as it is known.
    pub once: u64,
}

impl fmt::Display for LogDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, place, whole, once } = self;
        let folder = path.parent().unwrap_or(path).display();
        write!(
            f,
            "the event log is damaged: {place}. {whole} of {once} events are whole. Nothing was \
             changed. `medlock repair --data {folder} --into NEWDIR` saves every event that is whole \
             into a new folder and names what is missing"
        )
    }
}
