//! What every store of encrypted reports must do.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use commands::ports::blob_store::{BlobError, BlobStore, ClearBytes, Staged};
use domain::ids::BlobHash;
use futures::future::join_all;
use futures::{StreamExt, TryStreamExt, stream};

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::blob_store::conformance as suite;
        crate::conformance::promises! { $place;
            what_goes_in_comes_out
            what_is_staged_is_listed_until_it_is_kept_or_discarded
            a_container_is_found_at_every_step_of_a_crash
            keeping_twice_is_as_good_as_once
            discarding_what_was_kept_does_nothing
            a_reader_never_misses_a_container_that_is_being_kept
            what_is_too_large_or_breaks_off_leaves_nothing
            uploads_at_once_do_not_mix
            the_same_report_twice_makes_two_containers
            what_comes_again_is_known_by_its_bytes
            another_key_opens_nothing
            what_nobody_stored_is_missing
            a_name_that_is_not_ours_reaches_nothing
            the_sweep_takes_what_is_older_than_a_day_and_no_kept_report
        }
    };
}
pub(super) use conformance;

pub(super) type Place = crate::conformance::Place<dyn BlobStore>;

pub(super) const KEY: [u8; 32] = [7; 32];
pub(super) const MAX: u64 = 1 << 30;

pub(super) fn body(plain: &[u8], piece: usize) -> ClearBytes {
    let pieces: Vec<_> =
        plain.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces).boxed()
}

pub(super) fn plain(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

pub(super) async fn stage(store: &dyn BlobStore, plain: &[u8]) -> Staged {
    store.stage(&KEY, body(plain, 10_000), MAX).await.unwrap()
}

pub(super) async fn read(store: &dyn BlobStore, blob: BlobHash) -> Result<Vec<u8>, BlobError> {
    let pieces: Vec<Bytes> = store.open(blob, &KEY).await?.try_collect().await?;
    Ok(pieces.concat())
}

fn missing<T>(answer: Result<T, BlobError>) -> bool {
    matches!(answer, Err(BlobError::Missing))
}

pub(super) async fn what_goes_in_comes_out(place: Place) {
    let store = place.open().await;
    for length in [0, 1, 65_536, 65_537, 262_144, 1_000_000] {
        let plain = plain(length);
        let staged = stage(&*store, &plain).await;
        assert_eq!(staged.size, length as u64);
        store.keep(&staged).await.unwrap();
        store.intact(staged.blob).await.unwrap();
        assert!(read(&*store, staged.blob).await.unwrap() == plain, "{length}");
    }
}

pub(super) async fn what_is_staged_is_listed_until_it_is_kept_or_discarded(place: Place) {
    let store = place.open().await;
    assert_eq!(store.staged().await.unwrap(), []);
    let kept = stage(&*store, b"kept").await;
    let discarded = stage(&*store, b"discarded").await;
    let both = store.staged().await.unwrap();
    assert!(both.len() == 2 && both.contains(&kept) && both.contains(&discarded));
    store.keep(&kept).await.unwrap();
    assert_eq!(store.staged().await.unwrap(), std::slice::from_ref(&discarded));
    for _ in 0..2 {
        store.discard(&discarded).await.unwrap();
        assert_eq!(store.staged().await.unwrap(), []);
        assert!(missing(store.keep(&discarded).await));
        assert!(missing(read(&*store, discarded.blob).await));
    }
}

pub(super) async fn a_container_is_found_at_every_step_of_a_crash(place: Place) {
    let store = place.open().await;
    let staged = stage(&*store, b"after the event, before the rename").await;
    drop(store);
    let store = place.open().await;
    assert!(read(&*store, staged.blob).await.is_ok());
    store.intact(staged.blob).await.unwrap();
    assert_eq!(store.staged().await.unwrap(), std::slice::from_ref(&staged));
    store.keep(&staged).await.unwrap();
    drop(store);
    let store = place.open().await;
    assert!(read(&*store, staged.blob).await.is_ok());
    assert_eq!(store.staged().await.unwrap(), []);
}

pub(super) async fn keeping_twice_is_as_good_as_once(place: Place) {
    let store = place.open().await;
    let staged = stage(&*store, b"report").await;
    for _ in 0..3 {
        store.keep(&staged).await.unwrap();
        assert_eq!(read(&*store, staged.blob).await.unwrap(), b"report");
    }
}

pub(super) async fn discarding_what_was_kept_does_nothing(place: Place) {
    let store = place.open().await;
    let staged = stage(&*store, b"report").await;
    store.keep(&staged).await.unwrap();
    store.discard(&staged).await.unwrap();
    assert_eq!(read(&*store, staged.blob).await.unwrap(), b"report");
}

pub(super) async fn a_reader_never_misses_a_container_that_is_being_kept(place: Place) {
    let store = place.open().await;
    for _ in 0..20 {
        let staged = stage(&*store, b"report").await;
        let (kept, again, seen) =
            tokio::join!(store.keep(&staged), store.keep(&staged), read(&*store, staged.blob));
        assert!(kept.is_ok() && again.is_ok());
        assert_eq!(seen.unwrap(), b"report");
    }
}

pub(super) async fn what_is_too_large_or_breaks_off_leaves_nothing(place: Place) {
    let store = place.open().await;
    let plain = plain(1_000_000);
    let refused = store.stage(&KEY, body(&plain, 10_000), 999_999).await;
    assert!(matches!(refused, Err(BlobError::TooLarge(999_999))));
    let broken = body(&plain, 10_000).chain(stream::iter([Err(BlobError::BrokenOff)])).boxed();
    let refused = store.stage(&KEY, broken, MAX).await;
    assert!(matches!(refused, Err(BlobError::BrokenOff)));
    assert_eq!(store.staged().await.unwrap(), []);
    let longest = store.stage(&KEY, body(&plain, 10_000), 1_000_000).await.unwrap();
    assert_eq!(longest.size, 1_000_000);
    assert!(store.stage(&KEY, body(b"", 1), 0).await.is_ok());
}

pub(super) async fn uploads_at_once_do_not_mix(place: Place) {
    let store = place.open().await;
    let plains: Vec<_> = (1..=8).map(|n| plain(n * 70_000)).collect();
    let staged = join_all(plains.iter().map(|plain| stage(&*store, plain))).await;
    let kept = join_all(staged.iter().map(|staged| store.keep(staged))).await;
    kept.into_iter().for_each(Result::unwrap);
    for (staged, plain) in staged.iter().zip(&plains) {
        assert!(read(&*store, staged.blob).await.unwrap() == *plain);
    }
}

pub(super) async fn the_same_report_twice_makes_two_containers(place: Place) {
    let store = place.open().await;
    let mut blobs = BTreeSet::new();
    for _ in 0..5 {
        blobs.insert(stage(&*store, b"report").await.blob);
    }
    assert_eq!(blobs.len(), 5, "who reads the names cannot tell which reports are alike");
}

pub(super) async fn what_comes_again_is_known_by_its_bytes(place: Place) {
    let store = place.open().await;
    for length in [0, 1, 65_536, 65_537, 700_000] {
        let plain = plain(length);
        let staged = stage(&*store, &plain).await;
        store.keep(&staged).await.unwrap();
        let known = (staged.blob, staged.size);
        let holds = |key: [u8; 32], bytes: Vec<u8>| {
            let store = &store;
            async move { store.holds(known, &key, body(&bytes, 9_000)).await.unwrap() }
        };
        assert!(holds(KEY, plain.clone()).await, "{length}");
        assert!(!holds([8; 32], plain.clone()).await, "{length}: another key");
        assert!(!holds(KEY, [&plain[..], b"x"].concat()).await, "{length}: one byte more");
        if let Some((last, front)) = plain.split_last() {
            assert!(!holds(KEY, front.to_vec()).await, "{length}: one byte less");
            let changed = [front, &[last ^ 1]].concat();
            assert!(!holds(KEY, changed).await, "{length}: one byte changed");
        }
        let broken = stream::iter([Err(BlobError::BrokenOff)]).boxed();
        let answer = store.holds((staged.blob, 1), &KEY, broken).await;
        assert!(matches!(answer, Err(BlobError::BrokenOff)));
    }
    assert!(missing(store.holds((BlobHash([1; 32]), 0), &KEY, body(b"", 1)).await));
}

pub(super) async fn another_key_opens_nothing(place: Place) {
    let store = place.open().await;
    for length in [0, 10, 200_000] {
        let staged = stage(&*store, &plain(length)).await;
        store.keep(&staged).await.unwrap();
        let opened = store.open(staged.blob, &[8; 32]).await.err();
        assert!(matches!(opened, Some(BlobError::Damaged)), "{length}");
    }
}

pub(super) async fn what_nobody_stored_is_missing(place: Place) {
    let store = place.open().await;
    stage(&*store, b"another").await;
    let blob = BlobHash([1; 32]);
    assert!(missing(store.open(blob, &KEY).await));
    assert!(missing(store.intact(blob).await));
    let temporary = format!("{blob}.0123456789abcdef");
    let never = Staged { blob, size: 1, temporary };
    assert!(missing(store.keep(&never).await));
    store.discard(&never).await.unwrap();
    assert!(missing(store.intact(blob).await), "asking makes nothing");
}

pub(super) async fn a_name_that_is_not_ours_reaches_nothing(place: Place) {
    let store = place.open().await;
    let staged = stage(&*store, b"report").await;
    let hash = staged.blob.to_string();
    for temporary in ["../secret", "", ".", &hash, &format!("{hash}./../../secret")] {
        let forged = Staged { temporary: temporary.to_owned(), ..staged.clone() };
        assert!(missing(store.discard(&forged).await), "{temporary}");
        assert!(missing(store.keep(&forged).await), "{temporary}");
    }
    let other = Staged { blob: BlobHash([1; 32]), ..staged.clone() };
    assert!(missing(store.keep(&other).await));
    assert!(missing(store.discard(&other).await));
    assert_eq!(store.staged().await.unwrap(), [staged]);
}

pub(super) async fn the_sweep_takes_what_is_older_than_a_day_and_no_kept_report(place: Place) {
    let store = place.open().await;
    let kept = stage(&*store, b"kept").await;
    store.keep(&kept).await.unwrap();
    let forgotten = stage(&*store, b"forgotten").await;
    place.clock.forward(Duration::from_secs(86_000));
    assert_eq!(store.sweep().await.unwrap(), 0);
    assert!(read(&*store, forgotten.blob).await.is_ok());
    place.clock.forward(Duration::from_secs(1_000));
    assert_eq!(store.sweep().await.unwrap(), 1);
    assert_eq!(store.sweep().await.unwrap(), 0);
    assert!(missing(read(&*store, forgotten.blob).await));
    assert!(read(&*store, kept.blob).await.is_ok());
}
