//! What must not grow: files, lines, the README, the number of binaries to link, the lock file.

use crate::rust::Source;
use crate::tree::{CRATES, Excuse, excuse, files, none, read, sources};

/// Lines of a file without its tests.
const LINES_MAX: usize = 400;
/// Lines of a file with its tests.
const LINES_WITH_TESTS_MAX: usize = 600;
/// Characters of a line of code, string literals apart: rustfmt leaves them alone.
const LINE_CHARS_MAX: usize = 100;
/// Characters of a line of prose.
const COMMENT_CHARS_MAX: usize = 110;
/// Files that are longer all the same.
const LONG_FILES: [Excuse; 0] = [];
/// Lines of the README.
const README_LINES_MAX: usize = 80;
/// Test binaries of the workspace besides the unit tests of each crate: each is linked in full.
const TEST_BINARIES_MAX: usize = 2;
/// Crates in Cargo.lock, ours included: 695 when this was written. alloy alone, which speaks to an EVM
/// node, brings 200 of them; most are never compiled. What is coming was counted beside this lock file, so
/// that none of it grows the build by surprise: gRPC with validation (tonic, prost, protox, prost-
/// protovalidate) 53, passkeys and TOTP (webauthn-rs, totp-rs, zxcvbn) 69, a policy language to hold ours
/// against (cedar) 40, EventStoreDB 25, S3 and a server to try it on 24, PDFium in a sandbox (wasmi,
/// landlock, seccompiler) 17, traces (opentelemetry) 8, Kafka (rdkafka) 3; PostgreSQL is in sqlx already.
/// All of it together, with what tests races and letters that join, was 936. A crate that is not in this
/// list raises the number in its own commit, and says why.
const LOCKED_CRATES_MAX: usize = 940;

fn too_long(source: &Source) -> Vec<String> {
    let all = source.rows.len();
    let live = source.live().count();
    let mut found = Vec::new();
    if live > LINES_MAX {
        found.push(format!("{}: {live} lines without tests", source.path));
    }
    if all > LINES_WITH_TESTS_MAX {
        found.push(format!("{}: {all} lines", source.path));
    }
    found
}

#[test]
fn files_stay_short() {
    let long = Source::of("a/src/b.rs", &"fn f() {}\n".repeat(401));
    assert_eq!(too_long(&long).len(), 1);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "fn f() {}\n".repeat(500));
    assert_eq!(too_long(&Source::of("a/src/b.rs", &tests)).len(), 0);
    none(excuse(sources().iter().flat_map(too_long).collect(), &LONG_FILES));
}

/// Lines that are too wide for reasons other than a string literal.
fn too_wide(source: &Source) -> Vec<String> {
    let lines = source.text.lines().zip(source.numbered());
    let wide = lines.filter(|(line, (_, row))| {
        let prose = line.trim_start().starts_with("//");
        let (text, most) =
            if prose { (*line, COMMENT_CHARS_MAX) } else { (&*row.code, LINE_CHARS_MAX) };
        text.trim_end().chars().count() > most
    });
    wide.map(|(_, (number, _))| format!("{}:{number}: too wide", source.path)).collect()
}

#[test]
fn lines_fit_the_page() {
    let wide = Source::of("a/src/b.rs", &format!("fn {}() {{}}\n", "x".repeat(100)));
    assert_eq!(too_wide(&wide).len(), 1);
    let literal = Source::of("a/src/b.rs", &format!("let a = \"{}\";\n", "x".repeat(100)));
    assert_eq!(too_wide(&literal).len(), 0);
    none(sources().iter().flat_map(too_wide).collect());
}

#[test]
fn the_readme_can_be_read_in_one_go() {
    let lines = read("README.md").lines().count();
    assert!(lines <= README_LINES_MAX, "README.md: {lines} lines");
}

/// Test, bench and example targets that are linked whenever the tests are built.
fn binaries(manifest: &str) -> usize {
    let targets = manifest.split("\n[[").skip(1);
    let linked = |target: &&str| {
        ["test]]", "bench]]", "example]]"].iter().any(|kind| target.starts_with(kind))
            && !target.contains("required-features")
    };
    targets.filter(linked).count()
}

#[test]
fn few_binaries_are_linked() {
    let two = "[package]\n\n[[test]]\nname = \"it\"\n\n[[example]]\nname = \"a\"\n";
    assert_eq!(binaries(two), 2);
    let declared: usize =
        CRATES.iter().map(|name| binaries(&read(&format!("{name}/Cargo.toml")))).sum();
    assert!(declared <= TEST_BINARIES_MAX, "{declared} test binaries");
    // Cargo also finds targets by where they lie.
    let found = |path: &&String| {
        ["tests", "benches", "examples"].iter().any(|folder| {
            let mut parts = path.split('/');
            parts.next().is_some_and(|name| CRATES.contains(&name)) && parts.next() == Some(folder)
        })
    };
    none(files().iter().filter(found).cloned().collect());
}

#[test]
fn the_lock_file_stays_small() {
    let crates = read("Cargo.lock").matches("\n[[package]]").count();
    assert!(crates > 100 && crates <= LOCKED_CRATES_MAX, "{crates} crates in Cargo.lock");
}
