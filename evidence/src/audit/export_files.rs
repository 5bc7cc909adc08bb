//! The files of an export beside its lines: the manifest and its digests, stream keys, receipts.

use std::path::{Component, Path, PathBuf};

use domain::ids::StreamName;
use domain::journal::StreamKey;
use domain::journal::note::Note;

use super::finding::{FILES_MAX, Finding};
use super::kept::AnchoredCheckpoint;
use crate::export::format::{
    CHECKPOINT_FILE, ExportedReceipt, MANIFEST_FILE, Manifest, RECEIPTS_FOLDER, STREAM_KEYS_FILE,
};
use crate::text_ends::{as_written, has_digest};

/// Reads the manifest; what is wrong with it is a finding.
pub(super) fn manifest(folder: &Path) -> anyhow::Result<Result<Manifest, Finding>> {
    let path = folder.join(MANIFEST_FILE);
    if !path.is_file() {
        let what = format!("{MANIFEST_FILE} is missing: the export was not finished");
        return Ok(Err(Finding::unread_file(what)));
    }
    let manifest = serde_json::from_slice(&as_written(&std::fs::read(path)?));
    Ok(manifest.map_err(|error| Finding::unread_file(format!("{MANIFEST_FILE}: {error}"))))
}

/// Holds every file against its digest.
pub(super) fn digests(folder: &Path, manifest: &Manifest) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for digest in &manifest.digests {
        let name = &digest.path;
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            let what = format!("{MANIFEST_FILE} names {name:.80?}, which is no file of an export");
            findings.push(Finding::of_file(what));
            continue;
        }
        let path = folder.join(name);
        if !path.is_file() {
            findings.push(Finding::of_file(format!("{name} is missing")));
            continue;
        }
        if has_digest(&path, &digest.blake3)? {
            continue;
        }
        findings.push(if name == CHECKPOINT_FILE && was_cut(&path)? {
            Finding::unread_file(format!("{name} was cut"))
        } else {
            let what = format!("{name} is not the file that {MANIFEST_FILE} speaks of");
            Finding::of_file(what)
        });
    }
    findings.truncate(FILES_MAX);
    Ok(findings)
}

/// Whether a note breaks off: within its text, or within a signature.
fn was_cut(note: &Path) -> anyhow::Result<bool> {
    let note = std::fs::read(note)?;
    Ok(!Note::parse(&as_written(&note)).is_ok_and(|note| note.is_whole()))
}

/// The keys of the streams an export is about.
pub(super) fn stream_keys(
    folder: &Path,
) -> anyhow::Result<Result<Vec<(StreamName, StreamKey)>, Finding>> {
    let path = folder.join(STREAM_KEYS_FILE);
    if !path.is_file() {
        return Ok(Ok(Vec::new()));
    }
    let text = String::from_utf8_lossy(&as_written(&std::fs::read(path)?)).into_owned();
    let key = |line: &str| {
        let (stream, key) = line.split_once(' ')?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(key, &mut bytes).ok()?;
        Some((stream.parse::<StreamName>().ok()?, StreamKey(bytes)))
    };
    let keys: Option<Vec<_>> = text.lines().map(key).collect();
    let wrong = || Finding::of_file(format!("{STREAM_KEYS_FILE} holds a line that is no key"));
    Ok(keys.ok_or_else(wrong))
}

/// The files of receipts, sorted.
pub(super) fn receipt_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let receipts = folder.join(RECEIPTS_FOLDER);
    if !receipts.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(receipts)? {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}

/// Reads a receipt.
pub(super) fn receipt(path: &Path) -> anyhow::Result<Result<AnchoredCheckpoint, Finding>> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let name = format!("{RECEIPTS_FOLDER}/{file}");
    let receipt = serde_json::from_slice::<ExportedReceipt>(&std::fs::read(path)?);
    Ok(match receipt {
        Ok(ExportedReceipt { anchor, note, receipt, size }) => {
            Ok(AnchoredCheckpoint { position: None, name, anchor, size, note, receipt })
        }
        Err(error) => Err(Finding::of_file(format!("{name}: {error}"))),
    })
}
