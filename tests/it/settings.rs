//! Which settings file counts.

use std::fs;
use std::path::Path;
use std::process::Command;

use tests::program::medlock;

/// The row of `medlock config` about the origin, asked in a folder.
fn origin(working: &Path) -> String {
    let told = Command::new(medlock()).arg("config").current_dir(working).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told = String::from_utf8(told.stdout).unwrap();
    told.lines().find(|line| line.trim_start().starts_with("origin")).unwrap().to_owned()
}

#[test]
fn the_file_of_a_folder_above_sets_nothing() {
    let above = tempfile::tempdir().unwrap();
    let file = above.path().join("medlock.toml");
    fs::write(&file, "origin = \"planted.example/log\"\n").unwrap();
    let within = above.path().join("within");
    fs::create_dir(&within).unwrap();
    assert!(origin(above.path()).contains("planted.example/log"));
    assert!(origin(&within).contains("medlock.invalid/log"), "{}", origin(&within));
    fs::write(within.join("medlock.toml"), "origin = \"own.example/log\"\n").unwrap();
    assert!(origin(&within).contains("own.example/log"));
}
