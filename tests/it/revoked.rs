//! What was taken back is shown no more, however far behind whoever keeps the rows may be: lists, raced and
//! over read models that stand still, and a page that was being drawn.

use std::path::PathBuf;

use futures::future::join_all;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};

/// Lists begun at once behind a revoke.
const READERS: usize = 4;
const TITLE: &str = "Letter about Ana's liver";

fn reports_of(ana: &Person) -> String {
    format!("/api/v1/patients/{}/reports", ana.id)
}

async fn let_in(app: &TestApp, ana: &Person, bo: &Person) -> String {
    ana.grant(app, all_for_treatment(app, &bo.id)).await.expect(201).text("consent")
}

/// Lists of Ana's reports, as Bo gets them: whether each carried the title.
async fn titles_told(app: &TestApp, ana: &Person, bo: &Person) -> Vec<bool> {
    let path = reports_of(ana);
    let lists = join_all((0..READERS).map(|_| bo.get(app, &path))).await;
    let told = lists.into_iter().map(|list| {
        let text = String::from_utf8(list.expect(200).bytes).unwrap();
        assert!(text.contains(TITLE) || text.contains("\"total\":0"), "no number tells: {text}");
        text.contains(TITLE)
    });
    told.collect()
}

/// Whether Ana lets Bo in, as his list of patients says.
async fn in_force(app: &TestApp, bo: &Person) -> bool {
    let patients = bo.get(app, "/api/v1/me/patients").await.expect(200).items();
    assert_eq!(patients.len(), 1);
    patients[0]["in_force"] == json!(true)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_begun_after_a_revoke_was_answered_carries_no_title() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.letter(&app, &ana.id, TITLE).await;
    // How often a revoke and a list meet.
    let rounds = tests::soak::sized(20, 1_000);
    for round in 0..rounds {
        let consent = let_in(&app, &ana, &bo).await;
        // The first reading is an event, which answers for those of the next ten minutes.
        let before = bo.list(&app, &reports_of(&ana)).await.expect(200);
        assert_eq!(before.column("title"), [TITLE], "round {round}");
        let newest = app.newest();
        // Some lists are under way while it is taken back: they may go either way.
        let (revoked, _) = futures::join!(ana.revoke(&app, &consent), titles_told(&app, &ana, &bo));
        revoked.expect(200);
        assert_eq!(titles_told(&app, &ana, &bo).await, [false; READERS], "round {round}");
        assert!(!in_force(&app, &bo).await, "round {round}");
        assert!(app.newest() <= newest + 2, "the lists of a session are one event");
    }
    println!("{rounds} revokes, {READERS} lists begun behind each: none carried a title");
}

/// The file of the read models, held as a writer holds it: readers read on, nothing is taken in.
async fn hold_read_models(app: &TestApp) -> SqliteConnection {
    let files = std::fs::read_dir(app.data()).unwrap().map(|entry| entry.unwrap().path());
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("read-") && name.ends_with(".db")
    };
    let file = files.into_iter().find(is_it).unwrap();
    let mut held = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    held.execute("BEGIN IMMEDIATE").await.unwrap();
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn read_models_that_stand_still_show_nothing_that_was_taken_back() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    ana.letter(&app, &ana.id, TITLE).await;
    let consent = let_in(&app, &ana, &bo).await;
    bo.list(&app, &reports_of(&ana)).await.expect(200);
    bo.list(&app, "/api/v1/me/patients").await.expect(200);

    let held = hold_read_models(&app).await;
    assert_eq!(titles_told(&app, &ana, &bo).await, [true; READERS], "rows are there to be shown");
    assert!(in_force(&app, &bo).await);
    ana.revoke(&app, &consent).await.expect(200);
    assert_eq!(titles_told(&app, &ana, &bo).await, [false; READERS]);
    assert!(!in_force(&app, &bo).await);

    // An exception shuts one report at once, and a log-out and a suspension the lists themselves.
    let scan = ana.letter(&app, &ana.id, "Scan").await;
    let narrow = json!({
        "preset": "custom", "purpose": "TREAT", "scope": { "kind": "everything" },
        "exceptions": { "categories": ["consultation"] },
    });
    ana.grant(&app, tests::cast::consent(&app, &bo.id, narrow)).await.expect(201);
    let shown = bo.get(&app, &reports_of(&ana)).await.expect(200);
    assert_eq!(shown.json()["total"], 0, "{scan}");
    let elsewhere = app.log_in(&bo.email).await;
    elsewhere.delete(&app, &format!("/api/v1/sessions/{}", bo.session)).await.expect(200);
    bo.get(&app, &reports_of(&ana)).await.refused(401, "not_signed_in");
    app.standing(&cy, &bo, "suspend").await.expect(200);
    for list in [&*reports_of(&ana), "/api/v1/me/patients", "/api/v1/doctors"] {
        elsewhere.get(&app, list).await.refused(403, "only_a_verified_doctor");
    }
    held.close().await.unwrap();
}
