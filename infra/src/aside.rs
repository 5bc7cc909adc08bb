//! Files that are kept under another name.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::sqlite::file::beside;

/// Most files of one name that are kept.
const NAMES_MAX: u32 = 100;

/// Gives a file or folder another name beside its own, durably; answers it.
pub fn set_aside(path: &Path, label: &str) -> io::Result<PathBuf> {
    let aside = free_name(path, label)?;
    take_name(path, &aside)?;
    Ok(aside)
}

/// The same for a database that nobody has open, with what SQLite keeps beside it: that belongs to it and
/// to no other that takes its name. Answers the new name if there was any of it.
pub fn set_aside_database(path: &Path, label: &str) -> io::Result<Option<PathBuf>> {
    let aside = free_name(path, label)?;
    let files = ["wal", "shm"].map(|suffix| (beside(path, suffix), beside(&aside, suffix)));
    let mut some = false;
    for (from, to) in files.into_iter().chain([(path.to_owned(), aside.clone())]) {
        match take_name(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            taken => {
                taken?;
                some = true;
            }
        }
    }
    Ok(some.then_some(aside))
}

/// Gives a file another name in its folder, durably.
pub fn take_name(path: &Path, name: &Path) -> io::Result<()> {
    std::fs::rename(path, name)?;
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// The first of the names under which nothing is kept yet.
pub(crate) fn free_name(path: &Path, label: &str) -> io::Result<PathBuf> {
    let free = names(path, label).find(|name| !name.exists());
    free.ok_or_else(|| io::Error::other(format!("too many copies of {}", path.display())))
}

/// `events-LABEL.db`, `events-LABEL-2.db` …
pub(crate) fn names(path: &Path, label: &str) -> impl Iterator<Item = PathBuf> {
    let text = |part: Option<&std::ffi::OsStr>| {
        part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let stem = text(path.file_stem());
    let label = label.to_owned();
    let extension = path.extension().map(|extension| format!(".{}", extension.to_string_lossy()));
    let path = path.to_owned();
    let extension = extension.unwrap_or_default();
    (1..=NAMES_MAX).map(move |number| {
        let number = if number == 1 { String::new() } else { format!("-{number}") };
        path.with_file_name(format!("{stem}-{label}{number}{extension}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_kept_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        for expected in ["log-x.db", "log-x-2.db", "log-x-3.db"] {
            std::fs::write(&path, expected).unwrap();
            let aside = set_aside(&path, "x").unwrap();
            assert_eq!(aside, folder.path().join(expected));
            assert_eq!(std::fs::read_to_string(aside).unwrap(), expected);
        }
        assert!(!path.exists());
    }
}
