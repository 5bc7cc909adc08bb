//! The 100-byte leaf that stands for an event in the public log.

use sha2::{Digest, Sha256};

use super::StreamVersion;

/// Leaf data: `"MLK1" | tag (32) | blake3(event) (32) | sha256(event) (32)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaf(pub [u8; Leaf::BYTES]);

/// The secret that links a stream's tags to one another. Kept in the vault, destroyed with the subject.
#[derive(Clone)]
pub struct StreamKey(pub [u8; 32]);

impl StreamKey {
    /// What the leaf of `version` carries: `keyed_hash(stream_key, version as u64 big-endian)`.
    pub fn tag(&self, version: StreamVersion) -> [u8; 32] {
        blake3::keyed_hash(&self.0, &u64::from(version.0).to_be_bytes()).into()
    }
}

impl Leaf {
    /// Length of a leaf.
    pub const BYTES: usize = 100;
    /// What every leaf of this format starts with.
    pub const MAGIC: [u8; 4] = *b"MLK1";

    /// Makes the leaf of a line at `version` of the stream that `key` belongs to.
    pub fn of(key: &StreamKey, version: StreamVersion, line: &[u8]) -> Self {
        let mut bytes = [0; Self::BYTES];
        bytes[..4].copy_from_slice(&Self::MAGIC);
        bytes[4..36].copy_from_slice(&key.tag(version));
        bytes[36..68].copy_from_slice(blake3::hash(line).as_bytes());
        bytes[68..].copy_from_slice(&Sha256::digest(line));
        Self(bytes)
    }

    /// Whether the leaf carries both digests of `line`. Says nothing about the tag.
    pub fn matches(&self, line: &[u8]) -> bool {
        self.matches_hash(line, &super::hash(line))
    }

    /// The same where the BLAKE3 of `line` is at hand already.
    pub fn matches_hash(&self, line: &[u8], hash: &crate::ids::EventHash) -> bool {
        self.0[..4] == Self::MAGIC
            && self.0[36..68] == hash.0
            && self.0[68..] == *Sha256::digest(line)
    }

    /// The leaf with the same tag that carries the digests of `line`.
    pub fn carrying(&self, line: &[u8]) -> Self {
        let mut leaf = *self;
        leaf.0[..4].copy_from_slice(&Self::MAGIC);
        leaf.0[36..68].copy_from_slice(blake3::hash(line).as_bytes());
        leaf.0[68..].copy_from_slice(&Sha256::digest(line));
        leaf
    }

    /// Whether the tag is the one of `version` in the stream that `key` belongs to.
    pub fn tagged(&self, key: &StreamKey, version: StreamVersion) -> bool {
        self.0[4..36] == key.tag(version)
    }
}
