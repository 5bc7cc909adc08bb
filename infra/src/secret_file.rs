//! A secret of 32 bytes in a file for its owner's eyes only: made once, durable before it is used.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use commands::ports::world::Entropy;
use rustix::process::geteuid;
use zeroize::Zeroizing;

use crate::private;

/// The secret's length.
const SECRET_BYTES: usize = 32;

/// The secret.
pub(crate) type Secret = Zeroizing<[u8; SECRET_BYTES]>;

/// Whether this start made the secret: then a person must hear where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MadeNow(pub bool);

/// Why there is no secret. Every sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// Group or others may read it.
    #[error("the key {path} is open to others (mode {mode:03o}): run chmod 600 {path}", path = .path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A link stands in its place.
    #[error("the key {} is a link: put the file itself there, or name the file it leads to", .0.display())]
    Link(PathBuf),
    /// It belongs to another user, who can read and change it.
    #[error(
        "the key {path} belongs to user {owner}, this runs as user {user}: run it as that user, or chown {path}",
        path = .path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who this is.
        user: u32,
    },
    /// Not 32 bytes.
    #[error("the key {} is not 32 bytes long: restore it from its copy", .0.display())]
    Length(PathBuf),
    /// The file could not be read or made.
    #[error("the key {path} could not be read or made: {source}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Reads the secret at `path`; none if there is no such file.
pub(crate) fn load(path: &Path) -> Result<Option<Secret>, SecretFileError> {
    let io = |source| SecretFileError::Io { path: path.to_owned(), source };
    let mut file = match private::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(_) if path.is_symlink() => return Err(SecretFileError::Link(path.to_owned())),
        Err(error) => return Err(io(error)),
    };
    let about = file.metadata().map_err(io)?;
    let (owner, user) = (about.uid(), geteuid().as_raw());
    // The superuser reads everything anyway: an officer's commands may be run by them.
    if owner != user && user != 0 {
        return Err(SecretFileError::Foreign { path: path.to_owned(), owner, user });
    }
    let mode = about.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretFileError::TooOpen { path: path.to_owned(), mode });
    }
    if about.len() != SECRET_BYTES as u64 {
        return Err(SecretFileError::Length(path.to_owned()));
    }
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    file.read_exact(secret.as_mut_slice()).map_err(io)?;
    Ok(Some(secret))
}

/// Makes a secret at `path`, unless somebody else was faster, and reads it back: two first starts at once
/// must agree on one.
pub(crate) fn make(
    path: &Path,
    entropy: &dyn Entropy,
) -> Result<(Secret, MadeNow), SecretFileError> {
    let io = |source| SecretFileError::Io { path: path.to_owned(), source };
    let made = write(path, entropy).map_err(io)?;
    let secret = load(path)?.ok_or_else(|| io(io::ErrorKind::NotFound.into()))?;
    Ok((secret, made))
}

/// Writes a secret under a name of its own and links it to `path` when it is complete and durable: a start
/// that is cut off leaves no half secret, and one that is there already is never replaced.
fn write(path: &Path, entropy: &dyn Entropy) -> io::Result<MadeNow> {
    let mut bytes = Zeroizing::new([0; SECRET_BYTES + 8]);
    entropy.fill(bytes.as_mut_slice());
    let (secret, name) = bytes.split_at(SECRET_BYTES);
    let unfinished = path.with_extension(format!("key.{}", hex::encode(name)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    let linked = file
        .write_all(secret)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::hard_link(&unfinished, path));
    std::fs::remove_file(&unfinished)?;
    let made = match linked {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
        Err(error) => return Err(error),
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(MadeNow(made))
}
