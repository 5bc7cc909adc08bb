//! The container files as they are shipped: somebody becomes the first admin with them, and a page is drawn.

use std::sync::Arc;
use std::time::Duration;

use infra::clock::SystemClock;
use tests::cast::all_for_treatment;
use tests::containers::Engine;
use tests::door::Door;

/// How often the container's log is looked at: a minute or two, and nothing else says what it prints.
const LOOKS_MAX: u32 = 600;

/// Waits until the container has printed all that a start prints; answers it.
fn until_ready(engine: &Engine) -> String {
    for _ in 0..LOOKS_MAX {
        let said = engine.compose(&["logs", "--no-color"]);
        assert!(!said.contains("error:"), "it ended: {said}");
        if said.contains("Ready.") {
            return said;
        }
    }
    panic!("it never got ready: {}", engine.compose(&["logs", "--no-color"]));
}

/// Waits until the engine calls the container healthy.
fn until_healthy(engine: &Engine) {
    let container = engine.compose(&["ps", "--quiet"]);
    let health =
        || engine.docker(&["inspect", "--format", "{{ .State.Health.Status }}", container.trim()]);
    assert!((0..LOOKS_MAX).any(|_| health().trim() == "healthy"), "it is {}", health());
}

/// Waits until the service answers again. The engine takes connections before it does, and some of them lead
/// nowhere.
async fn until_it_answers(engine: &Engine, door: &Door) {
    let url = format!("{}/livez", door.url);
    let ask = || door.client.get(&url).timeout(Duration::from_secs(5)).send();
    let answers = async { while ask().await.is_err() {} };
    let answered = tokio::time::timeout(Duration::from_secs(60), answers).await;
    assert!(answered.is_ok(), "silence: {}", engine.compose(&["logs", "--no-color"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_container_files_bring_an_installation_up_and_its_first_admin_in() {
    let engine = Engine::start();
    engine.build();
    engine.compose(&["up", "--detach", "--no-build"]);
    let said = until_ready(&engine);
    let at = format!("http://localhost:{}/#first-admin=", engine.port());
    let (_, link) = said.split_once(&at).unwrap_or_else(|| panic!("no link to {at} in {said}"));
    let link = link.split_whitespace().next().unwrap();

    let address = format!("127.0.0.1:{}", engine.port()).parse().unwrap();
    let door = Door::new(address, &engine.volume("data"), Arc::new(SystemClock));
    let (ana, bo, _cy) = door.cast_with(link).await;
    ana.grant(&door, all_for_treatment(&door, &bo.id)).await.expect(201);
    let report = ana.letter(&door, &ana.id, "Letter").await;
    let viewing = bo.open(&door, &ana.id, &report).await;
    let page = bo.page(&door, &ana.id, &viewing, 1).await.expect(200);
    assert!(page.bytes.starts_with(b"\x89PNG"));
    until_healthy(&engine);

    engine.compose(&["restart"]);
    until_it_answers(&engine, &door).await;
    let page = bo.page(&door, &ana.id, &viewing, 1).await.expect(200);
    assert!(page.bytes.starts_with(b"\x89PNG"), "a restart goes on where it was");
    engine.compose(&["down"]);
}
