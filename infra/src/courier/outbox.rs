//! `OutboxCourier`: each letter a file in a folder, for whoever carries them on, or reads them there. What
//! nobody needs any more is gone: an answered letter at once, any other when its time is over.

use std::collections::VecDeque;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use commands::ports::credentials::{Courier, Letter, WorkError};
use domain::ids::ChallengeId;
use domain::time::{Moment, minutes};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// The newest letters that stay; each one more removes the oldest: an outbox that nobody empties
/// must not fill the disk.
const LETTERS_MAX: usize = 10_000;
const UNFINISHED: &str = ".txt.part";
/// For how long a letter stays that does not say so, as those of older versions.
const UNDATED_LIFE: Duration = minutes(24 * 60);
/// What a letter says of its end, as a line of its head.
const EXPIRES: &str = "Expires: ";

/// Letters as files for their owner only: To, Subject, Expires, an empty line, the text. Their names tell
/// nothing; the time of a file orders them, `ls -t` shows the newest first.
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
    letters: VecDeque<ShelvedLetter>,
    newest: Moment,
}

struct ShelvedLetter {
    name: String,
    at: Moment,
    until: Moment,
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
        let mut letters = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            // Never sent: the process died while it was written.
            if name.ends_with(UNFINISHED) {
                std::fs::remove_file(entry.path())?;
            } else if name.ends_with(".txt") {
                letters.push(found(name, &entry.path())?);
            }
        }
        letters.sort_unstable_by_key(|letter| letter.at);
        let newest = letters.last().map_or(Moment::from_micros(0), |letter| letter.at);
        let shelf = Mutex::new(Shelf { letters: letters.into(), newest });
        Ok(Self { outbox: Arc::new(Outbox { folder: folder.to_owned(), letters_max, shelf }) })
    }

    async fn do_it(
        &self,
        work: impl FnOnce(&Outbox) -> io::Result<()> + Send + 'static,
    ) -> Result<(), WorkError> {
        let outbox = Arc::clone(&self.outbox);
        let done = tokio::task::spawn_blocking(move || work(&outbox)).await;
        match done.map_err(|panicked| WorkError::Store(Box::new(panicked)))? {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::StorageFull => Err(WorkError::DiskFull),
            Err(error) => Err(WorkError::Store(Box::new(error))),
        }
    }
}

#[async_trait]
impl Courier for OutboxCourier {
    async fn send(&self, letter: Letter, now: Moment) -> Result<(), WorkError> {
        self.do_it(move |outbox| outbox.put(&letter, now)).await
    }

    async fn withdraw(&self, challenge: ChallengeId) -> Result<(), WorkError> {
        let name = name(challenge);
        self.do_it(move |outbox| outbox.remove(|letter, _| letter.name == name)).await
    }

    async fn sweep(&self, now: Moment) -> Result<(), WorkError> {
        self.do_it(move |outbox| outbox.remove(|letter, _| letter.until <= now)).await
    }
}

impl Outbox {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever looks sees whole letters only: a letter gets its name when it is durable.
    fn put(&self, letter: &Letter, now: Moment) -> io::Result<()> {
        let name = name(letter.challenge);
        let at = self.next_time(now);
        // Two letters about one challenge may be written at once; no two have the same time.
        let unfinished = self.folder.join(format!("{}-{name}.part", at.micros()));
        let path = self.folder.join(&name);
        let written =
            write(&unfinished, letter, at).and_then(|()| std::fs::rename(&unfinished, &path));
        if let Err(error) = written {
            // Nothing of a letter that was not sent stays, its code least of all.
            let _ = std::fs::remove_file(&unfinished);
            return Err(error);
        }
        File::open(&self.folder)?.sync_all()?;
        let mut shelf = self.shelf();
        // It took the place of the one before, whose time must not end this one.
        shelf.letters.retain(|older| older.name != name);
        shelf.letters.push_back(ShelvedLetter { name, at, until: letter.until });
        drop(shelf);
        let letters_max = self.letters_max;
        self.remove(|letter, length| length > letters_max || letter.until <= now)
    }

    /// No two letters have the same time, and a later one has a later time.
    fn next_time(&self, now: Moment) -> Moment {
        let mut shelf = self.shelf();
        shelf.newest = now.max(shelf.newest.plus(Duration::from_micros(1)));
        shelf.newest
    }

    /// Removes the letters that `gone` says, which hears how many lie there, oldest first. Somebody may have
    /// carried them away before.
    fn remove(&self, gone: impl Fn(&ShelvedLetter, usize) -> bool) -> io::Result<()> {
        let mut shelf = self.shelf();
        let mut length = shelf.letters.len();
        let mut failed = Ok(());
        shelf.letters.retain(|letter| {
            if failed.is_err() || !gone(letter, length) {
                return true;
            }
            match std::fs::remove_file(self.folder.join(&letter.name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => failed = Err(error),
                Ok(()) | Err(_) => length -= 1,
            }
            failed.is_err()
        });
        failed
    }
}

/// A name that tells nothing: a challenge's id is known to whoever asked for it, its hash to us.
fn name(challenge: ChallengeId) -> String {
    let hash = blake3::hash(challenge.uuid().as_bytes());
    format!("{}.txt", hex::encode(&hash.as_bytes()[..16]))
}

/// A letter that an earlier process put there.
fn found(name: String, path: &Path) -> io::Result<ShelvedLetter> {
    let modified = std::fs::metadata(path)?.modified()?;
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let at = Moment::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
    let letter = Zeroizing::new(std::fs::read(path)?);
    let head = letter.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
    let mut head = head.filter_map(|line| std::str::from_utf8(line).ok());
    let until = head.find_map(|line| line.strip_prefix(EXPIRES)?.parse().ok());
    Ok(ShelvedLetter { name, at, until: until.unwrap_or(at.plus(UNDATED_LIFE)) })
}

fn write(path: &Path, letter: &Letter, at: Moment) -> io::Result<()> {
    let (to, subject) = (one_line(letter.to.expose_secret()), one_line(&letter.subject));
    let (to, subject) = (to.expose_secret(), subject.expose_secret());
    let (until, text) = (letter.until, letter.text.expose_secret());
    let whole = format!("To: {to}\nSubject: {subject}\n{EXPIRES}{until}\n\n{text}");
    let whole = Zeroizing::new(whole);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(whole.as_bytes())?;
    let since = Duration::from_micros(u64::try_from(at.micros()).unwrap_or_default());
    file.set_modified(SystemTime::UNIX_EPOCH + since)?;
    file.sync_all()
}

/// A header ends with its line: a line break in an address must not begin another header.
fn one_line(header: &str) -> SecretString {
    let mut line = String::with_capacity(header.len() * 3);
    line.extend(header.chars().map(|c| if c.is_control() { ' ' } else { c }));
    line.into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use futures::future::join_all;
    use uuid::Uuid;

    use super::*;

    /// A letter about challenge `n`, good for five minutes.
    fn letter(n: u128, text: &str) -> Letter {
        Letter {
            challenge: ChallengeId::new(Uuid::from_u128(n)),
            until: noon().plus(minutes(5)),
            to: SecretString::from("ana@example.org"),
            subject: "Your code".to_owned(),
            text: SecretString::from(text),
        }
    }

    fn noon() -> Moment {
        "2026-11-23T12:00:00.000000Z".parse().unwrap()
    }

    /// What lies in the folder, oldest first.
    fn letters(folder: &Path) -> Vec<(String, String)> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort_by_key(|path| std::fs::metadata(path).unwrap().modified().unwrap());
        let read = |path: PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        };
        paths.into_iter().map(read).collect()
    }

    fn texts(folder: &Path) -> Vec<String> {
        let text = |(_, letter): (String, String)| letter.rsplit('\n').next().unwrap().to_owned();
        letters(folder).into_iter().map(text).collect()
    }

    #[tokio::test]
    async fn a_letter_is_a_private_file_that_a_person_can_read_and_its_name_tells_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = folder.path().join("outbox");
        OutboxCourier::open(&outbox).unwrap().send(letter(1, "123456"), noon()).await.unwrap();
        let (name, text) = letters(&outbox).swap_remove(0);
        assert_eq!(
            text,
            "To: ana@example.org\nSubject: Your code\nExpires: 2026-11-23T12:05:00.000000Z\n\n\
             123456"
        );
        let plain = name.strip_suffix(".txt").unwrap();
        assert!(plain.len() == 32 && plain.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        let mode = std::fs::metadata(outbox.join(&name)).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_line_break_in_an_address_begins_no_header() {
        let folder = tempfile::tempdir().unwrap();
        let courier = OutboxCourier::open(folder.path()).unwrap();
        let to = SecretString::from("ana@example.org\r\nBcc: eve@example.org");
        courier.send(Letter { to, ..letter(1, "123456") }, noon()).await.unwrap();
        let text = letters(folder.path()).swap_remove(0).1;
        assert!(text.starts_with("To: ana@example.org  Bcc: eve@example.org\nSubject: "), "{text}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn letters_at_once_and_after_a_restart_are_all_there() {
        let folder = tempfile::tempdir().unwrap();
        for start in 1..=2 {
            std::fs::write(folder.path().join("cut-off.txt.part"), b"half a let").unwrap();
            let courier = OutboxCourier::open(folder.path()).unwrap();
            let all = (0..20).map(|n| courier.send(letter(start * 100 + n, "123456"), noon()));
            assert!(join_all(all).await.iter().all(Result::is_ok));
            assert_eq!(letters(folder.path()).len() as u128, start * 20);
        }
    }

    #[tokio::test]
    async fn their_times_order_letters_even_where_a_clock_stands_still_or_goes_back() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..6_u8 {
            let courier = OutboxCourier::open(folder.path()).unwrap();
            let now = if n < 3 { noon() } else { "2026-11-23T11:59:00.000000Z".parse().unwrap() };
            courier.send(letter(n.into(), &n.to_string()), now).await.unwrap();
        }
        assert_eq!(texts(folder.path()), ["0", "1", "2", "3", "4", "5"]);
    }

    #[tokio::test]
    async fn a_second_letter_about_a_challenge_takes_the_place_of_the_first_and_stays_as_long() {
        let folder = tempfile::tempdir().unwrap();
        let courier = OutboxCourier::open(folder.path()).unwrap();
        courier.send(letter(1, "first"), noon()).await.unwrap();
        courier.send(letter(2, "other"), noon()).await.unwrap();
        let until = noon().plus(minutes(9));
        courier.send(Letter { until, ..letter(1, "second") }, noon()).await.unwrap();
        assert_eq!(texts(folder.path()), ["other", "second"]);
        courier.sweep(noon().plus(minutes(5))).await.unwrap();
        assert_eq!(texts(folder.path()), ["second"]);
        courier.sweep(until).await.unwrap();
        assert!(texts(folder.path()).is_empty());
    }

    #[tokio::test]
    async fn a_full_outbox_lets_the_oldest_letter_go_over_restarts_too() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..7_u8 {
            let courier = OutboxCourier::holding(folder.path(), 3).unwrap();
            courier.send(letter(n.into(), &n.to_string()), noon()).await.unwrap();
        }
        assert_eq!(texts(folder.path()), ["4", "5", "6"]);
    }

    #[tokio::test]
    async fn an_answered_letter_is_gone_at_once_and_no_other_is() {
        let folder = tempfile::tempdir().unwrap();
        let courier = OutboxCourier::open(folder.path()).unwrap();
        for n in 1..=3 {
            courier.send(letter(n, &n.to_string()), noon()).await.unwrap();
        }
        let courier = OutboxCourier::open(folder.path()).unwrap();
        let second = ChallengeId::new(Uuid::from_u128(2));
        courier.withdraw(second).await.unwrap();
        courier.withdraw(second).await.unwrap();
        assert_eq!(texts(folder.path()), ["1", "3"]);
    }

    #[tokio::test]
    async fn what_is_past_its_end_is_swept_and_so_is_what_an_older_version_left() {
        let folder = tempfile::tempdir().unwrap();
        let older = folder.path().join("2026-11-20T08-00-00-000000Z-000000.txt");
        std::fs::write(&older, "To: ana@example.org\nSubject: Your code\n\n0").unwrap();
        let days = SystemTime::UNIX_EPOCH + Duration::from_secs(20_000 * 86_400);
        File::options().write(true).open(&older).unwrap().set_modified(days).unwrap();
        let courier = OutboxCourier::open(folder.path()).unwrap();
        courier.send(letter(1, "1"), noon()).await.unwrap();
        assert_eq!(texts(folder.path()), ["1"], "a day after the older letter");
        let later = Letter { until: noon().plus(minutes(10)), ..letter(2, "2") };
        courier.send(later, noon()).await.unwrap();
        let courier = OutboxCourier::open(folder.path()).unwrap();
        courier.sweep(noon().plus(minutes(5))).await.unwrap();
        assert_eq!(texts(folder.path()), ["2"]);
    }
}
