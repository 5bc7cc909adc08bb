//! A witness that stands alone: every answer of the specification, races, kills, a broken disk, forks.

mod under_load;

use std::path::Path;
use std::process::Command;

use commands::ports::world::Clock as _;
use domain::journal::note::{KeyKind, Note, NoteKey, SignatureLine};
use domain::journal::witness_policy::WitnessPolicy;
use domain::journal::witnessing::CheckpointRequest;
use infra::clock::SystemClock;
use infra::witness::HttpWitness;
use reqwest::Client;
use sha2::{Digest as _, Sha256};
use tests::door::Reply;
use tests::strace::{Injection, Strace};
use tests::witness::{WatchedLog, WitnessProcess};
use transparency::ports::{Witness as _, WitnessError};

const NAME: &str = "witness.example/w1";
const ORIGIN: &str = "clinic.example/log";

fn started(data: &Path, log: &WatchedLog) -> WitnessProcess {
    WitnessProcess::start(data, NAME, &[log.public()])
}

fn kind(reply: &Reply) -> &str {
    reply.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default()
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.bytes).unwrap()
}

/// The cosignature in an answer, checked.
fn cosigned(witness: &WitnessProcess, request: &CheckpointRequest, reply: &Reply) -> u64 {
    assert_eq!((reply.status, kind(reply)), (200, "text/plain; charset=utf-8"), "{}", text(reply));
    let line: SignatureLine = text(reply).strip_suffix('\n').unwrap().parse().unwrap();
    let note = Note { text: request.note.text.clone(), signatures: vec![line] };
    let signed = note.signed_by([&witness.key]).unwrap();
    signed[0].time.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_the_specifications() {
    let folder = tempfile::tempdir().unwrap();
    let log = WatchedLog::new(ORIGIN, 64);
    let fork = WatchedLog::forked(ORIGIN, 64, 8, 1);
    let witness = started(&folder.path().join("w"), &log);
    let client = Client::new();
    let ask = |request: &CheckpointRequest| witness.asked(&client, request.to_string());

    let first = log.request(0, 10);
    let time = cosigned(&witness, &first, &ask(&first).await);
    let now = u64::try_from(SystemClock.now().micros() / 1_000_000).unwrap();
    assert!(now.abs_diff(time) < 60, "by its own clock");
    for (old, new) in [(10, 10), (10, 23), (23, 64)] {
        let request = log.request(old, new);
        cosigned(&witness, &request, &ask(&request).await);
    }

    let stranger = NoteKey::new(ORIGIN, KeyKind::Ed25519, &[9; 32]).unwrap();
    let with = |request: &CheckpointRequest, change: &dyn Fn(&mut CheckpointRequest)| {
        let mut request = request.clone();
        change(&mut request);
        request
    };
    let by_stranger =
        |r: &mut CheckpointRequest| r.note.signatures = vec![stranger.sign(&r.note.text, 0)];
    let forged = |r: &mut CheckpointRequest| r.note.signatures[0].signature[5] ^= 1;
    let longer = |r: &mut CheckpointRequest| r.proof.push([0; 32]);
    let next = WatchedLog::new(ORIGIN, 80);
    let size = "text/x.tlog.size";
    let plain = "text/plain; charset=utf-8";
    let not_signed = "the checkpoint is not signed by a key of the log that this witness trusts\n";
    let not_proved = "the consistency proof does not verify\n";
    for (request, status, content_type, body) in [
        (
            WatchedLog::new("other.example/log", 9).request(0, 9),
            404,
            plain,
            "this witness does not know the log\n",
        ),
        (with(&next.request(64, 80), &by_stranger), 403, plain, not_signed),
        (with(&next.request(64, 80), &forged), 403, plain, not_signed),
        (log.request(64, 63), 400, plain, "the old size is larger than the checkpoint's\n"),
        (log.request(0, 64), 409, size, "64\n"),
        (log.request(23, 64), 409, size, "64\n"),
        (log.request(10, 23), 409, size, "64\n"),
        (next.request(70, 80), 409, size, "64\n"),
        (fork.request(64, 64), 422, plain, "another checkpoint of 64 leaves was cosigned before\n"),
        (WatchedLog::forked(ORIGIN, 80, 8, 1).request(64, 80), 422, plain, not_proved),
        (with(&next.request(64, 80), &longer), 422, plain, not_proved),
        (with(&log.request(64, 64), &longer), 422, plain, not_proved),
    ] {
        let reply = ask(&request).await;
        assert_eq!((reply.status, kind(&reply), text(&reply)), (status, content_type, body));
    }
    for (body, message) in [
        ("", "malformed request: no empty line ends the proof\n"),
        ("old 064\n\n", "malformed request: the first line is not \"old\" and a size\n"),
        ("old 64\nx\n\n", "malformed request: a line of the proof is no hash\n"),
        ("old 64\n\nx\n", "malformed request: no empty line before the signatures\n"),
    ] {
        let reply = witness.asked(&client, body).await;
        assert_eq!((reply.status, kind(&reply), text(&reply)), (400, plain, message), "{body:?}");
    }
    let request = next.request(64, 80);
    cosigned(&witness, &request, &ask(&request).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_monitor_is_told_what_was_cosigned_last() {
    let folder = tempfile::tempdir().unwrap();
    let log = WatchedLog::new(ORIGIN, 23);
    let witness = started(&folder.path().join("w"), &log);
    let client = Client::new();
    let get = |path: &str| Reply::to(client.get(format!("{}{path}", witness.url)));
    let path = format!("/{}/checkpoint", hex::encode(Sha256::digest(ORIGIN)));
    assert_eq!(get(&path).await.status, 404, "it never cosigned one");
    for (old, new) in [(0, 10), (10, 23)] {
        let request = log.request(old, new);
        cosigned(&witness, &request, &witness.asked(&client, request.to_string()).await);
        let told = get(&path).await;
        assert_eq!((told.status, kind(&told)), (200, "text/plain; charset=utf-8"));
        assert_eq!(told.header("access-control-allow-origin"), "*");
        let note = Note::parse(&told.bytes).unwrap();
        assert_eq!(note.text, request.note.text);
        assert_eq!(note.signed_by([&log.public()]).unwrap().len(), 1, "the log's own");
        assert!(note.signed_by([&witness.key]).unwrap()[0].time.is_some(), "and the witness's");
    }
    for odd in [path.to_uppercase().replace("CHECKPOINT", "checkpoint"), "/ab/checkpoint".into()] {
        assert_eq!(get(&odd).await.status, 404, "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_log_is_known_by_nothing_and_bounds_hold() {
    let folder = tempfile::tempdir().unwrap();
    let log = WatchedLog::new(ORIGIN, 9);
    let witness = started(&folder.path().join("w"), &log);
    let client = Client::new();
    let reply = witness.asked(&client, log.request(5, 9).to_string()).await;
    assert_eq!((reply.status, text(&reply)), (409, "0\n"));
    let mut proved = log.request(0, 9);
    proved.proof = vec![[0; 32]];
    let reply = witness.asked(&client, proved.to_string()).await;
    assert_eq!(reply.status, 422, "from nothing there is nothing to prove");
    let reply = witness.asked(&client, "x".repeat(200_000)).await;
    assert_eq!((reply.status, text(&reply)), (413, "the body is too long\n"));
    for (path, status) in [("/", 200), ("/livez", 200), ("/x", 404), ("/add-checkpoint", 405)] {
        let reply = Reply::to(client.get(format!("{}{path}", witness.url))).await;
        assert_eq!(reply.status, status, "{path}");
        if path == "/" {
            assert!(text(&reply).contains(&witness.key.to_string()), "its key");
            assert!(text(&reply).contains(&log.public().to_string()), "its logs");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_client_and_our_witness_understand_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let log = WatchedLog::new(ORIGIN, 40);
    let fork = WatchedLog::forked(ORIGIN, 40, 8, 1);
    let mut witness = started(&folder.path().join("w"), &log);
    let policy = format!("log {}\n{}\nquorum {NAME}\n", log.public(), witness.policy_line);
    let policy = WitnessPolicy::parse(&policy).unwrap();
    let party = &policy.witnesses[0];
    let url = party.url.as_deref().unwrap();
    let asked = HttpWitness::new(&party.name, party.key.clone(), url).unwrap();
    assert_eq!(asked.name(), NAME);
    let add = |log: &WatchedLog, old: u64, new: u64| {
        let asked = &asked;
        let proof = log.proof(old.min(new), new);
        let note = log.note(new);
        async move { asked.add_checkpoint(old, &proof, &note).await }
    };
    let mut note = log.note(12);
    note.signatures.extend(add(&log, 0, 12).await.unwrap());
    assert_eq!(policy.judge(&note).unwrap().cosigned.len(), 1, "the policy believes it");
    add(&log, 12, 40).await.unwrap();
    add(&log, 40, 40).await.unwrap();
    assert!(matches!(add(&log, 12, 40).await, Err(WitnessError::Seen(40))));
    assert!(matches!(add(&log, 12, 20).await, Err(WitnessError::Seen(40))));
    let message =
        |answer: Result<Vec<SignatureLine>, WitnessError>| answer.unwrap_err().to_string();
    let refused = message(add(&fork, 40, 40).await);
    assert_eq!(refused, "the witness has cosigned another tree of 40 leaves");
    let stranger = WatchedLog::new("other.example/log", 3);
    let refused = message(add(&stranger, 0, 3).await);
    assert_eq!(refused, "the witness refuses: status 404: it does not know the log");
    let other = NoteKey::new(NAME, KeyKind::Cosignature, &[7; 32]).unwrap();
    let mistaken = HttpWitness::new(NAME, other.public().clone(), url).unwrap();
    let answer = mistaken.add_checkpoint(40, &[], &log.note(40)).await;
    let refused = "the witness refuses: it answered without a cosignature by its key";
    assert_eq!(message(answer), refused);
    witness.kill();
    assert!(matches!(add(&log, 40, 40).await, Err(WitnessError::Later(_))));
    witness.restart();
    add(&log, 40, 40).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_has_one_process_one_name_and_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("w");
    let log = WatchedLog::new(ORIGIN, 9);
    let mut witness = started(&data, &log);
    let failed = |mut command: Command| {
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, message) = failed(witness.second());
    assert_eq!(code, Some(3), "{message}");
    assert!(message.contains("is in use by another process"), "{message}");
    cosigned(
        &witness,
        &log.request(0, 9),
        &witness.asked(&Client::new(), log.request(0, 9).to_string()).await,
    );
    witness.kill();

    let vkey = format!("--log={}", log.public());
    let with = |name: &str, log: &str| {
        let arguments = [format!("--name={name}"), log.to_owned()];
        failed(WitnessProcess::command(&data, &arguments, "127.0.0.1:0"))
    };
    let (code, message) = with("witness.example/w2", &vkey);
    assert_eq!(code, Some(3), "{message}");
    assert!(
        message.contains("this folder is that of the witness witness.example/w1+"),
        "{message}"
    );
    let (code, message) = with("no name", &vkey);
    assert!(
        code == Some(3) && message.contains("not a verifier key: its name"),
        "{code:?} {message}"
    );
    let (code, message) = with(NAME, &format!("--log={}", witness.key));
    assert!(
        code == Some(2) && message.contains("is a witness's, not a log's"),
        "{code:?} {message}"
    );
    let (code, message) = with(NAME, "--log=nonsense");
    assert!(code == Some(2) && message.contains("not a verifier key"), "{code:?} {message}");

    let key = witness.key.clone();
    witness.restart();
    assert_eq!(witness.key, key, "a restart keeps the key");
    witness.kill();
    let seed = data.join("witness.key");
    let about = std::fs::metadata(&seed).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o777, 0o600);
    std::fs::rename(&seed, folder.path().join("copy")).unwrap();
    let (code, message) = with(NAME, &vkey);
    assert!(code == Some(3) && message.contains("witness.key is missing"), "{code:?} {message}");
    assert!(!seed.exists(), "no other key takes its place");
    std::fs::rename(folder.path().join("copy"), &seed).unwrap();
    let record = std::fs::read_dir(data.join("logs")).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&record, "").unwrap();
    let (code, message) = with(NAME, &vkey);
    assert!(code == Some(3) && message.contains("is damaged"), "{code:?} {message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_logs_of_a_policy_file_are_watched_and_a_polite_end_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let log = WatchedLog::new(ORIGIN, 9);
    let policy = folder.path().join("policy");
    std::fs::write(&policy, format!("# ours\nlog {}\nquorum none\n", log.public())).unwrap();
    let arguments =
        ["--name".to_owned(), NAME.to_owned(), format!("--policy={}", policy.display())];
    let mut witness = WitnessProcess::start_with(&folder.path().join("w"), &arguments);
    let request = log.request(0, 9);
    cosigned(&witness, &request, &witness.asked(&Client::new(), request.to_string()).await);
    let message = Command::new("kill").arg(witness.pid().to_string()).status();
    assert!(message.unwrap().success());
    assert_eq!(witness.wait(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_fsync_that_fails_ends_the_witness_without_a_cosignature() {
    let folder = tempfile::tempdir().unwrap();
    let log = WatchedLog::new(ORIGIN, 30);
    let fork = WatchedLog::forked(ORIGIN, 30, 12, 1);
    let mut witness = started(&folder.path().join("w"), &log);
    let client = Client::new();
    let first = log.request(0, 10);
    cosigned(&witness, &first, &witness.asked(&client, first.to_string()).await);
    let strace = crate::broken_disk::break_the_disk(witness.pid());
    let place = format!("{}/add-checkpoint", witness.url);
    let asked = client.post(place).body(log.request(10, 20).to_string()).send().await;
    if let Ok(reply) = asked {
        let reply = Reply::of(reply).await;
        assert_eq!((reply.status, text(&reply)), (500, "the record cannot be kept\n"));
    }
    assert_eq!(witness.wait(), Some(3), "it ends by itself and says that the environment failed");
    strace.wait();

    witness.restart();
    let reply = witness.asked(&client, log.request(30, 30).to_string()).await;
    assert_eq!((reply.status, text(&reply)), (409, "10\n"), "what was not durable was not taken");
    let other = fork.request(10, 20);
    cosigned(&witness, &other, &witness.asked(&client, other.to_string()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_keeps_the_old_record_and_the_witness_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("w");
    let log = WatchedLog::new(ORIGIN, 30);
    let mut witness = started(&data, &log);
    let client = Client::new();
    let first = log.request(0, 10);
    cosigned(&witness, &first, &witness.asked(&client, first.to_string()).await);
    let record = std::fs::read_dir(data.join("logs")).unwrap().next().unwrap().unwrap().path();
    let unfinished = record.with_extension("tmp");
    let full = "error=ENOSPC".to_owned();
    let injection = Injection { calls: "write", what: full, files: vec![unfinished.clone()] };
    let strace = Strace::attach(witness.pid(), &injection);
    let next = log.request(10, 20);
    let reply = witness.asked(&client, next.to_string()).await;
    assert_eq!((reply.status, text(&reply)), (503, "the record cannot be kept now\n"));
    assert!(!unfinished.exists(), "nothing half is left");
    let again = log.request(10, 10);
    cosigned(&witness, &again, &witness.asked(&client, again.to_string()).await);
    strace.let_go();
    cosigned(&witness, &next, &witness.asked(&client, next.to_string()).await);
    witness.restart();
    let reply = witness.asked(&client, log.request(30, 30).to_string()).await;
    assert_eq!((reply.status, text(&reply)), (409, "20\n"));
}
