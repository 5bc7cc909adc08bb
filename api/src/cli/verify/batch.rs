//! A run of lines, each checked by itself: the part that is done on all cores at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use commands::ports::event_store::{Damage, EventStore};
use domain::fact::{Fact, FactError};
use domain::ids::BlobHash;
use domain::journal::chain::{Broken, LineCheck, Link};
use domain::journal::tree::{TreeHash, leaf_hash};
use domain::journal::{Leaf, Line, Position};
use domain::records::event::RecordsFact;

use super::report::Finding;

/// Lines read and checked at a time.
pub(super) const LINES: usize = 1_024;

/// Lines that are right by themselves, up to the first that is not.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) good: Vec<Good>,
    pub(super) unknown: BTreeMap<String, u64>,
    pub(super) blobs: Vec<(Position, BlobHash)>,
    pub(super) broken: Option<Finding>,
}

/// A line that is right by itself.
pub(super) struct Good {
    pub(super) position: Position,
    pub(super) link: Link,
    /// Its leaf; an export has none.
    pub(super) leaf: Option<(Leaf, TreeHash)>,
}

impl Batch {
    /// Reads and checks `count` lines of a log from `from` on.
    pub(super) async fn of_log(
        events: Arc<dyn EventStore>,
        from: Position,
        count: usize,
    ) -> anyhow::Result<Self> {
        let mut batch = Self::default();
        while batch.broken.is_none() && batch.good.len() < count {
            let next = Position(from.0 + batch.good.len() as u64);
            let lines = match events.read_all(next, count - batch.good.len()).await {
                Ok(lines) => lines,
                Err(error) => {
                    let what = error.damage().map(Damage::to_string).ok_or(error)?;
                    batch.broken = Some(Finding::at(next, what));
                    break;
                }
            };
            if lines.is_empty() {
                batch.broken = Some(Finding::at(next, Damage::Position(next)));
            }
            for line in &lines {
                if !batch.take(line) {
                    break;
                }
            }
        }
        Ok(batch)
    }

    /// Checks lines of an export.
    pub(super) fn of_bytes(lines: &[(Position, Vec<u8>)]) -> Self {
        let mut batch = Self::default();
        for (position, line) in lines {
            let position = *position;
            match LineCheck::of_bytes(line) {
                Ok(check) => {
                    if !batch.admit(position, check, None) {
                        break;
                    }
                }
                Err(error) => {
                    batch.broken = Some(Finding::at(position, Broken::from(error)));
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
            Ok(Fact::Records(RecordsFact::Uploaded(uploaded))) => {
                self.blobs.push((position, uploaded.blob));
            }
            Ok(_) => {}
            Err(FactError::UnknownKind) => {
                *self.unknown.entry(check.envelope.kind.to_owned()).or_default() += 1;
            }
            Err(error @ FactError::BadData(_)) => {
                let finding = Finding::at(position, error);
                self.broken = Some(finding.of(&check.envelope.stream, check.envelope.version));
                return false;
            }
        }
        self.good.push(Good { position, link: check.link(), leaf });
        true
    }
}
