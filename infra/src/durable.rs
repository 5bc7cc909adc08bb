//! Files that are there whole or not at all: written beside their name, made durable, renamed.

use std::collections::BTreeSet;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use transparency::ports::LogPortError;

use crate::private;

/// Files written before the disk is asked to keep them: bounds what is open at once.
const WAITING_MAX: usize = 64;
/// Files the disk is asked to keep at once: the file system makes one commit of several.
const SYNCED_AT_ONCE: usize = 8;

/// Files being replaced. Nothing has its name before its bytes are durable, and nothing is durable under its
/// name before [`Replacing::finish`].
#[derive(Default)]
pub(crate) struct Replacing {
    folders: BTreeSet<PathBuf>,
    waiting: Vec<PendingRename>,
}

struct PendingRename {
    file: File,
    new: PathBuf,
    path: PathBuf,
}

impl Replacing {
    /// Replaces `path` by `bytes`, makes its folders if need be.
    pub(crate) fn put(&mut self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
        let folder = folder_of(path);
        if !self.folders.contains(folder) {
            self.make(folder)?;
        }
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let new = PathBuf::from(name);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(mode);
        let mut file = private::no_link(&mut options).open(&new)?;
        file.write_all(bytes)?;
        self.folders.insert(folder.to_owned());
        self.waiting.push(PendingRename { file, new, path: path.to_owned() });
        if self.waiting.len() == WAITING_MAX { self.rename() } else { Ok(()) }
    }

    /// A folder that was made is an entry of the one above it, which must reach the disk as well.
    fn make(&mut self, folder: &Path) -> io::Result<()> {
        let missing = folder.ancestors().take_while(|folder| !folder.exists());
        let missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
        self.folders.extend(missing.iter().map(|made| folder_of(made).to_owned()));
        Ok(())
    }

    /// Gives what waits its name, once all of it is on the disk.
    fn rename(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        sync(&waiting.iter().map(|waiting| &waiting.file).collect::<Vec<_>>())?;
        waiting.iter().try_for_each(|waiting| std::fs::rename(&waiting.new, &waiting.path))
    }

    /// Makes everything durable under its name.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.rename()?;
        let folders: io::Result<Vec<File>> = self.folders.iter().map(File::open).collect();
        sync(&folders?.iter().collect::<Vec<_>>())
    }
}

/// Asks the disk to keep every file, several at once.
fn sync(files: &[&File]) -> io::Result<()> {
    let each = files.len().div_ceil(SYNCED_AT_ONCE).max(1);
    if files.len() <= 1 {
        return files.iter().try_for_each(|file| file.sync_all());
    }
    std::thread::scope(|scope| {
        let some = |files: &'_ [&File]| files.iter().try_for_each(|file| file.sync_all());
        let syncing: Vec<_> =
            files.chunks(each).map(|files| scope.spawn(move || some(files))).collect();
        let mut done = Ok(());
        for thread in syncing {
            let synced = thread.join();
            done = done.and(synced.unwrap_or_else(|_| Err(io::Error::other("a sync panicked"))));
        }
        done
    })
}

/// Replaces one file durably.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut replacing = Replacing::default();
    replacing.put(path, bytes, mode)?;
    replacing.finish()
}

/// Makes a file that nobody may have made before; `false` if somebody has. It is never written over.
pub(crate) fn create(path: &Path, bytes: &[u8], mode: u32) -> io::Result<bool> {
    let mut name = path.as_os_str().to_owned();
    // Two processes that anchor to one folder do not write into each other's file.
    name.push(format!(".{}", std::process::id()));
    let own = PathBuf::from(name);
    replace(&own, bytes, mode)?;
    let made = match std::fs::hard_link(&own, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    };
    std::fs::remove_file(&own)?;
    File::open(folder_of(path))?.sync_all()?;
    made
}

/// Does something with files off the async threads, for the role `what`.
pub(crate) async fn blocking<T: Send + 'static>(
    what: &'static str,
    job: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, LogPortError> {
    match tokio::task::spawn_blocking(job).await {
        Ok(done) => done.map_err(|error| LogPortError { what, source: error.into() }),
        Err(error) => Err(LogPortError { what, source: error.into() }),
    }
}

/// What a file holds; none if there is none.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The same of a file of ours: a link in its place is an error.
pub(crate) fn read_own(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    match private::open(path) {
        Ok(mut file) => file.read_to_end(&mut bytes).map(|_| Some(bytes)),
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

    #[test]
    fn a_link_is_neither_read_nor_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (folder.path().join("note"), folder.path().join("elsewhere"));
        std::fs::write(&elsewhere, b"somebody's").unwrap();
        for name in ["note", "note.new"] {
            std::os::unix::fs::symlink(&elsewhere, folder.path().join(name)).unwrap();
        }
        assert!(read_own(&path).is_err() && replace(&path, b"ours", 0o600).is_err());
        std::fs::remove_file(folder.path().join("note.new")).unwrap();
        replace(&path, b"ours", 0o600).unwrap();
        assert_eq!(read_own(&path).unwrap().unwrap(), b"ours");
        assert_eq!(std::fs::read(&elsewhere).unwrap(), b"somebody's");
    }

    #[test]
    fn many_files_are_replaced_and_none_has_its_name_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = |number: usize| folder.path().join(format!("{}/{number}", number % 3));
        let mut replacing = Replacing::default();
        for number in 0..=WAITING_MAX {
            replacing.put(&path(number), number.to_string().as_bytes(), 0o600).unwrap();
        }
        assert!(!path(WAITING_MAX).exists(), "it waits to be durable");
        replacing.finish().unwrap();
        for number in 0..=WAITING_MAX {
            assert_eq!(read(&path(number)).unwrap().unwrap(), number.to_string().as_bytes());
        }
    }
}
