//! What somebody was given, whatever it is: a receipt, a proof, or a history bundle as a folder or one file.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use domain::journal::LINE_BYTES_MAX;
use domain::journal::note::{NOTE_BYTES_MAX, VerifierKey};
use domain::journal::witness_policy::WitnessPolicy;
use serde_json::Value;

use super::archive::{ArchiveBounds, plain, unpack};
use super::folder::{Check, SMALL_MAX};
use super::{Verdict, text};
use crate::bundle::{LINES, MANIFEST};
use crate::ports::{LogFiles, Progress};
use crate::text_ends::as_written;

/// A receipt is a line and a proof, and the proof's longest part is its checkpoint.
const TEXT_BYTES_MAX: u64 = (LINE_BYTES_MAX + NOTE_BYTES_MAX + 16 * 1_024) as u64;

/// What it is checked with.
pub struct Against<'a> {
    /// Whom somebody believes; a bundle's own word if nobody was named.
    pub policy: Option<WitnessPolicy>,
    /// The log's public files.
    pub log: Option<&'a dyn LogFiles>,
    /// Who waits.
    pub progress: &'a dyn Progress,
}

/// Why nothing was checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Nobody said whom to believe, and what was given carries no keys.
    #[error("a receipt carries no keys: say whom you believe, --witness-policy FILE or --key VKEY")]
    NoKeys,
    /// It is an export of the whole log, not what somebody was given about themselves.
    #[error(
        "{0} is an export of the whole log, which is checked by: medlock verify {0} (or medlock-check {0})"
    )]
    WholeLog(String),
    /// It cannot be read.
    #[error("{0:#}")]
    Unreadable(anyhow::Error),
}

/// Whom somebody names to be believed, if they name anybody: a policy file, keys instead of its logs.
///
/// # Errors
/// If the file cannot be read or is no policy.
pub fn policy(file: Option<&Path>, keys: &[VerifierKey]) -> anyhow::Result<Option<WitnessPolicy>> {
    let named = keys.iter().cloned();
    let Some(path) = file else {
        return Ok((!keys.is_empty()).then(|| WitnessPolicy::of_logs(named)));
    };
    let bytes = std::fs::read(path);
    let bytes = bytes.with_context(|| format!("{} cannot be read", path.display()))?;
    let text = String::from_utf8(as_written(&bytes).into_owned());
    let text = text.with_context(|| format!("{} is no text", path.display()))?;
    let policy = WitnessPolicy::parse(&text).with_context(|| format!("{}", path.display()))?;
    Ok(Some(if keys.is_empty() { policy } else { policy.of_log(named) }))
}

/// Checks a file or a folder.
///
/// # Errors
/// If it could not look; what is wrong is in the verdict.
pub async fn check(path: &Path, against: Against<'_>) -> Result<Verdict, CheckError> {
    if path.is_dir() {
        if is_whole_log(path) {
            return Err(CheckError::WholeLog(path.display().to_string()));
        }
        return Ok(bundle(path, against).await);
    }
    match evidence_text(path).map_err(CheckError::Unreadable)? {
        Some((evidence, ended)) => {
            let policy = against.policy.ok_or(CheckError::NoKeys)?;
            let verdict = text(&evidence, &policy, against.log).await;
            Ok(if ended || verdict.right { verdict } else { verdict.of_a_cut_file() })
        }
        None => {
            let folder = unpack(path, ArchiveBounds::default());
            let odd = || format!("{} is no receipt, no proof and no whole bundle", path.display());
            let folder = folder.with_context(odd);
            Ok(bundle(folder.map_err(CheckError::Unreadable)?.path(), against).await)
        }
    }
}

/// Whether a folder is an export that names no stream: all of them are in it.
fn is_whole_log(folder: &Path) -> bool {
    let manifest = File::open(folder.join(MANIFEST));
    let manifest = manifest.map(|file| serde_json::from_reader::<_, Value>(file.take(SMALL_MAX)));
    matches!(manifest, Ok(Ok(manifest)) if manifest.get("streams").is_none_or(Value::is_null))
        && folder.join(LINES).is_file()
}

async fn bundle(folder: &Path, Against { policy, log, progress }: Against<'_>) -> Verdict {
    Check { folder, policy, log, progress }.run().await
}

/// The text of a receipt or a proof as it was written, and whether its last line ended; none if the file is
/// neither.
fn evidence_text(path: &Path) -> anyhow::Result<Option<(String, bool)>> {
    let unreadable = || format!("{} cannot be read", path.display());
    let mut bytes = Vec::new();
    let read = plain(path).and_then(|file| file.take(TEXT_BYTES_MAX).read_to_end(&mut bytes));
    read.with_context(unreadable)?;
    let written = as_written(&bytes);
    let text = written.starts_with(b"{") || written.starts_with(b"c2sp.org/tlog-proof");
    let ended = bytes.ends_with(b"\n");
    Ok(String::from_utf8(written.into_owned()).ok().filter(|_| text).map(|text| (text, ended)))
}
