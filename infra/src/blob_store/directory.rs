//! `DirectoryBlobStore`: containers as files, named by their hash.

use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use commands::ports::blob_store::{BlobError, BlobStore, ClearBytes, Staged};
use commands::ports::world::{Clock, Entropy};
use domain::ids::BlobHash;
use domain::time::Moment;

use super::compare::same;
use super::download::download;
use super::upload::{self, EncryptedUpload};
use super::{fault, off_thread};
use crate::crypto::container::{CHUNK_BYTES, HEADER_BYTES, TAG_BYTES};
use crate::private;

/// Temporary containers older than this are nobody's any more.
pub(super) const SWEPT_AFTER: Duration = Duration::from_secs(86_400);

/// Containers in a folder: `incoming/<random>` while they are written, `incoming/<hash>.<random>` once they
/// are durable, `ab/cdef…` (the hash) once an event names them. A name that starts with the hash is what
/// lets a container be found after a crash between the event and the last rename.
pub struct DirectoryBlobStore {
    places: Arc<BlobFolders>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

struct BlobFolders {
    root: PathBuf,
    incoming: PathBuf,
}

impl DirectoryBlobStore {
    /// Keeps containers in `root`, which is made if it is not there, for its owner only.
    ///
    /// # Errors
    /// When the folders cannot be made.
    pub fn open(root: &Path, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> io::Result<Self> {
        let incoming = root.join("incoming");
        make_folder(&incoming)?;
        sync_folder(root)?;
        let places = Arc::new(BlobFolders { root: root.to_owned(), incoming });
        Ok(Self { places, clock, entropy })
    }

    /// The containers in `root`, which must be there, for those who only read: makes nothing.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn open_read_only(
        root: &Path,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> io::Result<Self> {
        std::fs::read_dir(root)?;
        let places = BlobFolders { root: root.to_owned(), incoming: root.join("incoming") };
        Ok(Self { places: Arc::new(places), clock, entropy })
    }

    async fn at_places<T: Send + 'static>(
        &self,
        work: impl FnOnce(&BlobFolders) -> Result<T, BlobError> + Send + 'static,
    ) -> Result<T, BlobError> {
        let places = Arc::clone(&self.places);
        off_thread(move || work(&places)).await
    }
}

#[async_trait]
impl BlobStore for DirectoryBlobStore {
    async fn stage(
        &self,
        key: &[u8; 32],
        body: ClearBytes,
        size_max: u64,
    ) -> Result<Staged, BlobError> {
        let upload =
            EncryptedUpload::new(self.places.incoming.clone(), key, Arc::clone(&self.entropy));
        upload::upload(upload, body, size_max).await
    }

    async fn keep(&self, staged: &Staged) -> Result<(), BlobError> {
        let blob = staged.blob;
        let temporary = self.places.temporary(staged)?;
        self.at_places(move |places| places.keep(blob, &temporary)).await
    }

    async fn discard(&self, staged: &Staged) -> Result<(), BlobError> {
        let temporary = self.places.temporary(staged)?;
        self.at_places(move |_| remove(&temporary).map(drop)).await
    }

    async fn staged(&self) -> Result<Vec<Staged>, BlobError> {
        self.at_places(BlobFolders::staged).await
    }

    async fn open(&self, blob: BlobHash, key: &[u8; 32]) -> Result<ClearBytes, BlobError> {
        let file = self.at_places(move |places| places.find(blob)).await?;
        download(file, key).await
    }

    async fn holds(
        &self,
        (blob, size): (BlobHash, u64),
        key: &[u8; 32],
        body: ClearBytes,
    ) -> Result<bool, BlobError> {
        let begins = self.at_places(move |places| {
            let mut header = [0; HEADER_BYTES];
            match places.find(blob)?.read_exact(&mut header) {
                Ok(()) => Ok(header),
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(BlobError::Damaged),
                Err(error) => Err(fault(error)),
            }
        });
        same((blob, begins.await?), key, body, size).await
    }

    async fn intact(&self, blob: BlobHash) -> Result<(), BlobError> {
        self.at_places(move |places| {
            let mut hasher = blake3::Hasher::new();
            hasher.update_reader(places.find(blob)?).map_err(fault)?;
            if *hasher.finalize().as_bytes() == blob.0 { Ok(()) } else { Err(BlobError::Damaged) }
        })
        .await
    }

    async fn sweep(&self) -> Result<u64, BlobError> {
        let now = self.clock.now();
        self.at_places(move |places| places.sweep(now)).await
    }
}

impl BlobFolders {
    /// `ab/cdef…`: one folder would be slow with a million files in it.
    fn kept(&self, blob: BlobHash) -> PathBuf {
        let name = blob.to_string();
        let (folder, file) = name.split_at(2);
        self.root.join(folder).join(file)
    }

    /// The name may have been out of the organisation in a ticket: only one of ours, for this hash, is taken.
    fn temporary(&self, staged: &Staged) -> Result<PathBuf, BlobError> {
        let blob = blob_of(&staged.temporary).ok_or(BlobError::Missing)?;
        if blob == staged.blob {
            Ok(self.incoming.join(&staged.temporary))
        } else {
            Err(BlobError::Missing)
        }
    }

    /// The rename replaces nothing that differs: the name is the hash of the bytes. Both folders are made
    /// durable even if there was nothing to rename, because the crash may have come just after the rename.
    fn keep(&self, blob: BlobHash, temporary: &Path) -> Result<(), BlobError> {
        let kept = self.kept(blob);
        let folder = kept.parent().unwrap_or(&self.root);
        make_folder(folder).map_err(fault)?;
        match std::fs::rename(temporary, &kept) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound && kept.exists() => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(BlobError::Missing),
            Err(error) => return Err(fault(error)),
        }
        for folder in [folder, &self.incoming, &self.root] {
            sync_folder(folder).map_err(fault)?;
        }
        Ok(())
    }

    fn find(&self, blob: BlobHash) -> Result<File, BlobError> {
        let kept = self.kept(blob);
        if let Some(file) = open(&kept)? {
            return Ok(file);
        }
        for (name, _) in self.list()? {
            if blob_of(&name) == Some(blob)
                && let Some(file) = open(&self.incoming.join(name))?
            {
                return Ok(file);
            }
        }
        // It may have been renamed between the two looks.
        open(&kept)?.ok_or(BlobError::Missing)
    }

    fn staged(&self) -> Result<Vec<Staged>, BlobError> {
        let staged = self.list()?.into_iter().filter_map(|(temporary, about)| {
            let blob = blob_of(&temporary)?;
            let size = plain_size(about.len());
            Some(Staged { blob, size, temporary })
        });
        Ok(staged.collect())
    }

    fn sweep(&self, now: Moment) -> Result<u64, BlobError> {
        let mut swept = 0;
        for (name, about) in self.list()? {
            let written = about.modified().map_err(fault)?;
            let written = written.duration_since(UNIX_EPOCH).unwrap_or_default();
            if now.since(Moment::default().plus(written)) > SWEPT_AFTER {
                swept += u64::from(remove(&self.incoming.join(name))?);
            }
        }
        Ok(swept)
    }

    fn list(&self) -> Result<Vec<(String, std::fs::Metadata)>, BlobError> {
        let mut files = Vec::new();
        let incoming = match std::fs::read_dir(&self.incoming) {
            // Whoever only reads made none.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(files),
            incoming => incoming.map_err(fault)?,
        };
        for entry in incoming {
            let entry = entry.map_err(fault)?;
            match (entry.file_name().into_string(), entry.metadata()) {
                (Ok(name), Ok(about)) if about.is_file() => files.push((name, about)),
                (Ok(_) | Err(_), Ok(_)) => {}
                (_, Err(error)) if error.kind() == ErrorKind::NotFound => {}
                (_, Err(error)) => return Err(fault(error)),
            }
        }
        Ok(files)
    }
}

/// The hash in a name `<hash>.<random>`; none for anything else.
pub(super) fn blob_of(temporary: &str) -> Option<BlobHash> {
    let (hash, random) = temporary.split_once('.')?;
    let ours =
        random.len() == upload::RANDOM_DIGITS && random.bytes().all(|b| b.is_ascii_hexdigit());
    if ours { hash.parse().ok() } else { None }
}

/// How much plaintext a container of `length` bytes holds.
fn plain_size(length: u64) -> u64 {
    let chunks_and_tags = length.saturating_sub(HEADER_BYTES as u64);
    let tags = chunks_and_tags.div_ceil((CHUNK_BYTES + TAG_BYTES) as u64) * TAG_BYTES as u64;
    chunks_and_tags.saturating_sub(tags)
}

fn open(path: &Path) -> Result<Option<File>, BlobError> {
    match private::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(fault(error)),
    }
}

/// Whether there was something to remove.
fn remove(path: &Path) -> Result<bool, BlobError> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(fault(error)),
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt, stream};

    use super::super::conformance::{KEY, MAX, Place, body, conformance, plain, stage};
    use super::*;
    use crate::clock::{ManualClock, SystemClock};
    use crate::entropy::OsEntropy;

    conformance!({
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Place::new(move |clock| {
            let store = open_store(folder.path(), &clock);
            std::future::ready(Arc::new(store) as Arc<dyn BlobStore>)
        })
    });

    struct Fixture {
        folder: tempfile::TempDir,
        clock: ManualClock,
        store: DirectoryBlobStore,
    }

    impl Fixture {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let clock = ManualClock::at(SystemClock.now());
            let store = open_store(folder.path(), &clock);
            Self { folder, clock, store }
        }

        /// Every file below the store, by path.
        fn files(&self) -> Vec<PathBuf> {
            let mut files = Vec::new();
            let mut folders = vec![self.folder.path().to_owned()];
            while let Some(folder) = folders.pop() {
                for entry in std::fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    if path.is_dir() { folders.push(path) } else { files.push(path) }
                }
            }
            files
        }
    }

    fn open_store(root: &Path, clock: &ManualClock) -> DirectoryBlobStore {
        DirectoryBlobStore::open(root, Arc::new(clock.clone()), Arc::new(OsEntropy)).unwrap()
    }

    #[tokio::test]
    async fn a_report_lies_encrypted_under_its_own_hash() {
        let fixture = Fixture::new();
        for length in [0, 40, 65_537, 1_000_000] {
            let plain = plain(length);
            let staged = stage(&fixture.store, &plain).await;
            fixture.store.keep(&staged).await.unwrap();
            let container = std::fs::read(fixture.store.places.kept(staged.blob)).unwrap();
            assert_eq!(staged.blob.0, *blake3::hash(&container).as_bytes());
            if length > 32 {
                assert!(!container.windows(32).any(|window| window == &plain[..32]));
            }
        }
    }

    #[tokio::test]
    async fn what_is_refused_or_discarded_leaves_no_file() {
        let fixture = Fixture::new();
        let plain = plain(1_000_000);
        let refused = fixture.store.stage(&KEY, body(&plain, 10_000), 999_999).await;
        assert!(matches!(refused, Err(BlobError::TooLarge(999_999))));
        let broken = body(&plain, 10_000).chain(stream::iter([Err(BlobError::BrokenOff)])).boxed();
        let refused = fixture.store.stage(&KEY, broken, MAX).await;
        assert!(matches!(refused, Err(BlobError::BrokenOff)));
        let staged = stage(&fixture.store, &plain).await;
        fixture.store.discard(&staged).await.unwrap();
        assert_eq!(fixture.files(), Vec::<PathBuf>::new());
    }

    #[test]
    fn an_upload_that_nobody_waits_for_any_more_leaves_nothing() {
        let fixture = Fixture::new();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (reached, end) = tokio::sync::oneshot::channel();
        let hanging = stream::once(async move {
            reached.send(()).unwrap();
            std::future::pending().await
        });
        let body = body(&plain(1_000_000), 100_000).chain(hanging).boxed();
        runtime.block_on(async {
            tokio::select! {
                _ = fixture.store.stage(&KEY, body, MAX) => unreachable!("the body never ends"),
                reached = end => reached.unwrap(),
            }
        });
        // Waits for file work that has begun.
        drop(runtime);
        assert_eq!(fixture.files(), Vec::<PathBuf>::new());
    }

    #[tokio::test]
    async fn damage_is_refused_and_nothing_unauthenticated_comes_out() {
        let fixture = Fixture::new();
        let plain = plain(1_000_000);
        let staged = stage(&fixture.store, &plain).await;
        fixture.store.keep(&staged).await.unwrap();
        let path = fixture.store.places.kept(staged.blob);
        let whole = std::fs::read(&path).unwrap();
        let mut changed = whole.clone();
        changed[700_000] ^= 1;
        for damaged in [&changed[..], &whole[..whole.len() - 1], &whole[..500_000]] {
            std::fs::write(&path, damaged).unwrap();
            let seen = fixture.store.intact(staged.blob).await;
            assert!(matches!(seen, Err(BlobError::Damaged)));
            let mut body = fixture.store.open(staged.blob, &KEY).await.unwrap();
            let mut released = Vec::new();
            let end = loop {
                match body.next().await.unwrap() {
                    Ok(piece) => released.extend_from_slice(&piece),
                    Err(error) => break error,
                }
            };
            assert!(matches!(end, BlobError::Damaged));
            assert!(body.next().await.is_none());
            assert!(released.len() < plain.len() && plain.starts_with(&released));
        }
    }

    #[tokio::test]
    async fn a_forged_name_reaches_no_file() {
        let fixture = Fixture::new();
        let staged = stage(&fixture.store, b"report").await;
        let secret = fixture.folder.path().join("secret");
        std::fs::write(&secret, b"x").unwrap();
        for temporary in ["../secret", &format!("{}./../../secret", staged.blob)] {
            let forged = Staged { temporary: temporary.to_owned(), ..staged.clone() };
            assert!(matches!(fixture.store.discard(&forged).await, Err(BlobError::Missing)));
            assert!(matches!(fixture.store.keep(&forged).await, Err(BlobError::Missing)));
        }
        assert!(secret.exists());
    }

    #[tokio::test]
    async fn the_sweep_takes_what_an_upload_left_half_written() {
        let fixture = Fixture::new();
        std::fs::write(fixture.store.places.incoming.join("0123456789abcdef"), b"cut off").unwrap();
        assert_eq!(fixture.store.sweep().await.unwrap(), 0);
        fixture.clock.forward(SWEPT_AFTER + Duration::from_secs(1_000));
        assert_eq!(fixture.store.sweep().await.unwrap(), 1);
        assert_eq!(fixture.files(), Vec::<PathBuf>::new());
    }
}
