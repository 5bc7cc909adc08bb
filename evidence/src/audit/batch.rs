//! A run of lines, each checked by itself: the part that is done on all cores at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::audit::event::LogAnchored;
use domain::fact::FactError;
use domain::ids::BlobHash;
use domain::journal::chain::{Broken, LineCheck, Link};
use domain::journal::tile::WIDTH;
use domain::journal::tree::{TreeHash, leaf_hash, subtree};
use domain::journal::{Leaf, Line, Position};
use domain::records::event::ReportUploaded;

use super::files::PublicFiles;
use super::finding::Finding;
use crate::ports::{StoredLines, missing};

/// Lines read and checked at a time.
pub(super) const LINES: usize = 1_024;

/// Lines that are right by themselves, up to the first that is not.
#[derive(Default)]
pub(super) struct CheckedLines {
    pub(super) good: Vec<Good>,
    pub(super) unknown: BTreeMap<String, u64>,
    pub(super) blobs: Vec<(Position, BlobHash)>,
    /// Where the log says that something was anchored.
    pub(super) anchored: Vec<Position>,
    /// What is wrong with the public files of these lines.
    pub(super) files: Vec<Finding>,
    pub(super) broken: Option<Finding>,
}

/// A line that is right by itself.
pub(super) struct Good {
    pub(super) position: Position,
    pub(super) link: Link,
    /// Its leaf; a line that is newer than an export's checkpoint has none.
    pub(super) leaf: Option<(Leaf, TreeHash)>,
    /// The hash over a tile's leaves, with the last of them.
    pub(super) subtree: Option<TreeHash>,
}

impl CheckedLines {
    /// Reads and checks `count` lines of a log from `from` on, which begins a tile, and holds their leaves
    /// against the public files.
    pub(super) async fn of_log(
        stored: Arc<dyn StoredLines>,
        from: Position,
        count: usize,
        files: Option<Arc<PublicFiles>>,
    ) -> anyhow::Result<Self> {
        let mut batch = Self::default();
        while batch.broken.is_none() && batch.good.len() < count {
            let next = Position(from.0 + batch.good.len() as u64);
            let lines = match stored.of_log(next, count - batch.good.len()).await {
                Ok(lines) => lines,
                Err(error) => {
                    let what = error.damage().map(ToOwned::to_owned).ok_or(error)?;
                    batch.broken = Some(Finding::at(next, what));
                    break;
                }
            };
            if lines.is_empty() {
                batch.broken = Some(Finding::at(next, missing(next)));
            }
            for line in &lines {
                if !batch.take(line) {
                    break;
                }
            }
        }
        let leaves: Vec<(Leaf, TreeHash)> =
            batch.good.iter().filter_map(|good| good.leaf).collect();
        let (leaves, hashes): (Vec<Leaf>, Vec<TreeHash>) = leaves.into_iter().unzip();
        let width = usize::try_from(WIDTH).unwrap_or(usize::MAX);
        for (good, hashes) in batch.good.chunks_mut(width).zip(hashes.chunks(width)) {
            if let Some(last) = good.last_mut().filter(|_| hashes.len() == width) {
                last.subtree = Some(subtree(hashes.to_vec()));
            }
        }
        if let Some(files) = files {
            batch.files = files.compare(from, &leaves, &hashes).await;
        }
        Ok(batch)
    }

    /// Checks lines of an export, and holds them against the leaves that came along.
    pub(super) async fn of_bytes(
        lines: &[(Position, Vec<u8>)],
        files: Option<Arc<PublicFiles>>,
    ) -> Self {
        let mut batch = Self::default();
        let mut bundle = None;
        for (position, line) in lines {
            let leaf = match &files {
                Some(files) if position.0 < files.size => {
                    let leaf = leaf_at(files, *position, &mut bundle).await;
                    match leaf.and_then(|leaf| carried(leaf, *position, line)) {
                        Ok(leaf) => Some((leaf, leaf_hash(&leaf.0))),
                        Err(finding) => {
                            batch.broken = Some(finding);
                            break;
                        }
                    }
                }
                Some(_) | None => None,
            };
            match LineCheck::of_bytes(line) {
                Ok(check) => {
                    if !batch.admit(*position, check, leaf) {
                        break;
                    }
                }
                Err(error) => {
                    batch.broken = Some(Finding::at(*position, Broken::from(error)));
                    break;
                }
            }
        }
        batch
    }

    fn take(&mut self, line: &Line) -> bool {
        match LineCheck::of(line) {
            Ok(check) => {
                self.admit(line.position, check, Some((line.leaf, leaf_hash(&line.leaf.0))))
            }
            Err(broken) => {
                let finding = Finding::at(line.position, broken);
                self.broken = Some(finding.of(&line.stream, line.version));
                false
            }
        }
    }

    /// A fact of an unknown type is hashed and chained like any other; one of a known type that cannot be
    /// read would stop every fold.
    fn admit(
        &mut self,
        position: Position,
        check: LineCheck<'_>,
        leaf: Option<(Leaf, TreeHash)>,
    ) -> bool {
        match check.envelope.fact() {
            Ok(fact) => {
                let uploaded = fact.body::<ReportUploaded>();
                self.blobs.extend(uploaded.map(|uploaded| (position, uploaded.blob)));
                self.anchored.extend(fact.body::<LogAnchored>().map(|_| position));
            }
            Err(FactError::UnknownKind) => {
                *self.unknown.entry(check.envelope.kind.to_owned()).or_default() += 1;
            }
            Err(error @ FactError::BadData(_)) => {
                let finding = Finding::at(position, error);
                self.broken = Some(finding.of(&check.envelope.stream, check.envelope.version));
                return false;
            }
        }
        self.good.push(Good { position, link: check.link(), leaf, subtree: None });
        true
    }
}

/// The leaf of a position; the bundle it stands in is kept for the next one.
async fn leaf_at(
    files: &PublicFiles,
    position: Position,
    kept: &mut Option<(u64, Vec<Leaf>)>,
) -> Result<Leaf, Finding> {
    let index = position.0 / WIDTH;
    if kept.as_ref().is_none_or(|(known, _)| *known != index) {
        *kept = Some((index, files.leaves(index).await?));
    }
    let within = usize::try_from(position.0 % WIDTH).unwrap_or(usize::MAX);
    let leaf = kept.as_ref().and_then(|(_, leaves)| leaves.get(within).copied());
    leaf.ok_or_else(|| Finding::at(position, "the bundle has no leaf here"))
}

fn carried(leaf: Leaf, position: Position, line: &[u8]) -> Result<Leaf, Finding> {
    if leaf.matches(line) {
        return Ok(leaf);
    }
    Err(Finding::at(position, "the leaf does not carry the digests of the line"))
}
