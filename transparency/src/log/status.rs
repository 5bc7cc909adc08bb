//! How the log does: what is signed, what is published, what waits.

use std::time::Duration;

use domain::journal::checkpoint::Checkpoint;
use domain::time::Moment;

/// A checkpoint, its bytes, and when it was made by the node's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampedCheckpoint {
    /// The tree.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: Vec<u8>,
    /// When this process made or found it.
    pub at: Moment,
}

/// How one witness does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WitnessState {
    /// Its name in our policy.
    pub name: String,
    /// How many leaves it has cosigned last, as far as we know.
    pub cosigned: u64,
    /// When, by its own clock, Unix seconds.
    pub time: Option<u64>,
    /// Why it did not cosign the newest checkpoint, if so.
    pub failure: Option<String>,
}

/// The last full reading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scrub {
    /// When it was finished, and how many events it read.
    pub finished: Option<(Moment, u64)>,
    /// The first thing that was not right.
    pub finding: Option<String>,
}

/// How the log does.
#[derive(Debug, Clone, Default)]
pub struct LogStatus {
    /// The newest signed checkpoint.
    pub signed: Option<StampedCheckpoint>,
    /// The newest published one.
    pub published: Option<StampedCheckpoint>,
    /// For how long events have been waiting for a signature (or a quorum, where one is asked for).
    pub uncovered_for: Duration,
    /// How many were covered when that was looked at last.
    pub(super) published_before: u64,
    /// Each witness.
    pub witnesses: Vec<WitnessState>,
    /// How far a witness's clock is from ours, where that is more than a minute.
    pub clock_off: Option<Duration>,
    /// The last full reading.
    pub scrub: Scrub,
    /// Why nothing moves, if so.
    pub stalled: Option<String>,
    /// Why the newest signed checkpoint could not be shown, if so.
    pub unpublished: Option<String>,
}

impl LogStatus {
    /// How many witnesses have not cosigned the newest signed checkpoint when they were asked last.
    pub fn silent_witnesses(&self) -> usize {
        self.witnesses.iter().filter(|witness| witness.failure.is_some()).count()
    }

    /// How many events a signature covers, or a published quorum where that is what counts.
    pub(super) fn published_size(&self, quorum_only: bool) -> u64 {
        let counts = if quorum_only { &self.published } else { &self.signed };
        counts.as_ref().map_or(0, |made| made.checkpoint.size)
    }
}
