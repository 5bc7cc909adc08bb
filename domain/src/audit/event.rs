//! The facts of the log about itself, on its own stream: `log`, or `log-<n>` after n continuations.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fact::family::facts;
use crate::ids::TreeRoot;
use crate::time::Moment;

facts! {
    /// What the log says about itself.
    LogFact {
        /// A checkpoint left the organisation, and somebody outside gave a receipt for it.
        Anchored(LogAnchored) = "log.anchored.v1",
        /// The log has a new signing key. Its first key has no such event.
        KeyRotated(LogKeyRotated) = "log.key_rotated.v1",
        /// The clock ran ahead and was set right.
        ClockCorrected(LogClockCorrected) = "log.clock_corrected.v1",
        /// This log goes on from an older one, which ended; always at position 0.
        Continued(LogContinued) = "log.continued.v1",
    }
}

/// `log.anchored.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogAnchored {
    /// Where: `file`, `witness`, `evm`.
    pub anchor: String,
    /// How many events the checkpoint covers.
    pub size: u64,
    /// The signed note, as it was anchored.
    pub checkpoint: String,
    /// What the anchor gave: a stranger checks it without us.
    pub receipt: Map<String, Value>,
}

/// `log.key_rotated.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogKeyRotated {
    /// Which key of this log it is; the first is 1.
    pub generation: u32,
    /// The new key, as a vkey.
    pub key: String,
    /// Until when the key before it goes on signing as well.
    pub until: Moment,
}

/// `log.clock_corrected.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogClockCorrected {
    /// Times up to here are no longer evidence that our clock is behind.
    pub ahead: Moment,
    /// What the corrected clock said.
    pub clock: Moment,
}

/// `log.continued.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogContinued {
    /// The log this one goes on from.
    pub origin: String,
    /// How many of its events came along.
    pub size: u64,
    /// RFC 6962 root over their leaves.
    pub root: TreeRoot,
    /// The last checkpoint the older database itself held, as signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    /// The newest checkpoint known from outside, as signed: what lies between the two was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<String>,
}
