//! `medlock log …` on a folder that an installation left behind.

use std::time::Duration;

use domain::audit::event::LogFact;
use domain::fact::Fact;
use domain::journal::note::VerifierKey;
use tests::app::TestApp;
use tests::process::ServerProcess;

use super::folder::medlock;
use super::said;

#[tokio::test(flavor = "multi_thread")]
async fn the_log_gets_its_next_key_and_no_third_while_two_sign() {
    let mut app = TestApp::start().await;
    let busy = medlock(&["log", "rotate-key"], &app.data());
    assert_eq!((busy.code, busy.stderr.contains("in use")), (3, true), "{busy:?}");
    app.stop().await;
    let rotated = medlock(&["log", "rotate-key", "--output", "json"], &app.data());
    assert_eq!(rotated.code, 0, "{rotated:?}");
    let key = said(&rotated)["key"].as_str().unwrap().to_owned();
    assert_eq!(said(&rotated)["generation"], 2);
    assert_eq!(key.parse::<VerifierKey>().unwrap().name(), "medlock.invalid/log");

    let again = medlock(&["log", "rotate-key"], &app.data());
    let rows = api::refusal::table();
    let row = rows.iter().find(|row| row.code == "log_keys_overlap").unwrap();
    let told = format!("found: {} {} ({})\n", row.rule, row.next, row.code);
    assert_eq!((again.code, &*again.stderr), (1, &*told));
    let verified = medlock(&["verify"], &app.data());
    assert_eq!(verified.code, 0, "{verified:?}");

    app.restart(|_| {}).await;
    let log = app.inside.own_log.state().await.unwrap();
    let last = app.log().await.pop().unwrap();
    let Fact::Log(LogFact::KeyRotated(fact)) = last.recorded().unwrap().fact else {
        panic!("{last:?}")
    };
    assert_eq!((last.stream.as_str(), fact.key.as_str(), fact.generation), ("log", &*key, 2));
    assert_eq!(fact.until.since(last.recorded().unwrap().time), Duration::from_secs(24 * 3_600));
    assert_eq!((log.generation(), log.rotations.len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_no_longer_only_ours_goes_at_once() {
    let mut app = TestApp::start().await;
    app.patient("Ana Acker", "ana@example.org").await;
    app.stop().await;
    let first = medlock(&["log", "rotate-key", "--overlap-hours", "0"], &app.data());
    assert!(first.stdout.contains("has its key 2:"), "{first:?}");
    let second = medlock(&["log", "rotate-key", "--overlap-hours", "0"], &app.data());
    assert!(second.stdout.contains("has its key 3:"), "{second:?}");
    let long = medlock(&["log", "rotate-key", "--overlap-hours", "721"], &app.data());
    assert_eq!((long.code, long.stderr.contains("30 days at most")), (1, true), "{long:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_ran_ahead_is_corrected_from_the_command_line() {
    let mut app = TestApp::start().await;
    // With an admin, so that the service has nothing to write by itself when it starts.
    let (ana, _bo, _cy) = app.cast().await;
    // Ten years ahead of the story's beginning is ahead of the system's clock, too.
    app.clock.forward(Duration::from_secs(10 * 365 * 86_400));
    let ana = app.log_in(&ana.email).await;
    ana.letter(&app, &ana.id, "Written too early").await;
    app.stop().await;
    let text = ("Letter", "other", "text/plain");
    {
        let behind = ServerProcess::start(&app.data());
        let refused = ana.upload(&behind, &ana.id, text, b"x".to_vec()).await;
        refused.refused(503, "clock_behind");
        let busy = medlock(&["log", "correct-clock"], &app.data());
        assert_eq!((busy.code, busy.stderr.contains("in use")), (3, true), "{busy:?}");
    }
    let corrected = medlock(&["log", "correct-clock"], &app.data());
    assert_eq!(corrected.code, 0, "{corrected:?}");
    assert!(corrected.stdout.contains("The clock is taken to be right at 20"), "{corrected:?}");
    let again = medlock(&["log", "correct-clock", "--output", "json"], &app.data());
    assert_eq!((again.code, &said(&again)["corrected"]), (0, &false.into()), "{again:?}");
    {
        let right = ServerProcess::start(&app.data());
        ana.upload(&right, &ana.id, text, b"x".to_vec()).await.expect(201);
    }
    let verified = medlock(&["verify"], &app.data());
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn a_folder_without_a_log_gets_none() {
    let empty = tempfile::tempdir().unwrap();
    for what in ["rotate-key", "correct-clock"] {
        let nothing = medlock(&["log", what], empty.path());
        assert_eq!(
            (nothing.code, nothing.stderr.contains("no event log")),
            (3, true),
            "{nothing:?}"
        );
    }
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "nothing was made");
}
