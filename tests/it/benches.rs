//! Every bench runs to its end: at its smallest, for what it says then says nothing of speed.

use std::process::Command;

use serde_json::Value;
use tests::program::medlock;

/// Each bench at its smallest, and how many figures it has at least.
const BENCHES: [(&[&str], usize); 5] = [
    (&["append", "--callers", "1,2", "--seconds", "0.02"], 9),
    (&["verify", "--events", "300"], 3),
    (&["rebuild", "--events", "300"], 1),
    (&["log", "--events", "600", "--seconds", "0.1"], 7),
    (&["view", "--upload-mib", "1", "--events", "300", "--patients", "2"], 14),
];

#[test]
fn every_bench_has_its_figures() {
    for (bench, figures) in BENCHES {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(medlock());
        let command = command.args(["bench", "--output", "json"]).args(bench);
        let ended = command.arg("--data").arg(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{bench:?}: {said}");
        let printed: Value = serde_json::from_slice(&ended.stdout).unwrap();
        let all = printed["figures"].as_array().or(printed.as_array()).unwrap();
        assert!(all.len() >= figures, "{bench:?}: {all:?}");
        for figure in all {
            assert!(figure["value"].as_f64().is_some_and(f64::is_finite), "{bench:?}: {figure}");
        }
    }
}
