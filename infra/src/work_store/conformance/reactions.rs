//! What everything that keeps the state of reactions must do. Each adapter runs all of it.

use commands::ports::receipts::{AnchorReceipt, Receipts};
use commands::ports::{cursors::Cursors, due_list::Due};
use domain::ids::EventId;
use domain::journal::Position;
use domain::time::Moment;
use serde_json::json;
use uuid::Uuid;

/// One test for each promise, over what `$fresh` makes; what it makes besides lives as long as the test.
macro_rules! conformance {
    ($fresh:expr) => {
        $crate::work_store::conformance::reactions::conformance! { $fresh;
            a_cursor_is_where_it_was_kept_last
            receipts_are_due_at_once_in_order_until_they_are_settled
            a_receipt_is_kept_once
        }
    };
    ($fresh:expr; $($promise:ident)*) => {$(
        #[tokio::test]
        async fn $promise() {
            let fresh = $fresh;
            let (kept, _alive) = fresh().await;
            $crate::work_store::conformance::reactions::$promise(&kept).await;
        }
    )*};
}
pub(in crate::work_store) use conformance;

pub(in crate::work_store) async fn a_cursor_is_where_it_was_kept_last(cursors: &dyn Cursors) {
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

fn receipt(anchor: &str, size: u64) -> AnchorReceipt {
    let receipt = json!({ "block": size, "name": "a \"quoted\" one" });
    let receipt = receipt.as_object().unwrap().clone();
    AnchorReceipt { anchor: anchor.to_owned(), size, checkpoint: "a\nnote\n".to_owned(), receipt }
}

fn cause(number: u128) -> EventId {
    EventId::new(Uuid::from_u128(number))
}

async fn due(receipts: &dyn Receipts, place: u64, limit: usize) -> Vec<Due<AnchorReceipt>> {
    receipts.due(Moment::default(), place, limit).await.unwrap().unwrap()
}

pub(in crate::work_store) async fn receipts_are_due_at_once_in_order_until_they_are_settled(
    receipts: &dyn Receipts,
) {
    assert_eq!(due(receipts, 0, 10).await, []);
    for (number, anchor) in ["file", "evm", "witness"].into_iter().enumerate() {
        let size = number as u64 + 5;
        receipts
            .keep(cause(size.into()), Position(size - 1), &receipt(anchor, size))
            .await
            .unwrap();
    }
    let all = due(receipts, 0, 10).await;
    let whole = all.iter().map(|due| (due.cause, due.position, due.what.clone()));
    let expected = [("file", 5), ("evm", 6), ("witness", 7)].map(|(anchor, size): (&str, u64)| {
        (cause(size.into()), Position(size - 1), receipt(anchor, size))
    });
    assert_eq!(whole.collect::<Vec<_>>(), expected);
    assert!(all.is_sorted_by(|a, b| a.place < b.place));
    assert_eq!(due(receipts, all[1].place, 1).await, all[1..2]);

    receipts.settle(&all[1]).await.unwrap();
    receipts.settle(&all[1]).await.unwrap();
    assert_eq!(due(receipts, 0, 10).await, [all[0].clone(), all[2].clone()]);
    // A place is never given twice: what was said of the first would be believed of the second.
    receipts.settle(&all[2]).await.unwrap();
    receipts.keep(cause(9), Position(8), &receipt("evm", 9)).await.unwrap();
    assert!(due(receipts, 0, 10).await[1].place > all[2].place);
}

pub(in crate::work_store) async fn a_receipt_is_kept_once(receipts: &dyn Receipts) {
    for _ in 0..2 {
        receipts.keep(cause(1), Position(4), &receipt("file", 5)).await.unwrap();
    }
    assert_eq!(due(receipts, 0, 10).await.len(), 1);
    receipts.keep(cause(1), Position(4), &receipt("evm", 5)).await.unwrap();
    assert_eq!(due(receipts, 0, 10).await.len(), 2);
}
