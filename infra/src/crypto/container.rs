//! Report containers: a file encrypted in 64 KiB chunks while it streams, and opened the same way.
//!
//! Online authenticated encryption after Hoang, Reyhanitabar, Rogaway and Vizár (STREAM, eprint 2015/189):
//! the nonce counts the chunks and marks the last one, so chunks cannot be swapped, dropped, repeated or cut
//! off, and what has been opened so far may be used before the rest has arrived.

use aead_stream::{NewStream, StreamBE32, StreamPrimitive};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit};
use zeroize::Zeroizing;

use super::Key;

/// Plaintext bytes in every chunk but the last.
pub const CHUNK_BYTES: usize = 65_536;
/// Bytes that every chunk grows by.
pub const TAG_BYTES: usize = 16;
/// Bytes before the first chunk.
pub const HEADER_BYTES: usize = 17;

const PREFIX_AT: usize = 10;
/// Magic, format 1, suite 1 (AES-256-GCM-SIV), plaintext chunk size as u32 big-endian.
const HEADER_START: &[u8; PREFIX_AT] = b"MLKB\x01\x01\x00\x01\x00\x00";

/// Why a container cannot be made or opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ContainerError {
    /// Not a container, or one of a format this release does not know.
    #[error("not a report container of a known format")]
    Header,
    /// Changed, moved, of another report, or the end is missing or not the end.
    #[error("chunk {index} of the report container is not authentic")]
    Chunk {
        /// Counted from 0.
        index: u32,
    },
    /// Ends before its last chunk can be read.
    #[error("the report container ends too early")]
    Truncated,
    /// Ends with an empty chunk after others, which no writer of ours does.
    #[error("the report container ends with an empty chunk")]
    EmptyLastChunk,
    /// More than 2^32 chunks (256 TiB): a further one would repeat a nonce.
    #[error("the report is too long for one container")]
    TooLong,
}

/// Encrypts one report. The key is used for this container only.
pub struct Encryptor {
    chunks: Chunks,
    /// At most one chunk of plaintext: a full one waits, because it may turn out to be the last.
    buffer: Zeroizing<Vec<u8>>,
}

impl Encryptor {
    /// Starts a container; `prefix` is fresh randomness.
    pub fn new(key: &[u8; 32], prefix: [u8; 7]) -> Self {
        let mut header = [0; HEADER_BYTES];
        header[..PREFIX_AT].copy_from_slice(HEADER_START);
        header[PREFIX_AT..].copy_from_slice(&prefix);
        Self { chunks: Chunks::new(key, header), buffer: chunk_buffer() }
    }

    /// Starts the container that begins with `header` once more, for comparing: the same plaintext makes the
    /// same container. None if no container of ours begins like this.
    pub fn again(key: &[u8; 32], header: [u8; HEADER_BYTES]) -> Option<Self> {
        let known = header.starts_with(HEADER_START);
        known.then(|| Self { chunks: Chunks::new(key, header), buffer: chunk_buffer() })
    }

    /// The bytes that stand before everything [`push`](Self::push) gives out.
    pub fn header(&self) -> [u8; HEADER_BYTES] {
        self.chunks.header
    }

    /// Takes plaintext and appends the chunks that are complete to `out`.
    ///
    /// # Errors
    /// [`ContainerError::TooLong`].
    pub fn push(&mut self, mut plain: &[u8], out: &mut Vec<u8>) -> Result<(), ContainerError> {
        while !plain.is_empty() {
            if self.buffer.len() == CHUNK_BYTES {
                self.chunks.encrypt(false, &mut self.buffer)?;
                out.extend_from_slice(&self.buffer);
                self.buffer.clear();
            }
            fill(&mut self.buffer, &mut plain, CHUNK_BYTES);
        }
        Ok(())
    }

    /// Appends the last chunk, which holds what is left: nothing only if the report is empty.
    ///
    /// # Errors
    /// None today; a container without its end is not one, so the caller must still look.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), ContainerError> {
        self.chunks.encrypt(true, &mut self.buffer)?;
        out.extend_from_slice(&self.buffer);
        Ok(())
    }
}

/// Opens one report. What it appends to `out` is authentic; that it is the whole report is known only
/// when [`finish`](Self::finish) has returned.
pub struct Decryptor {
    key: Key,
    header: Vec<u8>,
    /// Made when the header is complete.
    chunks: Option<Chunks>,
    /// At most one chunk of ciphertext, then its plaintext.
    buffer: Zeroizing<Vec<u8>>,
}

impl Decryptor {
    /// Starts to open a container, header included.
    pub fn new(key: &[u8; 32]) -> Self {
        Self {
            key: Zeroizing::new(*key),
            header: Vec::with_capacity(HEADER_BYTES),
            chunks: None,
            buffer: chunk_buffer(),
        }
    }

    /// Takes container bytes and appends the plaintext of the chunks that are complete and authentic.
    ///
    /// # Errors
    /// See [`ContainerError`]. A failed container stays failed: the same chunk is tried again and refused.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<(), ContainerError> {
        while !bytes.is_empty() {
            let Some(chunks) = &mut self.chunks else {
                fill(&mut self.header, &mut bytes, HEADER_BYTES);
                self.chunks = Chunks::of_header(&self.key, &self.header)?;
                continue;
            };
            if self.buffer.len() == CHUNK_BYTES + TAG_BYTES {
                chunks.decrypt(false, &mut self.buffer)?;
                out.extend_from_slice(&self.buffer);
                self.buffer.clear();
            }
            fill(&mut self.buffer, &mut bytes, CHUNK_BYTES + TAG_BYTES);
        }
        Ok(())
    }

    /// Appends the plaintext of the last chunk and confirms that it is the last.
    ///
    /// # Errors
    /// See [`ContainerError`]: what was released before is then only the beginning of a report.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), ContainerError> {
        let mut chunks = self.chunks.take().ok_or(ContainerError::Truncated)?;
        if self.buffer.len() < TAG_BYTES {
            return Err(ContainerError::Truncated);
        }
        if self.buffer.len() == TAG_BYTES && chunks.counter > 0 {
            return Err(ContainerError::EmptyLastChunk);
        }
        chunks.decrypt(true, &mut self.buffer)?;
        out.extend_from_slice(&self.buffer);
        Ok(())
    }
}

/// The cipher at its place in the stream of chunks.
struct Chunks {
    stream: StreamBE32<Aes256GcmSiv>,
    header: [u8; HEADER_BYTES],
    counter: u32,
}

impl Chunks {
    fn new(key: &[u8; 32], header: [u8; HEADER_BYTES]) -> Self {
        let mut prefix = [0; HEADER_BYTES - PREFIX_AT];
        prefix.copy_from_slice(&header[PREFIX_AT..]);
        let stream = StreamBE32::from_aead(Aes256GcmSiv::new(key.into()), &prefix.into());
        Self { stream, header, counter: 0 }
    }

    /// `None` while the header is incomplete.
    fn of_header(key: &[u8; 32], header: &[u8]) -> Result<Option<Self>, ContainerError> {
        let Ok(header) = <[u8; HEADER_BYTES]>::try_from(header) else {
            return Ok(None);
        };
        if !header.starts_with(HEADER_START) {
            return Err(ContainerError::Header);
        }
        Ok(Some(Self::new(key, header)))
    }

    fn encrypt(&mut self, last: bool, chunk: &mut Vec<u8>) -> Result<(), ContainerError> {
        let next = self.next(last)?;
        self.stream
            .encrypt_in_place(self.counter, last, &self.header, chunk)
            .map_err(|_| ContainerError::TooLong)?;
        self.counter = next;
        Ok(())
    }

    fn decrypt(&mut self, last: bool, chunk: &mut Vec<u8>) -> Result<(), ContainerError> {
        let next = self.next(last)?;
        self.stream
            .decrypt_in_place(self.counter, last, &self.header, chunk)
            .map_err(|_| ContainerError::Chunk { index: self.counter })?;
        self.counter = next;
        Ok(())
    }

    /// The counter after this chunk. The highest one is left for a last chunk, which nothing follows.
    fn next(&self, last: bool) -> Result<u32, ContainerError> {
        if last {
            return Ok(self.counter);
        }
        self.counter.checked_add(1).ok_or(ContainerError::TooLong)
    }
}

/// Big enough for a chunk and its tag, so that it never grows and leaves plaintext behind.
fn chunk_buffer() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(CHUNK_BYTES + TAG_BYTES))
}

/// Moves bytes from the front of `from` until `to` holds `limit`.
fn fill(to: &mut Vec<u8>, from: &mut &[u8], limit: usize) {
    let (taken, rest) = from.split_at((limit - to.len()).min(from.len()));
    to.extend_from_slice(taken);
    *from = rest;
}

#[cfg(test)]
mod tests {
    use super::{CHUNK_BYTES, ContainerError, Decryptor, Encryptor, HEADER_BYTES, TAG_BYTES};

    fn encrypted(plain: &[u8], step: usize) -> Vec<u8> {
        let mut encryptor = Encryptor::new(&[1; 32], [2; 7]);
        let mut out = encryptor.header().to_vec();
        for piece in plain.chunks(step) {
            encryptor.push(piece, &mut out).unwrap();
        }
        encryptor.finish(&mut out).unwrap();
        out
    }

    fn decrypted(container: &[u8], step: usize) -> (Vec<u8>, Result<(), ContainerError>) {
        let mut decryptor = Decryptor::new(&[1; 32]);
        let mut out = Vec::new();
        for piece in container.chunks(step) {
            if let Err(error) = decryptor.push(piece, &mut out) {
                return (out, Err(error));
            }
        }
        let end = decryptor.finish(&mut out);
        (out, end)
    }

    #[test]
    fn how_the_bytes_arrive_makes_no_difference() {
        let plain: Vec<u8> = (0..CHUNK_BYTES * 2 + 77).map(|i| (i % 253) as u8).collect();
        let whole = encrypted(&plain, plain.len());
        assert_eq!(whole.len(), HEADER_BYTES + plain.len() + 3 * TAG_BYTES);
        for step in [1, 17, 1000, CHUNK_BYTES, CHUNK_BYTES + TAG_BYTES, 100_000] {
            assert_eq!(encrypted(&plain, step), whole, "pieces of {step}");
            assert_eq!(decrypted(&whole, step), (plain.clone(), Ok(())), "pieces of {step}");
        }
    }

    #[test]
    fn only_authentic_chunks_are_released_and_a_cut_is_seen_at_the_end() {
        let plain = vec![7; CHUNK_BYTES * 3];
        let container = encrypted(&plain, plain.len());
        let border = HEADER_BYTES + 2 * (CHUNK_BYTES + TAG_BYTES);
        let (released, end) = decrypted(&container[..border], 4096);
        assert_eq!(released, plain[..CHUNK_BYTES]);
        assert_eq!(end, Err(ContainerError::Chunk { index: 1 }));

        let mut changed = container;
        changed[border - 1] ^= 1;
        let (released, end) = decrypted(&changed, 4096);
        assert_eq!(released, plain[..CHUNK_BYTES]);
        assert_eq!(end, Err(ContainerError::Chunk { index: 1 }));
    }

    #[test]
    fn a_container_that_failed_stays_failed() {
        let mut container = encrypted(&[7; CHUNK_BYTES * 2], CHUNK_BYTES);
        container[HEADER_BYTES] ^= 1;
        let mut decryptor = Decryptor::new(&[1; 32]);
        let mut out = Vec::new();
        let refused = Err(ContainerError::Chunk { index: 0 });
        assert_eq!(decryptor.push(&container, &mut out), refused);
        assert_eq!(decryptor.push(&container, &mut out), refused);
        assert!(decryptor.finish(&mut out).is_err());

        let mut decryptor = Decryptor::new(&[1; 32]);
        assert_eq!(decryptor.push(&[0; 40], &mut out), Err(ContainerError::Header));
        assert_eq!(decryptor.push(&[0; 40], &mut out), Err(ContainerError::Header));
        assert!(decryptor.finish(&mut out).is_err());
        assert!(out.is_empty());
    }

    #[test]
    fn every_cut_of_a_short_container_is_refused() {
        let container = encrypted(b"short", 5);
        for length in 0..container.len() {
            let (released, end) = decrypted(&container[..length], 7);
            assert!(released.is_empty() && end.is_err(), "cut to {length}");
        }
    }

    #[test]
    fn the_last_counter_is_kept_for_the_last_chunk() {
        let mut encryptor = Encryptor::new(&[1; 32], [2; 7]);
        encryptor.chunks.counter = u32::MAX;
        let mut out = Vec::new();
        encryptor.push(&[0; CHUNK_BYTES], &mut out).unwrap();
        assert_eq!(encryptor.push(&[0], &mut out), Err(ContainerError::TooLong));
        assert!(out.is_empty());

        let mut encryptor = Encryptor::new(&[1; 32], [2; 7]);
        encryptor.chunks.counter = u32::MAX;
        encryptor.push(&[0; CHUNK_BYTES], &mut out).unwrap();
        assert_eq!(encryptor.finish(&mut out), Ok(()));
    }
}
