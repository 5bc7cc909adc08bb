//! How files read: names, forms and words that may not stand.

use crate::names::declares_events;
use crate::rust::Source;
use crate::tree::{Excuse, excuse, files, none, read, sources};
use crate::types::{Declared, types};

/// Words no type is named with: they say nothing.
const EMPTY_WORDS: [&str; 9] =
    ["Manager", "Helper", "Util", "Utils", "Base", "Common", "Info", "Impl", "Service"];
/// Words no fact is named with: they say that, not what.
const EMPTY_FACTS: [&str; 4] = ["Created", "Updated", "Deleted", "Changed"];

/// Code that may stand nowhere.
const FORBIDDEN: [&str; 6] =
    ["#[ignore", "#[should_panic", "todo!", "unimplemented!", "dbg!", "unsafe "];

/// Marks of work that was put off. Split, so that this file does not find itself.
const PUT_OFF: [&str; 4] =
    [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];

/// Tests that wait for the world in real time.
const SLEEPS: [Excuse; 3] = [
    ("tests/it/crash.rs", "a kill must fall into the middle of real work, at a random moment"),
    ("tests/it/log_continue.rs", "a kill must fall anywhere into the work"),
    ("tests/it/power_cuts.rs", "a cut must fall into the middle of real work, at a random moment"),
];

fn rows_with(source: &Source, hit: impl Fn(&crate::rust::Row) -> Option<String>) -> Vec<String> {
    let found = source.numbered().filter_map(|(number, row)| Some((number, hit(row)?)));
    found.map(|(number, what)| format!("{}:{number}: {what}", source.path)).collect()
}

fn forbidden(source: &Source) -> Vec<String> {
    rows_with(source, |row| {
        let word = FORBIDDEN.iter().find(|word| crate::rust::names(&row.code, word))?;
        Some(format!("{word} stands nowhere"))
    })
}

#[test]
fn no_test_is_switched_off_and_nothing_is_left_unfinished() {
    let bad = "#[ignore]\nfn f() { todo!() }\nlet s = \"dbg!\";\n";
    assert_eq!(forbidden(&Source::of("a/src/b.rs", bad)).len(), 2);
    none(sources().iter().flat_map(forbidden).collect());
}

fn put_off(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    let hit = |(i, line): (usize, &str)| {
        let mark = PUT_OFF.iter().find(|mark| crate::rust::names(line, mark))?;
        Some(format!("{path}:{}: {mark}", i + 1))
    };
    lines.filter_map(hit).collect()
}

#[test]
fn nothing_is_put_off_in_a_comment() {
    assert_eq!(put_off("a.rs", &format!("// {}: later\n", PUT_OFF[0])).len(), 1);
    let written = |path: &&String| {
        [".rs", ".md", ".toml", ".py", ".yml", "/test", "/run", "Makefile", "Dockerfile"]
            .iter()
            .any(|end| path.ends_with(end))
    };
    none(files().iter().filter(written).flat_map(|path| put_off(path, &read(path))).collect());
}

fn glob_imports(source: &Source) -> Vec<String> {
    rows_with(source, |row| {
        let code = row.code.trim();
        let imports = code.starts_with("use ") || code.starts_with("pub use ");
        let allowed = row.test && code == "use super::*;";
        (imports && code.ends_with("::*;") && !allowed).then(|| code.to_owned())
    })
}

#[test]
fn no_glob_imports_and_no_mod_files() {
    let bad = "use a::*;\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n";
    assert_eq!(glob_imports(&Source::of("a/src/b.rs", bad)).len(), 1);
    none(sources().iter().flat_map(glob_imports).collect());
    none(files().iter().filter(|path| path.ends_with("/mod.rs")).cloned().collect());
}

/// The words of a name in camel case.
fn words(name: &str) -> Vec<&str> {
    let starts = |(i, c): (usize, char)| (i > 0 && c.is_uppercase()).then_some(i);
    let mut cuts: Vec<usize> = name.char_indices().filter_map(starts).collect();
    cuts.push(name.len());
    let mut start = 0;
    let cut = |end| {
        let word = &name[start..end];
        start = end;
        word
    };
    cuts.into_iter().map(cut).collect()
}

/// Types whose names hold a word that says nothing.
fn empty_names(source: &Source, forbidden: &[&str]) -> Vec<String> {
    let bad = |one: &Declared| {
        let mut words = words(&one.name).into_iter();
        let bad = words.find(|word| forbidden.contains(word) || *word == "Dto")?;
        Some(format!("{}:{}: {}: {bad} says nothing", source.path, one.line, one.name))
    };
    types(source).iter().filter_map(bad).collect()
}

#[test]
fn names_say_something() {
    let bad = "pub struct ConsentManager {}\nenum Baseline {}\npub(crate) trait UserDto {}\n";
    assert_eq!(empty_names(&Source::of("a/src/b.rs", bad), &EMPTY_WORDS).len(), 2);
    let fact = Source::of("domain/src/x/event.rs", "pub struct ConsentUpdated {}\n");
    assert_eq!(empty_names(&fact, &EMPTY_FACTS).len(), 1);
    none(sources().iter().flat_map(|source| empty_names(source, &EMPTY_WORDS)).collect());
    let events = sources().iter().filter(|source| declares_events(&source.path));
    none(events.flat_map(|source| empty_names(source, &EMPTY_FACTS)).collect());
}

fn sleeps(source: &Source) -> Vec<String> {
    let sleeping = |row: &crate::rust::Row| {
        let word = ["sleep(", "sleep_until("].iter().find(|w| crate::rust::names(&row.code, w))?;
        row.test.then(|| format!("{word} in a test: use the manual clock"))
    };
    rows_with(source, sleeping)
}

#[test]
fn no_test_sleeps() {
    let bad =
        "fn f() { sleep(ms); }\n#[cfg(test)]\nmod tests {\n    fn g() { thread::sleep(ms); }\n}\n";
    assert_eq!(sleeps(&Source::of("a/src/b.rs", bad)).len(), 1);
    none(excuse(sources().iter().flat_map(sleeps).collect(), &SLEEPS));
}

/// A file begins with a sentence about itself.
fn purpose(source: &Source) -> Option<String> {
    let docs: Vec<_> =
        source.text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let first = docs.join(" ");
    let sentence = first.contains(' ') && first.contains(['.', ':']);
    (!sentence).then(|| format!("{}: does not begin with a sentence of purpose", source.path))
}

#[test]
fn every_file_begins_with_its_purpose() {
    assert!(purpose(&Source::of("a/src/lib.rs", "//! api\n")).is_some());
    assert!(purpose(&Source::of("a/src/lib.rs", "use a;\n")).is_some());
    none(sources().iter().filter_map(purpose).collect());
}
