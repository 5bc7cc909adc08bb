//! Where encrypted reports are kept.

mod compare;
#[cfg(test)]
mod conformance;
mod directory;
mod download;
#[cfg(test)]
mod memory;
mod upload;

pub use directory::DirectoryBlobStore;

use std::io::ErrorKind;

use commands::ports::blob_store::BlobError;

/// An I/O error in the port's words.
fn fault(error: std::io::Error) -> BlobError {
    if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        BlobError::DiskFull
    } else {
        BlobError::Store(error)
    }
}

/// Runs file work off the threads that serve requests. Between two pieces of work no thread is held, so
/// that slow uploads and downloads cost memory and nothing else.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    join(tokio::task::spawn_blocking(work)).await
}

async fn join<T>(working: tokio::task::JoinHandle<Result<T, BlobError>>) -> Result<T, BlobError> {
    working.await.map_err(|panicked| BlobError::Store(std::io::Error::other(panicked)))?
}
