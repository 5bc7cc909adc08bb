//! A report on its way out: read, authenticated and opened a few chunks at a time.

use std::fs::File;
use std::io::Read;

use bytes::Bytes;
use commands::ports::blob_store::{BlobError, ClearBytes};
use futures::{StreamExt, stream};

use super::off_thread;
use crate::crypto::container::{CHUNK_BYTES, Decryptor, TAG_BYTES};

/// Four chunks at a time: at most twice that is in memory, as ciphertext and as plaintext.
const READ_BYTES: usize = 4 * (CHUNK_BYTES + TAG_BYTES);

struct OpenBlob {
    file: File,
    decryptor: Decryptor,
    buffer: Vec<u8>,
}

/// Opens a container. The first chunks are opened before this answers, so that a wrong key or a damaged
/// beginning is a refusal and not a body that breaks off.
pub(super) async fn download(file: File, key: &[u8; 32]) -> Result<ClearBytes, BlobError> {
    let reading = OpenBlob { file, decryptor: Decryptor::new(key), buffer: vec![0; READ_BYTES] };
    let (first, rest) = off_thread(move || reading.step()).await?;
    let rest = stream::try_unfold(rest, |reading| async move {
        match reading {
            Some(reading) => off_thread(move || reading.step()).await.map(Some),
            None => Ok(None),
        }
    });
    Ok(stream::once(std::future::ready(Ok(first))).chain(rest).boxed())
}

impl OpenBlob {
    /// The next authenticated bytes, and what is left to read.
    fn step(mut self) -> Result<(Bytes, Option<Self>), BlobError> {
        let mut out = Vec::with_capacity(READ_BYTES);
        while out.is_empty() {
            let read = self.file.read(&mut self.buffer).map_err(BlobError::Store)?;
            if read == 0 {
                self.decryptor.finish(&mut out).map_err(|_| BlobError::Damaged)?;
                return Ok((out.into(), None));
            }
            let pushed = self.decryptor.push(&self.buffer[..read], &mut out);
            pushed.map_err(|_| BlobError::Damaged)?;
        }
        Ok((out.into(), Some(self)))
    }
}
