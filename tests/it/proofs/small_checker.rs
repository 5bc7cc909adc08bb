//! `medlock-check`, a program that can do nothing else: it says of a real export and a real bundle what the
//! large one says, and finds what somebody did to them.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tests::program::{medlock, medlock_check};

use super::checked::{Home, Said, run};

/// The verdict, and how it ended.
fn verdict(said: &Said) -> (i32, Value) {
    let json = said.text.rsplit_once("\nfound: ").map_or(said.text.as_str(), |(json, _)| json);
    let report: Value = serde_json::from_str(json).unwrap_or_else(|_| panic!("{}", said.text));
    (said.code, report["verdict"].clone())
}

/// What the large program and the small one say of the same: one verdict, and with it one exit code.
#[track_caller]
fn agreed(order: &str, what: &Path, more: &[&str]) -> (i32, String) {
    let words = |command: &mut Command| {
        verdict(&run(command.arg(what).args(["--output", "json"]).args(more)))
    };
    let large = words(Command::new(medlock()).arg(order));
    let small = words(&mut Command::new(medlock_check()));
    assert_eq!(small, large, "{order}");
    (small.0, small.1.as_str().unwrap_or_default().to_owned())
}

fn small(what: &Path, more: &[&str]) -> Said {
    run(Command::new(medlock_check()).arg(what).args(more))
}

fn flip(path: &Path, byte: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[byte] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_small_program_says_of_an_export_what_verify_says_and_finds_a_touched_one() {
    let mut home = Home::furnished().await;
    home.app.stop().await;
    let (out, policy, kept) = (home.path("out"), home.path("mine"), home.path("kept"));
    let policy = policy.to_str().unwrap();
    let export = ["export", "--all", out.to_str().unwrap(), "--data"];
    run(Command::new(medlock()).args(export).arg(home.app.data())).expect(0, &[]);

    let (code, by_itself) = agreed("verify", &out, &[]);
    assert_eq!(code, 0, "{by_itself}");
    assert!(by_itself.contains("whole, as far as it can show by itself"), "{by_itself}");
    let (code, believed) = agreed("verify", &out, &["--witness-policy", policy]);
    assert_eq!(code, 0, "{believed}");
    assert!(believed.contains("those you believe vouch for it"), "{believed}");
    let table = run(Command::new(medlock()).arg("verify").arg(&out));
    assert_eq!(small(&out, &[]).expect(0, &["not checked:"]).text, table.text);

    let remember = ["--remember", kept.to_str().unwrap()];
    small(&out, &remember).expect(0, &[]);
    small(&out, &remember).expect(0, &["in the remembered checkpoint"]);
    small(&out, &["--log", policy]).expect(2, &["an export brings the log's files"]);

    let tile = out.join("log/tile/0/000.p");
    let tile = fs::read_dir(tile).unwrap().next().unwrap().unwrap().path();
    for (file, byte) in [(out.join("events.jsonl"), 200), (tile, 40), (out.join("keys.txt"), 30)] {
        let whole = fs::read(&file).unwrap();
        flip(&file, byte);
        let (code, found) = agreed("verify", &out, &[]);
        assert_eq!(code, 1, "{}: {found}", file.display());
        small(&out, &remember).expect(1, &["found: The export is NOT whole"]);
        fs::write(file, whole).unwrap();
    }
    small(&out, &remember).expect(0, &[]);
    small(Path::new("/nowhere"), &[]).expect(3, &["cannot be read"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_small_program_says_of_a_bundle_what_check_says_and_finds_a_touched_one() {
    let mut home = Home::furnished().await;
    let folder = home.bundle().await;
    home.app.stop().await;
    let (archive, policy) = (home.path("history.tar"), home.path("mine"));
    let log = home.app.data().join("log");
    let log = ["--log", log.to_str().unwrap()];
    let believed = ["--witness-policy", policy.to_str().unwrap()];

    for what in [&folder, &archive] {
        let (code, own) = agreed("check", what, &log);
        assert_eq!(code, 0, "{own}");
        assert!(own.starts_with("Right in itself, by the word of its own keys"), "{own}");
        let (code, all) = agreed("check", what, &[log, believed].concat());
        assert_eq!((code, all.starts_with("Right: these ")), (0, true), "{all}");
        let (code, some) = agreed("check", what, &believed);
        assert_eq!((code, some.contains("whether they are all was not checked")), (0, true));
    }
    small(&folder, &["--log", "https://medlock.invalid/log/"]).expect(2, &["asks no network"]);
    small(&folder, &["--remember", "kept"]).expect(2, &["only an export's checkpoint"]);

    let proof = fs::read_dir(folder.join("proofs")).unwrap().next().unwrap().unwrap().path();
    let salt = b"\"salt\":\"";
    let salted = fs::read(&archive).unwrap().windows(salt.len()).position(|bytes| bytes == salt);
    let in_a_line = salted.unwrap() + salt.len();
    for (file, byte) in [(folder.join("events.jsonl"), 200), (proof, 150), (archive, in_a_line)] {
        let what = if file.starts_with(&folder) { &folder } else { &file };
        let whole = fs::read(&file).unwrap();
        flip(&file, byte);
        let (code, found) = agreed("check", what, &believed);
        assert_eq!((code, found.starts_with("WRONG")), (1, true), "{}: {found}", file.display());
        fs::write(&file, whole).unwrap();
    }
}
