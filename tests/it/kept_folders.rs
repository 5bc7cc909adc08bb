//! Data folders that earlier versions wrote, kept as archives: opened, verified and read as they were, or
//! refused with words and left alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use domain::journal::Position;
use domain::time::minutes;
use projections::dump::dump;
use tests::app::TestApp;
use tests::kept::unpack;
use tests::program::medlock;

/// The format that this version writes.
const FORMAT: u32 = 2;

async fn opened() -> TestApp {
    let unpacked = |data: &Path| unpack(FORMAT, data.parent().unwrap());
    TestApp::start_with(|config| unpacked(&config.data)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_folder_opens_and_people_find_what_they_left() {
    let app = opened().await;
    app.later(minutes(60));
    let ana = app.log_in("ana@example.org").await;
    let history = ana.history(&app).await;
    let day = "your consent of 23 November 2026 (UTC)";
    let looked = format!("Dr Bo Berg opened *Letter of May* for treatment, allowed by {day}.");
    let mut looked = history.iter().filter(|sentence| sentence.starts_with(&looked));
    assert!(looked.next().unwrap().ends_with("One page was shown. Then it was closed."));
    assert!(history.iter().any(|sentence| sentence.contains("and was refused")), "{history:?}");
    // Her own report opens: vault, blobs and log still fit one another.
    let path = format!("/api/v1/patients/{}/reports", ana.id);
    let reports = ana.list(&app, &path).await.expect(200);
    assert_eq!(reports.column("title").len(), 3, "{reports:?}");
    for report in reports.column("report") {
        let content = ana.get(&app, &format!("{path}/{report}/content")).await.expect(200);
        assert_eq!(content.bytes, b"All is well.");
    }
    // What was granted then still lets Bo in, under the consent to one report.
    let bo = app.log_in("bo@example.org").await;
    let scan = reports.items().into_iter().find(|item| item["title"] == "Scan of June");
    let scan = scan.unwrap()["report"].as_str().unwrap().to_owned();
    let viewing = bo.open(&app, &ana.id, &scan).await;
    bo.page(&app, &ana.id, &viewing, 1).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_folder_is_verified_and_equals_a_rebuild() {
    let mut app = opened().await;
    let newest = Position(app.newest());
    assert!(app.inside.models.wait_for(newest, std::time::Duration::from_secs(30)).await);
    let kept = dump(app.inside.models.store()).await.unwrap();
    app.inside.models.rebuild().await.unwrap();
    assert_eq!(dump(app.inside.models.store()).await.unwrap(), kept);
    app.stop().await;
    for more in [&[][..], &["--policy"][..]] {
        let mut verify = Command::new(medlock());
        let verify = verify.args(["verify", "--data"]).arg(app.data()).args(more);
        let outcome = verify.output().unwrap();
        assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
    }
}

#[test]
fn an_older_folder_is_refused_with_words_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    unpack(1, folder.path());
    let data = folder.path().join("data");
    let before = files(folder.path());
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["verify"], &["replay"]] {
        let mut medlock = Command::new(medlock());
        let outcome = medlock.args(command).arg("--data").arg(&data).output().unwrap();
        let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
        assert!(!outcome.status.success(), "{command:?}");
        assert!(said.contains("format 1, from before the first release"), "{command:?}: {said}");
        assert!(said.contains("Nothing was changed"), "{command:?}: {said}");
        let after = files(folder.path());
        // To read a database at all, SQLite puts an index of its own beside it; what was there stays.
        let after: Files = after.into_iter().filter(|(path, _)| !is_sqlites(path)).collect();
        assert_eq!(after, before, "{command:?}");
    }
}

fn is_sqlites(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with("-wal") || name.ends_with("-shm")
}

type Files = BTreeMap<PathBuf, blake3::Hash>;

/// Every file below a folder, and the hash of its bytes.
fn files(folder: &Path) -> Files {
    let mut found = Files::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), blake3::hash(&std::fs::read(path).unwrap()));
        }
    }
    found
}
