//! What the documents tell of the code is so: the names between their backticks, the table of streams, the
//! glossary.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::rust::{Source, names};
use crate::tree::{CRATES, files, none, read, sources};
use crate::types::implemented;

/// Documents that walk through the code as it stands.
const WALKS: [&str; 3] = ["docs/ARCHITECTURE.md", "docs/GLOSSARY.md", "docs/attacks.md"];

/// Words of code, and of text that code holds.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    parts.filter(|word| word.len() > 2 && !word.starts_with(|c: char| c.is_ascii_digit()))
}

/// Every word that stands in code or in its text, comments apart.
fn known() -> &'static BTreeSet<&'static str> {
    static KNOWN: OnceLock<BTreeSet<&str>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let others = sources().iter().filter(|source| !source.path.starts_with("tests/tidy/"));
        let rows = others.flat_map(|source| &source.rows);
        rows.flat_map(|row| words(&row.code).chain(row.strings.iter().flat_map(|s| words(s))))
            .collect()
    })
}

/// What a document sets between backticks and means as code: no path, no place-holder, no sentence.
fn named(text: &str) -> Vec<&str> {
    let prose = |line: &&str| !line.starts_with("    ");
    let spans = text.lines().filter(prose).flat_map(|line| line.split('`').skip(1).step_by(2));
    let code = |span: &&str| {
        let generic = span.contains("::<");
        !span.contains(['/', ' ', '…', '*', '{']) && (generic || !span.contains('<'))
    };
    spans.filter(code).collect()
}

/// Code and the text in it, without blanks: what a chain of names is looked for in.
fn run_on() -> &'static str {
    static RUN_ON: OnceLock<String> = OnceLock::new();
    RUN_ON.get_or_init(|| {
        let others = sources().iter().filter(|source| !source.path.starts_with("tests/tidy/"));
        let rows = others.flat_map(|source| &source.rows);
        let text = rows.flat_map(|row| [&row.code].into_iter().chain(&row.strings));
        text.flat_map(|text| text.split_whitespace()).collect()
    })
}

/// Whether a chain of names stands so in the code, or names a file of it.
fn stands(chain: &str) -> bool {
    let generic = chain.contains("::<");
    let file = |source: &Source| source.path.rsplit('/').next() == Some(chain);
    generic || run_on().contains(chain.trim_end_matches("()")) || sources().iter().any(file)
}

/// An operation, its place-holders without their names and its query left out.
fn shape(method: &str, path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let part = |part: &str| if part.starts_with('{') { "{}".to_owned() } else { part.to_owned() };
    let parts: Vec<String> = path.split('/').map(part).collect();
    format!("{} {}", method.to_lowercase(), parts.join("/"))
}

/// Every operation of the API.
fn operations() -> BTreeSet<String> {
    let api = api::rest::openapi();
    let paths = api["paths"].as_object().unwrap();
    let of = |(path, methods): (&String, &serde_json::Value)| -> Vec<String> {
        methods.as_object().unwrap().keys().map(|method| shape(method, path)).collect()
    };
    paths.iter().flat_map(of).collect()
}

/// Operations that a document names and the API does not have.
fn not_asked(document: &str, text: &str, api: &BTreeSet<String>) -> Vec<String> {
    let spans = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let named = spans.filter_map(|span| {
        let (method, path) = span.split_once(' ')?;
        let whole = path.starts_with("/api/v") && !path.contains(['…', ' ']);
        whole.then(|| (span, shape(method, path)))
    });
    let lost = named.filter(|(_, operation)| !api.contains(operation));
    lost.map(|(span, _)| format!("{document}: `{span}`: no such operation")).collect()
}

#[test]
fn every_operation_that_a_document_names_can_be_asked() {
    let api = operations();
    let text = "`GET /api/v1/nowhere` `GET /api/v1/patients/{me}/history-bundle` `GET /api/v1/…`";
    let bad = not_asked("x.md", text, &api);
    assert_eq!(bad, ["x.md: `GET /api/v1/nowhere`: no such operation"]);
    let documents = files().iter().filter(|path| path.ends_with(".md"));
    none(documents.flat_map(|path| not_asked(path, &read(path), &api)).collect());
}

/// Whether a file declares `name`, or implements something for it.
fn declares(source: &Source, name: &str) -> bool {
    const BEGIN: [&str; 6] = ["struct ", "enum ", "trait ", "impl", "type ", "mod "];
    let declares = |code: &str| BEGIN.iter().any(|word| code.contains(word)) && names(code, name);
    source.rows.iter().any(|row| declares(&row.code))
}

/// Whether `item` stands in a file that declares `owner`.
fn has(owner: &str, item: &str) -> bool {
    let declaring = || sources().iter().filter(|source| declares(source, owner));
    declaring().next().is_none()
        || declaring().any(|source| source.rows.iter().any(|row| names(&row.code, item)))
}

/// Names of a document that the code does not have.
fn gone(document: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for span in named(text) {
        let lost = words(span).find(|word| !known().contains(word));
        found.extend(lost.map(|word| format!("{document}: `{span}`: there is no {word}")));
        if span.contains('.') && !stands(span) {
            found.push(format!("{document}: `{span}` stands so nowhere"));
        }
        let path: Vec<&str> = span.split("::").take_while(|part| !part.starts_with('<')).collect();
        for pair in path.windows(2).filter(|pair| pair[0].starts_with(char::is_uppercase)) {
            let item = pair[1].split(['(', '<']).next().unwrap_or_default();
            if !has(pair[0], item) {
                found.push(format!("{document}: `{span}`: {} has no {item}", pair[0]));
            }
        }
    }
    found
}

#[test]
fn what_a_document_names_is_in_the_code() {
    let good =
        "`Durable::vouch` `events.db` `fact.body::<ConsentGranted>()` `patient-<uuid>` `a/b`";
    assert_eq!(gone("x.md", good), Vec::<String>::new());
    let bad =
        "`Zebrafish::vouch` `Durable::granted_once` `fold.evolve.decide`\n    `Zebrafish` drawn\n";
    let bad = gone("x.md", bad);
    assert_eq!(bad.len(), 4, "{bad:?}");
    none(WALKS.iter().flat_map(|path| gone(path, &read(path))).collect());
}

/// The cells of a document's tables below a header, in order.
fn table<'a>(text: &'a str, header: &str) -> Vec<Vec<&'a str>> {
    let lines = text.lines().skip_while(|line| !line.starts_with(header)).skip(2);
    let rows = lines.take_while(|line| line.starts_with('|'));
    rows.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

#[test]
fn the_table_of_crates_has_every_crate() {
    let text = read("docs/ARCHITECTURE.md");
    let rows = table(&text, "| crate |");
    let told: BTreeSet<&str> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    let ours = CRATES.iter().copied().filter(|name| *name != "tests");
    assert_eq!(told, ours.collect::<BTreeSet<_>>());
}

/// What a stream's name begins with: `patient` of `patient-<uuid>`.
fn kind(name: &str) -> &str {
    name.trim_matches('`').split(['-', '{']).next().unwrap_or_default()
}

/// The kinds of streams that `StreamName` makes, and the states that streams fold to.
fn made_by_the_domain() -> (BTreeSet<String>, BTreeSet<String>) {
    let ids = sources().iter().find(|source| source.path == "domain/src/ids.rs").unwrap();
    let makes = ids
        .live()
        .filter(|(_, row)| row.code.contains("Self(\"") || row.code.contains("Self(format!(\""));
    let kinds = makes.flat_map(|(_, row)| &row.strings).map(|name| kind(name).to_owned());
    let domain = sources().iter().filter(|source| source.path.starts_with("domain/src/"));
    let folds = domain.flat_map(implemented).filter(|one| one.name == "Fold");
    let states = folds.map(|one| one.by);
    (kinds.collect(), states.collect())
}

#[test]
fn the_table_of_streams_has_every_stream_and_what_it_folds_to() {
    let text = read("docs/ARCHITECTURE.md");
    let rows = table(&text, "| stream |");
    let quoted = |cell: &str| -> BTreeSet<String> {
        cell.split('`').skip(1).step_by(2).map(|name| kind(name).to_owned()).collect()
    };
    let streams: BTreeSet<String> = rows.iter().flat_map(|row| quoted(row[0])).collect();
    let folds: BTreeSet<String> = rows.iter().flat_map(|row| quoted(row[2])).collect();
    let (made, states) = made_by_the_domain();
    assert!(made.contains("patient") && states.contains("Chart"));
    assert_eq!(streams, made, "left: the table; right: domain/src/ids.rs");
    assert_eq!(folds, states, "left: the table; right: `impl Fold for` in domain");
}

/// Words that stand twice, and rows out of order.
fn muddled(rows: &[Vec<&str>]) -> Vec<String> {
    let mut seen = BTreeMap::new();
    for word in rows.iter().flat_map(|row| row[0].split(", ")) {
        *seen.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    let twice = seen.iter().filter(|(_, times)| **times > 1);
    let mut found: Vec<String> = twice.map(|(word, _)| format!("{word} stands twice")).collect();
    for pair in rows.windows(2) {
        if pair[0][0].to_lowercase() > pair[1][0].to_lowercase() {
            found.push(format!("{} stands before {}", pair[0][0], pair[1][0]));
        }
    }
    found
}

#[test]
fn the_glossary_says_a_word_once_and_in_order() {
    let bad = table("| word |\n|---|\n| b, c | 1 |\n| a | 2 |\n| c | 3 |\n", "| word |");
    assert_eq!(muddled(&bad), ["c stands twice", "b, c stands before a"]);
    let text = read("docs/GLOSSARY.md");
    let rows = table(&text, "| word |");
    assert!(rows.len() > 50, "the table was not found");
    none(muddled(&rows));
}
