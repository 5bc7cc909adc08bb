//! What a patient can keep and have checked without the house: receipts, proofs, the whole history.

mod checked;
mod receipts;

use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::Note;
use domain::journal::witness_policy::WitnessPolicy;
use tests::cast::{Person, all_for_treatment};
use tests::house::TestHouse;

/// The newest checkpoint, once it covers everything that is in the log now.
async fn covering(house: &TestHouse) -> (Note, Checkpoint) {
    house.covered().await;
    let note = Note::parse(&house.get("/log/checkpoint").await.expect(200).bytes).unwrap();
    let checkpoint = Checkpoint::parse(&note.text).unwrap();
    (note, checkpoint)
}

/// The policy of somebody who believes this house's log and asks for no witness.
async fn policy_text(house: &TestHouse) -> String {
    let keys = house.get("/log/keys.txt").await.expect(200).bytes;
    let keys = String::from_utf8(keys).unwrap();
    keys.lines().map(|key| format!("log {key}\n")).collect::<String>() + "quorum none\n"
}

async fn policy(house: &TestHouse) -> WitnessPolicy {
    WitnessPolicy::parse(&policy_text(house).await).unwrap()
}

/// Ana lets Bo in; answers the consent.
async fn let_in(house: &TestHouse, ana: &Person, bo: &Person) -> String {
    ana.grant(house, all_for_treatment(house, &bo.id)).await.expect(201).text("consent")
}
