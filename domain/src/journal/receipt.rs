//! What a person keeps: a proof as c2sp.org/tlog-proof@v1, and with the event's line a receipt.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::checkpoint::Checkpoint;
use super::leaf::Leaf;
use super::note::{Note, NoteError};
use super::proof;
use super::tree::{TreeHash, leaf_hash};

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2^63 leaves has no longer path.
const HASHES_MAX: usize = 63;

/// That a leaf stands in a log: leaf, place, path, checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProof {
    /// The leaf: its tag cannot be made again without the stream key, so it travels as `extra`.
    pub leaf: Leaf,
    /// Its place.
    pub index: u64,
    /// Path to the root, bottom up.
    pub hashes: Vec<TreeHash>,
    /// The checkpoint, as signed.
    pub checkpoint: Note,
}

/// Why a proof shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not of its form.
    #[error("not a proof: {0}")]
    Form(&'static str),
    /// The checkpoint in it is none.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The path does not lead from the leaf to the root.
    #[error("the path does not lead from the leaf to the checkpoint's root")]
    Path,
    /// The leaf is not that of the line.
    #[error("the leaf does not carry the digests of the line")]
    Leaf,
}

impl LogProof {
    /// Reads a `.tlog-proof`.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let form = ProofError::Form;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(form("it has no checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(form("its first line"));
        }
        let mut next = |name: &str| lines.next().and_then(|line| line.strip_prefix(name));
        let extra = next("extra ").and_then(|extra| BASE64.decode(extra).ok());
        let leaf = extra
            .and_then(|extra| Some(Leaf(extra.try_into().ok()?)))
            .ok_or(form("`extra` is not a leaf"))?;
        let index = next("index ").ok_or(form("it has no index"))?;
        let number: u64 = index.parse().map_err(|_| form("its index"))?;
        if number.to_string() != index {
            return Err(form("its index"));
        }
        let hash = |line| TreeHash::try_from(BASE64.decode(line).ok()?).ok();
        let hashes = lines
            .map(hash)
            .collect::<Option<Vec<TreeHash>>>()
            .filter(|hashes| hashes.len() <= HASHES_MAX)
            .ok_or(form("its hashes"))?;
        let checkpoint = Note::parse(checkpoint.as_bytes())?;
        Ok(Self { leaf, index: number, hashes, checkpoint })
    }

    /// Follows the path; answers the checkpoint it ends at. Says nothing about the checkpoint's signatures.
    pub fn follow(&self) -> Result<Checkpoint, ProofError> {
        let checkpoint = Checkpoint::parse(&self.checkpoint.text)?;
        let leaf = leaf_hash(&self.leaf.0);
        let size = checkpoint.size;
        let root = &checkpoint.root;
        if proof::includes(leaf, self.index, size, &self.hashes, root) {
            Ok(checkpoint)
        } else {
            Err(ProofError::Path)
        }
    }
}

impl fmt::Display for LogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\nextra {}\nindex {}", BASE64.encode(self.leaf.0), self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", BASE64.encode(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// An event and that it stands in the log: the line, a newline, the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The event's exact line.
    pub line: String,
    /// That it is in the log.
    pub proof: LogProof,
}

impl Receipt {
    /// Reads a receipt.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let (line, proof) = text.split_once('\n').ok_or(ProofError::Form("it is one line"))?;
        Ok(Self { line: line.to_owned(), proof: LogProof::parse(proof)? })
    }

    /// Holds the line against the leaf and follows the path. Signatures are the caller's to judge.
    pub fn follow(&self) -> Result<Checkpoint, ProofError> {
        if !self.proof.leaf.matches(self.line.as_bytes()) {
            return Err(ProofError::Leaf);
        }
        self.proof.follow()
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.line, self.proof)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::note::{KeyKind, NoteKey};
    use crate::journal::tree::TreeRoot;
    use crate::journal::{StreamKey, StreamVersion};

    fn receipt() -> Receipt {
        let line = r#"{"a":1}"#.to_owned();
        let leaf = Leaf::of(&StreamKey([1; 32]), StreamVersion(0), line.as_bytes());
        let mut tree = TreeRoot::default();
        tree.push(b"before");
        tree.push(&leaf.0);
        let checkpoint = Checkpoint { origin: "a/log".into(), size: 2, root: tree.root() };
        let text = checkpoint.text();
        let key = NoteKey::new("a/log", KeyKind::Ed25519, &[1; 32]).unwrap();
        let checkpoint = Note { signatures: vec![key.sign(&text, 0)], text };
        let hashes = vec![leaf_hash(b"before")];
        Receipt { line, proof: LogProof { leaf, index: 1, hashes, checkpoint } }
    }

    #[test]
    fn a_receipt_is_read_as_it_was_written_and_leads_to_its_checkpoint() {
        let receipt = receipt();
        let read = Receipt::parse(&receipt.to_string()).unwrap();
        assert_eq!(read, receipt);
        assert_eq!(read.follow().unwrap().size, 2);
    }

    #[test]
    fn a_receipt_that_was_touched_leads_nowhere() {
        let good = receipt();
        let line = Receipt { line: r#"{"a":2}"#.into(), ..good.clone() };
        assert_eq!(line.follow(), Err(ProofError::Leaf));
        let mut index = good.clone();
        index.proof.index = 0;
        assert_eq!(index.follow(), Err(ProofError::Path));
        let mut tag = good.clone();
        tag.proof.leaf.0[5] ^= 1;
        assert_eq!(tag.follow(), Err(ProofError::Path));
        let text = good.to_string();
        for (from, to) in
            [("@v1", "@v2"), ("index 1", "index 01"), ("extra ", "extra AAAA"), ("\n\n", "\n")]
        {
            assert!(Receipt::parse(&text.replacen(from, to, 1)).is_err(), "{from}");
        }
    }
}
