//! Attacks by whoever owns everything inside: source, database, vault, and the key that signs the log. Each
//! story says which party outside notices and with what words, or that nobody does: docs/attacks.md.

pub(crate) mod backup;
mod forger;
mod outside;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use domain::journal::Line;
use domain::journal::note::{KeyKind, Note, NoteKey, VerifierKey};
use domain::journal::tile::{TileKind, leaves, tiles_between};
use domain::journal::tree::TreeRoot;
use tests::witness::WatchedLog;

use self::forger::edited;
use self::outside::{Outside, receipt};
use crate::audit::folder::{medlock, patient_stream};
use crate::checkers::check;

/// Where an owner would rather have another history.
const VIEW: &str = "access.record_viewed.v1";
const CONSENT: &str = "consent.granted.v1";

#[tokio::test(flavor = "multi_thread")]
async fn an_event_edited_with_its_hashes_is_seen_by_the_officer_and_by_the_witness() {
    let mut outside = Outside::with_a_history().await;
    let mut forger = outside.forger().await;
    let at = outside.place(VIEW);
    forger.edit(at, edited(&forger.lines[at])).await;
    forger.keep().await;
    let (size, note) = (forger.size(), forger.log().note(forger.size()));

    let officer = forger.verified();
    assert_eq!(officer.code, 1, "{officer:?}");
    assert!(officer.stdout.contains("prev of"), "{officer:?}");
    let witness = outside.witness_says(size, &[], &note).await;
    assert!(witness.contains(&format!("has cosigned another tree of {size} leaves")), "{witness}");
    let reader = outside.reader_says(&note);
    assert_eq!(reader, format!("the log has signed two roots at {size} events"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_made_anew_is_seen_by_everybody_outside_and_by_nobody_inside() {
    let mut outside = Outside::with_a_history().await;
    let mut forger = outside.forger().await;
    let at = outside.place(CONSENT);
    forger.rewrite(at, edited(&forger.lines[at])).await;
    forger.keep().await;
    let size = forger.size();
    let forged = forger.log();
    let note = forged.note(size);

    let officer = forger.verified();
    assert_eq!(officer.code, 0, "alone with the folder, the officer sees nothing: {officer:?}");
    let witness = outside.witness_says(size, &[], &note).await;
    assert!(witness.contains(&format!("has cosigned another tree of {size} leaves")), "{witness}");
    let believed = outside.policy_says(&note);
    assert_eq!(believed, "0 of the policy's 1 witnesses have cosigned it, which is no quorum");
    let anchor = outside.anchor_says(&note).await;
    assert!(anchor.contains("in the anchor folder is another checkpoint"), "{anchor}");
    let reader = outside.reader_says(&note);
    assert_eq!(reader, format!("the log has signed two roots at {size} events"));
    // The patient's own line, with the path the forged log gives for its place.
    let mut claimed = receipt(&forged, &forger.lines, at, &note);
    claimed.line.clone_from(&outside.receipt.line);
    let message = claimed.follow().unwrap_err().to_string();
    assert_eq!(message, "the leaf does not carry the digests of the line");

    // It goes on growing: no proof leads from what was cosigned to it.
    forger.lines.push(forger.lines[0].clone());
    let grown = forger.log();
    let note = grown.note(size + 1);
    let proof = grown.proof(size, size + 1);
    let witness = outside.witness_says(size, &proof, &note).await;
    assert!(witness.contains("one of the two trees is forked"), "{witness}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_events_cut_off_are_missed_by_the_witness_and_by_whoever_saw_them() {
    let mut outside = Outside::with_a_history().await;
    let mut forger = outside.forger().await;
    let (size, cut) = (outside.size(), outside.size() - 10);
    forger.lines.truncate(usize::try_from(cut).unwrap());
    forger.keep().await;
    let note = forger.log().note(cut);

    let officer = forger.verified();
    assert_eq!(officer.code, 0, "alone with the folder, the officer sees nothing: {officer:?}");
    let witness = outside.witness_says(cut, &[], &note).await;
    assert!(witness.contains(&format!("has last cosigned a tree of {size} leaves")), "{witness}");
    let reader = outside.reader_says(&note);
    assert_eq!(reader, format!("the log shows {cut} events and has shown {size}"));
    let anchor = outside.anchor_says(&note).await;
    assert!(anchor.contains("names the file of another log or size"), "{anchor}");
}

/// Cuts the patient's line at a position and all that follow it out of an export.
fn keep_back(export: &Path, lines: &[Line], from: usize) {
    let stream = patient_stream(lines);
    let kept = lines[..from].iter().filter(|line| line.stream == stream).count();
    for file in ["events.jsonl", "positions"] {
        let text = std::fs::read_to_string(export.join(file)).unwrap();
        let short: String = text.split_inclusive('\n').take(kept).collect();
        assert_ne!(short, text);
        std::fs::write(export.join(file), short).unwrap();
    }
    tests::sample_log::write_manifest(export, Some(&stream));
}

/// The patient's export of an installation, and what a checker that is not ours says to it.
struct History {
    export: PathBuf,
    policy: PathBuf,
}

impl History {
    fn of(data: &Path, lines: &[Line], log: &VerifierKey) -> Self {
        let patient = patient_stream(lines).patient_id().unwrap().to_string();
        let (export, policy) = (data.with_extension("export"), data.with_extension("policy"));
        let made = medlock(&["export", "--patient", &patient, export.to_str().unwrap()], data);
        assert_eq!(made.code, 0, "{made:?}");
        std::fs::write(&policy, format!("log {log}\nquorum none\n")).unwrap();
        Self { export, policy }
    }

    fn checked(&self) -> (bool, String) {
        check(&[self.export.to_str().unwrap(), "--policy", self.policy.to_str().unwrap()])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_without_a_view_is_seen_by_the_patient_who_reads_all_leaves() {
    let outside = Outside::with_a_history().await;
    let stream = patient_stream(&outside.lines);
    let log = outside.honest.public();
    let history = History::of(&outside.app.data(), &outside.lines, &log);
    let (right, said) = history.checked();
    assert!(right, "{said}");

    // The view and what came after it are kept back; the log's files are what everybody gets.
    keep_back(&history.export, &outside.lines, outside.place(VIEW));
    let (right, said) = history.checked();
    let message =
        format!("position {}: the log has one more line of {stream}", outside.place(VIEW));
    assert!(!right && said.contains(&message) && said.contains("which is withheld"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_logs_for_two_readers_are_seen_by_the_witness_and_when_they_compare() {
    let mut outside = Outside::with_a_history().await;
    let mut forger = outside.forger().await;
    let size = outside.size();
    let at = outside.place(VIEW);
    forger.rewrite(at, edited(&forger.lines[at])).await;
    let ours = outside.note.clone();
    let theirs = forger.log().note(size);

    // Each reader alone who asks for no witness believes what he is shown.
    let careless =
        domain::journal::witness_policy::WitnessPolicy::of_logs([outside.honest.public()]);
    assert!(careless.judge(&ours).is_ok() && careless.judge(&theirs).is_ok(), "nobody notices");
    // A witness cosigns one of them.
    let witness = outside.witness_says(size, &[], &theirs).await;
    assert!(witness.contains("has cosigned another tree"), "{witness}");
    let believed = outside.policy_says(&theirs);
    assert_eq!(believed, "0 of the policy's 1 witnesses have cosigned it, which is no quorum");
    let together = outside.reader_says(&theirs);
    assert_eq!(together, format!("the log has signed two roots at {size} events"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_cosignature_convinces_nobody_who_knows_the_witness() {
    let outside = Outside::with_a_history().await;
    let mut forger = outside.forger().await;
    forger.lines.pop();
    let mut note = forger.log().note(forger.size());
    let other = NoteKey::new("ward.example", KeyKind::Cosignature, &[9; 32]).unwrap();
    note.signatures.push(other.sign(&note.text, 1));
    // A key of the same name is another key, and is ignored like any stranger's.
    let believed = outside.policy_says(&note);
    assert_eq!(believed, "0 of the policy's 1 witnesses have cosigned it, which is no quorum");
    // One that claims to be by the very key is an attack.
    note.signatures.last_mut().unwrap().id = outside.note.signatures.last().unwrap().id;
    assert_eq!(outside.policy_says(&note), "the signature by ward.example is not right");
    // So is a true cosignature of another checkpoint.
    *note.signatures.last_mut().unwrap() = outside.note.signatures.last().unwrap().clone();
    assert_eq!(outside.policy_says(&note), "the signature by ward.example is not right");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_of_another_log_is_refused_by_whoever_knows_the_logs_key() {
    let outside = Outside::with_a_history().await;
    let forger = outside.forger().await;
    let leaf = |at: usize| domain::journal::tree::leaf_hash(&forger.lines[at].leaf.0);
    let leaves = || (0..forger.lines.len()).map(leaf).collect();
    let at = outside.place(CONSENT);
    let size = forger.size();
    let elsewhere = NoteKey::new("elsewhere.example/log", KeyKind::Ed25519, &[3; 32]).unwrap();
    let elsewhere = WatchedLog::of(elsewhere, leaves());
    let receipt = receipt(&elsewhere, &forger.lines, at, &elsewhere.note(size));
    // Its path is right: a path says nothing about whose log it leads into.
    receipt.follow().unwrap();
    let believed = outside.policy_says(&receipt.proof.checkpoint);
    assert_eq!(believed, "no log that the policy names has signed it");

    // The owner of the key signs the other log's text as well.
    let text = receipt.proof.checkpoint.text.clone();
    let note = Note { signatures: vec![forger.key().sign(&text, 0)], text };
    let message =
        "it is signed by the log medlock.invalid/log but says it is of elsewhere.example/log";
    assert_eq!(outside.policy_says(&note), message);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anchored_transaction_that_names_another_root_is_refused_by_whoever_asks_the_chain() {
    use crate::anchors_evm::world::{World, checkpoint, refused};
    use transparency::ports::Anchor as _;
    let world = World::start().await;
    let receipt = world.anchor.anchor(&checkpoint(40, 1)).await.unwrap();
    world.stranger().check(&checkpoint(40, 1), &receipt).await.unwrap();
    // The log is another one by now, and its owner shows the old transaction for it.
    let said = refused(world.stranger().check(&checkpoint(40, 2), &receipt).await);
    assert!(said.contains("its event anchors root 0x0101"), "{said}");
    // Anchoring the other root under the same size leaves both on the chain, for everybody to see.
    let second = world.anchor_of(1).anchor(&checkpoint(40, 2)).await.unwrap();
    let said = refused(world.stranger().check(&checkpoint(40, 2), &second).await);
    assert!(said.contains("it names sender"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaf_with_a_wrong_tag_is_found_by_the_officer_and_hides_what_follows_from_the_patient() {
    let outside = Outside::with_a_history().await;
    let mut forger = outside.forger().await;
    let at = outside.place(VIEW);
    let stream = patient_stream(&outside.lines);
    // From the start: nobody outside has seen another leaf there.
    forger.lines[at].leaf.0[4] ^= 1;
    forger.keep().await;
    let officer = forger.verified();
    assert_eq!(officer.code, 1, "{officer:?}");
    assert!(officer.stdout.contains("tag"), "{officer:?}");
    assert!(officer.stdout.contains(&format!("position {at}")), "{officer:?}");

    let history = History::of(&forger.data, &forger.lines, forger.key().public());
    let (right, said) = history.checked();
    let message = format!("position {at}: the leaf's tag is not that of {stream} version");
    assert!(!right && said.contains(&message), "{said}");
    // Who is given a history that ends before it looks for the next tag, and finds it nowhere.
    keep_back(&history.export, &forger.lines, at);
    let (right, said) = history.checked();
    assert!(right, "the patient notices nothing: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_with_a_bad_signature_by_a_known_key_is_refused_by_every_reader() {
    let mut outside = Outside::with_a_history().await;
    let mut note = outside.note.clone();
    // The very note that was believed, with one bit of the log's signature turned.
    *note.signatures[0].signature.last_mut().unwrap() ^= 1;
    assert_eq!(outside.policy_says(&note), "the signature by medlock.invalid/log is not right");
    assert_eq!(outside.reader_says(&note), "the signature by medlock.invalid/log is not right");
    let witness = outside.witness_says(outside.size(), &[], &note).await;
    assert!(witness.contains("it does not trust the log's key"), "{witness}");
    // A good signature beside it makes the bad one no better.
    note.signatures.push(outside.note.signatures[0].clone());
    assert_eq!(outside.policy_says(&note), "the signature by medlock.invalid/log is not right");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_in_a_stored_tile_is_seen_by_whoever_climbs_to_the_root() {
    let outside = Outside::with_a_history().await;
    let data = outside.app.data();
    let size = outside.size();
    for tile in tiles_between(0, size) {
        let path = data.join("log").join(tile.to_string());
        let honest = std::fs::read(&path).unwrap();
        let mut flipped = honest.clone();
        flipped[70] ^= 1;
        std::fs::write(&path, &flipped).unwrap();
        // A reader who takes the leaves and climbs.
        let mut tree = TreeRoot::default();
        if tile.kind == TileKind::Entries {
            leaves(&flipped).unwrap().iter().for_each(|leaf| tree.push(&leaf.0));
        } else {
            flipped.chunks(32).for_each(|hash| tree.push_hash(hash.try_into().unwrap()));
        }
        assert_ne!(tree.root(), outside.honest.checkpoint(size).root, "{tile}");
        // The installation itself refuses to go on with it, and makes it anew from its leaves.
        let message = backup::refused(&data, &[]);
        assert!(message.contains("the public files do not fit the events"), "{tile}: {message}");
        assert_eq!(medlock(&["log", "rebuild"], &data).code, 0);
        assert_eq!(std::fs::read(&path).unwrap(), honest, "{tile}");
    }
}

/// The stories of a source, by name.
fn stories(source: &str) -> impl Iterator<Item = &str> {
    let message = source.split("#[tokio::test(flavor = \"multi_thread\")]\nasync fn ").skip(1);
    message.filter_map(|story| Some(story.split_once('(')?.0))
}

#[test]
fn the_document_has_a_line_for_each_of_these_stories() {
    let sources = [include_str!("attacks.rs"), include_str!("attacks/backup.rs")];
    let message: BTreeSet<&str> = sources.into_iter().flat_map(stories).collect();
    let rows = include_str!("../../docs/attacks.md").lines().filter(|row| row.starts_with("| "));
    let named: BTreeSet<&str> = rows.filter_map(|row| row.rsplit('`').nth(1)).collect();
    assert_eq!(named, message);
}
