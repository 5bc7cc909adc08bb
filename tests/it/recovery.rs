//! What an operator has when something went wrong, on short logs and on long ones.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Instant;

use serde_json::Value;
use tests::large_log::{SOURCE, command, make, sizes};

const NEXT: &str = "bench.medlock.example/log-2";
const THIRD: &str = "bench.medlock.example/log-3";

fn run(origin: &str, words: &[&str], data: &Path) -> Output {
    let began = Instant::now();
    let mut command = command(origin);
    let output = command.args(words).arg("--data").arg(data).stdin(Stdio::null()).output().unwrap();
    println!("medlock {}: {:.1} s", words.join(" "), began.elapsed().as_secs_f64());
    output
}

fn done(origin: &str, words: &[&str], data: &Path) -> String {
    let output = run(origin, words, data);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(origin: &str, words: &[&str], data: &Path) -> Value {
    let words = [words, &["--output", "json"]].concat();
    serde_json::from_str(&done(origin, &words, data)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_back_works_on_a_log_of_any_length() {
    for size in sizes() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let events = make(&data, *size).await;
        assert!(events >= *size && events < size + size / 100 + 100, "{events} of {size}");
        println!("a log of {events} events");
        all_of_them(folder.path(), &data, events);
    }
}

fn all_of_them(folder: &Path, data: &Path, events: u64) {
    let whole = |origin, expected: u64| {
        let report = json(origin, &["verify"], data);
        assert_eq!((&report["whole"], &report["events"]), (&true.into(), &expected.into()));
        report
    };
    whole(SOURCE, events);
    std::fs::remove_dir_all(data.join("log")).unwrap();
    assert_eq!(json(SOURCE, &["log", "rebuild"], data)["leaves"], events);
    assert_eq!(json(SOURCE, &["rebuild"], data)["events"], events);
    done(SOURCE, &["log", "rotate-key", "--overlap-hours", "0"], data);
    let clock = run(SOURCE, &["log", "correct-clock"], data);
    assert_eq!(clock.status.code(), Some(1), "{clock:?}");
    let out = folder.join("export");
    done(SOURCE, &["export", "--all", out.to_str().unwrap()], data);
    assert_eq!(done(SOURCE, &["replay"], data).lines().count() as u64, events + 1);
    whole(SOURCE, events + 1);

    for (older, newer, taken) in [(SOURCE, NEXT, events + 1), (NEXT, THIRD, events + 2)] {
        let continued = json(older, &["log", "continue", "--origin", newer], data);
        assert_eq!((&continued["events"], &continued["lost"]), (&taken.into(), &0.into()));
        let report = whole(newer, taken + 1);
        assert_eq!(report["continues"][0]["events"], taken);
    }
}
