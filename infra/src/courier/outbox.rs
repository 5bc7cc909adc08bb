//! Letters as files in a folder, for a house without a mail server: whoever runs it reads them out.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use commands::ports::credentials::{Courier, Letter, WorkError};
use domain::time::Moment;
use secrecy::ExposeSecret as _;

/// Letters kept; older ones are removed when a new one comes.
const LETTERS_MAX: usize = 10_000;

/// Writes each letter as one file, readable by the service's own user only.
pub struct OutboxCourier {
    folder: PathBuf,
    count: AtomicU64,
}

impl OutboxCourier {
    /// Opens the folder, and makes it if it is not there.
    pub fn open(folder: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        Ok(Self { folder: folder.to_owned(), count: AtomicU64::new(0) })
    }
}

#[async_trait]
impl Courier for OutboxCourier {
    async fn send(&self, letter: Letter, now: Moment) -> Result<(), WorkError> {
        // The time first: names sort as the letters were written, also across a restart.
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let time = now.to_string().replace([':', '.'], "-");
        let path = self.folder.join(format!("{time}-{count:06}.txt"));
        let folder = self.folder.clone();
        let work = move || write(&folder, &path, &letter);
        let written = tokio::task::spawn_blocking(work).await;
        written.map_err(|error| WorkError::Store(Box::new(error)))?.map_err(|error| {
            if error.kind() == io::ErrorKind::StorageFull {
                return WorkError::DiskFull;
            }
            WorkError::Store(Box::new(error))
        })
    }
}

fn write(folder: &Path, path: &Path, letter: &Letter) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let (to, text) = (letter.to.expose_secret(), letter.text.expose_secret());
    let written = write!(file, "To: {to}\nSubject: {}\n\n{text}", letter.subject)
        .and_then(|()| file.sync_all())
        .and_then(|()| File::open(folder)?.sync_all());
    if written.is_err() {
        // Half a letter is worse than none; the error that matters is the first.
        let _ = fs::remove_file(path);
        return written;
    }
    prune(folder)
}

fn prune(folder: &Path) -> io::Result<()> {
    let names: io::Result<Vec<PathBuf>> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut names = names?;
    let extra = names.len().saturating_sub(LETTERS_MAX);
    if extra > 0 {
        names.sort_unstable();
        for name in &names[..extra] {
            fs::remove_file(name)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[tokio::test]
    async fn letters_are_private_files_in_the_order_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = OutboxCourier::open(&folder.path().join("outbox")).unwrap();
        for code in ["111111", "222222"] {
            let subject = "Your code".to_owned();
            let letter = Letter { to: "ana@example.org".into(), subject, text: code.into() };
            outbox.send(letter, Moment::default()).await.unwrap();
        }
        let mut letters: Vec<_> = fs::read_dir(folder.path().join("outbox"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        letters.sort();
        assert_eq!(letters.len(), 2);
        let newest = fs::read_to_string(&letters[1]).unwrap();
        assert_eq!(newest, "To: ana@example.org\nSubject: Your code\n\n222222");
        assert_eq!(fs::metadata(&letters[1]).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
