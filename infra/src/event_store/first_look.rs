//! What is made sure of before a log is opened: that its files are sound, and that they hold as much as they
//! did. Until then nothing that SQLite does to a file has happened.

use std::path::Path;

use commands::ports::event_store::{Damage, ReadError};
use domain::journal::Position;

use super::damage::{DamagedPlace, LogDamage, Unsound};
use super::hint::{Hint, LeafMark, mark};
use super::inspection::{Sound, inspect};
use super::salvage::Salvage;
use super::schema::EventLogOpenError;
use super::sqlite::{SqliteOptions, base_options};
use super::sqlite_lock::LogLock;
use super::sqlite_reader::ReadConnections;
use crate::sqlite::database::DatabaseError;
use crate::sqlite::errors::is_damage;

/// Looks at the log at `path` for the one who is about to write it, and holds its lock.
pub(super) async fn before_writing(
    path: &Path,
    options: &SqliteOptions,
) -> Result<(), EventLogOpenError> {
    let signed = options.signed;
    let sound = match inspect(path)? {
        Ok(Some(sound)) => sound,
        Ok(None) if signed > 0 => return Err(missing(path, signed)),
        Ok(None) => return Ok(()),
        Err(Unsound::Short { .. }) if options.older => Sound::default(),
        Err(unsound) => return Err(said(path, unsound, signed)?),
    };
    let known = sound.hint.map_or(0, |hint| hint.log.held).max(signed);
    let damaged = |what: String| damaged(path, DamagedPlace::Database(what), known);
    match options.database.is_begun(path).await {
        Ok(Some(true)) => {}
        Ok(Some(false) | None) => return Ok(()),
        // What calls itself something else was ours if something of ours says so.
        Err(error @ DatabaseError::Foreign { .. }) if known > 0 => {
            return Err(damaged(error.to_string())?);
        }
        Err(DatabaseError::Damaged { why, .. }) => return Err(damaged(why)?),
        Err(DatabaseError::Sqlite { source, .. }) if is_damage(&source) => {
            return Err(damaged(source.to_string())?);
        }
        Err(error) => return Err(error.into()),
    }
    let held = match held(path, sound.hint).await? {
        Ok(held) => held,
        Err(damage) => return Err(damaged(damage)?),
    };
    if held.cut {
        // The database says so itself, to whoever opens it.
        return Ok(());
    }
    if held.events < held.hinted && !options.older {
        let (path, held, known) = (path.to_owned(), held.events, held.hinted);
        return Err(EventLogOpenError::Older { path, held, known });
    }
    if let Some(place) = sound.torn.filter(|_| held.events < signed)
        && Salvage::read(path)?.positions().any(|at| (held.events..signed).contains(&at.0))
    {
        // It was taken for the end that nobody was told of, and what stands in it was signed.
        return Err(self::damaged(path, place, known)?);
    }
    Ok(())
}

/// Looks at it for those who only read, unless somebody writes it: then SQLite has read it already. Answers
/// how many events it held once.
pub(super) async fn before_reading(path: &Path) -> Result<Option<Hint>, EventLogOpenError> {
    if LogLock::is_held(path) {
        return Ok(None);
    }
    let looked = inspect(path)?;
    if LogLock::is_held(path) {
        // What was looked at may have changed meanwhile.
        return Ok(None);
    }
    match looked {
        Ok(sound) => Ok(sound.and_then(|sound| sound.hint)),
        // There is something to be read, and whoever reads it finds what is missing.
        Err(Unsound::Short { .. }) => Ok(Hint::read(path)),
        Err(Unsound::Missing { .. }) => Ok(None),
        Err(unsound @ Unsound::Damaged(_)) => Err(said(path, unsound, 0)?),
    }
}

/// How many events there are, and how many there were.
struct Held {
    events: u64,
    /// Whether the database knows of more itself.
    cut: bool,
    /// None if the hint is another log's.
    hinted: u64,
}

/// Reads both, or what SQLite says of a file that it cannot read.
async fn held(path: &Path, hint: Option<Hint>) -> Result<Result<Held, String>, EventLogOpenError> {
    let reader = match ReadConnections::open(base_options(path), 1).await {
        Ok(reader) => reader,
        Err(EventLogOpenError::Sqlite(error)) if is_damage(&error) => {
            return Ok(Err(error.to_string()));
        }
        Err(error) => return Err(error),
    };
    let read = async {
        let extent = reader.extent().await?;
        let (events, cut) = (extent.held, extent.held < extent.once);
        let hinted = hinted(&reader, events, hint).await?;
        Ok::<_, ReadError>(Held { events, cut, hinted })
    };
    let read = read.await;
    reader.close().await;
    match read {
        Ok(held) => Ok(Ok(held)),
        Err(error) if error.damage().is_some() => {
            Ok(Err(error.damage().map(Damage::to_string).unwrap_or_default()))
        }
        Err(error) => Err(std::io::Error::other(error.0).into()),
    }
}

/// How many events there were by a hint that is this log's: its first event is the same, and so is the newest
/// of then, if it is there.
pub(super) async fn hinted(
    reader: &ReadConnections,
    events: u64,
    hint: Option<Hint>,
) -> Result<u64, ReadError> {
    let Some(Hint { log, .. }) = hint else { return Ok(0) };
    let mut same = true;
    for (position, expected) in [(Some(0), log.first), (log.held.checked_sub(1), log.newest)] {
        let Some(position) = position.filter(|position| *position < events) else { continue };
        let found = reader.leaves(Position(position), 1).await?;
        let known = expected != LeafMark::default();
        same &= !known || found.first().map(mark) == Some(expected);
    }
    if !same {
        tracing::warn!("the hint beside the log is another log's, and is left out of account");
        return Ok(0);
    }
    Ok(log.held)
}

/// An error of what was found, and of what is whole in spite of it.
fn said(path: &Path, unsound: Unsound, signed: u64) -> std::io::Result<EventLogOpenError> {
    match unsound {
        Unsound::Missing { known } => Ok(missing(path, known.max(signed))),
        Unsound::Damaged(place) => damaged(path, place, signed),
        Unsound::Short { .. } => {
            let salvage = Salvage::read(path)?;
            let known = salvage.once().max(signed);
            let held = salvage.whole(known);
            Ok(EventLogOpenError::Older { path: path.to_owned(), held, known })
        }
    }
}

fn missing(path: &Path, known: u64) -> EventLogOpenError {
    EventLogOpenError::Missing { path: path.to_owned(), known }
}

fn damaged(path: &Path, place: DamagedPlace, known: u64) -> std::io::Result<EventLogOpenError> {
    let salvage = Salvage::read(path)?;
    let once = salvage.once().max(known);
    let whole = salvage.whole(once);
    let path = path.to_owned();
    Ok(EventLogOpenError::Damaged(Box::new(LogDamage { path, place, whole, once })))
}
