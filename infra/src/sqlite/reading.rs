//! How a database is opened by those who only read it: whether or not somebody writes it, and also on a
//! medium that cannot be written, not a byte of its folder changes and no file appears in it.
//!
//! SQLite shares a write-ahead log through a file of its own, `-shm`. Where both lie beside the database they
//! are used as they are, the second one without writing to it. Where nothing waits in a write-ahead log the
//! database is read as a file that nobody changes; that nobody did is looked at after each answer. What is
//! left is a database with a write-ahead log and nothing else, as a copy of some files may be: SQLite would
//! have to make the other file, so it gets a private copy of both.

use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::file::{beside, private};
use super::wal::Wal;

/// What every SQLite database begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The largest database that is copied only to be looked at before it is opened to be written.
pub(crate) const COPIED_MAX: u64 = 128 << 20;

/// One database, opened to be read.
#[derive(Debug)]
pub(crate) struct TracelessReading {
    database: PathBuf,
    how: How,
}

#[derive(Debug)]
enum How {
    /// With the write-ahead log and the index that lie beside it.
    Shared,
    /// As a file that stays as it was.
    Alone(FileStamp),
    /// From a copy in a folder that goes with this.
    Copied(tempfile::TempDir),
}

/// What tells whether a file was written since.
#[derive(Debug, PartialEq, Eq)]
struct FileStamp {
    file: (u64, u64),
    length: u64,
    modified: (i64, i64),
}

impl FileStamp {
    fn of(path: &Path) -> io::Result<Self> {
        let about = std::fs::metadata(path)?;
        Ok(Self {
            file: (about.dev(), about.ino()),
            length: about.len(),
            modified: (about.mtime(), about.mtime_nsec()),
        })
    }
}

/// What a database needs to be read without a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// The write-ahead log and the index that lie beside it.
    Index,
    /// Nothing: all of it is in its own file.
    Nothing,
    /// A copy of so many bytes.
    Copy(u64),
}

/// What it takes to read the database at `path`. With an index that nobody else has open and a write-ahead
/// log that is a header and nothing more, or has none that verifies, SQLite tries a hundred times and for ten
/// seconds to find salts that it never read: it would take such a log for empty, and it is.
pub(crate) fn needs(path: &Path) -> io::Result<Needs> {
    let length = |path: &Path| match std::fs::metadata(path) {
        Ok(about) => Ok(Some(about.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    };
    let wal = beside(path, "wal");
    let has_index = length(&beside(path, "shm"))?.is_some();
    Ok(match Wal::bytes_read(&wal)? {
        0 if has_index && length(&wal)? == Some(0) => Needs::Index,
        0 => Needs::Nothing,
        _ if has_index => Needs::Index,
        waits => Needs::Copy(waits + length(path)?.unwrap_or(0)),
    })
}

impl TracelessReading {
    /// Of the database at `path`, which must be there.
    ///
    /// # Errors
    /// When it cannot be looked at, or when there is no room for the copy it takes.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let database = std::path::absolute(path)?;
        let how = match needs(path)? {
            Needs::Copy(_) => return Self::of_a_copy(path),
            Needs::Index => How::Shared,
            Needs::Nothing => How::Alone(FileStamp::of(path)?),
        };
        Ok(Self { database, how })
    }

    /// Of a copy of the database and its write-ahead log, if it has one.
    ///
    /// # Errors
    /// When there is no room for it.
    pub(crate) fn of_a_copy(path: &Path) -> io::Result<Self> {
        let database = std::path::absolute(path)?;
        let how = How::Copied(copied(&database)?);
        Ok(Self { database, how })
    }

    /// The database itself, wherever it is read.
    pub(crate) fn database(&self) -> &Path {
        &self.database
    }

    /// How SQLite is to open it.
    pub(crate) fn options(&self) -> SqliteConnectOptions {
        let options = SqliteConnectOptions::new().read_only(true).disable_statement_logging();
        match &self.how {
            How::Shared => {
                options.filename(format!("file:{}?readonly_shm=1", in_address(&self.database)))
            }
            How::Alone(_) => options.filename(&self.database).immutable(true),
            How::Copied(folder) => options.filename(folder.path().join("copy.db")),
        }
    }

    /// Must be asked after an answer and before it is believed.
    ///
    /// # Errors
    /// When somebody has begun to write what was taken for a file that stays as it is.
    pub(crate) fn still_holds(&self) -> io::Result<()> {
        match &self.how {
            How::Alone(stamp) if FileStamp::of(&self.database)? != *stamp => {
                Err(io::Error::other(format!(
                    "{} was written while it was read: the service was started. Run the command again",
                    self.database.display()
                )))
            }
            How::Alone(_) | How::Shared | How::Copied(_) => Ok(()),
        }
    }
}

/// A path as it stands in a `file:` address.
fn in_address(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'/';
    let bytes = path.as_os_str().as_encoded_bytes().iter();
    bytes.fold(String::new(), |address, byte| match plain(*byte) {
        true => address + char::from(*byte).encode_utf8(&mut [0; 4]),
        false => format!("{address}%{byte:02x}"),
    })
}

/// Database and write-ahead log in a folder of their own, for nobody else's eyes.
fn copied(database: &Path) -> io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    tracing::info!(
        database = %database.display(), copy = %folder.path().display(),
        "the database has a write-ahead log and no index that can be used: a copy is read"
    );
    let copy = folder.path().join("copy.db");
    let wal = (beside(database, "wal"), beside(&copy, "wal"));
    for (from, to) in [(database.to_owned(), copy), wal] {
        match std::fs::File::open(from) {
            Ok(mut from) => io::copy(&mut from, &mut private(&to)?)?,
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && to.ends_with("copy.db-wal") =>
            {
                0
            }
            Err(error) => return Err(error),
        };
    }
    Ok(folder)
}

/// Whether a file begins as a database of SQLite does; an empty one is none yet.
pub(crate) fn begins_like_a_database(path: &Path) -> io::Result<bool> {
    let mut first = [0; MAGIC.len()];
    match std::fs::File::open(path)?.read_exact(&mut first) {
        Ok(()) => Ok(first == *MAGIC),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
