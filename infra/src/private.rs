//! What is nobody else's to read: the data folder and what lies in it, as a start finds it.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

/// Folders of ours, but for the public log.
const FOLDERS: [&str; 2] = ["blobs", "outbox"];
/// The public log: for everybody to read.
const PUBLIC: &str = "log";

/// Why a folder is not taken. Every sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum NotPrivateError {
    /// A link stands where a file or a folder of ours should.
    #[error("{} is a link: what it leads to may be anybody's. Put the file itself there, or mount the disk there", .0.display())]
    Link(PathBuf),
    /// It belongs to another user, who may change it at any time.
    #[error(
        "{path} belongs to user {owner}, this runs as user {user}: run it as that user, or chown {path}",
        path = .path.display()
    )]
    Foreign {
        /// The file or folder.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who this is.
        user: u32,
    },
    /// It could not be looked at or closed to others.
    #[error("{path} cannot be kept from others: {source}", path = .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Closes `data` and what is ours in it to everybody but its owner, and says in the log what was open. The
/// folder's own name may be a link, for it is the operator who gave it; inside there is none.
///
/// # Errors
/// See [`NotPrivateError`]: a link, or somebody else's file, is refused and left as it is.
pub fn keep_private(data: &Path) -> Result<(), NotPrivateError> {
    let io = |source| NotPrivateError::Io { path: data.to_owned(), source };
    close(data, &std::fs::metadata(data).map_err(io)?)?;
    for entry in std::fs::read_dir(data).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let path = entry.path();
        if !is_ours(&name) {
            continue;
        }
        let about = match std::fs::symlink_metadata(&path) {
            Ok(about) => about,
            // SQLite takes what lies beside a database away when the last one closes it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(NotPrivateError::Io { path, source }),
        };
        if about.is_symlink() {
            return Err(NotPrivateError::Link(path));
        }
        if name == PUBLIC { owned(&path, &about)? } else { close(&path, &about)? }
    }
    Ok(())
}

/// Databases and what SQLite keeps beside them, keys, folders. Others' files may lie here: a file system's
/// `lost+found`, a note.
fn is_ours(name: &str) -> bool {
    let database = name.ends_with(".db") || name.contains(".db-");
    database || name.ends_with(".key") || name == PUBLIC || FOLDERS.contains(&name)
}

fn owned(path: &Path, about: &Metadata) -> Result<(), NotPrivateError> {
    let (owner, user) = (about.uid(), geteuid().as_raw());
    let foreign = || NotPrivateError::Foreign { path: path.to_owned(), owner, user };
    if owner == user { Ok(()) } else { Err(foreign()) }
}

fn close(path: &Path, about: &Metadata) -> Result<(), NotPrivateError> {
    owned(path, about)?;
    let (mode, wanted) = (about.mode() & 0o7777, if about.is_dir() { 0o700 } else { 0o600 });
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let closed = std::fs::set_permissions(path, Permissions::from_mode(wanted));
    closed.map_err(|source| NotPrivateError::Io { path: path.to_owned(), source })?;
    let (was, is) = (format!("{mode:03o}"), format!("{wanted:03o}"));
    tracing::warn!(path = %path.display(), was, is, "it was open to others, and is not any more");
    Ok(())
}

/// Opens a file of ours to read it; a link in its place is refused.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    no_link(File::options().read(true)).open(path)
}

/// The same options for a name that is no link.
pub(crate) fn no_link(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(libc::O_NOFOLLOW)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{chown, symlink};

    use super::*;

    const NOBODY: u32 = 65_534;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o777
    }

    /// A folder as a careless copy leaves it.
    fn open_folder() -> (tempfile::TempDir, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        for folder in ["", "blobs", "outbox", "log"] {
            std::fs::create_dir(data.join(folder)).unwrap();
            std::fs::set_permissions(data.join(folder), Permissions::from_mode(0o755)).unwrap();
        }
        for file in ["events.db", "events.db-wal", "vault.db", "master.key", "notes"] {
            std::fs::write(data.join(file), b"x").unwrap();
            std::fs::set_permissions(data.join(file), Permissions::from_mode(0o644)).unwrap();
        }
        (home, data)
    }

    #[test]
    fn what_is_open_to_others_is_closed_but_for_the_public_log() {
        let (_home, data) = open_folder();
        keep_private(&data).unwrap();
        for folder in ["", "blobs", "outbox"] {
            assert_eq!(mode(&data.join(folder)), 0o700, "{folder}");
        }
        for file in ["events.db", "events.db-wal", "vault.db", "master.key"] {
            assert_eq!(mode(&data.join(file)), 0o600, "{file}");
        }
        assert_eq!((mode(&data.join("log")), mode(&data.join("notes"))), (0o755, 0o644));
    }

    #[test]
    fn a_link_in_the_place_of_anything_of_ours_is_refused() {
        for name in ["events.db", "events.db-wal", "vault.db", "master.key", "blobs", "log"] {
            let (home, data) = open_folder();
            let (path, elsewhere) = (data.join(name), home.path().join("elsewhere"));
            std::fs::rename(&path, &elsewhere).unwrap();
            symlink(&elsewhere, &path).unwrap();
            let error = keep_private(&data).unwrap_err();
            assert!(matches!(&error, NotPrivateError::Link(link) if *link == path), "{error}");
        }
        let (home, data) = open_folder();
        symlink(&data, home.path().join("link")).unwrap();
        symlink("notes", data.join("a link of somebody")).unwrap();
        keep_private(&home.path().join("link")).unwrap();
        assert_eq!(mode(&data), 0o700);
    }

    #[test]
    fn somebody_elses_file_is_refused_with_the_way_out() {
        for name in ["", "events.db", "blobs", "log"] {
            let (_home, data) = open_folder();
            chown(data.join(name), Some(NOBODY), None).expect("run as root");
            let error = keep_private(&data).unwrap_err().to_string();
            assert!(error.contains("belongs to user 65534") && error.contains("chown"), "{error}");
        }
    }
}
