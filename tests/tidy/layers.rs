//! A crate, a question: who may know whom, and who may not know what.

use crate::names;
use crate::rust::Source;
use crate::tree::{CRATES, Excuse, excuse, files, none, read, sources};
use crate::world::{dependencies, naming};

/// What each crate may depend on of ours.
const MAY_KNOW: [(&str, &[&str]); 8] = [
    ("domain", &[]),
    ("commands", &["domain"]),
    ("projections", &["domain"]),
    ("transparency", &["domain"]),
    ("synthetic", &["domain", "commands"]),
    ("infra", &["domain", "commands", "projections", "transparency"]),
    ("evidence", &["domain"]),
    (
        "api",
        &["domain", "commands", "projections", "transparency", "synthetic", "infra", "evidence"],
    ),
];

/// Where an adapter may be named: in the composition root, which has a file for each subsystem.
fn is_the_composition_root(path: &str) -> bool {
    path == "api/src/wiring.rs" || path.starts_with("api/src/wiring/")
}

fn under<'a>(prefix: &'a str) -> impl Iterator<Item = &'static Source> + 'a {
    sources().iter().filter(move |source| source.path.starts_with(prefix))
}

fn knows_too_much(manifest: &str, may_know: &[&str]) -> Vec<String> {
    let mut ours = dependencies(manifest, "dependencies");
    ours.retain(|name| CRATES.contains(&name.as_str()) && !may_know.contains(&name.as_str()));
    ours
}

#[test]
fn every_crate_knows_only_what_it_may() {
    assert_eq!(knows_too_much("[dependencies]\ninfra.workspace = true\n", &["domain"]), ["infra"]);
    for (name, may_know) in MAY_KNOW {
        none(knows_too_much(&read(&format!("{name}/Cargo.toml")), may_know));
    }
}

#[test]
fn only_the_composition_root_names_infra() {
    let why = "adapters are chosen in api/src/wiring.rs";
    let bad = Source::of("api/src/rest/x.rs", "use infra::clock::SystemClock;");
    assert_eq!(naming(&bad, &["infra"], why).len(), 1);
    assert!(!is_the_composition_root("api/src/main.rs"));
    let may = |path: &str| path.starts_with("infra/") || is_the_composition_root(path);
    let others = sources().iter().filter(|source| !may(&source.path));
    none(others.flat_map(|source| naming(source, &["infra::", "use infra"], why)).collect());
}

#[test]
fn what_may_happen_what_is_seen_and_what_is_published_never_see_each_other() {
    const ROOMS: [&str; 3] = ["commands", "projections", "transparency"];
    let see = |room: &str, other: &str| {
        let words = [format!("{other}::"), format!("use {other}")];
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let found = under(room).flat_map(|source| naming(source, &words, "one room only"));
        found.collect::<Vec<_>>()
    };
    for room in ROOMS {
        for other in ROOMS.iter().filter(|other| **other != room) {
            none(see(room, other));
        }
    }
}

/// Rows outside tests that name a fact, an event type or a command.
fn named(source: &Source, facts: &[&str], kinds: &[&str]) -> Vec<String> {
    let mut found = naming(source, facts, "infra names no event and no command");
    for (number, row) in source.live() {
        for kind in kinds.iter().filter(|kind| row.strings.iter().any(|s| s.contains(**kind))) {
            found.push(format!("{}:{number}: {kind} as text", source.path));
        }
    }
    found
}

#[test]
fn infra_names_no_event_and_no_command() {
    let names: Vec<String> = names::facts().into_iter().chain(names::commands()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let kinds: Vec<&str> = domain::fact::Fact::kinds().collect();
    let bad = "use domain::consent::event::ConsentGranted;\nlet k = \"x consent.granted.v1\";\nGrantConsent;";
    assert_eq!(named(&Source::of("infra/src/x.rs", bad), &names, &kinds).len(), 3);
    none(under("infra/").flat_map(|source| named(source, &names, &kinds)).collect());
}

#[test]
fn what_is_seen_and_what_is_published_never_append() {
    const WRITES: [&str; 4] = ["EventStore", "Append", ".append(", "Executor"];
    let bad = Source::of("projections/src/x.rs", "store.append(lines).await?;");
    assert_eq!(naming(&bad, &WRITES, "").len(), 1);
    let why = "read models and the transparency log only read";
    let readers = ["projections/", "transparency/"].into_iter().flat_map(under);
    none(readers.flat_map(|source| naming(source, &WRITES, why)).collect());
}

/// Whoever asks (REST, and what makes a person of a cookie or token) goes through flows and read models.
#[test]
fn rest_reaches_neither_the_write_loop_nor_the_vault() {
    const ROOMS: [&str; 3] = ["api/src/rest", "api/src/actor.rs", "api/src/server.rs"];
    const INNER: [&str; 8] = [
        ".executor",
        "Executor",
        "Command",
        ".vault",
        "KeyVault",
        "EventStore",
        "BlobStore",
        "commands::ports::credentials",
    ];
    let why = "REST asks flows and read models";
    let bad = Source::of("api/src/rest/x.rs", "app.executor.execute(&order);\napp.vault.seal(x);");
    assert_eq!(naming(&bad, &INNER, why).len(), 2);
    none(ROOMS.iter().flat_map(|room| under(room)).flat_map(|s| naming(s, &INNER, why)).collect());
}

/// What the command line tells is worked out elsewhere.
#[test]
fn the_command_line_translates() {
    const WORK: [&str; 8] = [
        "ChainCheck",
        "LineCheck",
        "Tiling",
        "TreeRoot",
        "AccessPermit",
        "Executor",
        "EventStore",
        "KeyVault",
    ];
    const READS: [Excuse; 1] = [("api/src/cli/replay.rs", "prints the log's lines as they are")];
    // These make what they measure and show.
    const MAKES: [&str; 2] = ["api/src/cli/bench", "api/src/cli/demo"];
    let why = "the command line says it, others do it";
    let bad = Source::of("api/src/cli/x.rs", "let mut chain = ChainCheck::default();");
    assert_eq!(naming(&bad, &WORK, why).len(), 1);
    let makes = |source: &&Source| MAKES.iter().any(|path| source.path.starts_with(path));
    let others = under("api/src/cli").filter(|source| !makes(source));
    none(excuse(others.flat_map(|source| naming(source, &WORK, why)).collect(), &READS));
}

/// The installation runs for whoever asks: what it answers with is not its matter.
#[test]
fn the_composition_root_names_nothing_of_http() {
    const HTTP: [&str; 5] =
        ["crate::problem", "crate::rest", "crate::server", "crate::trace", "actix_web"];
    let why = "what only HTTP needs stands in api/src/rest/state.rs";
    let bad =
        Source::of("api/src/wiring/x.rs", "use crate::problem::Problem;\nuse actix_web::web;");
    assert_eq!(naming(&bad, &HTTP, why).len(), 2);
    none(under("api/src/wiring").flat_map(|source| naming(source, &HTTP, why)).collect());
}

/// Rows that name the sample facts and people.
fn names_samples(source: &Source) -> Vec<String> {
    const SAMPLES: [&str; 2] = ["samples::", "::samples"];
    naming(source, &SAMPLES, "samples are for tests, measurements and the demonstration")
}

#[test]
fn only_tests_measurements_and_the_demonstration_name_samples() {
    let bad = Source::of("api/src/rest/x.rs", "use domain::samples;\nlet ana = samples::ANA;\n");
    assert_eq!(names_samples(&bad).len(), 2);
    let test = "#[cfg(test)]\nmod tests {\n    use domain::samples;\n}\n";
    assert_eq!(names_samples(&Source::of("api/src/rest/x.rs", test)).len(), 0);
    const MAY_NAME: [&str; 3] = ["domain/src/samples.rs", "domain/src/samples/", "synthetic/src/"];
    let may_name = |source: &&Source| MAY_NAME.iter().any(|path| source.path.starts_with(path));
    let others = sources().iter().filter(|source| !may_name(source));
    none(others.flat_map(names_samples).collect());
}

/// What would change, in SQL, what was written.
fn rewrites(sql: &str) -> Vec<&'static str> {
    const FORBIDDEN: [&str; 6] = [
        "update events",
        "delete from events",
        "replace into events",
        "drop table events",
        "truncate events",
        "drop trigger",
    ];
    let words = sql.split(|c: char| c.is_whitespace() || c == '"' || c == '\\');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let sql = words.join(" ").to_lowercase();
    FORBIDDEN.into_iter().filter(|forbidden| sql.contains(forbidden)).collect()
}

/// SQL of a program that would change what was written.
fn rewrites_events(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for (number, row) in source.live() {
        let rewritten = row.strings.iter().flat_map(|sql| rewrites(sql));
        found.extend(rewritten.map(|what| format!("{}:{number}: {what}", source.path)));
    }
    found
}

#[test]
fn nothing_updates_or_deletes_an_event() {
    let bad = Source::of("infra/src/x.rs", "sql(\"UPDATE\n   events SET bytes = ?\");\n");
    assert_eq!(rewrites_events(&bad).len(), 1);
    let trigger = "sql(\"CREATE TRIGGER t BEFORE UPDATE ON events BEGIN SELECT 1; END\");";
    assert_eq!(rewrites_events(&Source::of("infra/src/x.rs", trigger)).len(), 0);
    none(sources().iter().flat_map(rewrites_events).collect());
    // The schemas and what brings an older database up to date.
    assert_eq!(rewrites("DROP\n TABLE events;"), ["drop table events"]);
    let schemas: Vec<_> = files().iter().filter(|path| path.ends_with(".sql")).collect();
    assert!(schemas.len() > 3, "{schemas:?}");
    let of = |path: &&String| -> Vec<String> {
        rewrites(&read(path)).iter().map(|what| format!("{path}: {what}")).collect()
    };
    none(schemas.iter().flat_map(of).collect());
}
