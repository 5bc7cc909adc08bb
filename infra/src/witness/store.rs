//! `DirectoryWitnessStore`: what a witness has cosigned last, one small file for each log.

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::Note;
use domain::journal::witnessing::{VouchedRequest, WitnessRefusal};
use sha2::{Digest as _, Sha256};

/// The folder of records within a witness's folder.
const RECORDS: &str = "logs";
/// The folder of what contradicts a record.
const FORKS: &str = "forks";
/// The file that one process holds locked.
const LOCK: &str = "lock";

/// What a witness has cosigned last, for each log: a file named by the SHA-256 of the log's origin, which
/// holds the log's own signed checkpoint. Never restore it from a backup: a witness that has forgotten what
/// it said may say the contrary.
pub struct DirectoryWitnessStore {
    records: PathBuf,
    /// The first signed checkpoint of each log that contradicts its record: with the record it is all that
    /// it takes to show anybody that the log has forked.
    forks: PathBuf,
    /// Held from reading the last record of a log until the next one is durable.
    state: Mutex<State>,
    /// Locked for as long as it is open.
    _lock: File,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Sound,
    /// A write failed so that only a new start can tell what the disk holds.
    Failed,
}

/// Why a witness cannot keep its records.
#[derive(Debug, thiserror::Error)]
pub enum WitnessStoreError {
    /// Another process has the folder.
    #[error("the witness folder {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// A record is not what this program has written.
    #[error("the record {} is damaged: a witness that does not know what it has cosigned must not go on; start a new one, with a new folder", .0.display())]
    Damaged(PathBuf),
    /// The disk did not take a new record; the old one stands.
    #[error("the record could not be written: {0}")]
    NotWritten(#[source] io::Error),
    /// What the disk holds is not known: the process must end.
    #[error("the record may not have reached the disk: {0}")]
    Unknown(#[source] io::Error),
    /// The folder could not be read or made.
    #[error("{path} of the witness could not be read or made: {source}", path = .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl DirectoryWitnessStore {
    /// Opens the records in `folder`, which is made if it is not there, and takes it for this process alone.
    ///
    /// # Errors
    /// When another process has it, when a record is damaged, or when the folder cannot be made durable.
    pub fn open(folder: &Path) -> Result<Self, WitnessStoreError> {
        let failed = |source| WitnessStoreError::Folder { path: folder.to_owned(), source };
        let records = folder.join(RECORDS);
        let forks = folder.join(FORKS);
        for folder in [&records, &forks] {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        }
        let lock = File::options().create(true).append(true).mode(0o600).open(folder.join(LOCK));
        let lock = lock.map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(WitnessStoreError::InUse(folder.to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let store = Self { records, forks, state: Mutex::new(State::Sound), _lock: lock };
        store.tidy().map_err(failed)?;
        for path in store.records().map_err(failed)? {
            let record = std::fs::read(&path).map_err(failed)?;
            let named = read(&record).map(|record| store.path(&record.origin));
            if named.as_ref() != Some(&path) {
                return Err(WitnessStoreError::Damaged(path));
            }
        }
        // A record that was renamed just before a crash is there now, but only this makes it stay.
        let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
        for folder in [&store.records, folder, above.unwrap_or(Path::new("."))] {
            sync_folder(folder).map_err(failed)?;
        }
        Ok(store)
    }

    /// Whether it has never cosigned anything.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn is_new(&self) -> Result<bool, WitnessStoreError> {
        let records = self.records();
        let failed = |source| WitnessStoreError::Folder { path: self.records.clone(), source };
        Ok(records.map_err(failed)?.is_empty())
    }

    /// Takes a checkpoint as the log's last if it continues the last one, and answers what `sign` makes once
    /// it is durable. One request at a time: no other sees the record between its reading and its writing,
    /// so that a smaller tree never takes the place of a larger one, and cosignatures are made in the order
    /// of their sizes.
    ///
    /// # Errors
    /// [`WitnessStoreError::NotWritten`]: nothing has changed. [`WitnessStoreError::Unknown`], once and
    /// from then on always: the process must end.
    pub fn cosign<T>(
        &self,
        request: &VouchedRequest,
        sign: impl FnOnce() -> T,
    ) -> Result<Result<T, WitnessRefusal>, WitnessStoreError> {
        // Whoever panicked while holding it may have left anything behind.
        let poisoned = |_: PoisonError<_>| failed("a request ended in a panic");
        let mut state = self.state.lock().map_err(poisoned)?;
        if *state == State::Failed {
            return Err(failed("a write failed before"));
        }
        let path = self.path(&request.checkpoint().origin);
        let last = last(&path)?;
        if let Err(refusal) = request.continues(last.as_ref()) {
            if let WitnessRefusal::OtherRoot(_) = refusal {
                self.keep_fork(request);
            }
            return Ok(Err(refusal));
        }
        if last.as_ref() != Some(request.checkpoint()) {
            let written = self.replace(&path, request.note());
            if let Err(WitnessStoreError::Unknown(_)) = &written {
                *state = State::Failed;
            }
            written?;
        }
        Ok(Ok(sign()))
    }

    /// The tree cosigned last for a log.
    ///
    /// # Errors
    /// When the record is damaged or cannot be read.
    pub fn last(&self, origin: &str) -> Result<Option<Checkpoint>, WitnessStoreError> {
        last(&self.path(origin))
    }

    /// The signed checkpoint cosigned last for the log whose origin hashes so, with what `sign` makes of its
    /// text meanwhile: none that is larger takes its place before. None if there is none.
    ///
    /// # Errors
    /// When the record is damaged or cannot be read.
    pub fn monitored<T>(
        &self,
        origin_hash: &str,
        sign: impl FnOnce(&str) -> T,
    ) -> Result<Option<(Note, T)>, WitnessStoreError> {
        let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if origin_hash.len() != 64 || !origin_hash.bytes().all(lower) {
            return Ok(None);
        }
        let poisoned = |_: PoisonError<_>| failed("a request ended in a panic");
        let state = self.state.lock().map_err(poisoned)?;
        if *state == State::Failed {
            return Err(failed("a write failed before"));
        }
        let path = self.records.join(origin_hash);
        let damaged = || WitnessStoreError::Damaged(path.clone());
        let Some(record) = bytes(&path)? else { return Ok(None) };
        let note = Note::parse(&record).map_err(|_| damaged())?;
        let signed = sign(&note.text);
        Ok(Some((note, signed)))
    }

    /// Keeps the other side of a fork. Where that fails the refusal stands all the same.
    fn keep_fork(&self, request: &VouchedRequest) {
        let path = self.forks.join(name(&request.checkpoint().origin));
        let file = File::options().write(true).create_new(true).mode(0o600).open(path);
        let _ = file.and_then(|mut file| {
            file.write_all(request.note().to_string().as_bytes())?;
            file.sync_all()
        });
    }

    fn path(&self, origin: &str) -> PathBuf {
        self.records.join(name(origin))
    }

    /// Everything in the folder that is a record.
    fn records(&self) -> io::Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(&self.records)?;
        entries.map(|entry| Ok(entry?.path())).collect()
    }

    /// Removes what a crash left half written.
    fn tidy(&self) -> io::Result<()> {
        for path in self.records()? {
            if path.extension().is_some_and(|extension| extension == "tmp") {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn replace(&self, path: &Path, note: &Note) -> Result<(), WitnessStoreError> {
        let temporary = path.with_extension("tmp");
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&temporary).map_err(WitnessStoreError::NotWritten)?;
        if let Err(error) = file.write_all(note.to_string().as_bytes()) {
            // Best effort: the next record writes over it, the next start removes it.
            let _ = std::fs::remove_file(&temporary);
            return Err(WitnessStoreError::NotWritten(error));
        }
        file.sync_all()
            .and_then(|()| std::fs::rename(&temporary, path))
            .and_then(|()| sync_folder(&self.records))
            .map_err(WitnessStoreError::Unknown)
    }
}

fn name(origin: &str) -> String {
    hex::encode(Sha256::digest(origin))
}

fn last(path: &Path) -> Result<Option<Checkpoint>, WitnessStoreError> {
    let damaged = || WitnessStoreError::Damaged(path.to_owned());
    bytes(path)?.map(|record| read(&record).ok_or_else(damaged)).transpose()
}

fn bytes(path: &Path) -> Result<Option<Vec<u8>>, WitnessStoreError> {
    match std::fs::read(path) {
        Ok(record) => Ok(Some(record)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(WitnessStoreError::Folder { path: path.to_owned(), source }),
    }
}

fn read(record: &[u8]) -> Option<Checkpoint> {
    Checkpoint::parse(&Note::parse(record).ok()?.text).ok()
}

fn failed(why: &'static str) -> WitnessStoreError {
    WitnessStoreError::Unknown(io::Error::other(why))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use domain::journal::note::{KeyKind, NoteKey};
    use domain::journal::tree::TreeRoot;
    use domain::journal::witnessing::CheckpointRequest;

    use super::*;

    /// A request of a log whose tree has one leaf, or none.
    fn request(origin: &str, old: u64, leaf: Option<&[u8]>) -> VouchedRequest {
        let key = NoteKey::new(origin, KeyKind::Ed25519, &[1; 32]).unwrap();
        let mut tree = TreeRoot::default();
        leaf.into_iter().for_each(|leaf| tree.push(leaf));
        let checkpoint =
            Checkpoint { origin: origin.to_owned(), size: tree.size(), root: tree.root() };
        let text = checkpoint.text();
        let note = Note { signatures: vec![key.sign(&text, 0)], text };
        let request = CheckpointRequest { old, proof: Vec::new(), note };
        request.vouched(&[key.public().clone()]).unwrap()
    }

    fn size(store: &DirectoryWitnessStore, origin: &str) -> Option<u64> {
        store.last(origin).unwrap().map(|last| last.size)
    }

    #[test]
    fn what_was_cosigned_is_there_after_a_new_start_each_log_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("a/w");
        let store = DirectoryWitnessStore::open(&data).unwrap();
        assert!(store.is_new().unwrap());
        assert_eq!(store.cosign(&request("a/log", 0, None), || 1).unwrap(), Ok(1));
        assert_eq!(store.cosign(&request("a/log", 0, Some(b"x")), || 2).unwrap(), Ok(2));
        assert_eq!((size(&store, "a/log"), size(&store, "b/log")), (Some(1), None));
        drop(store);
        let store = DirectoryWitnessStore::open(&data).unwrap();
        assert!(!store.is_new().unwrap());
        let first = request("a/log", 0, Some(b"x"));
        let failed = store.cosign(&first, || panic!("not signed")).unwrap();
        assert_eq!(failed, Err(WitnessRefusal::OtherSize(1)));
        let other = request("a/log", 1, Some(b"y"));
        let failed = store.cosign(&other, || panic!("not signed")).unwrap();
        assert_eq!(failed, Err(WitnessRefusal::OtherRoot(1)));
        let fork = std::fs::read(store.forks.join(name("a/log"))).unwrap();
        assert_eq!(fork, other.note().to_string().as_bytes(), "the evidence is kept");
        assert_eq!(store.cosign(&request("a/log", 1, Some(b"x")), || 3).unwrap(), Ok(3));
        assert_eq!(store.cosign(&request("b/log", 0, Some(b"y")), || 4).unwrap(), Ok(4));
        let record = std::fs::read(store.path("a/log")).unwrap();
        assert_eq!(record, first.note().to_string().as_bytes(), "the log's own signed note");
        assert_eq!(store.records().unwrap().len(), 2, "nothing else is left");
    }

    #[test]
    fn one_folder_is_for_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = DirectoryWitnessStore::open(folder.path()).unwrap();
        let second = DirectoryWitnessStore::open(folder.path());
        assert!(matches!(second, Err(WitnessStoreError::InUse(_))));
        drop(store);
        assert!(DirectoryWitnessStore::open(folder.path()).is_ok());
    }

    #[test]
    fn half_a_record_is_removed_and_a_damaged_one_is_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let store = DirectoryWitnessStore::open(folder.path()).unwrap();
        store.cosign(&request("a/log", 0, Some(b"x")), || ()).unwrap().unwrap();
        let (path, other) = (store.path("a/log"), store.path("b/log"));
        drop(store);
        std::fs::write(path.with_extension("tmp"), "half").unwrap();
        let store = DirectoryWitnessStore::open(folder.path()).unwrap();
        assert_eq!(store.records().unwrap(), [path.as_path()]);
        drop(store);
        let good = std::fs::read(&path).unwrap();
        std::fs::write(&other, &good).unwrap();
        let failed = DirectoryWitnessStore::open(folder.path());
        let Err(WitnessStoreError::Damaged(found)) = failed else { panic!("another log's record") };
        assert_eq!(found, other);
        std::fs::remove_file(&other).unwrap();
        let store = DirectoryWitnessStore::open(folder.path()).unwrap();
        std::fs::write(&path, &good[1..20]).unwrap();
        let failed = store.cosign(&request("a/log", 1, Some(b"x")), || panic!("not signed"));
        assert!(matches!(failed, Err(WitnessStoreError::Damaged(_))));
    }

    #[test]
    fn a_record_that_cannot_be_written_leaves_the_old_one_and_nothing_is_signed() {
        let folder = tempfile::tempdir().unwrap();
        let store = DirectoryWitnessStore::open(folder.path()).unwrap();
        let temporary = store.path("a/log").with_extension("tmp");
        std::fs::create_dir(&temporary).unwrap();
        let failed = store.cosign(&request("a/log", 0, Some(b"x")), || panic!("not signed"));
        assert!(matches!(failed, Err(WitnessStoreError::NotWritten(_))));
        assert_eq!(size(&store, "a/log"), None);
        std::fs::remove_dir(&temporary).unwrap();
        assert_eq!(store.cosign(&request("a/log", 0, Some(b"x")), || 1).unwrap(), Ok(1));
    }

    #[test]
    fn after_a_panic_nothing_is_signed_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let store = DirectoryWitnessStore::open(folder.path()).unwrap();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = store.cosign(&request("a/log", 0, Some(b"x")), || panic!("while signing"));
        }));
        assert!(panicked.is_err());
        let failed = store.cosign(&request("b/log", 0, Some(b"x")), || panic!("not signed"));
        assert!(matches!(failed, Err(WitnessStoreError::Unknown(_))));
    }
}
