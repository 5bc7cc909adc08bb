//! The blob store for tests: same words, same containers, no disk.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use commands::ports::blob_store::{BlobError, BlobStore, ClearBytes, Staged};
use commands::ports::world::{Clock, Entropy};
use domain::ids::BlobHash;
use domain::time::Moment;
use futures::{StreamExt, stream};

use super::compare::same;
use super::directory::{SWEPT_AFTER, blob_of};
use super::upload::RANDOM_DIGITS;
use crate::crypto::container::{Decryptor, Encryptor};

/// Containers in two maps. For tests: a report is in memory as a whole.
pub(super) struct MemoryBlobStore {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    containers: Mutex<Containers>,
}

#[derive(Default)]
struct Containers {
    /// By their temporary names, with the time at which each was written.
    staged: BTreeMap<String, (Staged, Moment, Bytes)>,
    kept: HashMap<BlobHash, Bytes>,
}

impl Containers {
    fn find(&self, blob: BlobHash) -> Result<Bytes, BlobError> {
        let staged = || self.staged.values().find(|(staged, ..)| staged.blob == blob);
        let found = self.kept.get(&blob).or_else(|| staged().map(|(.., container)| container));
        found.cloned().ok_or(BlobError::Missing)
    }
}

impl MemoryBlobStore {
    pub(super) fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy, containers: Mutex::default() }
    }

    fn containers(&self) -> MutexGuard<'_, Containers> {
        self.containers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ours(staged: &Staged) -> Result<(), BlobError> {
    let named = blob_of(&staged.temporary);
    if named == Some(staged.blob) { Ok(()) } else { Err(BlobError::Missing) }
}

#[async_trait]
impl BlobStore for MemoryBlobStore {
    async fn stage(
        &self,
        key: &[u8; 32],
        mut body: ClearBytes,
        size_max: u64,
    ) -> Result<Staged, BlobError> {
        let too_long = |error| BlobError::Store(io::Error::other(error));
        let (mut prefix, mut random) = ([0; 7], [0; RANDOM_DIGITS / 2]);
        self.entropy.fill(&mut prefix);
        self.entropy.fill(&mut random);
        let mut encryptor = Encryptor::new(key, prefix);
        let mut container = encryptor.header().to_vec();
        let mut size = 0_u64;
        while let Some(piece) = body.next().await {
            let piece = piece?;
            size += piece.len() as u64;
            if size > size_max {
                return Err(BlobError::TooLarge(size_max));
            }
            encryptor.push(&piece, &mut container).map_err(too_long)?;
        }
        encryptor.finish(&mut container).map_err(too_long)?;
        let blob = BlobHash(blake3::hash(&container).into());
        let temporary = format!("{blob}.{}", hex::encode(random));
        let staged = Staged { blob, size, temporary: temporary.clone() };
        let row = (staged.clone(), self.clock.now(), container.into());
        self.containers().staged.insert(temporary, row);
        Ok(staged)
    }

    async fn keep(&self, staged: &Staged) -> Result<(), BlobError> {
        ours(staged)?;
        let mut containers = self.containers();
        match containers.staged.remove(&staged.temporary) {
            Some((.., container)) => _ = containers.kept.insert(staged.blob, container),
            None if containers.kept.contains_key(&staged.blob) => {}
            None => return Err(BlobError::Missing),
        }
        Ok(())
    }

    async fn discard(&self, staged: &Staged) -> Result<(), BlobError> {
        ours(staged)?;
        self.containers().staged.remove(&staged.temporary);
        Ok(())
    }

    async fn staged(&self) -> Result<Vec<Staged>, BlobError> {
        Ok(self.containers().staged.values().map(|(staged, ..)| staged.clone()).collect())
    }

    async fn open(&self, blob: BlobHash, key: &[u8; 32]) -> Result<ClearBytes, BlobError> {
        let container = self.containers().find(blob)?;
        let (mut decryptor, mut plain) = (Decryptor::new(key), Vec::new());
        decryptor.push(&container, &mut plain).map_err(|_| BlobError::Damaged)?;
        decryptor.finish(&mut plain).map_err(|_| BlobError::Damaged)?;
        Ok(stream::iter([Ok(plain.into())]).boxed())
    }

    async fn holds(
        &self,
        (blob, size): (BlobHash, u64),
        key: &[u8; 32],
        body: ClearBytes,
    ) -> Result<bool, BlobError> {
        let container = self.containers().find(blob)?;
        let header = container.first_chunk().ok_or(BlobError::Damaged)?;
        same((blob, *header), key, body, size).await
    }

    async fn intact(&self, blob: BlobHash) -> Result<(), BlobError> {
        let hash = blake3::hash(&self.containers().find(blob)?);
        if *hash.as_bytes() == blob.0 { Ok(()) } else { Err(BlobError::Damaged) }
    }

    async fn sweep(&self) -> Result<u64, BlobError> {
        let now = self.clock.now();
        let staged = &mut self.containers().staged;
        let before = staged.len();
        staged.retain(|_, (_, written, _)| now.since(*written) <= SWEPT_AFTER);
        Ok((before - staged.len()) as u64)
    }
}

mod tests {
    use super::super::conformance::{Place, conformance};
    use super::*;
    use crate::entropy::OsEntropy;

    conformance!(Place::memory(|clock| {
        Arc::new(MemoryBlobStore::new(Arc::new(clock), Arc::new(OsEntropy)))
    }));
}
