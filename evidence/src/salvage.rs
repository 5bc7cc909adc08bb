//! What was found of a damaged log, sifted: which events are proven to stand where they were found, and what
//! is missing. Each proves itself by its leaf; its place, by the public files or by the chain of its stream.

use std::collections::HashMap;

use domain::ids::{EventHash, StreamName};
use domain::journal::chain::ChainCheck;
use domain::journal::{Envelope, Leaf, Line, Position, StreamVersion};
use serde::{Serialize, Serializer};

/// An event that may stand at a position.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The line's bytes, as they were found.
    pub bytes: Vec<u8>,
    /// The leaf beside it.
    pub leaf: Leaf,
}

/// What shows that an event stands at its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceProof {
    /// The public files have its leaf there.
    PublicFiles,
    /// It follows the event before it in its stream.
    Chain,
    /// Nothing but that it was found there: the event before it in its stream is missing.
    Nothing,
}

/// An event that goes into the log that is left, or beside it.
#[derive(Debug)]
pub struct Sifted {
    /// The event.
    pub line: Line,
    /// What shows that it stands there.
    pub proof: PlaceProof,
    /// Whether one bit of it had to be turned back, which its own digests show.
    pub mended: bool,
    /// Whether everything before it is whole too, and so it belongs to a log without a gap.
    pub in_prefix: bool,
}

/// Positions that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MissingRange {
    /// The first.
    pub from: Position,
    /// The last.
    pub to: Position,
}

/// Events of one stream that are missing between two that are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingVersions {
    /// The stream.
    #[serde(serialize_with = "as_text")]
    pub stream: StreamName,
    /// The first version that is missing.
    pub from: StreamVersion,
    /// The last.
    pub to: StreamVersion,
}

fn as_text<S: Serializer>(stream: &StreamName, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(stream)
}

/// What was found, all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SalvageReport {
    /// How many events there were, as far as it is known.
    pub events: u64,
    /// How many of them are saved.
    pub whole: u64,
    /// How many stand before the first that is missing: a log by themselves.
    pub prefix: u64,
    /// How many are proven by nothing but themselves.
    pub unplaced: u64,
    /// Where one bit was turned back.
    pub mended: Vec<Position>,
    /// What is missing, by position.
    pub missing: Vec<MissingRange>,
    /// What is missing, by stream, as far as what is there shows it: not what was newest in its stream.
    pub streams: Vec<MissingVersions>,
}

/// Sifts a log position by position.
#[derive(Debug, Default)]
pub struct Sifting {
    heads: HashMap<StreamName, (StreamVersion, EventHash)>,
    prefix: ChainCheck,
    broken: bool,
    report: SalvageReport,
}

/// A line that may stand where it is looked for.
struct PlacedLine {
    line: Line,
    hash: EventHash,
    prev: EventHash,
    proof: PlaceProof,
    mended: bool,
}

impl Sifting {
    /// Takes the next position: what was found there, the best first, and the leaf that the public files have
    /// there, as far as they reach. None: what stood there is missing.
    pub fn take(&mut self, found: Vec<Candidate>, public: Option<Leaf>) -> Option<Sifted> {
        let position = Position(self.report.events);
        self.report.events += 1;
        let placed = match public {
            Some(leaf) => of_public(position, found, leaf),
            None => self.chained(position, found),
        };
        let Some(placed) = placed else {
            self.miss(position);
            return None;
        };
        let PlacedLine { line, hash, proof, mended, .. } = placed;
        self.note_gap(&line);
        self.heads.insert(line.stream.clone(), (line.version, hash));
        self.broken = self.broken || self.prefix.take(&line).is_err();
        self.report.whole += 1;
        self.report.prefix += u64::from(!self.broken);
        self.report.unplaced += u64::from(proof == PlaceProof::Nothing);
        self.report.mended.extend(mended.then_some(position));
        Some(Sifted { line, proof, mended, in_prefix: !self.broken })
    }

    /// The end.
    pub fn end(self) -> SalvageReport {
        self.report
    }

    fn miss(&mut self, position: Position) {
        self.broken = true;
        match self.report.missing.last_mut() {
            Some(range) if range.to.0 + 1 == position.0 => range.to = position,
            Some(_) | None => {
                self.report.missing.push(MissingRange { from: position, to: position });
            }
        }
    }

    fn note_gap(&mut self, line: &Line) {
        let next = self.heads.get(&line.stream).map_or(0, |(version, _)| version.0 + 1);
        if line.version.0 > next {
            let stream = line.stream.clone();
            let (from, to) = (StreamVersion(next), StreamVersion(line.version.0 - 1));
            self.report.streams.push(MissingVersions { stream, from, to });
        }
    }

    /// The best of what was found that does not contradict its stream: first what follows in it, then what
    /// follows once a bit is turned back, then what could stand there as far as anybody knows.
    fn chained(&self, position: Position, found: Vec<Candidate>) -> Option<PlacedLine> {
        let (whole, broken): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|one| one.leaf.matches(&one.bytes));
        let placed = |one: Candidate, mended| placed(position, one.bytes, one.leaf, mended);
        let whole = whole.into_iter().filter_map(|one| placed(one, false));
        let whole: Vec<PlacedLine> = whole.filter_map(|one| self.judged(one)).collect();
        let (chained, alone): (Vec<_>, Vec<_>) =
            whole.into_iter().partition(|one| one.proof == PlaceProof::Chain);
        if let Some(first) = chained.into_iter().next() {
            return Some(first);
        }
        let mut mended = broken.into_iter().filter_map(mend).filter_map(|one| placed(one, true));
        let mended = mended.find_map(|one| self.judged(one));
        mended.filter(|one| one.proof == PlaceProof::Chain).or_else(|| alone.into_iter().next())
    }

    /// What the stream of a line says to it.
    fn judged(&self, placed: PlacedLine) -> Option<PlacedLine> {
        let PlacedLine { line, prev, .. } = &placed;
        let (next, head) = match self.heads.get(&line.stream) {
            Some((version, hash)) => (version.0 + 1, *hash),
            None => (0, EventHash::ZERO),
        };
        let proof = match line.version.0.cmp(&next) {
            std::cmp::Ordering::Less => return None,
            std::cmp::Ordering::Equal if *prev == head => PlaceProof::Chain,
            std::cmp::Ordering::Equal => return None,
            std::cmp::Ordering::Greater => PlaceProof::Nothing,
        };
        Some(PlacedLine { proof, ..placed })
    }
}

/// The event whose leaf the public files have, if its line was found.
fn of_public(position: Position, found: Vec<Candidate>, leaf: Leaf) -> Option<PlacedLine> {
    let as_public = |one: Candidate| Candidate { leaf, ..one };
    let mut found: Vec<Candidate> = found.into_iter().map(as_public).collect();
    let whole = found.iter().position(|one| leaf.matches(&one.bytes));
    let (one, mended) = match whole {
        Some(at) => (found.swap_remove(at), false),
        None => (found.into_iter().find_map(|one| turned_back(&one.bytes, leaf))?, true),
    };
    let placed = placed(position, one.bytes, one.leaf, mended)?;
    Some(PlacedLine { proof: PlaceProof::PublicFiles, ..placed })
}

fn placed(position: Position, bytes: Vec<u8>, leaf: Leaf, mended: bool) -> Option<PlacedLine> {
    let envelope = Envelope::read(&bytes).ok()?;
    let (stream, version, prev) = (envelope.stream, envelope.version, envelope.prev);
    let hash = domain::journal::hash(&bytes);
    let line = Line { position, stream, version, bytes, leaf };
    Some(PlacedLine { line, hash, prev, proof: PlaceProof::Nothing, mended })
}

/// What a candidate was before one bit of it was turned, if it was one: its line and its leaf show it to each
/// other.
fn mend(one: Candidate) -> Option<Candidate> {
    let Candidate { bytes, leaf } = one;
    let right = leaf.carrying(&bytes);
    if leaf.0[36..68] == right.0[36..68] || leaf.0[68..] == right.0[68..] {
        // One digest still speaks for the line: it is the leaf that was hit.
        return Some(Candidate { bytes, leaf: right });
    }
    turned_back(&bytes, leaf)
}

/// The line whose digests `leaf` carries, if one bit of `bytes` tells the two apart.
fn turned_back(bytes: &[u8], leaf: Leaf) -> Option<Candidate> {
    let mut bytes = bytes.to_vec();
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        if leaf.0[36..68] == *blake3::hash(&bytes).as_bytes() && leaf.matches(&bytes) {
            return Some(Candidate { bytes, leaf });
        }
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    None
}

#[cfg(test)]
mod tests;
