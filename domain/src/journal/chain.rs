//! The per-stream chain: every hash recomputed from the stored bytes, no stored hash trusted.
//!
//! What a line proves by itself ([`LineCheck`]) costs nearly everything and can be done on all cores at
//! once; what it proves beside the lines before it ([`ChainCheck`]) costs a look-up.

use std::collections::HashMap;

use super::continuation::{LineOrigin, OlderLog, Origins};
use super::{Envelope, Leaf, Line, LineError, Position, StreamVersion};
use crate::audit::event::LogContinued;
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
    /// The stored leaf's tag is not the one its stream and version give.
    #[error("the stored leaf's tag is not the one that its stream and version give")]
    Tag,
    /// The line names another log as its source.
    #[error("the line's source is another log's")]
    Source,
    /// A continuation stands elsewhere than at the start of its log, or does not name an older log's lines.
    #[error("this continuation is not the start of a log that goes on from another")]
    Continuation,
    /// The lines that came along from an older log are not those that were named.
    #[error("the older log's events have another root up to here than the continuation names")]
    OlderRoot,
}

/// A line that is right by itself: its form, its hash, its leaf's digests, its filed place.
#[derive(Debug)]
pub struct LineCheck<'a> {
    /// What the line says.
    pub envelope: Envelope<'a>,
    /// BLAKE3-256 of its bytes.
    pub hash: EventHash,
    leaf: Option<Leaf>,
}

impl<'a> LineCheck<'a> {
    /// Checks a stored line.
    pub fn of(line: &'a Line) -> Result<Self, Broken> {
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
        Ok(Self { envelope, hash, leaf: Some(line.leaf) })
    }

    /// Checks a line that comes with no leaf and no filed place, as an export's does.
    pub fn of_bytes(line: &'a [u8]) -> Result<Self, LineError> {
        Ok(Self { envelope: Envelope::read(line)?, hash: super::hash(line), leaf: None })
    }

    /// What the lines after it need to know.
    pub fn link(self) -> Link {
        let continued = self.envelope.continued().map(Box::new);
        let Envelope { stream, version, prev, source, .. } = self.envelope;
        let hash = self.hash;
        let source = source.to_owned();
        let leaf = self.leaf;
        Link { stream, version, prev, hash, source, continued, leaf }
    }
}

impl Envelope<'_> {
    /// The continuation that the line records, if it does.
    pub fn continued(&self) -> Option<LogContinued> {
        // Lines of the log's own stream are few: no other is read as a fact here.
        if !self.stream.is_of_the_log() {
            return None;
        }
        self.fact().ok()?.into_body()
    }
}

/// A line's place in its chain. Made by [`LineCheck::link`] only, so nothing unchecked is linked.
#[derive(Debug)]
pub struct Link {
    stream: StreamName,
    version: StreamVersion,
    prev: EventHash,
    hash: EventHash,
    source: String,
    continued: Option<Box<LogContinued>>,
    leaf: Option<Leaf>,
}

impl Link {
    /// The stream.
    pub const fn stream(&self) -> &StreamName {
        &self.stream
    }

    /// Place in the stream.
    pub const fn version(&self) -> StreamVersion {
        self.version
    }
}

/// Checks lines in position order, keeping the head of every stream met.
#[derive(Debug, Default)]
pub struct ChainCheck {
    next: Position,
    taken: u64,
    origins: Origins,
    heads: HashMap<StreamName, (StreamVersion, EventHash)>,
}

impl ChainCheck {
    /// Takes the next line of the whole log; positions must be dense from 0.
    pub fn take(&mut self, line: &Line) -> Result<EventHash, Broken> {
        self.must_be_next(line.position)?;
        self.follow(line.position, LineCheck::of(line)?.link())
    }

    /// Takes a line that comes with no position and no leaf, as an export's does.
    pub fn take_bytes(&mut self, line: &[u8]) -> Result<EventHash, Broken> {
        self.follow(self.next, LineCheck::of_bytes(line)?.link())
    }

    /// Takes the next line of the whole log, checked by itself already.
    pub fn follow(&mut self, position: Position, link: Link) -> Result<EventHash, Broken> {
        self.must_be_next(position)?;
        let Link { stream, version, prev, hash, source, continued, leaf } = link;
        let said =
            LineOrigin { source: &source, continued: continued.as_deref(), leaf: leaf.as_ref() };
        self.origins.take(position.0, &said)?;
        let head = self.heads.get_mut(&stream);
        let (expected, head_hash) = match &head {
            Some((version, hash)) => (StreamVersion(version.0.saturating_add(1)), *hash),
            None => (StreamVersion(0), EventHash::ZERO),
        };
        if version != expected {
            return Err(Broken::Version { stream, expected, found: version });
        }
        if prev != head_hash {
            return Err(Broken::Prev { stream, version });
        }
        match head {
            Some(head) => *head = (version, hash),
            None => drop(self.heads.insert(stream, (version, hash))),
        }
        self.next.0 += 1;
        self.taken += 1;
        Ok(hash)
    }

    /// Goes on at a later position, where only a part of the log is at hand: what stands between is not
    /// looked at. Never goes back.
    pub fn pass_over(&mut self, to: Position) {
        if to > self.next {
            self.origins.skip();
            self.next = to;
        }
    }

    const fn must_be_next(&self, found: Position) -> Result<(), Broken> {
        if found.0 == self.next.0 {
            Ok(())
        } else {
            Err(Broken::Position { expected: self.next, found })
        }
    }

    /// How many lines were taken.
    pub const fn taken(&self) -> u64 {
        self.taken
    }

    /// How many streams were met.
    pub fn streams(&self) -> usize {
        self.heads.len()
    }

    /// The head of a stream, if any of its lines was met.
    pub fn head(&self, stream: &StreamName) -> Option<(StreamVersion, EventHash)> {
        self.heads.get(stream).copied()
    }

    /// Every stream met and the version of its head, in no order.
    pub fn heads(&self) -> impl Iterator<Item = (&StreamName, StreamVersion)> {
        self.heads.iter().map(|(stream, (version, _))| (stream, *version))
    }

    /// The log's origin: every line names it but those of an older log. Without the log's first line, what
    /// the last line names.
    pub fn source(&self) -> Option<&str> {
        self.origins.source()
    }

    /// Whether the log's first line was seen: only then is it known which lines are an older log's.
    pub fn saw_its_start(&self) -> bool {
        self.origins.saw_start()
    }

    /// The older logs that this one holds, the one it goes on from first.
    pub fn older(&self) -> &[OlderLog] {
        self.origins.older()
    }

    /// How many lines there must be at the least, by what was said to have come along.
    pub fn promised(&self) -> u64 {
        self.origins.promised()
    }
}
