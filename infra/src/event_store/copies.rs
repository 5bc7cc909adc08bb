//! A copy of a damaged log's files, as they were found: whatever is tried with them later, it can be tried
//! again.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::sqlite::file::{beside, folder};

/// What is left free beside a copy.
const SPARE_BYTES: u64 = 64 << 20;

/// What became of the copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DamagedCopy {
    /// It lies there.
    Kept(PathBuf),
    /// It takes more than there is room for.
    NoRoom {
        /// Bytes it takes, and what is left free beside it.
        wanted: u64,
        /// Bytes that are free.
        free: u64,
    },
}

impl DamagedCopy {
    /// Copies the files of the log at `path` to a folder beside the one they are in, named after `time`;
    /// where an earlier copy is the same, that one is answered.
    ///
    /// # Errors
    /// If they cannot be copied; no half of a copy is left.
    pub fn keep(path: &Path, time: &str) -> io::Result<Self> {
        let data = std::path::absolute(folder(path))?;
        let name = |what: &str| {
            let mut name = data.clone().into_os_string();
            name.push(format!(".damaged-{what}"));
            PathBuf::from(name)
        };
        if let Some(earlier) = earlier(&data, path)? {
            return Ok(Self::Kept(earlier));
        }
        let files = files(path);
        let length = |file: &PathBuf| file.metadata().map(|file| file.len());
        let wanted = files.iter().map(length).sum::<io::Result<u64>>()?.saturating_add(SPARE_BYTES);
        let disk = rustix::fs::statvfs(data.parent().unwrap_or(&data))?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if wanted > free {
            return Ok(Self::NoRoom { wanted, free });
        }
        let copy = name(time);
        DirBuilder::new().mode(0o700).create(&copy)?;
        let copied = files.iter().try_for_each(|file| copy_into(file, &copy));
        match copied.and_then(|()| File::open(&copy)?.sync_all()) {
            Ok(()) => Ok(Self::Kept(copy)),
            Err(error) => {
                std::fs::remove_dir_all(&copy)?;
                Err(error)
            }
        }
    }
}

/// The files of a log that are there. SQLite's index of the write-ahead log follows from it.
fn files(path: &Path) -> Vec<PathBuf> {
    let files = [path.to_owned(), beside(path, "wal"), beside(path, "hint")];
    files.into_iter().filter(|file| file.is_file()).collect()
}

fn copy_into(file: &Path, folder: &Path) -> io::Result<()> {
    let copy = folder.join(file.file_name().unwrap_or_default());
    std::fs::copy(file, &copy)?;
    File::open(copy)?.sync_all()
}

/// An earlier copy of the same files: whoever starts a service again and again fills no disk with it.
fn earlier(data: &Path, path: &Path) -> io::Result<Option<PathBuf>> {
    let (Some(parent), Some(name)) = (data.parent(), data.file_name()) else { return Ok(None) };
    let begin = format!("{}.damaged-", name.to_string_lossy());
    for entry in std::fs::read_dir(parent)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(&begin) {
            continue;
        }
        let same = |file: &PathBuf| {
            let copy = entry.path().join(file.file_name().unwrap_or_default());
            equal(file, &copy).unwrap_or(false)
        };
        if files(path).iter().all(same) {
            return Ok(Some(entry.path()));
        }
    }
    Ok(None)
}

fn equal(one: &Path, other: &Path) -> io::Result<bool> {
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let hash = |path: &Path| {
        let mut hasher = blake3::Hasher::new();
        io::copy(&mut File::open(path)?, &mut hasher)?;
        Ok::<_, io::Error>(hasher.finalize())
    };
    Ok(hash(one)? == hash(other)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_are_copied_once() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let path = data.join("events.db");
        for (name, bytes) in [("events.db", "one"), ("events.db-wal", "two")] {
            std::fs::write(data.join(name), bytes).unwrap();
        }
        let first = folder.path().join("data.damaged-1");
        for time in ["1", "2"] {
            assert_eq!(DamagedCopy::keep(&path, time).unwrap(), DamagedCopy::Kept(first.clone()));
        }
        assert_eq!(std::fs::read_to_string(first.join("events.db-wal")).unwrap(), "two");
        std::fs::write(data.join("events.db-wal"), "owt").unwrap();
        let second = folder.path().join("data.damaged-3");
        assert_eq!(DamagedCopy::keep(&path, "3").unwrap(), DamagedCopy::Kept(second));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
