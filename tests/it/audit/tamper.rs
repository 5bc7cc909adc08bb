//! What an attacker does to the files: each kind of tampering on a copy of the folder, behind the store's
//! back.

use std::path::Path;

use domain::journal::{Leaf, Line, Position, StreamVersion};
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};

use super::folder::{app_with_history, copy, medlock, patient_stream};
use super::{NO_CHECKPOINT, said};

/// A log before it is tampered with.
struct Log(Vec<Line>);

impl Log {
    /// The `version`th line of the patient.
    fn ana(&self, version: u32) -> &Line {
        let stream = patient_stream(&self.0);
        let place = |line: &&Line| line.stream == stream && line.version == StreamVersion(version);
        self.0.iter().find(place).unwrap()
    }

    /// A line of somebody else that stands right after a line of the patient.
    fn stranger(&self) -> &Line {
        let stream = patient_stream(&self.0);
        let pairs = self.0.windows(2);
        let mut strangers =
            pairs.filter(|pair| pair[0].stream == stream && pair[1].stream != stream);
        &strangers.next().unwrap()[1]
    }

    fn last(&self) -> &Line {
        self.0.last().unwrap()
    }

    /// The first line of the stream that `line` is filed under.
    fn first_of(&self, line: &Line) -> &Line {
        self.0.iter().find(|first| first.stream == line.stream).unwrap()
    }
}

fn row(line: &Line) -> u64 {
    line.position.0 + 1
}

/// The line with the first digit of its salt changed: still a valid line, of the same length.
fn edited(line: &Line) -> Vec<u8> {
    let text = String::from_utf8(line.bytes.clone()).unwrap();
    let (before, after) = text.split_once("\"salt\":\"").unwrap();
    let digit = if after.starts_with('0') { '1' } else { '0' };
    format!("{before}\"salt\":\"{digit}{}", &after[1..]).into_bytes()
}

/// The leaf an attacker makes for other bytes: the digests are anybody's to compute, the tag is kept.
fn leaf_for(line: &Line, bytes: &[u8]) -> Leaf {
    let mut leaf = line.leaf;
    leaf.0[36..68].copy_from_slice(blake3::hash(bytes).as_bytes());
    leaf.0[68..].copy_from_slice(&Sha256::digest(bytes));
    leaf
}

fn put_line(line: &Line, bytes: &[u8]) -> String {
    format!("UPDATE events SET line = x'{}' WHERE position = {};", hex::encode(bytes), row(line))
}

fn put_leaf(line: &Line, leaf: &Leaf) -> String {
    format!("UPDATE events SET leaf = x'{}' WHERE position = {};", hex::encode(leaf.0), row(line))
}

fn put_both(line: &Line, bytes: &[u8]) -> String {
    put_line(line, bytes) + &put_leaf(line, &leaf_for(line, bytes))
}

fn swap_positions(a: &Line, b: &Line) -> String {
    format!(
        "UPDATE events SET position = -1 WHERE position = {a};
         UPDATE events SET position = {a} WHERE position = {b};
         UPDATE events SET position = {b} WHERE position = -1;",
        a = row(a),
        b = row(b)
    )
}

fn swap_contents(a: &Line, b: &Line) -> String {
    put_line(a, &b.bytes) + &put_leaf(a, &b.leaf) + &put_line(b, &a.bytes) + &put_leaf(b, &a.leaf)
}

fn delete(line: &Line) -> String {
    format!("DELETE FROM events WHERE position = {};", row(line))
}

/// What is done, where the first broken place must be seen, and a part of what must be said of it.
type Case = (&'static str, String, Position, &'static str);

fn cases(log: &Log) -> Vec<Case> {
    let two = log.ana(2);
    let three = log.ana(3);
    let stranger = log.stranger();
    let last = log.last();
    let mut digest_edited = two.leaf;
    digest_edited.0[99] ^= 1;
    let mut tag_edited = two.leaf;
    tag_edited.0[4] ^= 1;
    let elsewhere = String::from_utf8(last.bytes.clone()).unwrap();
    let elsewhere = elsewhere.replace("medlock.invalid", "medlock.example").into_bytes();
    let of_stranger = format!("(SELECT stream FROM events WHERE position = {})", row(stranger));
    assert_eq!(last.version, StreamVersion(0), "a stream that begins elsewhere is no finding");
    vec![
        ("one byte", put_line(two, &edited(two)), two.position, "the stored leaf"),
        ("broken bytes", put_line(two, b"{\"a\":1}"), two.position, "the stored leaf"),
        ("no line", put_both(two, b"{\"a\":1}"), two.position, "not a valid line"),
        ("line and leaf", put_both(two, &edited(two)), two.position, "tile/0/000.p/"),
        ("deleted", delete(two), two.position, "is missing"),
        ("positions of one stream", swap_positions(two, three), two.position, "version 3"),
        ("positions of two streams", swap_positions(two, last), two.position, "tile/"),
        ("contents of one stream", swap_contents(two, three), two.position, "but the line says 3"),
        (
            "contents of two streams",
            swap_contents(two, stranger),
            two.position.min(stranger.position),
            "but the line says",
        ),
        (
            "stream cut inside the log",
            delete(log.ana(7)) + &delete(log.ana(6)),
            log.ana(6).position,
            "is missing",
        ),
        ("tail of the log", delete(last), last.position, "the tail was cut"),
        ("leaf digest", put_leaf(two, &digest_edited), two.position, "the stored leaf"),
        ("leaf tag", put_leaf(two, &tag_edited), two.position, "tag"),
        (
            "filed under another stream",
            format!(
                "UPDATE events SET stream = {of_stranger}, version = 99 WHERE position = {};",
                row(two)
            ),
            two.position,
            "filed under",
        ),
        ("another log's", put_both(last, &elsewhere), last.position, "another log's"),
        (
            "stream renamed",
            format!("UPDATE streams SET name = 'admins-0' WHERE id = {of_stranger};"),
            log.first_of(stranger).position,
            "filed under",
        ),
        (
            "leaf cut short",
            format!("UPDATE events SET leaf = substr(leaf, 1, 99) WHERE position = {};", row(two)),
            two.position,
            "leaf stored at position",
        ),
    ]
}

/// As an attacker with a shell would: the triggers are no obstacle.
pub(crate) async fn tamper(data: &Path, sql: String) {
    tamper_with(&data.join("events.db"), sql).await;
}

async fn tamper_with(file: &Path, sql: String) {
    let options = SqliteConnectOptions::new().filename(file);
    let mut db = SqliteConnection::connect_with(&options).await.unwrap();
    let triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger'";
    let triggers: Vec<(String,)> = sqlx::query_as(triggers).fetch_all(&mut db).await.unwrap();
    for (trigger,) in triggers {
        let drop = AssertSqlSafe(format!("DROP TRIGGER {trigger}"));
        sqlx::raw_sql(drop).execute(&mut db).await.unwrap();
    }
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    assert!(done.rows_affected() > 0, "nothing was tampered with");
    db.close().await.unwrap();
}

/// Takes away whatever beside the events tells how many there were, and which.
fn without_tree(data: &Path) {
    std::fs::remove_dir_all(data.join("log")).unwrap();
    std::fs::remove_file(data.join("log.db")).unwrap();
    std::fs::remove_file(data.join("events.db-hint")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tampering_is_found_at_its_first_place() {
    let mut app = app_with_history().await;
    let log = Log(app.log().await);
    app.stop().await;
    for (number, (name, sql, position, expected)) in cases(&log).into_iter().enumerate() {
        let data = app.data().with_file_name(format!("copy{number}"));
        copy(&app.data(), &data);
        tamper(&data, sql).await;
        let outcome = medlock(&["verify", "--output", "json"], &data);
        let report = said(&outcome);
        let first = &report["findings"][0];
        assert_eq!(outcome.code, 1, "{name}: {report}");
        assert_eq!(first["position"], position.0, "{name}: {report}");
        assert!(first["what"].as_str().unwrap().contains(expected), "{name}: {report}");
        let verdict = format!("The log is NOT whole: position {position}");
        assert!(report["verdict"].as_str().unwrap().starts_with(&verdict), "{name}: {report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_beside_the_log_and_a_damaged_report_are_found() {
    let mut app = app_with_history().await;
    let log = Log(app.log().await);
    app.stop().await;
    let beside = app.data().with_file_name("beside");
    copy(&app.data(), &beside);
    let last = log.last();
    // A stream read by itself would show it; the log read from its start would not.
    tamper(
        &beside,
        format!(
            "INSERT INTO events SELECT 0, stream, version + 1, line, leaf FROM events
             WHERE position = {};",
            row(last)
        ),
    )
    .await;
    let found = medlock(&["verify"], &beside);
    let place = format!("NOT whole: {} version {}", last.stream, last.version.0 + 1);
    assert_eq!((found.code, found.stdout.contains(&place)), (1, true), "{found:?}");

    let blobs = app.data().join("blobs");
    let folders = std::fs::read_dir(&blobs).unwrap().map(|entry| entry.unwrap().path());
    let mut kept: Vec<_> = folders.filter(|path| !path.ends_with("incoming")).collect();
    kept.sort();
    let file = std::fs::read_dir(&kept[0]).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    assert_eq!(medlock(&["verify"], &app.data()).code, 0, "files are read when asked for");
    let found = medlock(&["verify", "--blobs"], &app.data());
    assert_eq!((found.code, found.stdout.contains("does not hash to its name")), (1, true));
    std::fs::remove_file(&file).unwrap();
    let found = medlock(&["verify", "--blobs"], &app.data());
    assert_eq!((found.code, found.stdout.contains("is missing")), (1, true), "{found:?}");
}

/// The public files show these. Whoever can write every file takes them away as well, and leaves no trace:
/// the report must say so, and what it prints must change, so that a note taken earlier elsewhere shows it.
#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_checkpoint_outside_can_show_is_said() {
    let mut app = app_with_history().await;
    let log = Log(app.log().await);
    app.stop().await;
    let before = said(&medlock(&["verify", "--output", "json"], &app.data()));
    let last = log.last();
    let stranger = log.stranger();
    let count = "UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'events';";
    let ana_before = &log.0[usize::try_from(stranger.position.0 - 1).unwrap()];
    for (number, (name, sql)) in [
        ("the last line of a stream made anew", put_both(last, &edited(last))),
        ("the tail cut, and the count with it", delete(last) + count),
        ("neighbours of two streams changed round", swap_positions(ana_before, stranger)),
    ]
    .into_iter()
    .enumerate()
    {
        let data = app.data().with_file_name(format!("unseen{number}"));
        copy(&app.data(), &data);
        tamper(&data, sql).await;
        let found = medlock(&["verify"], &data);
        assert_eq!(found.code, 1, "{name}: {found:?}");
        without_tree(&data);
        let outcome = medlock(&["verify", "--output", "json"], &data);
        let report = said(&outcome);
        assert_eq!(outcome.code, 0, "{name}: {report}");
        assert_ne!(report["root"], before["root"], "{name}");
        assert!(report["not_checked"].to_string().contains(NO_CHECKPOINT), "{name}: {report}");
    }

    // Tags are only as good as the vault.
    let data = app.data().with_file_name("no-vault");
    copy(&app.data(), &data);
    std::fs::remove_file(data.join("vault.db")).unwrap();
    without_tree(&data);
    let mut leaf = last.leaf;
    leaf.0[4] ^= 1;
    tamper(&data, put_leaf(last, &leaf)).await;
    let report = said(&medlock(&["verify", "--output", "json"], &data));
    assert_eq!(report["whole"], true, "{report}");
    assert!(report["not_checked"].to_string().contains("the leaves' tags"), "{report}");
    assert!(!data.join("vault.db").exists(), "looking makes no vault");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_gone_leaves_tags_unchecked_and_a_damaged_one_is_found() {
    let mut app = app_with_history().await;
    let log = Log(app.log().await);
    app.stop().await;
    let ana = log.ana(0);
    let vault = app.data().join("vault.db");
    let count = log.0.iter().filter(|line| line.stream == ana.stream).count();
    let key = format!("WHERE stream = '{}';", ana.stream);
    tamper_with(&vault, format!("UPDATE stream_keys SET wrapped = zeroblob(60) {key}")).await;
    let found = medlock(&["verify"], &app.data());
    let expected = format!("position {}, {} version 0: the stream's key", ana.position, ana.stream);
    assert_eq!((found.code, found.stdout.contains(&expected)), (1, true), "{found:?}");

    tamper_with(&vault, format!("DELETE FROM stream_keys {key}")).await;
    let report = said(&medlock(&["verify", "--output", "json"], &app.data()));
    assert_eq!(report["whole"], true, "{report}");
    let expected = format!("the tags of {count} leaves in 1 streams");
    assert!(report["not_checked"].to_string().contains(&expected), "{report}");
}
