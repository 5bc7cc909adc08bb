//! Yesterday's backup: who knows that there was more.

use std::path::{Path, PathBuf};
use std::time::Duration;

use commands::ports::event_store::EventStore as _;
use domain::journal::note::{Note, VerifierKey};
use infra::event_store::SqliteEventStore;
use tests::process::ServerProcess;
use tests::reader::OutsideReader;
use tests::witness::WitnessProcess;

use super::forger::guard_of;
use crate::audit::folder::{copy, medlock};

const WITHIN: Duration = Duration::from_secs(30);

/// A service that does not start, and what it says about that.
pub(crate) fn refused(data: &Path, settings: &[(&str, &str)]) -> String {
    let log = data.with_extension("log");
    let before = std::fs::read_to_string(&log).unwrap_or_default().len();
    let started = ServerProcess::start_held(data, settings, |_| {});
    let said = std::fs::read_to_string(&log).unwrap()[before..].to_owned();
    assert_eq!(started.err(), Some(Some(3)), "it refuses to start: {said}");
    said
}

/// An installation, its witness, and a backup that is older than what both have seen since.
struct Yesterday {
    data: PathBuf,
    backup: PathBuf,
    policy: PathBuf,
    reader: OutsideReader,
    known: u64,
    /// The installation's log must not outlive those who watch it.
    _witness: WitnessProcess,
    _folder: tempfile::TempDir,
}

/// Waits for a published checkpoint of at least `size` events that the witness has cosigned.
async fn cosigned(
    server: &ServerProcess,
    reader: &mut OutsideReader,
    key: &VerifierKey,
    size: u64,
) -> u64 {
    let shown = async {
        loop {
            let reply = server.get("/log/checkpoint").await;
            if reply.status != 200 {
                continue;
            }
            let checkpoint = reader.was_shown(&reply.bytes).unwrap();
            let note = Note::parse(&reply.bytes).unwrap();
            if checkpoint.size >= size && !note.signed_by([key]).unwrap().is_empty() {
                return checkpoint.size;
            }
        }
    };
    tokio::time::timeout(WITHIN, shown).await.expect("the witness cosigns")
}

/// How many events a folder holds.
async fn length(data: &Path) -> u64 {
    let store = SqliteEventStore::open_read_only(&data.join("events.db"), 1).await.unwrap();
    let newest = *store.newest().borrow();
    newest.unwrap().0 + 1
}

impl Yesterday {
    async fn of_a_watched_app() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name| folder.path().join(name);
        let (data, backup, policy) = (at("data"), at("backup"), at("policy"));
        let server = ServerProcess::start(&data);
        let keys = server.get("/log/keys.txt").await.expect(200).bytes;
        let key: VerifierKey = String::from_utf8(keys).unwrap().trim().parse().unwrap();
        let link = server.link.clone().unwrap();
        server.cast_with(&link).await;
        server.kill();
        let witness =
            WitnessProcess::start(&at("witness"), "ward.example", std::slice::from_ref(&key));
        let line = &witness.policy_line;
        let line =
            if line.contains("http") { line.clone() } else { format!("{line} {}", witness.url) };
        std::fs::write(&policy, format!("log {key}\n{line}\nquorum ward.example\n")).unwrap();

        let settings = [("MEDLOCK_TRANSPARENCY__WITNESS_POLICY", policy.to_str().unwrap())];
        let mut reader = OutsideReader::new(vec![key]);
        let server = ServerProcess::start_with(&data, &settings);
        cosigned(&server, &mut reader, &witness.key, length(&data).await).await;
        server.kill();
        copy(&data, &backup);
        std::fs::copy(guard_of(&data), guard_of(&backup)).unwrap();
        let server = ServerProcess::start_with(&data, &settings);
        server.log_in("ana@example.org").await;
        let known = cosigned(&server, &mut reader, &witness.key, length(&data).await).await;
        server.kill();
        Self { data, backup, policy, reader, known, _witness: witness, _folder: folder }
    }

    /// Puts the backup back in the place of the data; the guard is no part of it.
    fn restore(&self) {
        std::fs::remove_dir_all(&self.data).unwrap();
        copy(&self.backup, &self.data);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn yesterdays_backup_is_stopped_by_the_guard_then_by_the_witness_then_by_an_old_checkpoint() {
    let mut story = Yesterday::of_a_watched_app().await;
    let data = story.data.clone();
    let known = story.known;
    let policy = story.policy.to_str().unwrap().to_owned();
    let watched = [("MEDLOCK_TRANSPARENCY__WITNESS_POLICY", policy.as_str())];

    story.restore();
    let message = refused(&data, &watched);
    let older = format!("knows a checkpoint of {known} events and this database holds");
    assert!(
        message.contains(&format!("the guard file or the checkpoint store {older}")),
        "{message}"
    );
    assert!(message.contains("it is older"), "{message}");

    std::fs::remove_file(guard_of(&data)).unwrap();
    let message = refused(&data, &watched);
    assert!(message.contains("the guard file is missing"), "{message}");

    // Yesterday's guard, from wherever: the witness knows more.
    std::fs::copy(guard_of(&story.backup), guard_of(&data)).unwrap();
    let message = refused(&data, &watched);
    assert!(message.contains(&format!("the witness ward.example {older}")), "{message}");

    // And no witness: the installation notices nothing, nor does an officer with the folder alone.
    let server = ServerProcess::start(&data);
    assert_eq!(medlock(&["verify"], &data).code, 0, "nobody inside notices");
    // Whoever kept a newer checkpoint or receipt does, as soon as it is compared.
    let shown = server.get("/log/checkpoint").await.expect(200).bytes;
    let message = story.reader.was_shown(&shown).unwrap_err();
    assert!(message.ends_with(&format!("events and has shown {known}")), "{message}");
}
