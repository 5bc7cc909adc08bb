//! Exports: a log or one stream, the tree it stands in and who vouches for it, as files that anyone can check
//! offline (docs/verify/README.md).

mod beside;
mod folder;
pub mod format;
mod lines;
pub mod stop;

use std::path::Path;

use domain::ids::StreamName;
use domain::time::Moment;
use serde::Serialize;

pub use self::beside::{OwnFacts, own_facts};
use self::folder::ExportFolder;
use self::format::{FORMAT, MANIFEST_FILE, Manifest};
use self::stop::ExportError;
use crate::audit::kept::StoredTree;
use crate::ports::{OpenedLog, Progress, StreamKeys};
use crate::published::OrganisationKeys;

/// What an export is about and made from.
pub struct ExportSource<'a> {
    /// The public files and checkpoints, opened before the lines: what is appended meanwhile is newer than
    /// the checkpoint, never the other way round.
    pub tree: &'a StoredTree,
    /// The log.
    pub log: &'a OpenedLog,
    /// The keys of its streams.
    pub stream_keys: &'a dyn StreamKeys,
    /// What the log says about itself.
    pub own: OwnFacts,
    /// Whom the organisation says to believe.
    pub keys: &'a OrganisationKeys,
    /// The one stream it is about; none for the whole log.
    pub stream: Option<&'a StreamName>,
    /// When it is made.
    pub made: Moment,
    /// Who waits.
    pub progress: &'a dyn Progress,
}

/// What was made.
#[derive(Debug, Serialize)]
pub struct ExportSummary {
    /// What the export says about itself.
    #[serde(flatten)]
    pub manifest: Manifest,
    /// How many events the checkpoint covers.
    pub covered: u64,
    /// Lines that are newer than the checkpoint.
    pub not_covered: u64,
    /// What anchors gave.
    pub receipts: usize,
    /// Streams whose key is destroyed.
    pub without_key: usize,
}

/// Writes an export to a folder that is empty or not there.
///
/// # Errors
/// If the folder holds something, what is stored is not whole, or the disk does not want.
pub async fn make(source: ExportSource<'_>, out: &Path) -> Result<ExportSummary, ExportError> {
    let ExportSource { tree, log, stream_keys, own, keys, stream, made, progress } = source;
    let mut folder = ExportFolder::empty(out)?;
    let written = lines::write(log, stream, &mut folder, progress).await?;
    let covered = beside::tree(tree, &mut folder, progress).await?;
    beside::keys(keys, &mut folder)?;
    let receipts = beside::receipts(own.anchored, (covered, stream.is_some()), &mut folder)?;
    let newest = written.last.map_or(0, |last| last + 1);
    let not_covered = match stream {
        None => newest.saturating_sub(covered),
        Some(_) => written.newer_than(covered),
    };
    let without_key = beside::stream_keys(stream_keys, written.streams, &mut folder).await?;
    let what = match stream {
        Some(_) => "medlock export: one patient's stream, and the log it stands in",
        None => "medlock export: the whole log",
    };
    let manifest = Manifest {
        what: what.to_owned(),
        format: FORMAT,
        made: made.to_string(),
        by: None,
        origin: own.origin,
        first: written.first,
        last: written.last,
        events: written.events,
        streams: stream.map(|stream| vec![stream.to_string()]),
        head: written.head,
        blake3: written.blake3,
        digests: folder.digests(),
    };
    folder.finish(MANIFEST_FILE, &manifest)?;
    Ok(ExportSummary { manifest, covered, not_covered, receipts, without_key })
}
