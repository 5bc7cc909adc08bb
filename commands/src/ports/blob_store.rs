//! Where encrypted reports are kept: containers, named by the BLAKE3 of their bytes.

use async_trait::async_trait;
use bytes::Bytes;
use domain::ids::BlobHash;
use futures::stream::BoxStream;

/// Why a blob could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// No blob of this name.
    #[error("no such blob")]
    Missing,
    /// The disk is full; the temporary file is gone again.
    #[error("the disk is full")]
    DiskFull,
    /// The container is damaged: nothing unauthenticated left the organisation.
    #[error("the stored file is damaged")]
    Damaged,
    /// More plaintext came than was announced as the most.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// The body ended early or broke off.
    #[error("the upload broke off")]
    BrokenOff,
    /// The store itself failed.
    #[error("the blob store failed: {0}")]
    Store(#[source] std::io::Error),
}

/// Clear bytes on their way between a person and the cipher; never on a disk.
pub type ClearBytes = BoxStream<'static, Result<Bytes, BlobError>>;

/// A container that is durable under a temporary name, not yet under its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// BLAKE3 of the container: its name to be.
    pub blob: BlobHash,
    /// Length of the plaintext.
    pub size: u64,
    /// The temporary name.
    pub temporary: String,
}

/// Encrypting blob store: plaintext goes in and comes out in chunks, only ciphertext is kept.
#[async_trait]
pub trait BlobStore: Send + Sync {
    /// Encrypts `body` under `key` to a temporary name and makes file and folder durable.
    /// A body longer than `size_max` or broken off leaves nothing behind.
    async fn stage(
        &self,
        key: &[u8; 32],
        body: ClearBytes,
        size_max: u64,
    ) -> Result<Staged, BlobError>;

    /// Gives a staged container its own name. Doing it twice is as good as once.
    async fn keep(&self, staged: &Staged) -> Result<(), BlobError>;

    /// Throws a staged container away.
    async fn discard(&self, staged: &Staged) -> Result<(), BlobError>;

    /// Every container that is staged and neither kept nor discarded. At the start those that an event
    /// names must be kept, before the first sweep takes them for forgotten ones.
    async fn staged(&self) -> Result<Vec<Staged>, BlobError>;

    /// Decrypts a kept container chunk by chunk; only authenticated bytes come out. A container that was
    /// staged and named in an event, but not yet renamed when the process died, is found as well.
    async fn open(&self, blob: BlobHash, key: &[u8; 32]) -> Result<ClearBytes, BlobError>;

    /// Whether `body` is what the container holds, `size` bytes of it: encrypted once more and compared.
    /// Nothing is decrypted and nothing is stored; [`BlobError::Missing`] if there is no such container.
    async fn holds(
        &self,
        (blob, size): (BlobHash, u64),
        key: &[u8; 32],
        body: ClearBytes,
    ) -> Result<bool, BlobError>;

    /// Whether a container is there and its bytes hash to its name; [`BlobError::Missing`] or
    /// [`BlobError::Damaged`] if not. Needs no key and decrypts nothing.
    async fn intact(&self, blob: BlobHash) -> Result<(), BlobError>;

    /// Removes temporary containers that are older than a day; answers how many.
    async fn sweep(&self) -> Result<u64, BlobError>;
}
