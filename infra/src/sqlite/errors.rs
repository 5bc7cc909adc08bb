//! What an error of SQLite says about the world. Extended codes carry the plain code in the low byte.

/// What went wrong, as far as it matters to whoever wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// There is no room. Nothing was stored, and later there may be room again.
    DiskFull,
    /// Another connection holds the database. Nothing was stored.
    Busy,
    /// The statement itself is at fault, and whatever else was in its transaction is not.
    Statement,
    /// What reached the disk is not known until the database is opened anew.
    Lost,
}

/// What `error` says.
pub(crate) fn trouble(error: &sqlx::Error) -> Trouble {
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const TOO_BIG: u32 = 18;
    const CONSTRAINT: u32 = 19;
    const MISMATCH: u32 = 20;
    if is_full(error) {
        return Trouble::DiskFull;
    }
    match code(error).map(|code| code & 0xff) {
        Some(BUSY | LOCKED) => Trouble::Busy,
        Some(TOO_BIG | CONSTRAINT | MISMATCH) => Trouble::Statement,
        Some(_) => Trouble::Lost,
        None if is_about_values(error) => Trouble::Statement,
        None => Trouble::Lost,
    }
}

/// Whether the disk is what stood in the way. SQLite says FULL (13) where a file cannot grow, and
/// IOERR_SHMSIZE (4874) where the index of its write-ahead log cannot.
pub(crate) fn is_full(error: &sqlx::Error) -> bool {
    matches!(code(error), Some(13 | 4874))
}

/// Whether the file is no database, or not whole.
pub(crate) fn is_damage(error: &sqlx::Error) -> bool {
    const CORRUPT: u32 = 11;
    const NOT_A_DATABASE: u32 = 26;
    matches!(code(error).map(|code| code & 0xff), Some(CORRUPT | NOT_A_DATABASE))
}

/// Whether a database could not be shared with others: one that is being opened or closed, or whose index
/// is not what it must be. It may be read at the next try, or from a copy.
pub(crate) fn is_about_sharing(error: &sqlx::Error) -> bool {
    const BUSY: u32 = 5;
    const READ_ONLY: u32 = 8;
    const CANNOT_OPEN: u32 = 14;
    const PROTOCOL: u32 = 15;
    let code = code(error).map(|code| code & 0xff);
    matches!(code, Some(BUSY | READ_ONLY | CANNOT_OPEN | PROTOCOL))
}

fn code(error: &sqlx::Error) -> Option<u32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// Whether a value could not be given to SQLite, or a row was not what was asked for.
fn is_about_values(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::Encode(_)
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::RowNotFound
    )
}
