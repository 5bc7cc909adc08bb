//! What a list must hold whole: every command is done twice, every reason to say no is told, every read
//! model is fed, every code has its row and stands nowhere else.

use crate::names;
use crate::rust::{self, Source};
use crate::tree::{Excuse, excuse, none, sources};
use crate::types::implemented;

/// Commands whose second time is a new fact by nature. The same request twice is one all the same: see
/// `commands/src/execute.rs`.
const NEW_EACH_TIME: [Excuse; 3] = [
    ("DownloadReport", "two downloads are two downloads"),
    ("NoteFailedLogin", "two failures are two failures"),
    ("ShowPage", "a page looked at twice was shown twice"),
];

/// Where a rejection may be spelled out.
const REJECTIONS: [Excuse; 3] = [
    ("commands/src/decide.rs", "`rejections!` makes them"),
    ("commands/src/access/refusal.rs", "one for each rule of the policy"),
    ("commands/src/throttles.rs", "no command's: it is said before any is asked"),
];

fn commands() -> impl Iterator<Item = &'static Source> {
    sources().iter().filter(|source| source.path.starts_with("commands/src/"))
}

/// Commands that no test does twice: none calls `twice::<TheCommand>(…)`, which does it and does it again.
fn never_done_twice(commands: &[String], tests: &[&Source]) -> Vec<String> {
    let rows = || tests.iter().flat_map(|source| &source.rows).filter(|row| row.test);
    let done = |name: &String| rows().any(|row| rust::names(&row.code, &format!("twice::<{name}")));
    let never = commands.iter().filter(|name| !done(name));
    never.map(|name| format!("{name}: no test calls `twice::<{name}>`")).collect()
}

#[test]
fn every_command_is_done_twice() {
    let name = |name: &str| vec![name.to_owned()];
    let test =
        "#[cfg(test)]\nmod tests {\n    given().twice::<UploadReport<Stored>>(bo, &order);\n}\n";
    let test = Source::of("commands/src/x.rs", test);
    assert_eq!(never_done_twice(&name("UploadReport"), &[&test]), Vec::<String>::new());
    assert_eq!(never_done_twice(&name("Upload"), &[&test]).len(), 1);
    let sources: Vec<&Source> = commands().collect();
    none(excuse(never_done_twice(&names::commands(), &sources), &NEW_EACH_TIME));
}

/// Names of the lists of reasons that a file declares in `rejections! { … }`.
fn rejections_of(source: &Source) -> Vec<String> {
    let rows: Vec<&str> = source.live().map(|(_, row)| row.code.trim()).collect();
    let begins = (0..rows.len()).filter(|at| rows[*at].starts_with("rejections! {"));
    let name = |at: usize| {
        let text = rows[at..].join(" ");
        let (_, rest) = text.split_once("rejections! {")?;
        // What stands before the name are attributes.
        let (head, _) = rest.trim_start().split_once('{')?;
        Some(head.rsplit([' ', ']']).find(|word| !word.is_empty())?.to_owned())
    };
    begins.filter_map(name).collect()
}

/// Lists that `commands::rejections()` does not tell.
fn not_told(declared: &[String], told: &Source) -> Vec<String> {
    let is_told =
        |name: &String| told.live().any(|(_, row)| rust::names(&row.code, &format!("{name}::ALL")));
    let missing = declared.iter().filter(|name| !is_told(name));
    missing.map(|name| format!("{name}: not in commands::rejections()")).collect()
}

#[test]
fn every_reason_to_say_no_is_told() {
    let declared = "rejections! {\n    /// Why.\n    #[expect(x)]\n    GrantRejection {\n        A = Invalid;\n    }\n}\n";
    let declared = rejections_of(&Source::of("commands/src/x.rs", declared));
    assert_eq!(declared, ["GrantRejection"]);
    let others = Source::of("commands/src/lib.rs", "x::MyGrantRejection::ALL,\n");
    assert_eq!(not_told(&declared, &others).len(), 1);
    let declared: Vec<String> = commands().flat_map(rejections_of).collect();
    assert!(declared.contains(&"RevokeConsentRejection".to_owned()));
    let lib = commands().find(|source| source.path == "commands/src/lib.rs").unwrap();
    none(not_told(&declared, lib));
}

/// Rows outside tests that spell a rejection out.
fn spelled_out(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for (number, row) in source.live() {
        let declares = ["-> ", "impl ", "for ", "struct "];
        let takes_apart = row.code.contains("let Rejection {") || row.code.contains("}: Rejection");
        let other = declares.iter().any(|word| row.code.contains(&format!("{word}Rejection {{")));
        let spelled = rust::names(&row.code, "Rejection {") && !other && !takes_apart;
        if spelled || rust::names(&row.code, "Rejection::new(") {
            found.push(format!("{}:{number}: a rejection is one of `rejections!`", source.path));
        }
    }
    found
}

#[test]
fn a_rejection_is_declared_and_not_spelled_out() {
    let bad = "let no = Rejection { kind };\nlet Rejection { kind } = no;\nfn f() -> Rejection {}\nfn g() { Rejection::new(kind) }\n";
    assert_eq!(spelled_out(&Source::of("api/src/x.rs", bad)).len(), 2);
    none(excuse(sources().iter().flat_map(spelled_out).collect(), &REJECTIONS));
}

/// Read models that are not in the list that the read loop goes by.
fn not_fed(models: &[&Source], list: &Source) -> Vec<String> {
    let all = models.iter().flat_map(|source| implemented(source));
    let declared = all.filter(|one| one.name == "ReadModel").map(|one| one.by);
    let is_fed = |name: &String| {
        list.live().any(|(_, row)| row.code.trim().ends_with(&format!("::{name},")))
    };
    let missing = declared.filter(|name| !is_fed(name));
    missing.map(|name| format!("{name}: not in projections::MODELS")).collect()
}

#[test]
fn every_read_model_is_fed() {
    let model = Source::of("projections/src/x.rs", "impl ReadModel for DaySheet {}\n");
    let list = Source::of("projections/src/lib.rs", "const MODELS: X = &[\n    &x::Trail,\n];\n");
    assert_eq!(not_fed(&[&model], &list), ["DaySheet: not in projections::MODELS"]);
    let projections = || sources().iter().filter(|of| of.path.starts_with("projections/src/"));
    let list = projections().find(|source| source.path == "projections/src/lib.rs").unwrap();
    let all: Vec<&Source> = projections().collect();
    assert!(not_fed(&all, &Source::of("x.rs", "")).len() >= 8, "the models were not found");
    none(not_fed(&all, list));
}

/// Where a code is written that is none of a row.
const CODES: [Excuse; 2] = [
    ("commands/src/identity/csrf.rs", "what a token is derived for"),
    ("commands/src/throttles.rs", "its row, which is no command's"),
];

/// Codes that are written elsewhere than in a row: variant or name, kind, code, rule, next step.
fn written_elsewhere(source: &Source, codes: &[&str]) -> Vec<String> {
    let is_row =
        |code: &str| code.contains(r#", "", "", """#) && code.split(" = ").nth(1).is_some();
    let mut found = Vec::new();
    for (number, row) in source.live() {
        let code = row.strings.iter().find(|text| codes.contains(&text.as_str()));
        if let Some(code) = code.filter(|_| !is_row(&row.code)) {
            found.push(format!("{}:{number}: the code {code} has a row", source.path));
        }
    }
    found
}

#[test]
fn a_code_is_written_in_its_row_only() {
    let bad = "A = Invalid, \"csrf\", \"B.\", \"C.\";\nif code == \"csrf\" {}\n";
    let bad = Source::of("api/src/x.rs", bad);
    assert_eq!(written_elsewhere(&bad, &["csrf"]), ["api/src/x.rs:2: the code csrf has a row"]);
    let codes: Vec<&str> = api::refusal::table().iter().map(|row| row.code).collect();
    // The demonstration tells which refusals it expects, as a story does.
    let told = |source: &&Source| {
        !source.path.split('/').any(|part| part == "demo" || part == "synthetic")
    };
    let live = sources().iter().filter(told);
    none(excuse(live.flat_map(|source| written_elsewhere(source, &codes)).collect(), &CODES));
}
