//! What a witness is asked and what it decides (c2sp.org/tlog-witness, `add-checkpoint`): a log only grows.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::checkpoint::Checkpoint;
use super::note::{NOTE_BYTES_MAX, Note, NoteError, SignatureLine, VerifierKey};
use super::proof::continues;
use super::tree::{TreeHash, TreeRoot};

/// Most hashes a consistency proof may have.
pub const PROOF_LINES_MAX: usize = 63;
/// Longest body of a request: the longest note behind the longest proof, 45 bytes a line.
pub const REQUEST_BYTES_MAX: usize = NOTE_BYTES_MAX + PROOF_LINES_MAX * 45 + 26;
/// Content type of an answer that says which size the witness has cosigned last.
pub const SIZE_TYPE: &str = "text/x.tlog.size";

/// A log asks a witness to cosign. Nothing in it is believed before [`CheckpointRequest::vouched`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointRequest {
    /// How many leaves the witness has seen, as the log believes.
    pub old: u64,
    /// That the new tree begins with the old one.
    pub proof: Vec<TreeHash>,
    /// The signed checkpoint of the new tree.
    pub note: Note,
}

/// A request whose checkpoint was signed by a log the witness knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VouchedRequest {
    old: u64,
    proof: Vec<TreeHash>,
    note: Note,
    checkpoint: Checkpoint,
}

/// Why a witness does not cosign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WitnessRefusal {
    /// The body is no request.
    #[error("malformed request: {0}")]
    Malformed(&'static str),
    /// A log the witness was not told of.
    #[error("this witness does not know the log")]
    UnknownLog,
    /// None of the log's known keys signed it, or what claims to be their signature is wrong.
    #[error("the checkpoint is not signed by a key of the log that this witness trusts")]
    NotSigned,
    /// The old tree is larger than the new one.
    #[error("the old size is larger than the checkpoint's")]
    Backwards,
    /// The log believes that the witness stands elsewhere.
    #[error("the last cosigned checkpoint has {0} leaves")]
    OtherSize(u64),
    /// The log shows two trees of one size. Both are signed: it has forked.
    #[error("another checkpoint of {0} leaves was cosigned before")]
    OtherRoot(u64),
    /// The proof does not show that the new tree begins with the old one.
    #[error("the consistency proof does not verify")]
    NotProved,
}

impl WitnessRefusal {
    /// The HTTP status the specification gives it.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::Backwards => 400,
            Self::NotSigned => 403,
            Self::UnknownLog => 404,
            Self::OtherSize(_) => 409,
            Self::OtherRoot(_) | Self::NotProved => 422,
        }
    }

    /// Where the witness stands, for an answer of the type [`SIZE_TYPE`].
    pub const fn size(&self) -> Option<u64> {
        match self {
            Self::OtherSize(size) => Some(*size),
            Self::Malformed(_)
            | Self::OtherRoot(_)
            | Self::UnknownLog
            | Self::NotSigned
            | Self::Backwards
            | Self::NotProved => None,
        }
    }
}

impl CheckpointRequest {
    /// Reads the body of a request.
    pub fn parse(body: &[u8]) -> Result<Self, WitnessRefusal> {
        let bad = WitnessRefusal::Malformed;
        let body = std::str::from_utf8(body).map_err(|_| bad("not UTF-8"))?;
        let (head, note) = body.split_once("\n\n").ok_or(bad("no empty line ends the proof"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| decimal(line.strip_prefix("old ")?));
        let old = old.ok_or(bad("the first line is not \"old\" and a size"))?;
        let proof: Option<Vec<TreeHash>> = lines.map(hash).collect();
        let proof = proof.ok_or(bad("a line of the proof is no hash"))?;
        if proof.len() > PROOF_LINES_MAX {
            return Err(bad("more than 63 lines of proof"));
        }
        let note = Note::parse(note.as_bytes()).map_err(malformed)?;
        Ok(Self { old, proof, note })
    }

    /// Asks the keys a witness knows whether the log has signed this, in the specification's order of checks.
    /// A log's keys go by the name of its origin; signatures by others are ignored.
    pub fn vouched(self, known: &[VerifierKey]) -> Result<VouchedRequest, WitnessRefusal> {
        let Self { old, proof, mut note } = self;
        let checkpoint = Checkpoint::parse(&note.text).map_err(malformed)?;
        let of_log = |key: &&VerifierKey| key.name() == checkpoint.origin;
        let keys: Vec<&VerifierKey> = known.iter().filter(of_log).collect();
        if keys.is_empty() {
            return Err(WitnessRefusal::UnknownLog);
        }
        let signed = note.signed_by(keys).map_err(|_| WitnessRefusal::NotSigned)?;
        if signed.is_empty() {
            return Err(WitnessRefusal::NotSigned);
        }
        let line = |key: &VerifierKey| note.signatures.iter().find(|line| key.claims(line));
        let checked = signed.iter().filter_map(|signed| line(signed.key)).cloned().collect();
        note.signatures = checked;
        if old > checkpoint.size {
            return Err(WitnessRefusal::Backwards);
        }
        Ok(VouchedRequest { old, proof, note, checkpoint })
    }
}

impl fmt::Display for CheckpointRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", BASE64.encode(hash)))?;
        write!(f, "\n{}", self.note)
    }
}

impl VouchedRequest {
    /// The tree it is about.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signed checkpoint, with the signatures that were checked and no other.
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// Whether the tree continues the one that was cosigned last for this log; `None` if there was none.
    ///
    /// Whoever calls this must not let go of what it knows as `last` until the new tree has taken its place:
    /// two requests judged against one `last` could bring back a smaller tree.
    pub fn continues(&self, last: Option<&Checkpoint>) -> Result<(), WitnessRefusal> {
        let empty = TreeRoot::default();
        let (size, root) = last.map_or((0, empty.root()), |last| (last.size, last.root));
        let new = &self.checkpoint;
        if self.old != size {
            return Err(WitnessRefusal::OtherSize(size));
        }
        if size == new.size && root != new.root {
            return Err(WitnessRefusal::OtherRoot(size));
        }
        if continues((size, &root), (new.size, &new.root), &self.proof) {
            Ok(())
        } else {
            Err(WitnessRefusal::NotProved)
        }
    }
}

/// The cosignatures by `witness` in an answer to a request about a checkpoint's `text`. Lines by others are
/// ignored; a line by the witness that does not verify spoils the answer.
pub fn cosignatures(
    answer: &[u8],
    witness: &VerifierKey,
    text: &str,
) -> Result<Vec<SignatureLine>, NoteError> {
    let bad = NoteError::Form;
    let answer = std::str::from_utf8(answer).map_err(|_| bad("the answer is not UTF-8"))?;
    let lines = answer.strip_suffix('\n').ok_or(bad("the answer's last line does not end"))?;
    let mut found = Vec::new();
    for line in lines.split('\n') {
        let line: SignatureLine = line.parse()?;
        if !witness.claims(&line) {
            continue;
        }
        let note = Note { text: text.to_owned(), signatures: vec![line.clone()] };
        note.signed_by([witness])?;
        // One is enough: a note takes no more than a hundred signatures.
        if found.is_empty() {
            found.push(line);
        }
    }
    Ok(found)
}

/// The size in an answer of the type [`SIZE_TYPE`].
pub fn size_answered(answer: &[u8]) -> Option<u64> {
    decimal(std::str::from_utf8(answer).ok()?.strip_suffix('\n')?)
}

/// ASCII digits without a leading zero.
fn decimal(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

fn hash(line: &str) -> Option<TreeHash> {
    BASE64.decode(line).ok()?.try_into().ok()
}

fn malformed(error: NoteError) -> WitnessRefusal {
    WitnessRefusal::Malformed(match error {
        NoteError::Form(what) | NoteError::Key(what) => what,
        NoteError::BadSignature(_) => "a signature",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::note::{KeyKind, NoteKey};
    use crate::journal::proof::{consistency, span_hash};
    use crate::journal::tile::Node;
    use crate::journal::tree::leaf_hash;

    fn log(seed: u8) -> NoteKey {
        NoteKey::new("a/log", KeyKind::Ed25519, &[seed; 32]).unwrap()
    }

    fn known() -> Vec<VerifierKey> {
        vec![log(1).public().clone(), log(2).public().clone()]
    }

    fn leaf(index: u64, branch: u8) -> TreeHash {
        leaf_hash(&[&index.to_be_bytes()[..], &[if index < 4 { 0 } else { branch }]].concat())
    }

    /// Trees of two branches are the same up to four leaves.
    fn tree(size: u64, branch: u8) -> Checkpoint {
        let mut tree = TreeRoot::default();
        (0..size).for_each(|index| tree.push_hash(leaf(index, branch)));
        Checkpoint { origin: "a/log".into(), size, root: tree.root() }
    }

    fn proof(old: u64, new: u64, branch: u8) -> Vec<TreeHash> {
        let of = |node: Node| {
            let leaves = (node.index << node.level)..((node.index + 1) << node.level);
            let mut tree = TreeRoot::default();
            leaves.for_each(|index| tree.push_hash(leaf(index, branch)));
            Some(tree.root())
        };
        let spans = consistency(old, new).unwrap();
        spans.iter().map(|span| span_hash(span, of).unwrap()).collect()
    }

    fn signed(checkpoint: &Checkpoint, seeds: &[u8]) -> Note {
        let text = checkpoint.text();
        let signatures = seeds.iter().map(|seed| log(*seed).sign(&text, 0)).collect();
        Note { text, signatures }
    }

    fn asked(old: u64, new: u64, branch: u8) -> CheckpointRequest {
        let note = signed(&tree(new, branch), &[1]);
        CheckpointRequest { old, proof: proof(old.min(new), new, branch), note }
    }

    fn decided(asked: CheckpointRequest, last: Option<&Checkpoint>) -> Result<(), WitnessRefusal> {
        asked.vouched(&known())?.continues(last)
    }

    #[test]
    fn a_request_is_read_as_it_was_written() {
        for (old, new) in [(0, 0), (0, 7), (3, 7), (7, 7)] {
            let request = asked(old, new, 0);
            let read = CheckpointRequest::parse(request.to_string().as_bytes()).unwrap();
            assert_eq!(read, request, "{old} to {new}");
        }
        let longest = CheckpointRequest {
            old: u64::MAX,
            proof: vec![[0; 32]; PROOF_LINES_MAX],
            note: asked(0, 1, 0).note,
        };
        let (head, _) =
            longest.to_string().split_once("\n\n").map(|(a, b)| (a.len(), b.len())).unwrap();
        assert_eq!(head + 2 + NOTE_BYTES_MAX, REQUEST_BYTES_MAX);
    }

    #[test]
    fn the_specifications_example_is_read() {
        let body = "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\n\
            example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
            \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
        let request = CheckpointRequest::parse(body.as_bytes()).unwrap();
        assert_eq!((request.old, request.proof.len()), (20_852_014, 1));
        assert_eq!(request.to_string(), body);
        assert_eq!(request.vouched(&known()), Err(WitnessRefusal::UnknownLog));
    }

    #[test]
    fn what_is_no_request_is_malformed() {
        let good = asked(3, 7, 0).to_string();
        let line = BASE64.encode([7; 32]);
        let (head, note) = good.split_once("\n\n").unwrap();
        let with = |head: &str| format!("{head}\n\n{note}");
        let many = format!("old 3{}", format!("\n{line}").repeat(PROOF_LINES_MAX + 1));
        let size = format!("old {}0", u64::MAX);
        for wrong in [
            "",
            "\n\n",
            note,
            head,
            &with(""),
            &with("old"),
            &with("old "),
            &with("old  3"),
            &with("Old 3"),
            &with(" old 3"),
            &with("old 3 "),
            &with("old 03"),
            &with("old +3"),
            &with("old -3"),
            &with("old 3\r"),
            &with(&size),
            &with(&line),
            &with(&format!("old 3\n{line}\n")),
            &with(&format!("old 3\n{line}=")),
            &with(&format!("old 3\n{}", line.trim_end_matches('='))),
            &with(&format!("old 3\n {line}")),
            &with(&format!("old 3\n{}", BASE64.encode([7; 31]))),
            &with(&many),
            &format!("{head}\n{note}"),
            &format!("{head}\n\n\n{note}"),
            &format!("{head}\n\n{}", note.trim_end()),
            &format!("{head}\n\n{note}\n"),
            &good.replace("\u{2014} ", "- "),
            &good.replace("\u{2014} ", "\t"),
            good.split('\u{2014}').next().unwrap(),
            &good.replace("\n7\n", "\n07\n"),
            &good.replace("\n7\n", "\n"),
            &good.replace("a/log\n7", "\na/log\n7"),
        ] {
            let read = CheckpointRequest::parse(wrong.as_bytes());
            let error = read.and_then(|request| request.vouched(&known())).unwrap_err();
            assert!(matches!(error, WitnessRefusal::Malformed(_)), "{wrong:?}: {error}");
            assert_eq!((error.status(), error.size()), (400, None));
        }
        let error = CheckpointRequest::parse(b"old 3\n\n\xff\n").unwrap_err();
        assert_eq!(error, WitnessRefusal::Malformed("not UTF-8"));
        let exactly = with(&many.replacen(&format!("\n{line}"), "", 1));
        assert!(CheckpointRequest::parse(exactly.as_bytes()).is_ok());
    }

    #[test]
    fn only_a_log_that_is_known_and_signs_is_heard() {
        let seven = tree(7, 0);
        let note = |checkpoint, seeds: &[u8]| CheckpointRequest {
            old: 0,
            proof: Vec::new(),
            note: signed(checkpoint, seeds),
        };
        for seeds in [&[1][..], &[2], &[1, 2], &[9, 1], &[1, 9, 2, 1]] {
            let vouched = note(&seven, seeds).vouched(&known()).unwrap();
            let mine = seeds.contains(&1).then_some(1).into_iter();
            let mine: Vec<u8> = mine.chain(seeds.contains(&2).then_some(2)).collect();
            assert_eq!(
                vouched.note(),
                &signed(&seven, &mine),
                "strangers' signatures are left out"
            );
        }
        let stranger = Checkpoint { origin: "b/log".into(), ..seven.clone() };
        let error = note(&stranger, &[1]).vouched(&known()).unwrap_err();
        assert_eq!((error.status(), &error), (404, &WitnessRefusal::UnknownLog));
        let error = note(&seven, &[9]).vouched(&known()).unwrap_err();
        assert_eq!((error.status(), &error), (403, &WitnessRefusal::NotSigned));
        let mut forged = note(&seven, &[1, 2]);
        forged.note.signatures[1].signature[0] ^= 1;
        assert_eq!(forged.vouched(&known()), Err(WitnessRefusal::NotSigned), "though one is good");
        let error = asked(8, 7, 0).vouched(&known()).unwrap_err();
        assert_eq!((error.status(), error), (400, WitnessRefusal::Backwards));
    }

    #[test]
    fn the_origin_comes_before_the_signature_and_the_signature_before_the_sizes() {
        let mut request = asked(8, 7, 0);
        request.note = signed(&tree(7, 0), &[9]);
        assert_eq!(decided(request.clone(), None), Err(WitnessRefusal::NotSigned));
        let other = Checkpoint { origin: "b/log".into(), ..tree(7, 0) };
        request.note = signed(&other, &[9]);
        assert_eq!(decided(request, None), Err(WitnessRefusal::UnknownLog));
        let elsewhere = CheckpointRequest { proof: vec![[0; 32]], ..asked(3, 7, 0) };
        let error = decided(elsewhere, Some(&tree(5, 0))).unwrap_err();
        assert_eq!((error.status(), error.size()), (409, Some(5)), "the size before the proof");
    }

    #[test]
    fn a_tree_is_cosigned_if_it_continues_the_last_one() {
        for new in 0..12 {
            for old in 0..=new {
                let last = tree(old, 0);
                assert_eq!(decided(asked(old, new, 0), Some(&last)), Ok(()), "{old} to {new}");
                if old == 0 {
                    assert_eq!(decided(asked(old, new, 0), None), Ok(()), "first sight of {new}");
                }
            }
        }
    }

    #[test]
    fn a_log_that_stands_elsewhere_is_told_where_the_witness_stands() {
        for (old, new, last) in [(0, 7, 5), (4, 7, 5), (6, 7, 5), (7, 7, 5), (0, 3, 5), (2, 2, 5)] {
            let error = decided(asked(old, new, 0), Some(&tree(last, 0))).unwrap_err();
            assert_eq!((error.status(), error.size()), (409, Some(last)), "{old} to {new}");
        }
        let error = decided(asked(3, 7, 0), None).unwrap_err();
        assert_eq!((error.status(), error.size()), (409, Some(0)), "it never cosigned anything");
    }

    #[test]
    fn a_fork_is_refused() {
        let error = decided(asked(7, 7, 1), Some(&tree(7, 0))).unwrap_err();
        assert_eq!((error.status(), error.size()), (422, None), "a fork is no matter of sizes");
        assert_eq!(error, WitnessRefusal::OtherRoot(7));
        for new in 8..12 {
            let error = decided(asked(7, new, 1), Some(&tree(7, 0))).unwrap_err();
            assert_eq!((error.status(), error), (422, WitnessRefusal::NotProved), "to {new}");
        }
        let empty = Checkpoint { root: [1; 32], ..tree(0, 0) };
        let request = CheckpointRequest { old: 0, proof: Vec::new(), note: signed(&empty, &[1]) };
        assert_eq!(decided(request, None), Err(WitnessRefusal::OtherRoot(0)));
    }

    #[test]
    fn a_proof_too_long_too_short_or_of_something_else_is_refused() {
        let last = tree(6, 0);
        let good = asked(6, 11, 0);
        let mut proofs = vec![Vec::new(), [good.proof.clone(), vec![[0; 32]]].concat()];
        proofs.push(good.proof[1..].to_vec());
        proofs.push(good.proof.iter().rev().copied().collect());
        for proof in proofs {
            let error =
                decided(CheckpointRequest { proof, ..good.clone() }, Some(&last)).unwrap_err();
            assert_eq!((error.status(), error), (422, WitnessRefusal::NotProved));
        }
        for (old, new, last) in [(0, 7, None), (7, 7, Some(tree(7, 0)))] {
            let request = CheckpointRequest { proof: vec![[0; 32]], ..asked(old, new, 0) };
            assert_eq!(decided(request, last.as_ref()), Err(WitnessRefusal::NotProved), "{old}");
        }
    }

    #[test]
    fn of_an_answer_only_the_witnesss_own_good_lines_are_taken() {
        let key = |name, seed| NoteKey::new(name, KeyKind::Cosignature, &[seed; 32]).unwrap();
        let (witness, other) = (key("w", 3), key("v", 4));
        let text = tree(7, 0).text();
        let (mine, again, theirs) =
            (witness.sign(&text, 5), witness.sign(&text, 6), other.sign(&text, 5));
        let read = |answer: &str| cosignatures(answer.as_bytes(), witness.public(), &text);
        assert_eq!(
            read(&format!("{theirs}{mine}{again}")),
            Ok(vec![mine.clone()]),
            "one is enough"
        );
        assert_eq!(read(&theirs.to_string()), Ok(Vec::new()));
        let of_other = witness.sign(&tree(8, 0).text(), 5).to_string();
        assert_eq!(read(&of_other), Err(NoteError::BadSignature("w".into())));
        let mine = mine.to_string();
        for wrong in
            ["", "\n", "x\n", mine.trim_end(), &format!("{mine}\n"), &mine.replace('\u{2014}', "-")]
        {
            assert!(matches!(read(wrong), Err(NoteError::Form(_))), "{wrong:?}");
        }
    }

    #[test]
    fn a_size_is_answered_in_one_spelling() {
        assert_eq!(size_answered(b"0\n"), Some(0));
        assert_eq!(size_answered(b"18446744073709551615\n"), Some(u64::MAX));
        for wrong in ["", "\n", "7", "07\n", "7\n\n", "7\r\n", "-7\n", "18446744073709551616\n"] {
            assert_eq!(size_answered(wrong.as_bytes()), None, "{wrong:?}");
        }
    }
}
