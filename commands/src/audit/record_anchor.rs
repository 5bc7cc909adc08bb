//! A checkpoint left the organisation: the receipt is kept where it counts, in the log itself.

use domain::audit::event::LogAnchored;
use domain::audit::state::LogState;
use domain::ids::StreamName;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::Note;
use domain::time::Moment;
use serde_json::{Map, Value};

use crate::decide::{Command, Decided, Decision, rejections};

/// Keeps what an anchor answered where it counts: in the log itself.
#[derive(Debug, Clone)]
pub struct RecordAnchor {
    /// The stream in which the log speaks of itself.
    pub log: StreamName,
    /// Where: `file`, `witness`, `evm`.
    pub anchor: String,
    /// How many events the checkpoint covers.
    pub size: u64,
    /// The signed note.
    pub checkpoint: String,
    /// What the anchor gave.
    pub receipt: Map<String, Value>,
}

rejections! {
    /// Why an anchor is not recorded.
    RecordAnchorRejection {
        /// It holds a newer checkpoint.
        AnchorIsNewer = Conflict, "anchor_is_newer", "This anchor holds a newer checkpoint already.", "Anchor the newest checkpoint.";
        /// The size is not the checkpoint's, or there is no checkpoint.
        NotThisCheckpoint = Invalid, "not_this_checkpoint", "The checkpoint is not one of this size.", "Record the signed note as it was anchored, and the size it names.";
    }
}

impl Command for RecordAnchor {
    type States = (LogState,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![self.log.clone()]
    }

    fn decide(&self, (log,): (&LogState,), _now: Moment) -> Decision<Self::Done> {
        if !names_size(&self.checkpoint, self.size) {
            return Err(RecordAnchorRejection::NotThisCheckpoint.into());
        }
        if let Some(known) = log.anchors.get(&self.anchor) {
            if self.size < known.size {
                return Err(RecordAnchorRejection::AnchorIsNewer.into());
            }
            if self.size == known.size && known.receipts.contains(&self.receipt) {
                return Ok(Decided::Already(()));
            }
        }
        let (anchor, checkpoint) = (self.anchor.clone(), self.checkpoint.clone());
        let receipt = self.receipt.clone();
        Ok(Decided::record(LogAnchored { anchor, size: self.size, checkpoint, receipt }))
    }
}

/// Whether the note is a checkpoint of this size; whose signatures it bears, its maker has checked.
fn names_size(note: &str, size: u64) -> bool {
    let note = Note::parse(note.as_bytes());
    note.is_ok_and(|note| Checkpoint::parse(&note.text).is_ok_and(|there| there.size == size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Given, given};
    use domain::actor::Actor;
    use domain::journal::note::{KeyKind, NoteKey};
    use domain::samples::ORIGIN;
    use domain::time::minutes;
    use serde_json::json;

    fn receipt(number: u32) -> Map<String, Value> {
        json!({ "number": number }).as_object().unwrap().clone()
    }

    fn record(anchor: &str, size: u64, number: u32) -> RecordAnchor {
        let text = Checkpoint { origin: ORIGIN.into(), size, root: [7; 32] }.text();
        let key = NoteKey::new(ORIGIN, KeyKind::Ed25519, &[1; 32]).unwrap();
        let signatures = vec![key.sign(&text, 0)];
        let checkpoint = Note { text, signatures }.to_string();
        let log = StreamName::log(0);
        let anchor = anchor.to_owned();
        RecordAnchor { log, anchor, size, checkpoint, receipt: receipt(number) }
    }

    fn anchored(order: &RecordAnchor) -> Given {
        given().done(Actor::System, order)
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        let order = record("file", 7, 1);
        given().when(&order).then_kinds(&["log.anchored.v1"]);
        let once = given().twice::<RecordAnchor>(Actor::System, &order);
        once.later(minutes(1)).when(&order).then_nothing();
    }

    #[test]
    fn an_anchor_gives_several_receipts_for_a_size_and_never_goes_back() {
        let two = anchored(&record("file", 7, 1)).done(Actor::System, &record("file", 7, 2));
        two.when(&record("file", 7, 1)).then_nothing();
        two.when(&record("file", 8, 1)).then_kinds(&["log.anchored.v1"]);
        two.when(&record("file", 6, 3)).refused("anchor_is_newer");
        two.when(&record("evm", 6, 3)).then_kinds(&["log.anchored.v1"]);
    }

    #[test]
    fn a_checkpoint_of_another_size_is_refused() {
        let other = RecordAnchor { size: 8, ..record("file", 7, 1) };
        given().when(&other).refused("not_this_checkpoint");
        let none = RecordAnchor { checkpoint: "7\n".into(), ..record("file", 7, 1) };
        given().when(&none).refused("not_this_checkpoint");
    }
}
