//! The files of an export, and what they say (docs/verify/README.md).

use serde::{Deserialize, Serialize};

/// The lines of an export.
pub const LINES_FILE: &str = "events.jsonl";
/// What an export says about itself.
pub(crate) const MANIFEST_FILE: &str = "manifest.json";
/// Where the lines stand in the log, if not from 0 on without a gap.
pub(crate) const POSITIONS_FILE: &str = "positions";
/// The public files.
pub(crate) const LOG_FOLDER: &str = "log";
/// The published checkpoint.
pub(crate) const CHECKPOINT_FILE: &str = "log/checkpoint";
/// The log's verifier keys.
pub(crate) const KEYS_FILE: &str = "keys.txt";
/// The organisation's own witness policy.
pub(crate) const POLICY_FILE: &str = "policy";
/// What anchors gave.
pub(crate) const RECEIPTS_FOLDER: &str = "receipts";
/// What links the leaves of a stream to one another.
pub const STREAM_KEYS_FILE: &str = "stream-keys";

/// An export of a part of the log, with the tree it stands in.
pub(super) const FORMAT: u32 = 2;

/// What `manifest.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What this is.
    pub what: String,
    /// Raised when a reader of an older one could go wrong: 1 was the whole log without its tree.
    pub format: u32,
    /// When it was made.
    pub made: String,
    /// Which actor asked for it; nobody is named where it was made at the installation's own command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The log's origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Position of the first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// Position of the last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
    /// How many lines.
    pub events: u64,
    /// The streams it is about, sorted; none where it is the whole log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streams: Option<Vec<String>>,
    /// BLAKE3-256 of the last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// BLAKE3-256 of `events.jsonl`.
    pub blake3: String,
    /// Of every other file, sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<Digest>,
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// BLAKE3-256 of its bytes.
    pub blake3: String,
    /// Its path below the export's folder.
    pub path: String,
}

/// What an anchor answered, as `receipts/<anchor>-<size>.json` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedReceipt {
    /// Which anchor.
    pub anchor: String,
    /// The exact text of the note that was anchored.
    pub note: String,
    /// What its adapter answered.
    pub receipt: serde_json::Map<String, serde_json::Value>,
    /// How many events the note covers.
    pub size: u64,
}
