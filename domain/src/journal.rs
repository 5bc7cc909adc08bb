//! The journal's bytes: event line, hash, chain, leaf, tree, tile, checkpoint, proof. Pure; `docs/adr/0001`
//! says what the formats left open.

pub mod canonical;
pub mod chain;
pub mod checkpoint;
pub mod continuation;
pub mod leaf;
pub mod line;
pub mod note;
pub mod proof;
pub mod proof_plan;
pub mod receipt;
pub mod request;
pub mod tile;
pub mod tiling;
pub mod tree;
pub mod witness_policy;
pub mod witnessing;

use serde::{Deserialize, Serialize};

use crate::ids::{EventHash, StreamName};

pub use leaf::{Leaf, StreamKey};
pub use line::{Draft, Envelope, LineError};

/// An event's place in the whole log: dense, from 0, in commit order.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

/// An event's place in its stream: dense, from 0.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct StreamVersion(pub u32);

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Display for StreamVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Most bytes a line may have.
pub const LINE_BYTES_MAX: usize = 65_536;

/// BLAKE3-256 of a line's exact bytes.
pub fn hash(line: &[u8]) -> EventHash {
    EventHash(blake3::hash(line).into())
}

/// A line as a store keeps it. What the store knows beside the bytes (`position`, `leaf`) is primary
/// data; everything else is read from the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Place in the whole log.
    pub position: Position,
    /// The stream the store filed it under.
    pub stream: StreamName,
    /// The version the store filed it under.
    pub version: StreamVersion,
    /// The exact bytes.
    pub bytes: Vec<u8>,
    /// The leaf made at the append.
    pub leaf: Leaf,
}
