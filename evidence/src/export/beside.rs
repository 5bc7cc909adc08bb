//! What an export carries beside its lines: the tree they stand in, who signs it, who outside has seen it.

use std::collections::BTreeMap;

use anyhow::Context as _;
use domain::audit::event::LogAnchored;
use domain::audit::state::LogState;
use domain::fold::Fold as _;
use domain::ids::StreamName;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::Note;
use domain::journal::tile::tiles_between;
use domain::journal::{Envelope, Position, StreamVersion};

use super::folder::ExportFolder;
use super::format::{
    CHECKPOINT_FILE, ExportedReceipt, KEYS_FILE, LOG_FOLDER, POLICY_FILE, RECEIPTS_FOLDER,
    STREAM_KEYS_FILE,
};
use super::stop::ExportError;
use crate::audit::kept::StoredTree;
use crate::log_files;
use crate::ports::{FilesError, Progress, StoredLines, StreamKeys};
use crate::published::OrganisationKeys;

/// Lines of the log's own stream read at a time.
const LINES: usize = 256;
/// Streams whose keys are asked for at once.
const STREAMS: usize = 512;

/// Writes the tree as it is served, up to the published checkpoint; answers how many events it covers.
pub(super) async fn tree(
    tree: &StoredTree,
    folder: &mut ExportFolder,
    progress: &dyn Progress,
) -> Result<u64, ExportError> {
    let Some(note) = &tree.published else { return Ok(0) };
    let checkpoint = Note::parse(note).and_then(|note| Checkpoint::parse(&note.text));
    let checkpoint = checkpoint.map_err(|error| {
        ExportError::NotWhole(format!("the published checkpoint cannot be exported: {error}"))
    })?;
    let tiles = tiles_between(0, checkpoint.size);
    progress.begin(tiles.len() as u64, "exporting the tree");
    for tile in tiles {
        let bytes = log_files::read(&*tree.files, tile).await.map_err(|error| match error {
            FilesError::Unread { .. } => ExportError::World(error.into()),
            FilesError::Wrong(what) => {
                ExportError::NotWhole(format!("the tree cannot be exported whole: {what}"))
            }
        })?;
        folder.put(&format!("{LOG_FOLDER}/{tile}"), &bytes)?;
        progress.advance(1);
    }
    folder.put(CHECKPOINT_FILE, note)?;
    progress.end();
    Ok(checkpoint.size)
}

/// What the log says about itself, in order: its keys and its anchors.
pub struct OwnFacts {
    /// The log's origin: its first event's, for older lines come along when a log is continued.
    pub origin: Option<String>,
    /// Its keys.
    pub log: LogState,
    /// What was anchored.
    pub anchored: Vec<LogAnchored>,
}

/// Reads the log's own stream: that of its first event, where it goes on from an older one.
///
/// # Errors
/// If it cannot be read.
pub async fn own_facts(stored: &dyn StoredLines) -> anyhow::Result<OwnFacts> {
    let first = stored.of_log(Position(0), 1).await?;
    let origin = first.first().and_then(|line| {
        let envelope = Envelope::read(&line.bytes).ok()?;
        Some(envelope.source.to_owned())
    });
    let continued = first.first().and_then(|line| {
        let envelope = Envelope::read(&line.bytes).ok()?;
        envelope.continued().map(|_| envelope.stream)
    });
    let stream = continued.unwrap_or_else(|| StreamName::log(0));
    let mut log = LogState::default();
    let mut anchored = Vec::new();
    let mut version = 0;
    loop {
        let lines = stored.of_stream(&stream, StreamVersion(version), LINES).await?;
        for line in &lines {
            let recorded = line.recorded();
            let recorded = recorded.with_context(|| format!("position {}", line.position))?;
            log.evolve(&recorded);
            anchored.extend(recorded.fact.into_body::<LogAnchored>());
        }
        version += u32::try_from(lines.len())?;
        if lines.len() < LINES {
            return Ok(OwnFacts { origin, log, anchored });
        }
    }
}

/// Writes who signs the log and whom the organisation asks to cosign.
pub(super) fn keys(keys: &OrganisationKeys, folder: &mut ExportFolder) -> Result<(), ExportError> {
    let lines: String = keys.log.iter().map(|key| format!("{key}\n")).collect();
    folder.put(KEYS_FILE, lines.as_bytes())?;
    if let Some(policy) = &keys.policy_text {
        folder.put(POLICY_FILE, policy.as_bytes())?;
    }
    Ok(())
}

/// Writes what anchors gave for checkpoints that the exported tree covers: all of it, or for one subject each
/// anchor's newest, which covers what the older ones do.
pub(super) fn receipts(
    anchored: Vec<LogAnchored>,
    (checkpoint_size, newest_only): (u64, bool),
    folder: &mut ExportFolder,
) -> Result<usize, ExportError> {
    let mut places: BTreeMap<(String, u64), Vec<LogAnchored>> = BTreeMap::new();
    for fact in anchored.into_iter().filter(|fact| fact.size <= checkpoint_size) {
        places.entry((fact.anchor.clone(), fact.size)).or_default().push(fact);
    }
    let mut newest: BTreeMap<String, u64> = BTreeMap::new();
    newest.extend(places.keys().cloned());
    let mut written = 0;
    for ((anchor, size), facts) in places {
        if newest_only && newest.get(&anchor) != Some(&size) {
            continue;
        }
        for (number, LogAnchored { checkpoint, receipt, .. }) in (1..).zip(facts) {
            let which = if number == 1 { String::new() } else { format!("-{number}") };
            let name = format!("{RECEIPTS_FOLDER}/{anchor}-{size}{which}.json");
            let anchor = anchor.clone();
            folder.put_json(&name, &ExportedReceipt { anchor, note: checkpoint, receipt, size })?;
            written += 1;
        }
    }
    Ok(written)
}

/// Writes the keys of those streams that have one; answers how many have none.
pub(super) async fn stream_keys(
    stored: &dyn StreamKeys,
    streams: impl IntoIterator<Item = StreamName>,
    folder: &mut ExportFolder,
) -> Result<usize, ExportError> {
    let streams: Vec<StreamName> = streams.into_iter().collect();
    let mut keys = BTreeMap::new();
    for streams in streams.chunks(STREAMS) {
        let known = stored.held(streams).await?;
        for (stream, key) in known {
            let key = key.map_err(|error| {
                ExportError::NotWhole(format!(
                    "the key of {stream} in the vault cannot be used: {error}"
                ))
            })?;
            keys.insert(stream, key);
        }
    }
    let lines: String =
        keys.iter().map(|(name, key)| format!("{name} {}\n", hex::encode(key.0))).collect();
    if !lines.is_empty() {
        folder.put(STREAM_KEYS_FILE, lines.as_bytes())?;
    }
    Ok(streams.len() - keys.len())
}
