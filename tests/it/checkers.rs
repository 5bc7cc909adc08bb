//! Checkers that are not ours read what we make, and refuse, in words, what was damaged.

mod by_hand;
mod crates;
mod go;
mod python;
mod running;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use domain::journal::note::Note;

fn flip(path: &Path, byte: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[byte] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn spoil_signature(checkpoint: &Path, which: usize) {
    let mut note = Note::parse(&fs::read(checkpoint).unwrap()).unwrap();
    note.signatures[which].signature[20] ^= 1;
    fs::write(checkpoint, note.to_string()).unwrap();
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Takes out line `number` of a file, from 0.
fn cut_line(path: &Path, number: usize) {
    let text = fs::read_to_string(path).unwrap();
    let kept = text.lines().enumerate().filter(|(at, _)| *at != number);
    fs::write(path, kept.map(|(_, line)| format!("{line}\n")).collect::<String>()).unwrap();
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn python() -> Command {
    let python = root().join("target/venv/bin/python3");
    assert!(python.is_file(), "{} is missing: ./scripts/test makes it", python.display());
    let mut command = Command::new(python);
    command.current_dir(root()).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// What the checker says, and whether it was content.
pub(crate) fn check(words: &[&str]) -> (bool, String) {
    let (code, said) = check_coded(words);
    (code == Some(0), said)
}

/// The same with its exit code.
fn check_coded(words: &[&str]) -> (Option<i32>, String) {
    let output = python().arg("docs/verify/check.py").args(words).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said)
}
