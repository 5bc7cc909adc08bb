//! What a patient can keep and have checked without the installation: receipts, proofs, the whole history.

mod addresses;
mod checked;
mod receipts;
mod small_checker;

use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::Note;
use domain::journal::witness_policy::WitnessPolicy;
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};

/// The newest checkpoint, once it covers everything that is in the log now.
async fn covering(app: &TestApp) -> (Note, Checkpoint) {
    app.until_published().await;
    let note = Note::parse(&app.get("/log/checkpoint").await.expect(200).bytes).unwrap();
    let checkpoint = Checkpoint::parse(&note.text).unwrap();
    (note, checkpoint)
}

/// The policy of somebody who believes this installation's log and asks for no witness.
async fn policy_text(app: &TestApp) -> String {
    let keys = app.get("/log/keys.txt").await.expect(200).bytes;
    let keys = String::from_utf8(keys).unwrap();
    keys.lines().map(|key| format!("log {key}\n")).collect::<String>() + "quorum none\n"
}

async fn policy(app: &TestApp) -> WitnessPolicy {
    WitnessPolicy::parse(&policy_text(app).await).unwrap()
}

/// Ana lets Bo in; answers the consent.
async fn let_in(app: &TestApp, ana: &Person, bo: &Person) -> String {
    ana.grant(app, all_for_treatment(app, &bo.id)).await.expect(201).text("consent")
}
