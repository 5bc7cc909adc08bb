//! Receipts of anchors that are not in the log yet: what the outside gave must survive a kill.

use async_trait::async_trait;
use domain::ids::EventId;
use domain::journal::Position;
use serde_json::{Map, Value};

use super::credentials::WorkError;
use super::due_list::DueList;

/// What an anchor gave for a checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct AnchorReceipt {
    /// Which anchor: `file`, `witness`, `evm`.
    pub anchor: String,
    /// How many events the checkpoint covers.
    pub size: u64,
    /// The signed note, as it was anchored.
    pub checkpoint: String,
    /// What the anchor gave: canonical data, no floats, no nulls.
    pub receipt: Map<String, Value>,
}

/// Keeps receipts until they are recorded. Each is due at once.
#[async_trait]
pub trait Receipts: DueList<AnchorReceipt> {
    /// Keeps a receipt durably. `cause` is the newest event that its checkpoint covers, `position` its place.
    /// The same receipt again is kept once.
    async fn keep(
        &self,
        cause: EventId,
        position: Position,
        receipt: &AnchorReceipt,
    ) -> Result<(), WorkError>;
}
