//! Where events are kept: in memory for tests, in SQLite for everybody. One conformance suite holds both
//! to the same words.

#[cfg(test)]
mod conformance;
mod copies;
mod damage;
mod first_look;
mod hint;
mod inspection;
mod memory;
mod reader;
#[cfg(test)]
mod rot_tests;
mod salvage;
mod schema;
mod sqlite;
mod sqlite_batch;
mod sqlite_connection;
mod sqlite_lock;
mod sqlite_reader;
#[cfg(test)]
mod sqlite_tests;
mod sqlite_writer;
mod successor;
#[cfg(test)]
mod wal_tests;

use commands::ports::event_store::{Append, AppendError};
use domain::journal::LINE_BYTES_MAX;

pub use copies::DamagedCopy;
pub use damage::{DamagedPlace, LogDamage};
pub use hint::remember_that_it_held;
pub use memory::MemoryEventStore;
pub use reader::LogReader;
pub use salvage::{Salvage, Salvaged};
pub use schema::{EventLogOpenError, database};
pub use sqlite::{SqliteEventStore, SqliteOptions};
pub use sqlite_lock::LogLock;
pub use sqlite_writer::StoreStopped;
pub use successor::Successor;

/// Refuses an append without lines, and one with a line no reader would accept.
fn check_lengths(append: &Append) -> Result<(), AppendError> {
    if append.lines.is_empty() {
        return Err(AppendError::LineLength(0));
    }
    let mut lengths = append.lines.iter().map(|line| line.bytes.len());
    match lengths.find(|length| !(1..=LINE_BYTES_MAX).contains(length)) {
        Some(length) => Err(AppendError::LineLength(length)),
        None => Ok(()),
    }
}
