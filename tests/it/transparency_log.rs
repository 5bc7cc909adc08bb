//! The public log as a stranger sees it: static files, checked from the leaves up.

use std::time::Duration;

use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{KeyKind, Note, NoteKey, VerifierKey};
use domain::journal::tile::{Tile, leaves, tiles_between};
use domain::journal::tree::{TreeRoot, leaf_hash};
use domain::journal::witness_policy::WitnessPolicy;
use domain::time::minutes;
use tests::app::TestApp;
use tests::cast::all_for_treatment;

/// The newest checkpoint, once it covers everything that is in the log now.
async fn covering(app: &TestApp) -> (Note, Checkpoint) {
    let length = app.newest() + 1;
    let mut published = app.inside.log.published();
    let waited = published.wait_for(|size| *size >= length);
    tokio::time::timeout(Duration::from_secs(30), waited).await.unwrap().unwrap();
    let note = Note::parse(&app.get("/log/checkpoint").await.expect(200).bytes).unwrap();
    let checkpoint = Checkpoint::parse(&note.text).unwrap();
    (note, checkpoint)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_served_as_static_files_that_lead_to_the_signed_root() {
    let app = TestApp::start().await;
    app.cast().await;
    let (note, checkpoint) = covering(&app).await;
    let keys = app.get("/log/keys.txt").await.expect(200);
    let keys: Vec<VerifierKey> =
        String::from_utf8(keys.bytes).unwrap().lines().map(|key| key.parse().unwrap()).collect();
    let believed = WitnessPolicy::of_logs(keys).judge(&note).unwrap();
    assert_eq!(
        (believed.checkpoint.origin.as_str(), checkpoint.size),
        ("medlock.invalid/log", app.newest() + 1)
    );

    let mut tree = TreeRoot::default();
    let stored: Vec<_> = app.log().await.iter().map(|line| line.leaf).collect();
    for tile in tiles_between(0, checkpoint.size) {
        let reply = app.get(&format!("/log/{tile}")).await.expect(200);
        assert_eq!(reply.header("content-type"), "application/octet-stream");
        assert!(reply.header("cache-control").contains("immutable"), "{:?}", reply.headers);
        assert_eq!(reply.header("access-control-allow-origin"), "*", "a page elsewhere may check");
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
    let app = TestApp::start().await;
    let fresh = app.get("/log/checkpoint").await;
    assert!([200, 404].contains(&fresh.status), "{}", fresh.status);
    app.cast().await;
    let (_, checkpoint) = covering(&app).await;
    let reply = app.get("/log/checkpoint").await.expect(200);
    assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
    assert!(reply.header("cache-control").contains("max-age=1"), "{:?}", reply.headers);
    let beyond = Tile { index: 1, ..tiles_between(0, checkpoint.size)[0] };
    let wrong =
        ["tile/0/0", "tile/0/000", "tile/9/000.p/1", "tile/0/../checkpoint", "tile/entries", ""];
    for path in wrong.iter().map(ToString::to_string).chain([beyond.to_string()]) {
        app.get(&format!("/log/{path}")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_goes_on_where_it_stood_after_a_restart() {
    let mut app = TestApp::start().await;
    app.cast().await;
    let (_, before) = covering(&app).await;
    app.restart(|_| {}).await;
    app.log_in("ana@example.org").await;
    let (_, after) = covering(&app).await;
    assert!(after.size > before.size);
    let proof = transparency::proofs::consistency_path(
        &**app.inside.log.tiles(),
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

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_signs_beside_the_old_one_for_a_while_and_then_alone() {
    let mut app = TestApp::start().await;
    app.cast().await;
    let (_, before) = covering(&app).await;
    let old = app.inside.log.signer().keys();
    app.inside.own_log.rotate_key(minutes(60), None).await.unwrap();
    app.restart(|_| {}).await;
    app.log_in("ana@example.org").await;
    let (note, _) = covering(&app).await;
    let keys = app.inside.log.signer().keys();
    assert_eq!((keys.len(), &keys[1]), (2, &old[0]));
    assert_eq!(note.signed_by(&keys).unwrap().len(), 2);
    assert!(
        WitnessPolicy::of_logs(old.clone()).judge(&note).is_ok(),
        "who knows the old key believes"
    );

    app.later(minutes(61));
    app.log_in("ana@example.org").await;
    let (note, after) = covering(&app).await;
    assert!(after.size > before.size);
    assert_eq!(note.signed_by(&keys).unwrap().len(), 1);
    assert!(WitnessPolicy::of_logs(old).judge(&note).is_err());
    let served = String::from_utf8(app.get("/log/keys.txt").await.expect(200).bytes).unwrap();
    assert_eq!(served.lines().count(), 2, "old receipts are checked with old keys: {served}");
    app.restart(|_| {}).await;
    covering(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_while_the_log_that_would_prove_it_is_not_signed() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let report = ana.letter(&app, &ana.id, "Letter").await;
    covering(&app).await;
    // A witness that answers nowhere, and a quorum that needs it.
    let witness = NoteKey::new("w1.example", KeyKind::Cosignature, &[7; 32]).unwrap();
    let file = folder.path().join("policy");
    let text = format!("witness w1 {} http://127.0.0.1:9/\nquorum w1\n", witness.public());
    std::fs::write(&file, text).unwrap();
    app.set(|config| {
        (config.transparency.witness_policy, config.transparency.quorum_only) = (Some(file), true);
        config.transparency.uncovered_seconds_max = 1;
    });
    app.restart(|_| {}).await;
    let bo = app.log_in(&bo.email).await;
    let token = bo.ask(&app, &ana.id, &report).await.expect(201).text("token");
    let refused = async {
        while app.inside.log.standing().uncovered_for < Duration::from_secs(1) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), refused).await.unwrap();
    bo.redeem(&app, &ana.id, &token).await.refused(503, "log_unsigned");
    let content = format!("/api/v1/patients/{}/reports/{report}/content", ana.id);
    let ana = app.log_in(&ana.email).await;
    ana.get(&app, &content).await.refused(503, "log_unsigned");
    let message = app.get("/readyz").await.expect(200).text("transparency_log");
    assert!(message.contains("waiting for a signature"), "{message}");

    app.set(|config| config.transparency.quorum_only = false);
    app.restart(|_| {}).await;
    let bo = app.log_in(&bo.email).await;
    let token = bo.ask(&app, &ana.id, &report).await.expect(201).text("token");
    bo.redeem(&app, &ana.id, &token).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scrub_reads_everything_again_and_names_what_is_not_right() {
    let app = TestApp::start().await;
    app.cast().await;
    let (_, checkpoint) = covering(&app).await;
    app.inside.log.scrub().await.unwrap();
    let scrub = app.inside.log.standing().scrub;
    assert!(scrub.finished.is_some_and(|(_, size)| size >= checkpoint.size), "{scrub:?}");
    assert_eq!(scrub.finding, None);
    let size = app.inside.log.standing().signed.unwrap().checkpoint.size;
    let tile = app.data().join(format!("log/tile/0/000.p/{size}"));
    let mut bytes = std::fs::read(&tile).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&tile, bytes).unwrap();
    app.inside.log.scrub().await.unwrap();
    let message = app.get("/readyz").await.expect(200);
    assert_eq!(message.json()["healthy"], false);
    let message = message.text("transparency_log");
    assert_eq!(message, format!("tile/0/000.p/{size} is not what the leaves give"));
}
