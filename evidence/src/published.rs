//! Proofs and receipts out of the public files, as of the newest published checkpoint. REST and the command
//! line make the same from the same.

use std::sync::Arc;

use domain::ids::StreamName;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::line::UnreadableEvent;
use domain::journal::note::{Note, NoteError, VerifierKey};
use domain::journal::proof_plan::ProofPlan;
use domain::journal::receipt::{LogProof, Receipt};
use domain::journal::tree::TreeHash;
use domain::journal::witness_policy::WitnessPolicy;
use domain::journal::{Line, Position, StreamKey};

use crate::log_files;
use crate::ports::{FilesError, KeysError, LinesError, LogFiles, StreamKeys};

/// Why evidence could not be made: always a broken world, never somebody's fault.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The public files.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The stored lines.
    #[error(transparent)]
    Events(#[from] LinesError),
    /// The stream's key.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The published checkpoint is none.
    #[error("the published checkpoint cannot be used: {0}")]
    Checkpoint(#[from] NoteError),
    /// A stored line is none.
    #[error("position {0}: {1}")]
    Line(Position, UnreadableEvent),
    /// The public files contradict the line or themselves: nothing is handed out that would not check.
    #[error("the log's public files do not prove position {0}: {1}")]
    Unproved(Position, domain::journal::receipt::ProofError),
    /// A line that was there is not.
    #[error("version {0} of the stream cannot be read again")]
    Gone(u32),
}

/// Whom an organisation says to believe: it shows that evidence agrees with itself, and no more.
#[derive(Debug, Clone, Default)]
pub struct OrganisationKeys {
    /// Every key that ever signed the log, newest first.
    pub log: Vec<VerifierKey>,
    /// The organisation's own policy file, without the addresses of witnesses.
    pub policy_text: Option<String>,
    /// The same, read.
    pub policy: WitnessPolicy,
}

/// The public files, as of one published checkpoint.
pub struct Published {
    files: Arc<dyn LogFiles>,
    /// The checkpoint, as signed.
    pub note: Note,
    /// The same, read.
    pub checkpoint: Checkpoint,
}

impl Published {
    /// The newest published checkpoint, if there is one.
    pub async fn newest(files: Arc<dyn LogFiles>) -> Result<Option<Self>, EvidenceError> {
        let Some(bytes) = files.checkpoint().await? else { return Ok(None) };
        let note = Note::parse(&bytes)?;
        let checkpoint = Checkpoint::parse(&note.text)?;
        Ok(Some(Self { files, note, checkpoint }))
    }

    /// Whether it covers an event.
    pub const fn covers(&self, position: Position) -> bool {
        position.0 < self.checkpoint.size
    }

    /// That the event at `position` is in the log; none if it is not covered.
    pub async fn proof(&self, position: Position) -> Result<Option<LogProof>, EvidenceError> {
        let index = position.0;
        let size = self.checkpoint.size;
        let Some(plan) = ProofPlan::inclusion(index, size) else { return Ok(None) };
        let hashes = log_files::hashes(&*self.files, &plan).await?;
        let leaf = log_files::leaf(&*self.files, index, size).await?;
        let proof = LogProof { leaf, index, hashes, checkpoint: self.note.clone() };
        proof.follow().map_err(|error| EvidenceError::Unproved(position, error))?;
        Ok(Some(proof))
    }

    /// An event's line and that it is in the log; none if it is not covered.
    pub async fn receipt(&self, line: &Line) -> Result<Option<Receipt>, EvidenceError> {
        let position = line.position;
        let Some(proof) = self.proof(position).await? else { return Ok(None) };
        let receipt = Receipt { line: text(line)?, proof };
        receipt.follow().map_err(|error| EvidenceError::Unproved(position, error))?;
        Ok(Some(receipt))
    }

    /// That the tree of `to` leaves begins with that of `from`; none if there are no such trees.
    pub async fn consistency(
        &self,
        from: u64,
        to: u64,
    ) -> Result<Option<Vec<TreeHash>>, EvidenceError> {
        let size = self.checkpoint.size;
        if to > size {
            return Ok(None);
        }
        let Some(plan) = ProofPlan::consistency((from, to), size) else { return Ok(None) };
        Ok(Some(log_files::hashes(&*self.files, &plan).await?))
    }
}

/// The key of a stream's tags, if it has one that opens.
pub async fn stream_key(
    keys: &dyn StreamKeys,
    stream: &StreamName,
) -> Result<Option<StreamKey>, EvidenceError> {
    let known = keys.held(std::slice::from_ref(stream)).await?;
    Ok(known.into_iter().next().map(|(_, key)| key).transpose()?)
}

/// A line as text; every line is UTF-8 or no line.
fn text(line: &Line) -> Result<String, EvidenceError> {
    let unreadable = |_| {
        let what = domain::journal::LineError::BadMember("data");
        EvidenceError::Line(line.position, what.into())
    };
    String::from_utf8(line.bytes.clone()).map_err(unreadable)
}
