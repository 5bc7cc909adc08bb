//! Evidence that people keep: proofs, receipts, history bundles, and the checking of them. REST and the
//! command line make the same from the same: the public files of the log and the stored lines.

pub(crate) mod bundle;
pub(crate) mod check;
pub(crate) mod code;
pub(crate) mod consent;
pub(crate) mod page;

use commands::ports::event_store::ReadError;
use commands::ports::key_vault::{KeyVault, VaultError};
use domain::ids::StreamName;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::line::UnreadableEvent;
use domain::journal::note::{Note, NoteError, VerifierKey};
use domain::journal::receipt::{LogProof, Receipt};
use domain::journal::tree::TreeHash;
use domain::journal::witness_policy::WitnessPolicy;
use domain::journal::{Line, Position, StreamKey};
use transparency::ports::{LogPortError, TileStore};
use transparency::proofs;

/// Why evidence could not be made: always a broken world, never somebody's fault.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EvidenceError {
    /// The public files.
    #[error(transparent)]
    Files(#[from] LogPortError),
    /// The stored lines.
    #[error(transparent)]
    Events(#[from] ReadError),
    /// The stream's key.
    #[error(transparent)]
    Vault(#[from] VaultError),
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
pub(crate) struct OrganisationKeys {
    /// Every key that ever signed the log, newest first.
    pub(crate) log: Vec<VerifierKey>,
    /// The organisation's own policy file, as it is.
    pub(crate) policy_text: Option<String>,
    /// The same, read.
    pub(crate) policy: WitnessPolicy,
}

/// The public files, as of one published checkpoint.
pub(crate) struct Published<'a> {
    tiles: &'a dyn TileStore,
    /// The checkpoint, as signed.
    pub(crate) note: Note,
    /// The same, read.
    pub(crate) checkpoint: Checkpoint,
}

impl<'a> Published<'a> {
    /// The newest published checkpoint, if there is one.
    pub(crate) async fn newest(tiles: &'a dyn TileStore) -> Result<Option<Self>, EvidenceError> {
        let Some(bytes) = tiles.checkpoint().await? else { return Ok(None) };
        let note = Note::parse(&bytes)?;
        let checkpoint = Checkpoint::parse(&note.text)?;
        Ok(Some(Self { tiles, note, checkpoint }))
    }

    /// Whether it covers an event.
    pub(crate) const fn covers(&self, position: Position) -> bool {
        position.0 < self.checkpoint.size
    }

    /// That the event at `position` is in the log; none if it is not covered.
    pub(crate) async fn proof(
        &self,
        position: Position,
    ) -> Result<Option<LogProof>, EvidenceError> {
        let index = position.0;
        let size = self.checkpoint.size;
        let Some(hashes) = proofs::inclusion_path(self.tiles, index, size).await? else {
            return Ok(None);
        };
        let leaf = proofs::leaf(self.tiles, index, size).await?;
        let proof = LogProof { leaf, index, hashes, checkpoint: self.note.clone() };
        proof.follow().map_err(|error| EvidenceError::Unproved(position, error))?;
        Ok(Some(proof))
    }

    /// An event's line and that it is in the log; none if it is not covered.
    pub(crate) async fn receipt(&self, line: &Line) -> Result<Option<Receipt>, EvidenceError> {
        let position = line.position;
        let Some(proof) = self.proof(position).await? else { return Ok(None) };
        let receipt = Receipt { line: text(line)?, proof };
        receipt.follow().map_err(|error| EvidenceError::Unproved(position, error))?;
        Ok(Some(receipt))
    }

    /// That the tree of `to` leaves begins with that of `from`; none if there are no such trees.
    pub(crate) async fn consistency(
        &self,
        from: u64,
        to: u64,
    ) -> Result<Option<Vec<TreeHash>>, EvidenceError> {
        let size = self.checkpoint.size;
        if to > size {
            return Ok(None);
        }
        Ok(proofs::consistency_path(self.tiles, (from, to), size).await?)
    }
}

/// The key of a stream's tags, if it has one that opens.
pub(crate) async fn stream_key(
    vault: &dyn KeyVault,
    stream: &StreamName,
) -> Result<Option<StreamKey>, EvidenceError> {
    let known = vault.known_stream_keys(std::slice::from_ref(stream)).await?;
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
