//! The installation key as `vault.db` keeps it: made once, and asked for before anything is written where a
//! log needs it.

use std::path::Path;

use commands::ports::world::Entropy;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use subtle::ConstantTimeEq;

use super::sqlite::VaultOpenError;
use super::subject;
use crate::crypto::{Key, wrap};
use crate::sqlite::database::{DatabaseError, DatabaseKind};
use crate::sqlite::file;

const INSTALLATION_KEY: &[u8] = b"medlock house key";
const CHECK_CONTEXT: &str = "medlock 2026-11 master key check";

/// The installation key, made at the first opening. The check value beside it tells a wrong master key from a
/// damaged vault.
pub(super) async fn installation_key(
    db: &mut SqliteConnection,
    path: &Path,
    master: &Key,
    entropy: &dyn Entropy,
) -> Result<Key, VaultOpenError> {
    let sqlite = |source| DatabaseError::Sqlite { path: path.to_owned(), source };
    let check = blake3::derive_key(CHECK_CONTEXT, master.as_slice());
    let fresh = subject::fresh_key(entropy);
    let wrapped = wrap::wrap_for(master, subject::fresh(entropy), INSTALLATION_KEY, &fresh);
    sqlx::query(
        "INSERT INTO house (name, value) SELECT 'check', ? WHERE NOT EXISTS (SELECT 1 FROM house)
         UNION ALL SELECT 'key', ? WHERE NOT EXISTS (SELECT 1 FROM house)",
    )
    .bind(check.as_slice())
    .bind(wrapped.as_slice())
    .execute(&mut *db)
    .await
    .map_err(sqlite)?;
    kept_installation_key(db, path, master).await
}

/// Refuses a vault that lost what a log needs before SQLite may write to it: what lay beside it can still be
/// put back. One that this program would first have to bring up to date is looked at behind that.
pub(super) async fn must_hold_its_key(
    path: &Path,
    database: &DatabaseKind,
    master: &Key,
) -> Result<(), VaultOpenError> {
    match database.is_begun(path).await? {
        Some(true) => {}
        Some(false) => return Err(VaultOpenError::Emptied(path.to_owned())),
        None => return Ok(()),
    }
    let reading = match database.open_to_read(path).await {
        Ok(reading) => reading,
        Err(DatabaseError::NotMigrated { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let readers = file::pool(reading.options(), 1);
    let sqlite = |source| DatabaseError::Sqlite { path: path.to_owned(), source };
    let mut connection = readers.acquire().await.map_err(sqlite)?;
    let kept = kept_installation_key(&mut connection, path, master).await;
    drop(connection);
    readers.close().await;
    kept.map(drop)
}

/// The installation key that was made before.
pub(super) async fn kept_installation_key(
    db: &mut SqliteConnection,
    path: &Path,
    master: &Key,
) -> Result<Key, VaultOpenError> {
    let sqlite = |source| DatabaseError::Sqlite { path: path.to_owned(), source };
    let check = blake3::derive_key(CHECK_CONTEXT, master.as_slice());
    let sql = "SELECT c.value AS kept_check, k.value AS kept_key FROM house c, house k WHERE c.name = 'check' AND k.name = 'key'";
    let row = sqlx::query(sql).fetch_optional(db).await.map_err(sqlite)?;
    let row = row.ok_or_else(|| VaultOpenError::Emptied(path.to_owned()))?;
    let kept_check: &[u8] = row.try_get("kept_check").map_err(sqlite)?;
    let kept_key: &[u8] = row.try_get("kept_key").map_err(sqlite)?;
    if !bool::from(kept_check.ct_eq(&check)) {
        return Err(VaultOpenError::OtherMasterKey(path.to_owned()));
    }
    wrap::unwrap_for(master, INSTALLATION_KEY, kept_key)
        .map_err(|_| VaultOpenError::Damaged(path.to_owned()))
}
