//! What whatever keeps the public files of the log, and is written to, must do.

use std::sync::Arc;

use domain::journal::tile::Tile;
use futures::future::join_all;
use transparency::ports::TileStore;

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::tile_store::conformance as suite;
        crate::conformance::promises! { $place;
            a_new_store_holds_nothing
            every_tile_has_a_place_of_its_own
            a_tile_that_is_written_again_is_replaced
            many_tiles_are_written_together
            partial_tiles_are_forgotten_where_the_full_one_is_named
            the_newest_published_checkpoint_is_the_one
            whoever_reads_meanwhile_sees_one_whole_checkpoint
            everything_is_there_after_a_restart
        }
    };
}
pub(super) use conformance;

pub(super) type Place = crate::conformance::Place<dyn TileStore>;

fn tile(path: &str) -> Tile {
    Tile::parse(path).unwrap()
}

/// Tiles that differ in kind, level, place or width only.
const TILES: [&str; 8] = [
    "tile/0/x001/067.p/8",
    "tile/0/x001/067.p/80",
    "tile/0/x001/067",
    "tile/0/067",
    "tile/1/x001/067.p/8",
    "tile/1/067",
    "tile/entries/x001/067.p/8",
    "tile/entries/067",
];

pub(super) async fn a_new_store_holds_nothing(place: Place) {
    let store = place.open().await;
    for path in TILES {
        assert_eq!(store.read(tile(path)).await.unwrap(), None, "{path}");
    }
    assert_eq!(store.checkpoint().await.unwrap(), None);
    store.forget_partial(&TILES.map(tile)).await.unwrap();
    store.write(Vec::new()).await.unwrap();
}

pub(super) async fn every_tile_has_a_place_of_its_own(place: Place) {
    let store = place.open().await;
    for (number, path) in TILES.into_iter().enumerate() {
        assert_eq!(store.read(tile(path)).await.unwrap(), None, "{path}");
        store.write(vec![(tile(path), path.repeat(number + 1).into_bytes())]).await.unwrap();
    }
    for (number, path) in TILES.into_iter().enumerate() {
        let kept = store.read(tile(path)).await.unwrap().unwrap();
        assert_eq!(kept, path.repeat(number + 1).as_bytes(), "{path}");
    }
}

pub(super) async fn a_tile_that_is_written_again_is_replaced(place: Place) {
    let store = place.open().await;
    for bytes in [vec![1; 8_192], vec![2; 32], vec![3; 64]] {
        store.write(vec![(tile(TILES[0]), bytes.clone())]).await.unwrap();
        assert_eq!(store.read(tile(TILES[0])).await.unwrap().unwrap(), bytes);
    }
}

pub(super) async fn many_tiles_are_written_together(place: Place) {
    let store = place.open().await;
    let path = |number: usize| format!("tile/{}/{:03}", number % 5, number);
    let bytes = |number: usize| number.to_be_bytes().repeat(40);
    let tiles = (0..300).map(|number| (tile(&path(number)), bytes(number)));
    store.write(tiles.collect()).await.unwrap();
    for number in 0..300 {
        let kept = store.read(tile(&path(number))).await.unwrap();
        assert_eq!(kept.unwrap(), bytes(number), "{number}");
    }
}

pub(super) async fn partial_tiles_are_forgotten_where_the_full_one_is_named(place: Place) {
    let store = place.open().await;
    store.write(TILES.map(|path| (tile(path), path.into())).into()).await.unwrap();
    let partial = TILES.map(tile).into_iter().filter(|tile| !tile.is_full());
    store.forget_partial(&partial.collect::<Vec<_>>()).await.unwrap();
    for path in TILES {
        assert!(store.read(tile(path)).await.unwrap().is_some(), "a partial one takes none away");
    }
    for _ in 0..2 {
        store.forget_partial(&[tile("tile/0/x001/067"), tile("tile/1/067")]).await.unwrap();
        for path in TILES {
            let forgotten = path.starts_with("tile/0/x001/067.p/");
            let kept = store.read(tile(path)).await.unwrap();
            assert_eq!(kept.is_none(), forgotten, "{path}");
        }
    }
}

pub(super) async fn the_newest_published_checkpoint_is_the_one(place: Place) {
    let store = place.open().await;
    for note in [&b"a long first note\n"[..], b"two", b"\0\xff\r\n", b"two"] {
        store.publish(note).await.unwrap();
        assert_eq!(store.checkpoint().await.unwrap().unwrap(), note);
    }
}

pub(super) async fn whoever_reads_meanwhile_sees_one_whole_checkpoint(place: Place) {
    let store = place.open().await;
    let note = |number: usize| vec![b'a' + number as u8; 10_000 * (number + 1)];
    store.publish(&note(0)).await.unwrap();
    let publishing = (0..6).map(|number| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.publish(&note(number)).await.unwrap() })
    });
    let publishing = tokio::spawn(join_all(publishing));
    while !publishing.is_finished() {
        let seen = store.checkpoint().await.unwrap().unwrap();
        assert!((0..6).any(|number| seen == note(number)), "{} bytes", seen.len());
    }
    publishing.await.unwrap().into_iter().for_each(Result::unwrap);
}

pub(super) async fn everything_is_there_after_a_restart(place: Place) {
    let store = place.open().await;
    store.write(TILES.map(|path| (tile(path), path.into())).into()).await.unwrap();
    store.forget_partial(&[tile("tile/0/x001/067")]).await.unwrap();
    store.publish(b"note").await.unwrap();
    drop(store);
    let store = place.open().await;
    assert_eq!(store.read(tile(TILES[0])).await.unwrap(), None);
    for path in &TILES[2..] {
        assert_eq!(store.read(tile(path)).await.unwrap().unwrap(), path.as_bytes());
    }
    assert_eq!(store.checkpoint().await.unwrap().unwrap(), b"note");
}
