//! A running house, read over HTTP and checked by others.

use std::fs;
use std::path::Path;
use std::time::Duration;

use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::Note;
use domain::journal::tile::tiles_between;
use serde_json::json;
use tests::go::ask;
use tests::house::TestHouse;
use tests::sample_log::write_manifest;

use super::check;

/// What stands at a path of the running service.
async fn fetch(house: &TestHouse, path: &str) -> String {
    String::from_utf8(house.get(path).await.expect(200).bytes).unwrap()
}

/// Waits until the published checkpoint covers everything that is in the log now.
async fn covered(house: &TestHouse) {
    let length = house.newest() + 1;
    let mut published = house.app.log.published();
    let waited = published.wait_for(|size| *size >= length);
    tokio::time::timeout(Duration::from_secs(30), waited).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn go_reads_the_log_of_a_running_house() {
    let house = TestHouse::start().await;
    house.cast().await;
    covered(&house).await;
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("checkpoint");
    fs::write(&old, fetch(&house, "/log/checkpoint").await).unwrap();
    let old_size = house.newest() + 1;
    house.log_in("ana@example.org").await;
    covered(&house).await;
    let keys = fetch(&house, "/log/keys.txt").await;
    let (url, last) = (format!("{}/log/", house.url), house.newest().to_string());
    let old = old.to_str().unwrap().to_owned();
    let asked = tokio::task::spawn_blocking(move || {
        ask(&["log", "-key", keys.trim(), "-old", &old, "-index", "0", "-index", &last, &url])
    });
    let read = asked.await.unwrap().unwrap();
    assert_eq!(read["entries"], house.newest() + 1);
    assert_eq!(read["included"], json!([0, house.newest()]));
    assert_eq!(read["continues"], json!([old_size]));
}

/// Copies the public files of a house, as anybody can.
async fn mirror(house: &TestHouse, log: &Path) {
    let note = fetch(house, "/log/checkpoint").await;
    let size = Checkpoint::parse(&Note::parse(note.as_bytes()).unwrap().text).unwrap().size;
    for tile in tiles_between(0, size) {
        let file = log.join(tile.to_string());
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, house.get(&format!("/log/{tile}")).await.expect(200).bytes).unwrap();
    }
    fs::write(log.join("checkpoint"), note).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn python_finds_the_lines_of_a_house_in_the_log_it_serves() {
    let house = TestHouse::start().await;
    house.cast().await;
    covered(&house).await;
    let folder = tempfile::tempdir().unwrap();
    mirror(&house, &folder.path().join("log")).await;
    let keys = fetch(&house, "/log/keys.txt").await;
    let policy = folder.path().join("mine");
    fs::write(&policy, format!("log {keys}quorum none\n")).unwrap();
    let lines = house.log().await;
    let text: Vec<&str> =
        lines.iter().map(|line| std::str::from_utf8(&line.bytes).unwrap()).collect();
    let words = [folder.path().to_str().unwrap(), "--policy", policy.to_str().unwrap()];
    let judge = |events: String| {
        fs::write(folder.path().join("events.jsonl"), events).unwrap();
        write_manifest(folder.path(), None);
        check(&words)
    };
    let (right, said) = judge(text.join("\n") + "\n");
    assert!(right, "{said}");
    assert!(said.starts_with(&format!("Right: {} lines", lines.len())), "{said}");
    let (right, said) = judge(text[1..].join("\n") + "\n");
    assert!(!right && said.starts_with("WRONG: position 0: "), "{said}");
}
