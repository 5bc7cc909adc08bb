//! The parties outside an installation: what each of them keeps of the honest log, before anybody forges.

use std::time::Duration;

use domain::journal::Line;
use domain::journal::note::Note;
use domain::journal::receipt::{LogProof, Receipt};
use domain::journal::tree::TreeHash;
use domain::journal::witness_policy::WitnessPolicy;
use infra::anchor::FileAnchor;
use infra::witness::HttpWitness;
use serde_json::Value;
use tests::app::TestApp;
use tests::reader::OutsideReader;
use tests::witness::{WatchedLog, WitnessProcess};
use transparency::ports::{Anchor as _, AnchorRequest, Witness as _};

use super::forger::{Forger, ORIGIN};
use crate::audit::folder::app_with_history;

/// An honest installation that stands still, and those who watched it.
pub(super) struct Outside {
    pub(super) app: TestApp,
    pub(super) lines: Vec<Line>,
    /// The honest log.
    pub(super) honest: WatchedLog,
    /// Its newest checkpoint, with the witness's cosignature.
    pub(super) note: Note,
    /// Whom a careful reader believes: the log, if the witness has cosigned.
    pub(super) policy: WitnessPolicy,
    /// A reader that remembers the newest checkpoint.
    pub(super) reader: OutsideReader,
    /// What the patient keeps of her consent.
    pub(super) receipt: Receipt,
    pub(super) witness: WitnessProcess,
    anchor: FileAnchor,
    anchored: Value,
}

impl Outside {
    pub(super) async fn with_a_history() -> Self {
        let mut app = app_with_history().await;
        let lines = app.log().await;
        let size = lines.len() as u64;
        let mut published = app.inside.log.published();
        let covered = published.wait_for(|published| *published >= size);
        tokio::time::timeout(Duration::from_secs(30), covered).await.unwrap().unwrap();
        let note = Note::parse(&app.get("/log/checkpoint").await.expect(200).bytes).unwrap();
        app.stop().await;
        let honest = Forger::of(&app, &lines, "honest").await.log();
        assert_eq!(
            honest.note(size).text,
            note.text,
            "what was published is the tree of the lines"
        );

        let folder = app.data().with_file_name("witness");
        let witness = WitnessProcess::start(&folder, "ward.example", &[honest.public()]);
        let policy =
            format!("log {}\n{}\nquorum ward.example\n", honest.public(), witness.policy_line);
        let policy = WitnessPolicy::parse(&policy).unwrap();
        let mut note = note;
        note.signatures.extend(ask(&witness, 0, &[], &note).await.unwrap());
        policy.judge(&note).unwrap();

        let mut reader = OutsideReader::new(vec![honest.public()]);
        reader.was_shown(note.to_string().as_bytes()).unwrap();
        let consent = place(&lines, "consent.granted.v1");
        let receipt = receipt(&honest, &lines, consent, &note);
        receipt.follow().unwrap();
        let anchor = FileAnchor::new(&app.data().with_file_name("anchors"));
        let anchored = anchor.anchor(&request(&note)).await.unwrap();
        Self { app, lines, honest, note, policy, reader, receipt, witness, anchor, anchored }
    }

    /// An owner of a copy.
    pub(super) async fn forger(&self) -> Forger {
        Forger::of(&self.app, &self.lines, "forged").await
    }

    /// Where the first line of a type stands.
    pub(super) fn place(&self, kind: &str) -> usize {
        place(&self.lines, kind)
    }

    /// How many events the honest log has.
    pub(super) fn size(&self) -> u64 {
        self.lines.len() as u64
    }

    /// What the witness says to a log that comes from `old` leaves.
    pub(super) async fn witness_says(&self, old: u64, proof: &[TreeHash], note: &Note) -> String {
        match ask(&self.witness, old, proof, note).await {
            Ok(_) => "cosigned".to_owned(),
            Err(words) => words,
        }
    }

    /// What a careful reader says to a checkpoint.
    pub(super) fn policy_says(&self, note: &Note) -> String {
        let judged = self.policy.judge(note);
        judged.map_or_else(|disbelief| disbelief.to_string(), |_| "believed".to_owned())
    }

    /// What the reader who remembers says to a checkpoint that is shown.
    pub(super) fn reader_says(&mut self, note: &Note) -> String {
        self.reader.was_shown(note.to_string().as_bytes()).map_or_else(|w| w, |_| "agrees".into())
    }

    /// What the anchor folder says to whoever claims that `note` is what was anchored.
    pub(super) async fn anchor_says(&self, note: &Note) -> String {
        let checked = self.anchor.check(&request(note), &self.anchored).await;
        checked.map_or_else(|error| error.to_string(), |()| "as anchored".to_owned())
    }
}

fn place(lines: &[Line], kind: &str) -> usize {
    lines.iter().position(|line| line.recorded().unwrap().fact.kind() == kind).unwrap()
}

/// The receipt that a log gives for a line of its own.
pub(super) fn receipt(log: &WatchedLog, lines: &[Line], at: usize, note: &Note) -> Receipt {
    let index = at as u64;
    let size = lines.len() as u64;
    let leaf = lines[at].leaf;
    let hashes = log.path(index, size);
    let line = String::from_utf8(lines[at].bytes.clone()).unwrap();
    Receipt { line, proof: LogProof { leaf, index, hashes, checkpoint: note.clone() } }
}

async fn ask(
    witness: &WitnessProcess,
    old: u64,
    proof: &[TreeHash],
    note: &Note,
) -> Result<Vec<domain::journal::note::SignatureLine>, String> {
    let client = HttpWitness::new("ward.example", witness.key.clone(), &witness.url).unwrap();
    client.add_checkpoint(old, proof, note).await.map_err(|error| error.to_string())
}

fn request(note: &Note) -> AnchorRequest {
    let checkpoint = domain::journal::checkpoint::Checkpoint::parse(&note.text).unwrap();
    let (size, root) = (checkpoint.size, checkpoint.root);
    AnchorRequest { origin: ORIGIN.into(), size, root, note: note.to_string().into_bytes() }
}
