//! Checkers that are not ours read what we make, and refuse, in words, what was damaged.

mod crates;
mod go;
mod python;

use std::fs;
use std::path::Path;

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
