//! `OutboxCourier`: each letter a file in a folder, for whoever carries them on, or reads them there.

use std::collections::VecDeque;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use commands::ports::credentials::{Courier, Letter, WorkError};
use domain::time::Moment;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// The newest letters that stay; each one more removes the oldest. Codes in older ones are long dead, and an
/// outbox that nobody empties must not fill the disk.
const LETTERS_MAX: usize = 10_000;
const UNFINISHED: &str = ".txt.part";

/// Letters as files `<time>-<number>.txt`, for their owner only: To, Subject, an empty line, the text.
pub struct OutboxCourier {
    outbox: Arc<Outbox>,
}

struct Outbox {
    folder: PathBuf,
    letters_max: usize,
    shelf: Mutex<Shelf>,
}

/// What lies in the folder, oldest first.
struct Shelf {
    names: VecDeque<String>,
    next: u64,
}

impl OutboxCourier {
    /// Puts letters into `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Self::holding(folder, LETTERS_MAX)
    }

    fn holding(folder: &Path, letters_max: usize) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            // Never sent: the process died while it was written.
            if name.ends_with(UNFINISHED) {
                std::fs::remove_file(entry.path())?;
            } else if number(&name).is_some() {
                names.push(name);
            }
        }
        names.sort_unstable_by_key(|name| number(name));
        let next = names.last().and_then(|name| number(name)).map_or(0, |last| last + 1);
        let shelf = Mutex::new(Shelf { names: names.into(), next });
        Ok(Self { outbox: Arc::new(Outbox { folder: folder.to_owned(), letters_max, shelf }) })
    }
}

#[async_trait]
impl Courier for OutboxCourier {
    async fn send(&self, letter: Letter, now: Moment) -> Result<(), WorkError> {
        let outbox = Arc::clone(&self.outbox);
        let sent = tokio::task::spawn_blocking(move || outbox.put(&letter, now)).await;
        match sent.map_err(|panicked| WorkError::Store(Box::new(panicked)))? {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::StorageFull => Err(WorkError::DiskFull),
            Err(error) => Err(WorkError::Store(Box::new(error))),
        }
    }
}

impl Outbox {
    /// Whoever looks sees whole letters only: a letter gets its name when it is durable.
    fn put(&self, letter: &Letter, now: Moment) -> io::Result<()> {
        let name = self.next_name(now);
        let (unfinished, path) = (
            self.folder.join(format!("{name}{UNFINISHED}")),
            self.folder.join(format!("{name}.txt")),
        );
        let written = write(&unfinished, letter).and_then(|()| std::fs::rename(&unfinished, &path));
        if let Err(error) = written {
            // Nothing of a letter that was not sent stays, its code least of all.
            let _ = std::fs::remove_file(&unfinished);
            return Err(error);
        }
        File::open(&self.folder)?.sync_all()?;
        self.shelve(format!("{name}.txt"))
    }

    fn next_name(&self, now: Moment) -> String {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let number = shelf.next;
        shelf.next += 1;
        format!("{}-{number:06}", now.to_string().replace([':', '.'], "-"))
    }

    fn shelve(&self, name: String) -> io::Result<()> {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.names.push_back(name);
        while shelf.names.len() > self.letters_max {
            let Some(oldest) = shelf.names.pop_front() else { break };
            match std::fs::remove_file(self.folder.join(oldest)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

fn write(path: &Path, letter: &Letter) -> io::Result<()> {
    let (to, subject) = (one_line(letter.to.expose_secret()), one_line(&letter.subject));
    let text = letter.text.expose_secret();
    let whole =
        format!("To: {}\nSubject: {}\n\n{text}", to.expose_secret(), subject.expose_secret());
    let whole = Zeroizing::new(whole);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(whole.as_bytes())?;
    file.sync_all()
}

/// A header ends with its line: a line break in an address must not begin another header.
fn one_line(header: &str) -> SecretString {
    let mut line = String::with_capacity(header.len() * 3);
    line.extend(header.chars().map(|c| if c.is_control() { ' ' } else { c }));
    line.into()
}

/// The number in a letter's name.
fn number(name: &str) -> Option<u64> {
    name.strip_suffix(".txt")?.rsplit_once('-')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use futures::future::join_all;

    use super::*;

    fn letter(text: &str) -> Letter {
        Letter {
            to: SecretString::from("ana@example.org"),
            subject: "Your code".to_owned(),
            text: SecretString::from(text),
        }
    }

    fn noon() -> Moment {
        "2026-11-23T12:00:00.000000Z".parse().unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    #[tokio::test]
    async fn a_letter_is_a_private_file_that_a_person_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = folder.path().join("outbox");
        OutboxCourier::open(&outbox).unwrap().send(letter("123456"), noon()).await.unwrap();
        assert_eq!(names(&outbox), ["2026-11-23T12-00-00-000000Z-000000.txt"]);
        let path = outbox.join(&names(&outbox)[0]);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "To: ana@example.org\nSubject: Your code\n\n123456");
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_line_break_in_an_address_begins_no_header() {
        let folder = tempfile::tempdir().unwrap();
        let courier = OutboxCourier::open(folder.path()).unwrap();
        let to = SecretString::from("ana@example.org\r\nBcc: eve@example.org");
        courier.send(Letter { to, ..letter("123456") }, noon()).await.unwrap();
        let text = std::fs::read_to_string(folder.path().join(&names(folder.path())[0])).unwrap();
        assert!(text.starts_with("To: ana@example.org  Bcc: eve@example.org\nSubject: "), "{text}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn letters_at_once_and_after_a_restart_get_names_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        for start in 1..=2 {
            std::fs::write(folder.path().join("cut-off.txt.part"), b"half a let").unwrap();
            let courier = OutboxCourier::open(folder.path()).unwrap();
            let sent = join_all((0..20).map(|_| courier.send(letter("123456"), noon()))).await;
            assert!(sent.iter().all(Result::is_ok));
            assert_eq!(names(folder.path()).len(), start * 20);
        }
    }

    #[tokio::test]
    async fn a_full_outbox_lets_the_oldest_letter_go_over_restarts_too() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..7 {
            let courier = OutboxCourier::holding(folder.path(), 3).unwrap();
            courier.send(letter(&n.to_string()), noon()).await.unwrap();
        }
        let left: Vec<_> = names(folder.path()).iter().filter_map(|name| number(name)).collect();
        assert_eq!(left, [4, 5, 6]);
    }
}
