//! The repository as the rules see it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::rust::Source;

/// The crates, in the order arrows may point: each may name those before it.
pub(crate) const CRATES: [&str; 9] = [
    "domain",
    "commands",
    "projections",
    "transparency",
    "synthetic",
    "infra",
    "evidence",
    "api",
    "tests",
];

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The text of a file that must be there.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file that people write, by its path from the root.
pub(crate) fn files() -> &'static [String] {
    static FILES: OnceLock<Vec<String>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut found = Vec::new();
        walk(PathBuf::new(), &mut found);
        found.sort();
        found
    })
}

fn walk(folder: PathBuf, found: &mut Vec<String>) {
    for entry in fs::read_dir(root().join(&folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = folder.join(&name);
        let made_or_foreign = ["target", ".git", "data", "node_modules"].contains(&name.as_str());
        if made_or_foreign {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            walk(path, found);
        } else {
            found.push(path.to_str().unwrap().to_owned());
        }
    }
}

/// Every Rust file, taken apart; files that only tests see are marked as tests.
pub(crate) fn sources() -> &'static [Source] {
    static SOURCES: OnceLock<Vec<Source>> = OnceLock::new();
    SOURCES.get_or_init(|| {
        let rust = files().iter().filter(|path| path.ends_with(".rs"));
        let mut sources: Vec<_> = rust.map(|path| Source::of(path, &read(path))).collect();
        let only_tests: Vec<String> = sources.iter().flat_map(test_files).collect();
        for source in &mut sources {
            let path = &source.path;
            let inside = |module: &String| {
                path.strip_prefix(module.as_str())
                    .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            };
            if only_tests.iter().any(inside) {
                source.rows.iter_mut().for_each(|row| row.test = true);
            }
        }
        sources
    })
}

/// The modules a file declares for tests only, as paths without `.rs`.
fn test_files(source: &Source) -> Vec<String> {
    let path = source.path.trim_end_matches(".rs");
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let root = matches!(name, "lib" | "main");
    let home = if root { folder.to_owned() } else { path.to_owned() };
    source.test_modules.iter().map(|module| format!("{home}/{module}")).collect()
}

/// Fails with every finding, one a line.
#[track_caller]
pub(crate) fn none(findings: Vec<String>) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// A file that a rule excuses, and why.
pub(crate) type Excuse = (&'static str, &'static str);

/// Takes the excused findings out; an excuse that excuses nothing is itself a finding. A finding begins
/// with its file's path and a colon.
pub(crate) fn excuse(findings: Vec<String>, excuses: &[Excuse]) -> Vec<String> {
    let of = |finding: &String, path: &str| {
        finding.strip_prefix(path).is_some_and(|rest| rest.starts_with(':'))
    };
    let idle = excuses.iter().filter(|(path, _)| !findings.iter().any(|f| of(f, path)));
    let idle: Vec<_> =
        idle.map(|(path, _)| format!("{path}: an exception that excuses nothing")).collect();
    let left = findings.iter().filter(|f| !excuses.iter().any(|(path, _)| of(f, path)));
    left.cloned().chain(idle).collect()
}

#[test]
fn an_excuse_excuses_its_file_and_nothing_else() {
    let found = || vec!["a.rs:3: x".to_owned(), "a.rs.rs:3: x".to_owned()];
    assert_eq!(excuse(found(), &[("a.rs", "why")]), ["a.rs.rs:3: x"]);
    let idle = excuse(vec![], &[("a.rs", "why")]);
    assert_eq!(idle, ["a.rs: an exception that excuses nothing"]);
}

#[test]
fn a_module_for_tests_only_is_found_where_it_lies() {
    let spec = Source::of("a/src/lib.rs", "#[cfg(test)]\nmod spec;\n");
    assert_eq!(test_files(&spec), ["a/src/spec"]);
    let nested = Source::of("a/src/b/c.rs", "#[cfg(test)]\nmod tests;\n");
    assert_eq!(test_files(&nested), ["a/src/b/c/tests"]);
    assert!(sources().iter().any(|source| source.path == "domain/src/fact.rs"));
}
