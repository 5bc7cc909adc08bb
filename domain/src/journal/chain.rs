//! The per-stream chain: every hash recomputed from the stored bytes, no stored hash trusted.

use std::collections::HashMap;

use super::{Envelope, Line, LineError, Position, StreamVersion};
use crate::ids::{EventHash, StreamName};

/// What is wrong with a line in its place.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Not a valid line.
    #[error("the stored bytes are not a valid line: {0}")]
    Line(#[from] LineError),
    /// The line says another stream than the one it is filed under.
    #[error("filed under {filed}, but the line says {says}")]
    Stream {
        /// Where the store filed it.
        filed: StreamName,
        /// What the bytes say.
        says: StreamName,
    },
    /// The line says another version than the one it is filed under.
    #[error("filed as version {filed}, but the line says {says}")]
    Filed {
        /// Where the store filed it.
        filed: StreamVersion,
        /// What the bytes say.
        says: StreamVersion,
    },
    /// A version is missing or stands twice.
    #[error("{stream} continues with version {found}, expected {expected}")]
    Version {
        /// The stream.
        stream: StreamName,
        /// What had to follow.
        expected: StreamVersion,
        /// What follows.
        found: StreamVersion,
    },
    /// `prev` is not the hash of the previous line's bytes.
    #[error("prev of {stream} version {version} is not the hash of the line before it")]
    Prev {
        /// The stream.
        stream: StreamName,
        /// The line whose `prev` does not fit.
        version: StreamVersion,
    },
    /// The position is not the one that had to follow.
    #[error("position {found} follows, expected {expected}")]
    Position {
        /// What had to follow.
        expected: Position,
        /// What follows.
        found: Position,
    },
    /// The stored leaf does not carry the digests of the stored line.
    #[error("the stored leaf does not carry the digests of the stored line")]
    Leaf,
    /// The line names another log as its source.
    #[error("the line's source is another log's")]
    Source,
}

/// Checks lines in position order, keeping the head of every stream met.
#[derive(Debug, Default)]
pub struct ChainCheck {
    next: Position,
    source: Option<String>,
    heads: HashMap<StreamName, (StreamVersion, EventHash)>,
}

impl ChainCheck {
    /// Takes the next line of the whole log; positions must be dense from 0.
    pub fn take(&mut self, line: &Line) -> Result<EventHash, Broken> {
        if line.position != self.next {
            return Err(Broken::Position { expected: self.next, found: line.position });
        }
        let hash = super::hash(&line.bytes);
        if !line.leaf.matches_hash(&line.bytes, &hash) {
            return Err(Broken::Leaf);
        }
        let envelope = Envelope::read(&line.bytes)?;
        if envelope.stream != line.stream {
            return Err(Broken::Stream { filed: line.stream.clone(), says: envelope.stream });
        }
        if envelope.version != line.version {
            return Err(Broken::Filed { filed: line.version, says: envelope.version });
        }
        self.follow(&envelope, hash)?;
        self.next.0 += 1;
        Ok(hash)
    }

    /// Takes a line that comes with no position and no leaf, as an export's does.
    pub fn take_bytes(&mut self, line: &[u8]) -> Result<EventHash, Broken> {
        let hash = super::hash(line);
        let envelope = Envelope::read(line)?;
        self.follow(&envelope, hash)?;
        self.next.0 += 1;
        Ok(hash)
    }

    fn follow(&mut self, envelope: &Envelope<'_>, hash: EventHash) -> Result<(), Broken> {
        let head = self.heads.get(&envelope.stream);
        let (expected, prev) = match head {
            Some((version, hash)) => (StreamVersion(version.0 + 1), *hash),
            None => (StreamVersion(0), EventHash::ZERO),
        };
        let (stream, version) = (&envelope.stream, envelope.version);
        if version != expected {
            return Err(Broken::Version { stream: stream.clone(), expected, found: version });
        }
        if envelope.prev != prev {
            return Err(Broken::Prev { stream: stream.clone(), version });
        }
        match &self.source {
            Some(source) if source != envelope.source => return Err(Broken::Source),
            Some(_) => {}
            None => self.source = Some(envelope.source.to_owned()),
        }
        self.heads.insert(stream.clone(), (version, hash));
        Ok(())
    }

    /// How many lines were taken.
    pub const fn taken(&self) -> u64 {
        self.next.0
    }

    /// How many streams were met.
    pub fn streams(&self) -> usize {
        self.heads.len()
    }

    /// The head of a stream, if any of its lines was met.
    pub fn head(&self, stream: &StreamName) -> Option<(StreamVersion, EventHash)> {
        self.heads.get(stream).copied()
    }
}
