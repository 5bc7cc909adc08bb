//! A witness's key: made at the first start, and never another one for the same records.

use std::io;
use std::path::{Path, PathBuf};

use commands::ports::world::Entropy;
use domain::journal::note::{KeyKind, NoteError, NoteKey};

use super::store::{DirectoryWitnessStore, WitnessStoreError};
use crate::secret_file::{self, MadeNow, SecretFileError};

/// The 32 secret bytes.
const SEED: &str = "witness.key";
/// The verifier key, for copying, and to notice a change of name.
const PUBLIC: &str = "witness.vkey";

/// Why a witness has no key.
#[derive(Debug, thiserror::Error)]
pub enum WitnessKeyError {
    /// The file of the seed.
    #[error(transparent)]
    File(#[from] SecretFileError),
    /// No key may go by this name.
    #[error(transparent)]
    Name(#[from] NoteError),
    /// The records are there, the key is not.
    #[error("the key {} is missing, and there are records made under it: restore it from its copy, or start a new witness with a new folder", .0.display())]
    Missing(PathBuf),
    /// The folder belongs to a witness of another name or key.
    #[error(
        "this folder is that of the witness {found}, not of {asked}: one key has one name; start another witness with another folder"
    )]
    Other {
        /// The verifier key in the folder.
        found: String,
        /// The one that was asked for.
        asked: String,
    },
    /// The verifier key could not be read or written.
    #[error("the verifier key {path} could not be read or written: {source}", path = .path.display())]
    Public {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The records.
    #[error(transparent)]
    Records(#[from] WitnessStoreError),
}

/// The key of the witness whose records are in `folder`, and whether it was made just now. Taking the opened
/// records shows that no other process is at it.
///
/// # Errors
/// See [`WitnessKeyError`].
pub fn witness_key(
    folder: &Path,
    records: &DirectoryWitnessStore,
    name: &str,
    entropy: &dyn Entropy,
) -> Result<(NoteKey, MadeNow), WitnessKeyError> {
    // A name that cannot be must not leave a key behind.
    NoteKey::new(name, KeyKind::Cosignature, &[0; 32])?;
    let path = folder.join(SEED);
    let (seed, made) = match secret_file::load(&path)? {
        Some(seed) => (seed, MadeNow(false)),
        None if !records.is_new()? || folder.join(PUBLIC).exists() => {
            return Err(WitnessKeyError::Missing(path));
        }
        None => secret_file::make(&path, entropy)?,
    };
    let key = NoteKey::new(name, KeyKind::Cosignature, &seed)?;
    same_as_before(&folder.join(PUBLIC), &key.public().to_string())?;
    Ok((key, made))
}

fn same_as_before(path: &Path, asked: &str) -> Result<(), WitnessKeyError> {
    let failed = |source| WitnessKeyError::Public { path: path.to_owned(), source };
    match std::fs::read_to_string(path) {
        Ok(found) if found.trim_end() == asked => Ok(()),
        // A start that was cut off here.
        Ok(found) if found.trim_end().is_empty() => write(path, asked).map_err(failed),
        Ok(found) => {
            let found = found.trim_end().to_owned();
            let asked = asked.to_owned();
            Err(WitnessKeyError::Other { found, asked })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => write(path, asked).map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

fn write(path: &Path, public: &str) -> io::Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path)?;
    file.write_all(format!("{public}\n").as_bytes())?;
    file.sync_all()
}
