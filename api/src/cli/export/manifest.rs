//! `manifest.json`: what an export says about itself (docs/verify/README.md).

use serde::{Deserialize, Serialize};

/// An export of a part of the log, with the tree it stands in.
pub(super) const FORMAT: u32 = 2;

/// What `manifest.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// What this is.
    pub(crate) what: String,
    /// Raised when a reader of an older one could go wrong: 1 was the whole log without its tree.
    pub(crate) format: u32,
    /// When it was made.
    pub(crate) made: String,
    /// Which actor asked for it; nobody is named where it was made at the installation's own command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
    /// The log's origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
    /// Position of the first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first: Option<u64>,
    /// Position of the last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<u64>,
    /// How many lines.
    pub(crate) events: u64,
    /// The streams it is about, sorted; none where it is the whole log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) streams: Option<Vec<String>>,
    /// BLAKE3-256 of the last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) head: Option<String>,
    /// BLAKE3-256 of `events.jsonl`.
    pub(crate) blake3: String,
    /// Of every other file, sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) digests: Vec<Digest>,
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Digest {
    /// BLAKE3-256 of its bytes.
    pub(crate) blake3: String,
    /// Its path below the export's folder.
    pub(crate) path: String,
}

/// What an anchor answered, as `receipts/<anchor>-<size>.json` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportedReceipt {
    /// Which anchor.
    pub(crate) anchor: String,
    /// The exact text of the note that was anchored.
    pub(crate) note: String,
    /// What its adapter answered.
    pub(crate) receipt: serde_json::Map<String, serde_json::Value>,
    /// How many events the note covers.
    pub(crate) size: u64,
}
