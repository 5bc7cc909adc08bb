//! What whatever keeps the last signed checkpoint must do.

use std::sync::Arc;

use futures::future::join_all;
use transparency::ports::CheckpointStore;

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::checkpoint_store::conformance as suite;
        crate::conformance::promises! { $place;
            a_new_store_knows_no_checkpoint
            a_checkpoint_moves_by_compare_and_swap_only
            a_checkpoint_is_kept_byte_for_byte
            of_many_swaps_at_once_one_is_taken
            of_many_first_checkpoints_one_is_taken
            the_last_checkpoint_is_there_after_a_restart
        }
    };
}
pub(super) use conformance;

pub(super) type Place = crate::conformance::Place<dyn CheckpointStore>;

pub(super) async fn a_new_store_knows_no_checkpoint(place: Place) {
    let store = place.open().await;
    assert_eq!(store.last().await.unwrap(), None);
    assert!(!store.swap(Some(b""), b"one").await.unwrap());
    assert!(!store.swap(Some(b"one"), b"one").await.unwrap());
    assert_eq!(store.last().await.unwrap(), None);
}

pub(super) async fn a_checkpoint_moves_by_compare_and_swap_only(place: Place) {
    let store = place.open().await;
    assert!(store.swap(None, b"one").await.unwrap());
    for expected in [None, Some(&b"x"[..]), Some(b""), Some(b"one "), Some(b"On")] {
        assert!(!store.swap(expected, b"two").await.unwrap(), "{expected:?}");
        assert_eq!(store.last().await.unwrap().unwrap(), b"one", "a refusal changes nothing");
    }
    assert!(store.swap(Some(b"one"), b"two").await.unwrap());
    assert!(!store.swap(Some(b"one"), b"three").await.unwrap());
    assert!(store.swap(Some(b"two"), b"two").await.unwrap());
    assert_eq!(store.last().await.unwrap().unwrap(), b"two");
}

pub(super) async fn a_checkpoint_is_kept_byte_for_byte(place: Place) {
    let store = place.open().await;
    let long = vec![b'x'; 100_000];
    let mut before: Option<Vec<u8>> = None;
    for note in [&b"a\nnote\r\n\n"[..], b"\0\xff", b"", &long] {
        assert!(store.swap(before.as_deref(), note).await.unwrap());
        assert_eq!(store.last().await.unwrap().unwrap(), note);
        before = Some(note.to_vec());
    }
}

async fn taken_at_once(store: &Arc<dyn CheckpointStore>, expected: Option<Vec<u8>>) -> Vec<u8> {
    let race = (0..16_u8).map(|racer| {
        let (store, expected) = (Arc::clone(store), expected.clone());
        tokio::spawn(async move { store.swap(expected.as_deref(), &[racer]).await.unwrap() })
    });
    let taken: Vec<bool> = join_all(race).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
    let winner = taken.iter().position(|taken| *taken).unwrap();
    vec![u8::try_from(winner).unwrap()]
}

pub(super) async fn of_many_swaps_at_once_one_is_taken(place: Place) {
    let store = place.open().await;
    assert!(store.swap(None, b"one").await.unwrap());
    let mut last = b"one".to_vec();
    for _ in 0..5 {
        let winner = taken_at_once(&store, Some(last)).await;
        assert_eq!(store.last().await.unwrap().unwrap(), winner);
        assert!(store.swap(Some(&winner), b"next").await.unwrap());
        last = b"next".to_vec();
    }
}

pub(super) async fn of_many_first_checkpoints_one_is_taken(place: Place) {
    let store = place.open().await;
    let winner = taken_at_once(&store, None).await;
    assert_eq!(store.last().await.unwrap().unwrap(), winner);
}

pub(super) async fn the_last_checkpoint_is_there_after_a_restart(place: Place) {
    let store = place.open().await;
    assert!(store.swap(None, b"one").await.unwrap());
    assert!(store.swap(Some(b"one"), b"two").await.unwrap());
    drop(store);
    let store = place.open().await;
    assert_eq!(store.last().await.unwrap().unwrap(), b"two");
    assert!(!store.swap(None, b"three").await.unwrap());
    assert!(store.swap(Some(b"two"), b"three").await.unwrap());
}
