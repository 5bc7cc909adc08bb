//! Whether bytes that come are those of a container that is kept: they are encrypted as it was, and what
//! comes out is hashed and thrown away. Nothing is decrypted.

use std::io;

use bytes::Bytes;
use commands::ports::blob_store::{BlobError, ClearBytes};
use domain::ids::BlobHash;
use futures::StreamExt;

use super::off_thread;
use crate::crypto::container::{ContainerError, Encryptor, HEADER_BYTES};

/// Plaintext gathered before a thread is asked for.
const BATCH_BYTES: usize = 262_144;

/// A container in the making, of which only the hash is kept.
struct Comparison {
    encryptor: Encryptor,
    hasher: blake3::Hasher,
    out: Vec<u8>,
}

/// Whether `body` under `key` makes the container `blob`, which begins with `header`.
pub(super) async fn same(
    (blob, header): (BlobHash, [u8; HEADER_BYTES]),
    key: &[u8; 32],
    mut body: ClearBytes,
    size: u64,
) -> Result<bool, BlobError> {
    let Some(mut comparison) = Comparison::begin(key, header) else { return Ok(false) };
    let (mut came, mut batch, mut batch_bytes) = (0_u64, Vec::new(), 0);
    while let Some(piece) = body.next().await {
        let piece = piece?;
        came = came.saturating_add(piece.len() as u64);
        if came > size {
            return Ok(false);
        }
        batch_bytes += piece.len();
        batch.push(piece);
        if batch_bytes >= BATCH_BYTES {
            batch_bytes = 0;
            let full = std::mem::take(&mut batch);
            comparison = off_thread(move || comparison.push(&full)).await?;
        }
    }
    if came < size {
        return Ok(false);
    }
    off_thread(move || comparison.push(&batch)?.finish()).await.map(|made| made == blob)
}

impl Comparison {
    /// None if the header is not one of ours.
    fn begin(key: &[u8; 32], header: [u8; HEADER_BYTES]) -> Option<Self> {
        let encryptor = Encryptor::again(key, header)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(&header);
        Some(Self { encryptor, hasher, out: Vec::new() })
    }

    fn push(mut self, pieces: &[Bytes]) -> Result<Self, BlobError> {
        for piece in pieces {
            self.encryptor.push(piece, &mut self.out).map_err(too_long)?;
            self.hasher.update(&self.out);
            self.out.clear();
        }
        Ok(self)
    }

    fn finish(mut self) -> Result<BlobHash, BlobError> {
        self.encryptor.finish(&mut self.out).map_err(too_long)?;
        self.hasher.update(&self.out);
        Ok(BlobHash(self.hasher.finalize().into()))
    }
}

fn too_long(error: ContainerError) -> BlobError {
    BlobError::Store(io::Error::other(error))
}
