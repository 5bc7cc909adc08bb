//! The completeness scan: every leaf of the log is looked at for the tags of one stream.

use std::collections::HashMap;

use domain::ids::StreamName;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::tile::{Tile, TileKind, WIDTH, leaves};
use domain::journal::tree::TreeRoot;
use domain::journal::{Leaf, StreamKey, StreamVersion};

use super::{Verdict, Wrong};
use crate::log_files;
use crate::ports::{FilesError, LogFiles, Progress};

/// Most lines that are looked for beyond those that are held.
const WITHHELD_MAX: u32 = 100_000;

/// A line that somebody holds.
pub(super) struct HeldLine {
    /// Where it says it stands.
    pub(super) position: u64,
    /// The leaf that it and its stream's key give.
    pub(super) leaf: Leaf,
}

/// The lines of a stream, by version, and what finds them among all leaves.
pub(super) struct StreamScan<'a> {
    stream: &'a StreamName,
    key: &'a StreamKey,
    held: &'a HashMap<u32, HeldLine>,
    /// Tags that were met or must be, and the version each belongs to.
    tags: HashMap<[u8; 32], u32>,
    /// The first version of which no line is held.
    next: u32,
    met: HashMap<u32, u64>,
}

fn tag(leaf: &Leaf) -> [u8; 32] {
    let mut tag = [0; 32];
    tag.copy_from_slice(&leaf.0[4..36]);
    tag
}

impl<'a> StreamScan<'a> {
    pub(super) fn new(
        stream: &'a StreamName,
        key: &'a StreamKey,
        held: &'a HashMap<u32, HeldLine>,
    ) -> Self {
        let next = held.keys().max().map_or(0, |newest| newest.saturating_add(1));
        // A bundle may lie about versions; it must not make us look for billions of tags.
        let most = u32::try_from(held.len()).unwrap_or(u32::MAX).saturating_add(WITHHELD_MAX);
        let next = next.min(most);
        let (tags, met) = (HashMap::new(), HashMap::new());
        let mut scan = Self { stream, key, held, tags, next, met };
        (0..=next).for_each(|version| scan.expect(version));
        scan
    }

    /// The tag does not depend on the line.
    fn expect(&mut self, version: u32) {
        let tag = tag(&Leaf::of(self.key, StreamVersion(version), b""));
        self.tags.insert(tag, version);
    }

    /// Reads all leaves of the tree, one bundle at a time.
    pub(super) async fn run(
        mut self,
        log: &dyn LogFiles,
        checkpoint: &Checkpoint,
        verdict: &mut Verdict,
        progress: &dyn Progress,
    ) {
        progress.begin(checkpoint.size, "looking through the log");
        let mut tree = TreeRoot::default();
        for index in 0..checkpoint.size.div_ceil(WIDTH) {
            let bundle = match bundle(log, index, checkpoint.size).await {
                Ok(bundle) => bundle,
                Err(wrong) => {
                    progress.end();
                    return verdict.wrong(wrong);
                }
            };
            for (leaf, position) in bundle.iter().zip(index * WIDTH..) {
                tree.push(&leaf.0);
                self.look(leaf, position, verdict);
            }
            progress.advance(bundle.len() as u64);
        }
        progress.end();
        if tree.root() != checkpoint.root {
            verdict.wrong(Wrong::new(
                "the leaves the log serves do not give the checkpoint's root: they are another log's",
            ));
        }
        self.conclude(checkpoint, verdict);
    }

    fn look(&mut self, leaf: &Leaf, position: u64, verdict: &mut Verdict) {
        let Some(version) = self.tags.get(&tag(leaf)).copied() else { return };
        let stream = self.stream;
        if let Some(first) = self.met.insert(version, position) {
            let what = format!("the tag of {stream} version {version} stands here and at {first}");
            verdict.wrong(Wrong::at(position, what));
        }
        match self.held.get(&version) {
            None => {
                let what = format!("version {version} of {stream} stands here, and is withheld");
                verdict.wrong(Wrong::at(position, what));
                if version >= self.next {
                    self.next = version.saturating_add(1);
                    self.expect(self.next);
                }
            }
            Some(held) if held.position != position => {
                let what = format!(
                    "the tag of {stream} version {version} stands here, and its line at position {}",
                    held.position
                );
                verdict.wrong(Wrong::at(position, what));
            }
            Some(held) if held.leaf != *leaf => {
                let what =
                    format!("the leaf is not that of the line of {stream} version {version}");
                verdict.wrong(Wrong::at(position, what));
            }
            Some(_) => {}
        }
    }

    fn conclude(&self, checkpoint: &Checkpoint, verdict: &mut Verdict) {
        let mut missing: Vec<(&u32, &HeldLine)> =
            self.held.iter().filter(|(version, _)| !self.met.contains_key(version)).collect();
        missing.retain(|(_, held)| held.position < checkpoint.size);
        missing.sort_unstable_by_key(|(version, _)| **version);
        for (version, held) in missing {
            let what = format!(
                "the tag of {} version {version} stands nowhere in the log: the key is not the stream's",
                self.stream
            );
            verdict.wrong(Wrong::at(held.position, what));
        }
        verdict
            .checked(format!("all {} leaves of the log, for this stream's tags", checkpoint.size));
    }
}

async fn bundle(log: &dyn LogFiles, index: u64, size: u64) -> Result<Vec<Leaf>, Wrong> {
    let start = index * WIDTH;
    let at = |what: &dyn std::fmt::Display| Wrong::at(start, what);
    let tile = Tile::in_tree(TileKind::Entries, index, size);
    let tile = tile.ok_or_else(|| at(&"the tree has no such bundle"))?;
    let bytes = log_files::read(log, tile).await.map_err(|error| match error {
        FilesError::Unread { .. } => Wrong::unread(error),
        FilesError::Wrong(_) => at(&error),
    })?;
    let leaves = leaves(&bytes).filter(|leaves| leaves.len() == usize::from(tile.width));
    leaves.ok_or_else(|| at(&"what the log serves here is no bundle of leaves"))
}
