//! What every guard must do.

use std::sync::Arc;

use transparency::ports::Guard;

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::checkpoint_store::guard_conformance as suite;
        crate::conformance::promises! { $place;
            a_new_guard_holds_nothing
            a_guard_holds_what_was_written_last
            what_a_guard_holds_is_there_after_a_restart
            whoever_reads_meanwhile_sees_one_whole_note
        }
    };
}
pub(super) use conformance;

pub(super) type Place = crate::conformance::Place<dyn Guard>;

pub(super) async fn a_new_guard_holds_nothing(place: Place) {
    let guard = place.open().await;
    assert_eq!(guard.read().await.unwrap(), None);
    drop(guard);
    assert_eq!(place.open().await.read().await.unwrap(), None, "looking makes nothing");
}

pub(super) async fn a_guard_holds_what_was_written_last(place: Place) {
    let guard = place.open().await;
    for note in [&b"a long first note\n"[..], b"two", b"\0\xff\r\n", b"two"] {
        guard.write(note).await.unwrap();
        assert_eq!(guard.read().await.unwrap().unwrap(), note);
    }
}

pub(super) async fn what_a_guard_holds_is_there_after_a_restart(place: Place) {
    let guard = place.open().await;
    guard.write(b"one").await.unwrap();
    guard.write(b"two").await.unwrap();
    drop(guard);
    assert_eq!(place.open().await.read().await.unwrap().unwrap(), b"two");
}

pub(super) async fn whoever_reads_meanwhile_sees_one_whole_note(place: Place) {
    let guard = place.open().await;
    let notes = [vec![b'a'; 30_000], vec![b'b'; 70_000]];
    guard.write(&notes[0]).await.unwrap();
    let (writer, both) = (Arc::clone(&guard), notes.clone());
    let writing = tokio::spawn(async move {
        for round in 0..10 {
            writer.write(&both[round % 2]).await.unwrap();
        }
    });
    while !writing.is_finished() {
        let seen = guard.read().await.unwrap().unwrap();
        assert!(notes.contains(&seen), "{} bytes", seen.len());
    }
    writing.await.unwrap();
}
