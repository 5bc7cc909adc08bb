//! The checking of evidence, with nothing but the evidence, the keys somebody believes, and perhaps the
//! log's public files.

pub mod archive;
pub mod folder;
pub mod given;
mod scan;

use domain::access::event::AccessFact;
use domain::fact::Fact;
use domain::journal::Envelope;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::Note;
use domain::journal::proof::continues;
use domain::journal::proof_plan::ProofPlan;
use domain::journal::receipt::{LogProof, Receipt};
use domain::journal::witness_policy::{Believed, Disbelief, WitnessPolicy};
use domain::time::Moment;
use serde::Serialize;

use crate::log_files;
use crate::ports::{FilesError, LogFiles};
use crate::terminal::OneLine;

/// Most places that are named as wrong.
const WRONG_MAX: usize = 20;

/// Something that is not right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// At which position of the log, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    what: String,
    /// Whether it was not looked at, so that nobody knows.
    #[serde(skip)]
    unread: bool,
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.position {
            Some(position) => write!(f, "position {position}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl Wrong {
    /// At a place of the log.
    pub fn at(position: u64, what: impl ToString) -> Self {
        Self { position: Some(position), ..Self::new(what) }
    }

    /// About no single place.
    pub fn new(what: impl ToString) -> Self {
        Self { position: None, what: what.to_string(), unread: false }
    }

    /// What could not be read: a cut file, another file, a place that did not answer.
    pub fn unread(what: impl ToString) -> Self {
        Self { unread: true, ..Self::new(what) }
    }

    fn of_disbelief(why: Disbelief) -> Self {
        Self { unread: why.is_unread(), ..Self::new(why) }
    }

    fn of_files(error: FilesError) -> Self {
        match error {
            FilesError::Unread { .. } => Self::unread(error),
            FilesError::Wrong(what) => Self::new(what),
        }
    }
}

/// What came out.
#[derive(Debug, Default, Serialize)]
pub struct Verdict {
    /// One sentence.
    pub verdict: String,
    /// Whether nothing was wrong.
    pub right: bool,
    /// What is wrong, the first place first.
    pub wrong: Vec<Wrong>,
    /// What could not be looked at: nothing was found there, neither right nor wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub could_not_look: Vec<Wrong>,
    /// What was checked.
    pub checked: Vec<String>,
    /// What was not.
    pub not_checked: Vec<String>,
}

/// What a person reads; one that is wrong is told by its sentence elsewhere.
impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.right {
            writeln!(f, "{}", OneLine(&self.verdict))?;
        }
        for what in &self.checked {
            writeln!(f, "  checked: {}", OneLine(what))?;
        }
        for what in &self.not_checked {
            writeln!(f, "  NOT checked: {}", OneLine(what))?;
        }
        for wrong in self.wrong.iter().skip(1) {
            writeln!(f, "  also wrong: {}", OneLine(wrong))?;
        }
        Ok(())
    }
}

impl Verdict {
    fn checked(&mut self, what: impl ToString) {
        self.checked.push(what.to_string());
    }

    fn not_checked(&mut self, what: impl ToString) {
        self.not_checked.push(what.to_string());
    }

    fn wrong(&mut self, wrong: Wrong) {
        let told = if wrong.unread { &mut self.could_not_look } else { &mut self.wrong };
        if told.len() < WRONG_MAX {
            told.push(wrong);
        }
    }

    /// Whether nothing wrong was found, and not everything could be looked at.
    pub fn could_not_look(&self) -> bool {
        self.wrong.is_empty() && !self.could_not_look.is_empty()
    }

    /// What is wrong with a file whose last line does not end says nothing: the rest may have been right.
    fn of_a_cut_file(mut self) -> Self {
        let Some(first) = self.wrong.first() else { return self };
        let unread = Wrong::unread(format!("it was cut off on its way ({first})"));
        self.verdict = format!("This could not be read: {unread}");
        self.wrong.clear();
        self.could_not_look.insert(0, unread);
        self
    }

    /// Says in one sentence what came out; `words` if nothing is wrong.
    fn conclude(mut self, words: String) -> Self {
        // What has a position names the place; what has none concerns them all and comes after.
        self.wrong.sort_by_key(|wrong| (wrong.position.is_none(), wrong.position));
        self.right = self.wrong.is_empty() && self.could_not_look.is_empty();
        self.verdict = match (self.wrong.first(), self.could_not_look.first()) {
            (None, None) => words,
            (None, Some(unread)) => format!("This could not be read: {unread}"),
            (Some(Wrong { position: Some(position), what, .. }), _) => {
                format!("WRONG at position {position}: {what}")
            }
            (Some(Wrong { position: None, what, .. }), _) => format!("WRONG: {what}"),
        };
        for unread in std::mem::take(&mut self.could_not_look) {
            self.not_checked(format!("what could not be read: {unread}"));
            self.could_not_look.push(unread);
        }
        for limit in LIMITS {
            self.not_checked(limit);
        }
        self
    }
}

const LIMITS: [&str; 3] = [
    "what was never logged: no log can show it",
    "what sealed personal text says, reports' files, and whether each access was allowed",
    "times: the organisation's own claim; a cosignature alone says when somebody else saw the log",
];

/// Checks a receipt's text, or that of a proof without its line.
pub async fn text(text: &str, policy: &WitnessPolicy, log: Option<&dyn LogFiles>) -> Verdict {
    let mut verdict = Verdict::default();
    let found = match read(text, &mut verdict) {
        Ok(found) => found,
        Err(wrong) => {
            verdict.wrong(wrong);
            return verdict.conclude(String::new());
        }
    };
    let (proof, source) = found;
    let mut words = String::new();
    match believed(&proof.checkpoint, policy, &mut verdict) {
        Ok(believed) => {
            let Checkpoint { origin, size, .. } = &believed.checkpoint;
            if source.is_some_and(|source| source != *origin) {
                verdict.not_checked("the older log that the line was written for");
            }
            words = format!(
                "Right: the event stands at position {} of {origin}, under its checkpoint over {size} events.",
                proof.index
            );
            grown(log, &believed.checkpoint, policy, &mut verdict).await;
        }
        Err(wrong) => verdict.wrong(wrong),
    }
    verdict.not_checked("its chain and its tag: the stream's other lines and its key are not here");
    verdict.not_checked("what happened afterwards: a consent may have been taken back since");
    verdict.conclude(words)
}

/// Reads a receipt or a proof and follows its path; answers the line's log besides, if there is a line.
fn read(text: &str, verdict: &mut Verdict) -> Result<(LogProof, Option<String>), Wrong> {
    if !text.starts_with('{') {
        let proof = LogProof::parse(text).map_err(no_evidence)?;
        proof.follow().map_err(|error| Wrong::at(proof.index, error))?;
        verdict.checked("the path from the leaf to the checkpoint's root");
        verdict.not_checked("what the event says: its line is not here");
        return Ok((proof, None));
    }
    let receipt = Receipt::parse(text).map_err(no_evidence)?;
    let at = |what: &dyn std::fmt::Display| Wrong::at(receipt.proof.index, what);
    let envelope = Envelope::read(receipt.line.as_bytes()).map_err(|error| at(&error))?;
    receipt.follow().map_err(|error| at(&error))?;
    let Envelope { kind, version, stream, time, .. } = &envelope;
    // A line of a later version says its ground in a way that is not known here.
    let fact = envelope.fact().ok();
    let ground = fact.as_ref().and_then(Fact::access).and_then(AccessFact::ground);
    let allowed = ground.map_or(String::new(), |ground| format!(", allowed by {ground}"));
    verdict.checked(format!("the line: {kind}, version {version} of {stream}, {time}{allowed}"));
    verdict.checked("both digests of the line in its leaf, and the path from it to the root");
    let source = envelope.source.to_owned();
    Ok((receipt.proof, Some(source)))
}

/// What is no receipt and no proof says nothing: it was cut on its way, or is another file.
fn no_evidence(error: impl std::fmt::Display) -> Wrong {
    Wrong::unread(format!("it is no whole receipt or proof, or it was cut off: {error}"))
}

/// Judges who vouches for a checkpoint.
fn believed(note: &Note, policy: &WitnessPolicy, verdict: &mut Verdict) -> Result<Believed, Wrong> {
    let believed = policy.judge(note).map_err(Wrong::of_disbelief)?;
    let Checkpoint { origin, size, .. } = &believed.checkpoint;
    verdict.checked(format!("the signature of {origin} on its checkpoint over {size} events"));
    for (name, seconds) in &believed.cosigned {
        let micros = i64::try_from(*seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000);
        verdict.checked(format!("the cosignature of {name} at {}", Moment::from_micros(micros)));
    }
    if !policy.wants_witnesses() {
        verdict.not_checked(
            "whether the log shows everybody the same: no witness is asked for, bring a policy that does",
        );
    }
    Ok(believed)
}

/// Holds a checkpoint against what the log serves now: it must have only grown.
async fn grown(
    log: Option<&dyn LogFiles>,
    old: &Checkpoint,
    policy: &WitnessPolicy,
    verdict: &mut Verdict,
) {
    let Some(log) = log else {
        verdict.not_checked("whether the log as it is served now continues this checkpoint: --log");
        return;
    };
    match continued(log, old, policy).await {
        Ok(size) => {
            verdict.checked(format!("the log as it is now, over {size} events, continues it"));
        }
        Err(wrong) => verdict.wrong(wrong),
    }
}

async fn continued(
    log: &dyn LogFiles,
    old: &Checkpoint,
    policy: &WitnessPolicy,
) -> Result<u64, Wrong> {
    let bytes = log.checkpoint().await.map_err(Wrong::of_files)?;
    let bytes = bytes.ok_or_else(|| Wrong::unread("the log serves no checkpoint"))?;
    let unread = |error| Wrong::unread(format!("what the log serves as its checkpoint: {error}"));
    let note = Note::parse(&bytes).map_err(unread)?;
    let new = policy.judge(&note).map_err(Wrong::of_disbelief)?.checkpoint;
    let sizes = (old.size, new.size);
    let shorter = || Wrong::new(format!("the log as it is now has {} events only", new.size));
    let plan = ProofPlan::consistency(sizes, new.size).ok_or_else(shorter)?;
    let path = log_files::hashes(log, &plan).await.map_err(Wrong::of_files)?;
    let grew = continues((old.size, &old.root), (new.size, &new.root), &path);
    if old.origin == new.origin && grew {
        Ok(new.size)
    } else {
        Err(Wrong::new("the log as it is now does not continue this checkpoint: it was rewritten"))
    }
}
