//! Time, chance and the world are passed in: nothing reads a clock, draws a number, opens a file or asks
//! the environment where it should have been told.

use crate::rust::{Source, names};
use crate::tree::{Excuse, excuse, none, read, sources};

/// What `domain` may stand on: pure computation. None of these opens a file or a socket.
const DOMAIN_MAY_USE: [&str; 11] = [
    "base64",
    "blake3",
    "ed25519-dalek",
    "hex",
    "jiff",
    "serde",
    "serde_json",
    "sha2",
    "strum",
    "thiserror",
    "uuid",
];

/// Names of the world outside.
const WORLD: [&str; 13] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::io",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant",
    "tokio",
    "rand",
    "getrandom",
    "async",
    "await",
];

/// Names that read a clock.
const CLOCKS: [&str; 5] =
    ["SystemTime::now", "Timestamp::now", "Zoned::now", "Utc::now", "UNIX_EPOCH.elapsed"];
/// Names that draw a random number.
const CHANCE: [&str; 7] =
    ["new_v4", "now_v7", "getrandom", "thread_rng", "rand::", "OsRng", "SystemRandom"];
/// Names that ask the environment. `env!` asks the compiler and is something else.
const ENVIRONMENT: [&str; 10] = [
    "env::var",
    "env::var_os",
    "env::vars",
    "env::current_dir",
    "env::home_dir",
    "env::temp_dir",
    "Env::prefixed",
    "Env::raw",
    "with_env_var",
    "from_default_env",
];

/// The dependencies a manifest names in its section.
pub(crate) fn dependencies(manifest: &str, section: &str) -> Vec<String> {
    let header = format!("[{section}]");
    let lines = manifest.lines().skip_while(|line| line.trim() != header).skip(1);
    let entries = lines.take_while(|line| !line.trim_start().starts_with('['));
    let name = |line: &str| {
        let name = line.split(['.', '=', ' ']).next().unwrap_or_default().trim();
        (!name.is_empty() && !name.starts_with('#')).then(|| name.to_owned())
    };
    entries.filter_map(name).collect()
}

fn beyond_pure(manifest: &str) -> Vec<String> {
    let mut found = dependencies(manifest, "dependencies");
    found.retain(|name| !DOMAIN_MAY_USE.contains(&name.as_str()));
    found
}

/// Rows outside tests that name one of `words`.
pub(crate) fn naming(source: &Source, words: &[&str], why: &str) -> Vec<String> {
    let hit = |(number, row): (usize, &crate::rust::Row)| {
        let word = words.iter().find(|word| names(&row.code, word))?;
        Some(format!("{}:{number}: names {word}: {why}", source.path))
    };
    source.live().filter_map(hit).collect()
}

fn naming_anywhere(words: &[&str], why: &str, excuses: &[Excuse]) -> Vec<String> {
    excuse(sources().iter().flat_map(|source| naming(source, words, why)).collect(), excuses)
}

#[test]
fn the_domain_stands_on_nothing_that_can_do_io() {
    assert_eq!(beyond_pure("[dependencies]\nserde.workspace = true\ntokio = \"1\"\n"), ["tokio"]);
    none(beyond_pure(&read("domain/Cargo.toml")));
}

#[test]
fn the_domain_does_not_know_the_world() {
    let why = "domain is pure";
    let bad = Source::of("domain/src/x.rs", "use std::fs;\nlet s = \"tokio\";\nasync fn f() {}\n");
    assert_eq!(naming(&bad, &WORLD, why).len(), 2);
    let domain = sources().iter().filter(|source| source.path.starts_with("domain/"));
    none(domain.flat_map(|source| naming(source, &WORLD, why)).collect());
}

#[test]
fn time_is_read_in_one_place() {
    let bad = Source::of("api/src/x.rs", "let now = jiff::Timestamp::now();");
    assert_eq!(naming(&bad, &CLOCKS, "").len(), 1);
    let why = "time is passed in: use the Clock port";
    none(naming_anywhere(&CLOCKS, why, &[("infra/src/clock.rs", "the adapter")]));
}

#[test]
fn chance_is_drawn_in_one_place() {
    let bad = Source::of("api/src/x.rs", "let id = Uuid::new_v4();");
    assert_eq!(naming(&bad, &CHANCE, "").len(), 1);
    let why = "chance is passed in: use the Entropy port";
    none(naming_anywhere(&CHANCE, why, &[("infra/src/entropy.rs", "the adapter")]));
}

#[test]
fn the_environment_is_asked_in_one_place() {
    let bad = Source::of("api/src/x.rs", "let home = std::env::var(\"HOME\");");
    assert_eq!(naming(&bad, &ENVIRONMENT, "").len(), 1);
    let why = "the environment is read in api/src/config.rs";
    const ASKING: [Excuse; 3] = [
        ("api/src/config/said.rs", "which of what it says are settings"),
        ("api/src/config.rs", "the one place"),
        ("api/src/cli/printing.rs", "which log lines are wanted is known before any setting is"),
    ];
    none(naming_anywhere(&ENVIRONMENT, why, &ASKING));
}

#[test]
fn where_a_request_came_from_is_read_in_one_place() {
    /// Names by which actix-web tells an address or a host, true or made up.
    const SOURCES: [&str; 5] =
        ["peer_addr", "connection_info", "realip_remote_addr", "ConnectionInfo", "PeerAddr"];
    let bad = Source::of("api/src/rest/x.rs", "let from = request.peer_addr();");
    assert_eq!(naming(&bad, &SOURCES, "").len(), 1);
    let why = "a proxy may stand in front: take the Peer extractor";
    const ASKING: [Excuse; 2] = [
        ("api/src/rest/peer.rs", "the one place"),
        ("api/src/server/front_door.rs", "connections are counted before there is a request"),
    ];
    none(naming_anywhere(&SOURCES, why, &ASKING));
}

#[test]
fn one_place_prints() {
    const PRINTING: [&str; 6] =
        ["println!", "print!", "eprintln!", "eprint!", "io::stdout", "io::stderr"];
    const MAY_PRINT: [Excuse; 7] = [
        ("evidence/src/terminal.rs", "the one place: what acts on a terminal is shown instead"),
        ("api/src/cli/printing.rs", "log lines, whose words tracing-subscriber shows"),
        ("api/src/wiring/drawing.rs", "the drawing process's pipe"),
        ("infra/src/rasteriser/child.rs", "fixed words into the drawing process's pipe"),
        ("synthetic/src/bench/rebuild.rs", "fixed words"),
        ("synthetic/src/bench/synthetic_log.rs", "fixed words"),
        ("synthetic/src/bench/view.rs", "fixed words"),
    ];
    let bad = Source::of("api/src/cli/x.rs", "println!(\"{name}\");\nlet out = io::stdout();\n");
    assert_eq!(naming(&bad, &PRINTING, "").len(), 2);
    none(naming_anywhere(&PRINTING, "print by evidence::terminal, say! or complain!", &MAY_PRINT));
}

#[test]
fn a_stopwatch_is_used_for_measuring_only() {
    /// What is measured is written to a metric or a report, never into a decision.
    const MEASURING: [Excuse; 15] = [
        ("api/src/rest/surround.rs", "how long a request took"),
        ("api/src/cli/bench/bed.rs", "the bench"),
        ("api/src/cli/bench/rows.rs", "the bench"),
        ("synthetic/src/bench/append.rs", "the bench"),
        ("synthetic/src/bench/log/commit.rs", "the bench"),
        ("synthetic/src/bench/log/memory.rs", "the bench"),
        ("synthetic/src/bench/log/proofs.rs", "the bench"),
        ("synthetic/src/bench/log/serving.rs", "the bench"),
        ("synthetic/src/bench/verify.rs", "the bench"),
        ("synthetic/src/bench/view.rs", "the bench"),
        ("synthetic/src/bench/view/chart.rs", "the bench"),
        ("synthetic/src/bench/view/clinic.rs", "the bench"),
        ("synthetic/src/bench/view/service.rs", "the bench"),
        ("synthetic/src/bench/view/upload.rs", "the bench"),
        ("api/src/cli/rebuild.rs", "how long a rebuild took"),
    ];
    const STOPWATCH: [&str; 1] = ["Instant::now"];
    let bad = Source::of("commands/src/x.rs", "let began = Instant::now();");
    assert_eq!(naming(&bad, &STOPWATCH, "").len(), 1);
    none(naming_anywhere(&STOPWATCH, "decisions are never about elapsed time", &MEASURING));
}
