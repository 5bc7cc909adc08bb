//! What everything that keeps the state of reactions must do.

use std::sync::Arc;

use commands::ports::receipts::{AnchorReceipt, Receipts};
use commands::ports::{cursors::Cursors, due_list::Due};
use domain::ids::EventId;
use domain::journal::Position;
use domain::time::Moment;
use futures::future::join_all;
use serde_json::json;
use uuid::Uuid;

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::work_store::conformance::reactions as suite;
        crate::conformance::promises! { $place;
            a_cursor_is_where_it_was_kept_last
            what_is_kept_is_there_after_a_restart
            receipts_are_due_at_once_in_order_until_they_are_settled
            a_list_is_read_from_any_place_and_no_further_than_asked
            a_receipt_is_kept_once
            the_same_receipt_at_once_is_kept_once
        }
    };
}
pub(in crate::work_store) use conformance;

/// What a reaction keeps: both ports, which one engine implements.
pub(in crate::work_store) trait KeptForReactions: Cursors + Receipts {}
impl<T: Cursors + Receipts> KeptForReactions for T {}

pub(in crate::work_store) type Place = crate::conformance::Place<dyn KeptForReactions>;

fn receipt(anchor: &str, size: u64) -> AnchorReceipt {
    let receipt = json!({ "block": size, "name": "a \"quoted\" one" });
    let receipt = receipt.as_object().unwrap().clone();
    AnchorReceipt { anchor: anchor.to_owned(), size, checkpoint: "a\nnote\n".to_owned(), receipt }
}

fn cause(number: u128) -> EventId {
    EventId::new(Uuid::from_u128(number))
}

type Receipt = Due<AnchorReceipt>;

async fn due(receipts: &dyn KeptForReactions, place: u64, limit: usize) -> Vec<Receipt> {
    receipts.due(Moment::default(), place, limit).await.unwrap().unwrap()
}

pub(in crate::work_store) async fn a_cursor_is_where_it_was_kept_last(place: Place) {
    let cursors = place.open().await;
    assert_eq!(cursors.cursor("a").await.unwrap(), None);
    cursors.keep_cursor("a", Position(3)).await.unwrap();
    cursors.keep_cursor("b", Position(9)).await.unwrap();
    cursors.keep_cursor("a", Position(4)).await.unwrap();
    assert_eq!(cursors.cursor("a").await.unwrap(), Some(Position(4)));
    // A log that was restored is shorter: whoever stands beyond its end is told to go back.
    cursors.keep_cursor("a", Position(2)).await.unwrap();
    assert_eq!(cursors.cursor("a").await.unwrap(), Some(Position(2)));
    assert_eq!(cursors.cursor("b").await.unwrap(), Some(Position(9)));
}

pub(in crate::work_store) async fn what_is_kept_is_there_after_a_restart(place: Place) {
    let kept = place.open().await;
    kept.keep_cursor("a", Position(7)).await.unwrap();
    for size in 5..8 {
        kept.keep(cause(1), Position(4), &receipt("file", size)).await.unwrap();
    }
    let before = due(&*kept, 0, 10).await;
    kept.settle(&before[2]).await.unwrap();
    drop(kept);
    let kept = place.open().await;
    assert_eq!(kept.cursor("a").await.unwrap(), Some(Position(7)));
    assert_eq!(due(&*kept, 0, 10).await, before[..2]);
    // Not even the place of one that is gone is given again.
    kept.keep(cause(1), Position(4), &receipt("evm", 8)).await.unwrap();
    assert!(due(&*kept, 0, 10).await[2].place > before[2].place);
}

pub(in crate::work_store) async fn receipts_are_due_at_once_in_order_until_they_are_settled(
    place: Place,
) {
    let receipts = place.open().await;
    assert_eq!(due(&*receipts, 0, 10).await, []);
    for (number, anchor) in ["file", "evm", "witness"].into_iter().enumerate() {
        let size = number as u64 + 5;
        let made = receipt(anchor, size);
        receipts.keep(cause(size.into()), Position(size - 1), &made).await.unwrap();
    }
    let all = due(&*receipts, 0, 10).await;
    let whole = all.iter().map(|due| (due.cause, due.position, due.what.clone()));
    let expected = [("file", 5), ("evm", 6), ("witness", 7)].map(|(anchor, size): (&str, u64)| {
        (cause(size.into()), Position(size - 1), receipt(anchor, size))
    });
    assert_eq!(whole.collect::<Vec<_>>(), expected);
    assert!(all.is_sorted_by(|a, b| a.place < b.place));

    receipts.settle(&all[1]).await.unwrap();
    receipts.settle(&all[1]).await.unwrap();
    assert_eq!(due(&*receipts, 0, 10).await, [all[0].clone(), all[2].clone()]);
    // A place is never given twice: what was said of the first would be believed of the second.
    receipts.settle(&all[2]).await.unwrap();
    receipts.keep(cause(9), Position(8), &receipt("evm", 9)).await.unwrap();
    assert!(due(&*receipts, 0, 10).await[1].place > all[2].place);
}

pub(in crate::work_store) async fn a_list_is_read_from_any_place_and_no_further_than_asked(
    place: Place,
) {
    let receipts = place.open().await;
    for size in 0..6 {
        receipts.keep(cause(1), Position(4), &receipt("file", size)).await.unwrap();
    }
    let all = due(&*receipts, 0, usize::MAX >> 1).await;
    assert_eq!(all.len(), 6);
    for from in 0..6 {
        for limit in 0..=6 {
            let end = 6.min(from + limit);
            assert_eq!(due(&*receipts, all[from].place, limit).await, all[from..end]);
        }
    }
    assert_eq!(due(&*receipts, all[5].place + 1, 10).await, []);
}

pub(in crate::work_store) async fn a_receipt_is_kept_once(place: Place) {
    let receipts = place.open().await;
    for _ in 0..2 {
        receipts.keep(cause(1), Position(4), &receipt("file", 5)).await.unwrap();
    }
    assert_eq!(due(&*receipts, 0, 10).await.len(), 1);
    receipts.keep(cause(1), Position(4), &receipt("evm", 5)).await.unwrap();
    assert_eq!(due(&*receipts, 0, 10).await.len(), 2);
}

pub(in crate::work_store) async fn the_same_receipt_at_once_is_kept_once(place: Place) {
    let receipts = place.open().await;
    let race = (0..16).map(|_| {
        let receipts = Arc::clone(&receipts);
        tokio::spawn(async move {
            receipts.keep(cause(1), Position(4), &receipt("file", 5)).await.unwrap();
        })
    });
    for kept in join_all(race).await {
        kept.unwrap();
    }
    assert_eq!(due(&*receipts, 0, 10).await.len(), 1);
}
