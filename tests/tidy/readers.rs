//! How many files a fact concerns: those that name it, its variant or its command. A fact that many files
//! must know is one that nobody dares to add a member to.

use std::collections::BTreeSet;

use crate::names::{EventType, commands_of, event_types};
use crate::rust::{Source, names};
use crate::tree::{none, read, sources};

/// Most files that the median event type may concern.
const MEDIAN_MAX: usize = 5;
/// One sample of every fact, for tests and measurements: not what the service is made of.
const SAMPLES: &str = "domain/src/samples";

/// An event type and the production files that name it.
struct Readers {
    kind: String,
    files: BTreeSet<String>,
}

/// Rows outside tests and outside `use` declarations.
fn statements(source: &Source) -> impl Iterator<Item = &str> {
    source.live().filter(|(_, row)| !row.import).map(|(_, row)| row.code.trim())
}

/// The commands that decide on a fact: those whose file makes one.
fn commands_for(of: &EventType, sources: &[Source]) -> Vec<String> {
    let commands = sources.iter().filter(|source| source.path.starts_with("commands/src/"));
    let makes = |source: &&Source| statements(source).any(|code| names(code, &of.body));
    commands.filter(makes).flat_map(commands_of).collect()
}

/// A variant's name as a constant's: `GIVEN_BACK`.
fn constant(variant: &str) -> String {
    let letter = |(at, c): (usize, char)| {
        let gap = if at > 0 && c.is_uppercase() { "_" } else { "" };
        format!("{gap}{}", c.to_uppercase())
    };
    variant.char_indices().map(letter).collect()
}

/// Whether a row names a type, not the variant of an enum that is called the same: `Rule::ConsentRevoked`.
fn names_type(code: &str, name: &str) -> bool {
    let of_enum = |before: &str| {
        let owner = before.strip_suffix("::").and_then(|path| path.rsplit([' ', ':', '(']).next());
        owner.is_some_and(|owner| owner.starts_with(char::is_uppercase))
    };
    names(code, name) && code.match_indices(name).any(|(at, _)| !of_enum(&code[..at]))
}

/// Whether a file names one of `types` or of `variants` outside tests.
fn concerns(source: &Source, types: &[String], variants: &[String]) -> bool {
    let here = |names: &[String]| -> Vec<String> {
        names.iter().filter(|name| source.text.contains(name.as_str())).cloned().collect()
    };
    let (types, variants) = (here(types), here(variants));
    if source.path.starts_with(SAMPLES) || types.is_empty() && variants.is_empty() {
        return false;
    }
    // A variant that stands alone on its row is declared there; in an import it is the type.
    let declared: BTreeSet<&str> =
        statements(source).filter_map(|code| code.strip_suffix(',')).collect();
    let named = |code: &str, name: &String| {
        names_type(code, name) && !(declared.contains(name.as_str()) && code == format!("{name},"))
    };
    source.live().map(|(_, row)| row.code.trim()).any(|code| {
        types.iter().any(|name| named(code, name)) || variants.iter().any(|name| names(code, name))
    })
}

fn readers(of: &EventType, sources: &[Source]) -> Readers {
    let mut types = commands_for(of, sources);
    types.push(of.body.clone());
    let variants = [of.variant.clone(), constant(&of.variant)];
    let variants = variants.map(|name| format!("{}::{name}", of.family));
    let files = sources.iter().filter(|source| concerns(source, &types, &variants));
    Readers { kind: of.kind.clone(), files: files.map(|source| source.path.clone()).collect() }
}

/// The list for people, and the median.
fn table(types: &[EventType], sources: &[Source]) -> (String, usize) {
    let mut all: Vec<_> = types.iter().map(|of| readers(of, sources)).collect();
    all.sort_by_key(|readers| (readers.files.len(), readers.kind.clone()));
    let median = all.get(all.len() / 2).map_or(0, |readers| readers.files.len());
    let mut text = format!("{} event types, median {median} files\n", all.len());
    for Readers { kind, files } in all {
        text.push_str(&format!("{:>4}  {kind}\n", files.len()));
        files.iter().for_each(|file| text.push_str(&format!("        {file}\n")));
    }
    (text, median)
}

#[test]
fn a_fact_concerns_few_files() {
    let of = EventType {
        family: "ConsentFact".to_owned(),
        variant: "GivenBack".to_owned(),
        body: "ConsentGivenBack".to_owned(),
        kind: "consent.given_back.v1".to_owned(),
    };
    let found = |path: &str, text: &str| {
        let command = "use a::ConsentGivenBack;\nimpl Command for GiveBack {\n}\nfn f() { ConsentGivenBack {}; }";
        let other = "use a::{\n    ConsentGivenBack,\n};\nimpl Command for Other {\n}\n";
        let command = Source::of("commands/src/give_back.rs", command);
        let other = Source::of("commands/src/other.rs", other);
        readers(&of, &[command, other, Source::of(path, text)]).files.contains(path)
    };
    for text in
        ["ConsentFact::GivenBack(_)", "ConsentFact::GIVEN_BACK", "ConsentGivenBack", "GiveBack"]
    {
        assert!(found("api/src/x.rs", text), "{text}");
    }
    let others = [
        "AccessFact::GivenBack",
        "Rule::ConsentGivenBack",
        "enum Rule {\n    ConsentGivenBack,\n}",
        "Other",
        "// GiveBack",
        "#[cfg(test)]\nfn f() { GiveBack }",
    ];
    for text in others {
        assert!(!found("api/src/x.rs", text), "{text}");
    }
    assert!(!found("tests/it/x.rs", "ConsentGivenBack"));

    let (text, median) = table(&event_types(), sources());
    println!("{text}");
    assert!(median <= MEDIAN_MAX, "a fact concerns too many files\n{text}");
}

/// The guide's worked example is a fact of this family.
const GUIDED: &str = "RecordsFact::";

/// Files that match the family of the guide's example and are not named in it.
fn unnamed(guide: &str, sources: &[Source]) -> Vec<String> {
    let matches = |source: &&Source| source.live().any(|(_, row)| names(&row.code, GUIDED));
    let files = sources.iter().filter(matches).map(|source| source.path.as_str());
    let files = files.filter(|path| !guide.contains(&format!("`{path}`")));
    files.map(|path| format!("{path}: the guide does not name it")).collect()
}

#[test]
fn the_guide_names_every_file_the_compiler_stops_in() {
    let source = |path| Source::of(path, "match fact {\n    RecordsFact::Uploaded(_) => {}\n}\n");
    let two = [source("domain/src/a.rs"), source("domain/src/b.rs")];
    assert_eq!(unnamed("First `domain/src/a.rs`.", &two).len(), 1);
    none(unnamed(&read("docs/adding-an-event.md"), sources()));
}
