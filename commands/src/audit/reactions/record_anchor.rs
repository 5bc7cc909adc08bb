//! What an anchor gave is recorded in the log, also if the process was killed in between.

use domain::ids::StreamName;
use serde_json::Value;

use crate::audit::record_anchor::RecordAnchor;
use crate::ports::due_list::Due;
use crate::ports::receipts::AnchorReceipt;
use crate::react::DueReaction;

/// Writes down every receipt that was kept.
#[derive(Debug, Clone)]
pub struct ReceiptIsRecorded {
    /// The stream in which the log speaks of itself.
    pub log: StreamName,
}

impl DueReaction for ReceiptIsRecorded {
    type Item = AnchorReceipt;
    type Order = RecordAnchor;

    fn name(&self) -> &'static str {
        "record_anchor"
    }

    fn what(&self) -> &'static str {
        "records in the log what anchors gave"
    }

    /// Anchors are many, and one may give several receipts for one checkpoint, whose cosignatures may differ:
    /// the anchor's name and a digest of note and receipt tell them apart.
    fn which(&self, item: &AnchorReceipt) -> String {
        let receipt = Value::Object(item.receipt.clone()).to_string();
        let mut digest = blake3::Hasher::new();
        digest.update(item.checkpoint.as_bytes()).update(&[0]).update(receipt.as_bytes());
        format!("{} {}", item.anchor, digest.finalize().to_hex())
    }

    fn react(&self, due: &Due<AnchorReceipt>) -> RecordAnchor {
        let AnchorReceipt { anchor, size, checkpoint, receipt } = due.what.clone();
        RecordAnchor { log: self.log.clone(), anchor, size, checkpoint, receipt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::EventId;
    use domain::journal::Position;

    fn due(anchor: &str, number: u32) -> Due<AnchorReceipt> {
        let receipt = [("number".to_owned(), number.into())].into_iter().collect();
        let (anchor, checkpoint) = (anchor.to_owned(), "a note".to_owned());
        let what = AnchorReceipt { anchor, size: 8, checkpoint, receipt };
        let cause = EventId::new(uuid::Uuid::from_u128(7));
        Due { place: 1, cause, position: Position(7), what }
    }

    #[test]
    fn receipts_of_one_checkpoint_are_told_apart_by_anchor_and_content() {
        let reaction = ReceiptIsRecorded { log: StreamName::log(0) };
        let which = |due: &Due<AnchorReceipt>| reaction.which(&due.what);
        assert_eq!(which(&due("file", 1)), which(&due("file", 1)));
        assert_ne!(which(&due("file", 1)), which(&due("file", 2)));
        assert_ne!(which(&due("file", 1)), which(&due("evm", 1)));
        let mut cosigned = due("file", 1);
        cosigned.what.checkpoint.push_str("- a cosignature");
        assert_ne!(which(&cosigned), which(&due("file", 1)));
    }

    #[test]
    fn a_receipt_is_recorded_as_it_was_given() {
        let reaction = ReceiptIsRecorded { log: StreamName::log(0) };
        let order = reaction.react(&due("file", 3));
        assert_eq!((order.anchor.as_str(), order.size), ("file", 8));
        assert_eq!(order.receipt["number"], 3);
    }
}
