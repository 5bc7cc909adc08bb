//! An upload on its way in: encrypted, hashed and written piece by piece, gone if it does not arrive whole.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use commands::ports::blob_store::{BlobError, ClearBytes, Staged};
use commands::ports::world::Entropy;
use domain::ids::BlobHash;
use futures::StreamExt;
use tokio::task::{JoinHandle, spawn_blocking};

use super::directory::sync_folder;
use super::{fault, join, off_thread};
use crate::crypto::Key;
use crate::crypto::container::{ContainerError, Encryptor};

/// Length of the random part of a temporary name.
pub(super) const RANDOM_DIGITS: usize = 16;
/// Plaintext gathered before a thread is asked for: enough that asking costs nothing beside the work.
const BATCH_BYTES: usize = 262_144;

/// Where an upload goes and what it is encrypted with.
pub(super) struct EncryptedUpload {
    incoming: PathBuf,
    key: Key,
    entropy: Arc<dyn Entropy>,
}

impl EncryptedUpload {
    pub(super) fn new(incoming: PathBuf, key: &[u8; 32], entropy: Arc<dyn Entropy>) -> Self {
        Self { incoming, key: Key::new(*key), entropy }
    }

    fn begin(self) -> Result<Writing, BlobError> {
        let mut prefix = [0; 7];
        self.entropy.fill(&mut prefix);
        let (file, temporary) = self.create().map_err(fault)?;
        let encryptor = Encryptor::new(&self.key, prefix);
        let out = encryptor.header().to_vec();
        let hasher = blake3::Hasher::new();
        Ok(Writing { file, temporary, encryptor, hasher, out, size: 0 })
    }

    fn create(&self) -> io::Result<(File, Temporary)> {
        loop {
            let mut random = [0; RANDOM_DIGITS / 2];
            self.entropy.fill(&mut random);
            let folder = self.incoming.clone();
            let random = hex::encode(random);
            let path = folder.join(&random);
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                opened => return Ok((opened?, Temporary { folder, random, path: Some(path) })),
            }
        }
    }
}

/// Takes `body` in. While one batch is encrypted and written the next is gathered, and not more.
pub(super) async fn upload(
    upload: EncryptedUpload,
    mut body: ClearBytes,
    size_max: u64,
) -> Result<Staged, BlobError> {
    let mut working = Some(spawn_blocking(move || upload.begin()));
    let fed = feed(&mut working, &mut body, size_max).await;
    let written = match working {
        Some(working) => join(working).await,
        None => Err(BlobError::BrokenOff),
    };
    match (fed, written) {
        (Ok(last), Ok(writing)) => {
            let (staged, temporary) = off_thread(move || writing.finish(&last)).await?;
            temporary.stays();
            Ok(staged)
        }
        // Waits until the file is removed, so that whoever hears of the refusal finds the disk clean.
        (Err(refused), written) => {
            off_thread(move || {
                drop(written);
                Err(refused)
            })
            .await
        }
        (Ok(_), Err(failed)) => Err(failed),
    }
}

type Working = Option<JoinHandle<Result<Writing, BlobError>>>;

/// Answers the last pieces, which are not written yet.
async fn feed(
    working: &mut Working,
    body: &mut ClearBytes,
    size_max: u64,
) -> Result<Vec<Bytes>, BlobError> {
    let mut batch = Vec::new();
    let mut batch_bytes = 0;
    let mut size = 0_u64;
    while let Some(piece) = body.next().await {
        let piece = piece?;
        size = size.saturating_add(piece.len() as u64);
        if size > size_max {
            return Err(BlobError::TooLarge(size_max));
        }
        batch_bytes += piece.len();
        batch.push(piece);
        if batch_bytes >= BATCH_BYTES
            && let Some(before) = working.take()
        {
            let writing = join(before).await?;
            let full = std::mem::take(&mut batch);
            batch_bytes = 0;
            *working = Some(spawn_blocking(move || writing.write(&full)));
        }
    }
    Ok(batch)
}

/// A container that is being written.
struct Writing {
    file: File,
    temporary: Temporary,
    encryptor: Encryptor,
    hasher: blake3::Hasher,
    /// Ciphertext on its way to the file.
    out: Vec<u8>,
    size: u64,
}

impl Writing {
    fn write(mut self, pieces: &[Bytes]) -> Result<Self, BlobError> {
        for piece in pieces {
            self.encryptor.push(piece, &mut self.out).map_err(too_long)?;
            self.size += piece.len() as u64;
        }
        write_out(&mut self.file, &mut self.hasher, &mut self.out)?;
        Ok(self)
    }

    /// Durable file first, then the name that says what it is, then the folder with that name.
    fn finish(self, last: &[Bytes]) -> Result<(Staged, Temporary), BlobError> {
        let Self { mut file, mut temporary, encryptor, mut hasher, mut out, size } =
            self.write(last)?;
        encryptor.finish(&mut out).map_err(too_long)?;
        write_out(&mut file, &mut hasher, &mut out)?;
        file.sync_all().map_err(fault)?;
        let blob = BlobHash(hasher.finalize().into());
        let name = temporary.rename(blob).map_err(fault)?;
        Ok((Staged { blob, size, temporary: name }, temporary))
    }
}

fn write_out(
    file: &mut File,
    hasher: &mut blake3::Hasher,
    out: &mut Vec<u8>,
) -> Result<(), BlobError> {
    hasher.update(out);
    file.write_all(out).map_err(fault)?;
    out.clear();
    Ok(())
}

fn too_long(error: ContainerError) -> BlobError {
    BlobError::Store(io::Error::other(error))
}

/// A file that is removed with its owner unless it is told to stay: whatever ends an upload, be it an error
/// or a caller who hung up, leaves nothing behind.
struct Temporary {
    folder: PathBuf,
    random: String,
    path: Option<PathBuf>,
}

impl Temporary {
    fn rename(&mut self, blob: BlobHash) -> io::Result<String> {
        let name = format!("{blob}.{}", self.random);
        let to = self.folder.join(&name);
        if let Some(from) = &self.path {
            std::fs::rename(from, &to)?;
            self.path = Some(to);
        }
        sync_folder(&self.folder)?;
        Ok(name)
    }

    fn stays(mut self) {
        self.path = None;
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // What cannot be removed now the sweep will find.
            let _ = std::fs::remove_file(path);
        }
    }
}
