//! The public log as a stranger sees it: static files, checked from the leaves up.

use std::time::Duration;

use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{Note, VerifierKey};
use domain::journal::tile::{Tile, leaves, tiles_between};
use domain::journal::tree::{TreeRoot, leaf_hash};
use domain::journal::witness_policy::WitnessPolicy;
use tests::house::TestHouse;

/// The newest checkpoint, once it covers everything that is in the log now.
async fn covering(house: &TestHouse) -> (Note, Checkpoint) {
    let length = house.newest() + 1;
    let mut published = house.app.log.published();
    let waited = published.wait_for(|size| *size >= length);
    tokio::time::timeout(Duration::from_secs(30), waited).await.unwrap().unwrap();
    let note = Note::parse(&house.get("/log/checkpoint").await.expect(200).bytes).unwrap();
    let checkpoint = Checkpoint::parse(&note.text).unwrap();
    (note, checkpoint)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_served_as_static_files_that_lead_to_the_signed_root() {
    let house = TestHouse::start().await;
    house.cast().await;
    let (note, checkpoint) = covering(&house).await;
    let keys = house.get("/log/keys.txt").await.expect(200);
    let keys: Vec<VerifierKey> =
        String::from_utf8(keys.bytes).unwrap().lines().map(|key| key.parse().unwrap()).collect();
    let believed = WitnessPolicy::of_logs(keys).judge(&note).unwrap();
    assert_eq!(
        (believed.checkpoint.origin.as_str(), checkpoint.size),
        ("medlock.invalid/log", house.newest() + 1)
    );

    let mut tree = TreeRoot::default();
    let stored: Vec<_> = house.log().await.iter().map(|line| line.leaf).collect();
    for tile in tiles_between(0, checkpoint.size) {
        let reply = house.get(&format!("/log/{tile}")).await.expect(200);
        assert_eq!(reply.header("content-type"), "application/octet-stream");
        assert!(reply.header("cache-control").contains("immutable"), "{:?}", reply.headers);
        assert_eq!(reply.bytes.len(), tile.bytes());
        if tile.kind == domain::journal::tile::TileKind::Entries {
            let served = leaves(&reply.bytes).unwrap();
            assert_eq!(served, stored[..served.len()]);
            served.iter().for_each(|leaf| tree.push(&leaf.0));
        } else {
            let hashes: Vec<u8> = stored.iter().flat_map(|leaf| leaf_hash(&leaf.0)).collect();
            assert_eq!(reply.bytes, hashes);
        }
    }
    assert_eq!(tree.root(), checkpoint.root);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_of_the_log_is_not_there() {
    let house = TestHouse::start().await;
    let fresh = house.get("/log/checkpoint").await;
    assert!([200, 404].contains(&fresh.status), "{}", fresh.status);
    house.cast().await;
    let (_, checkpoint) = covering(&house).await;
    let reply = house.get("/log/checkpoint").await.expect(200);
    assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
    assert!(reply.header("cache-control").contains("max-age=1"), "{:?}", reply.headers);
    let beyond = Tile { index: 1, ..tiles_between(0, checkpoint.size)[0] };
    let wrong =
        ["tile/0/0", "tile/0/000", "tile/9/000.p/1", "tile/0/../checkpoint", "tile/entries", ""];
    for path in wrong.iter().map(ToString::to_string).chain([beyond.to_string()]) {
        house.get(&format!("/log/{path}")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_goes_on_where_it_stood_after_a_restart() {
    let mut house = TestHouse::start().await;
    house.cast().await;
    let (_, before) = covering(&house).await;
    house.restart(|_| {}).await;
    house.log_in("ana@example.org").await;
    let (_, after) = covering(&house).await;
    assert!(after.size > before.size);
    let proof = projections::audit::transparency_log::proofs::consistency_path(
        house.app.log.tiles(),
        (before.size, after.size),
        after.size,
    );
    let proof = proof.await.unwrap().unwrap();
    assert!(domain::journal::proof::continues(
        (before.size, &before.root),
        (after.size, &after.root),
        &proof
    ));
}
