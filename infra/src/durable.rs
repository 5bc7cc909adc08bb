//! Files that are there whole or not at all: written beside their name, made durable, renamed.

use std::collections::BTreeSet;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Files being replaced; folders are made durable once for all of them, by [`Replacing::finish`].
#[derive(Default)]
pub(crate) struct Replacing {
    folders: BTreeSet<PathBuf>,
}

impl Replacing {
    /// Replaces `path` by `bytes`, makes its folders if need be. Durable after [`Replacing::finish`].
    pub(crate) fn put(&mut self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
        let folder = folder_of(path);
        if !self.folders.contains(folder) {
            self.make(folder)?;
        }
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let new = PathBuf::from(name);
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(mode).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&new, path)?;
        self.folders.insert(folder.to_owned());
        Ok(())
    }

    /// A folder that was made is an entry of the one above it, which must reach the disk as well.
    fn make(&mut self, folder: &Path) -> io::Result<()> {
        let missing = folder.ancestors().take_while(|folder| !folder.exists());
        let missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
        self.folders.extend(missing.iter().map(|made| folder_of(made).to_owned()));
        Ok(())
    }

    /// Makes every touched folder durable.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.folders.iter().try_for_each(|folder| File::open(folder)?.sync_all())
    }
}

/// Replaces one file durably.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut replacing = Replacing::default();
    replacing.put(path, bytes, mode)?;
    replacing.finish()
}

/// What a file holds; none if there is none.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_its_folders_are_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c");
        assert_eq!(read(&path).unwrap(), None);
        for bytes in [&b"one"[..], b"", b"two"] {
            replace(&path, bytes, 0o600).unwrap();
            assert_eq!(read(&path).unwrap().unwrap(), bytes);
        }
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
