//! Checkpoints that lie somewhere: with the organisation, with an anchor, with whoever checks.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use domain::journal::Position;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::Note;
use serde_json::{Map, Value};

use crate::ports::LogFiles;

/// The public files of an installation and the checkpoints it keeps, as they were when they were opened.
pub struct StoredTree {
    /// Tiles, bundles, the published checkpoint.
    pub files: Arc<dyn LogFiles>,
    /// The published checkpoint as it was then.
    pub published: Option<Vec<u8>>,
    /// Where the guard file lies, and what it held then.
    pub guard: (PathBuf, Option<Vec<u8>>),
    /// What was signed last by then, by the checkpoint store.
    pub signed: Option<Vec<u8>>,
}

/// A checkpoint that lies somewhere.
pub struct KeptCheckpoint {
    /// Where, as a person would say it.
    pub name: String,
    /// The signed note's exact bytes.
    pub note: Vec<u8>,
    /// Whether it has been to the witnesses.
    pub published: bool,
}

/// What an anchor gave.
pub(super) struct AnchoredCheckpoint {
    /// The event that says so, where events are at hand.
    pub(super) position: Option<Position>,
    /// The file it stands in, else the anchor's name and the size.
    pub(super) name: String,
    pub(super) anchor: String,
    pub(super) size: u64,
    pub(super) note: String,
    pub(super) receipt: Map<String, Value>,
}

/// The checkpoint that bytes speak of, unbelieved.
pub(super) fn checkpoint_of(note: &[u8]) -> Option<Checkpoint> {
    Checkpoint::parse(&Note::parse(note).ok()?.text).ok()
}

/// What a file remembers of a log between two checks of it; none if there is none yet.
///
/// # Errors
/// If the file is there and cannot be read.
pub fn remembered(file: &Path) -> anyhow::Result<Option<KeptCheckpoint>> {
    let name = format!("the remembered checkpoint {}", file.display());
    match std::fs::read(file) {
        Ok(note) => Ok(Some(KeptCheckpoint { name, note, published: false })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(anyhow::Error::from(error).context(name)),
    }
}

/// Remembers a checkpoint in a file: whole and on the disk, or as it was.
///
/// # Errors
/// If it cannot be written.
pub fn remember(file: &Path, note: &[u8]) -> anyhow::Result<()> {
    replace(file, note).with_context(|| format!("{} cannot be written", file.display()))
}

fn replace(file: &Path, note: &[u8]) -> io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    let mut next = tempfile::NamedTempFile::new_in(folder)?;
    next.write_all(note)?;
    next.as_file().sync_all()?;
    next.persist(file)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_replaced_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("remembered");
        assert!(remembered(&file).unwrap().is_none());
        for note in [b"first".as_slice(), b"second"] {
            remember(&file, note).unwrap();
            let kept = remembered(&file).unwrap().unwrap();
            assert_eq!((kept.note.as_slice(), kept.published), (note, false));
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
