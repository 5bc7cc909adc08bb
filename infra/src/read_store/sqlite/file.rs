//! The files of a read store: one for each version, each with what SQLite keeps beside it.

use std::path::{Path, PathBuf};

use projections::table::Schema;

pub(super) fn path_of(directory: &Path, schema: &Schema) -> PathBuf {
    directory.join(format!("read-{}.db", schema.version))
}

pub(super) fn remove(path: &Path) -> Result<(), std::io::Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The files of read stores in `directory` that are not `path`.
pub(super) fn other_versions(
    directory: &Path,
    path: &Path,
) -> Result<Vec<PathBuf>, std::io::Error> {
    let own = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut others = versions(directory)?;
    others.retain(|file| {
        file.file_name().is_none_or(|name| !name.to_string_lossy().starts_with(&own))
    });
    Ok(others)
}

/// The files of every read store in `directory`.
pub(super) fn versions(directory: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let version = name.strip_prefix("read-").and_then(|rest| rest.split_once(".db"));
        let digits = version.is_some_and(|(v, _)| v.bytes().all(|b| b.is_ascii_digit()));
        if digits {
            found.push(entry.path());
        }
    }
    Ok(found)
}
