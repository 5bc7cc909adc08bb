//! One public name means one thing in all crates.

use std::collections::BTreeMap;

use crate::rust::Source;
use crate::tree::{none, sources};

/// Public types that share a name by design, and why.
const SAME_BY_DESIGN: [(&str, &str); 0] = [];

/// A type, and where it is declared.
struct Declared {
    name: String,
    place: String,
    public: bool,
}

/// The types a file declares outside its tests; in the stories' library its tests are not worth a rule.
fn declared(source: &Source) -> Vec<Declared> {
    let mut found = Vec::new();
    for (number, row) in source.numbered().filter(|(_, row)| in_product(source, row.test)) {
        let code = row.code.trim();
        let (public, item) = match code.strip_prefix("pub") {
            Some(rest) if rest.starts_with("(") => {
                (true, rest.split_once(") ").map(|(_, item)| item))
            }
            Some(rest) => (rest.starts_with(' '), Some(rest.trim_start())),
            None => (false, Some(code)),
        };
        let kinds = ["struct ", "enum ", "trait ", "type "];
        let Some(item) = item else { continue };
        let Some((kind, name)) = kinds.iter().find_map(|k| Some((k, item.strip_prefix(k)?))) else {
            continue;
        };
        // An associated type is named by its trait.
        if *kind == "type " && !public && row.code.starts_with(' ') {
            continue;
        }
        let name = name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        // A macro's `$name` is no name.
        if name.is_empty() {
            continue;
        }
        let place = format!("{}:{number}", source.path);
        found.push(Declared { name: name.to_owned(), place, public });
    }
    found
}

/// The crates without their tests, and the library that the stories share.
fn in_product(source: &Source, test: bool) -> bool {
    if source.path.starts_with("tests/") { source.path.starts_with("tests/src/") } else { !test }
}

/// Names of public types that another type has too, public or not: who reads the name must look which.
fn with_two_meanings(sources: &[Source], by_design: &[(&str, &str)]) -> Vec<String> {
    let mut names: BTreeMap<String, Vec<Declared>> = BTreeMap::new();
    for one in sources.iter().flat_map(declared) {
        names.entry(one.name.clone()).or_default().push(one);
    }
    let several = |all: &[Declared]| all.len() > 1 && all.iter().any(|one| one.public);
    let excused = |name: &String| by_design.iter().any(|(excused, _)| excused == name);
    let found = names.iter().filter(|(name, all)| several(all) && !excused(name));
    let found = found.map(|(name, all)| {
        let places: Vec<_> = all.iter().map(|one| one.place.as_str()).collect();
        format!("{name} means {} things: {}", all.len(), places.join(", "))
    });
    let idle =
        by_design.iter().filter(|(name, _)| !names.get(*name).is_some_and(|all| several(all)));
    let idle = idle.map(|(name, _)| format!("{name}: an exception that excuses nothing"));
    found.chain(idle).collect()
}

#[test]
fn a_public_type_has_its_name_for_itself() {
    let public = Source::of("domain/src/a.rs", "pub struct Page<T>(T);\n");
    let shared = Source::of("api/src/b.rs", "pub(crate) enum Page {\n");
    let hidden = Source::of("infra/src/c.rs", "struct Page;\n#[cfg(test)]\nstruct Page;\n");
    let other =
        Source::of("infra/src/d.rs", "type Row = u8;\nimpl X for Y {\n    type Page = u8;\n}\n");
    let again = Source::of("infra/src/e.rs", "enum Row {\n");
    let all = [public, shared, hidden, other, again];
    let said = "Page means 3 things: domain/src/a.rs:1, api/src/b.rs:1, infra/src/c.rs:1";
    assert_eq!(with_two_meanings(&all, &[]), [said]);
    assert_eq!(with_two_meanings(&all, &[("Page", "why")]).len(), 0);
    assert_eq!(with_two_meanings(&all[3..], &[("Row", "why")]).len(), 1);
    none(with_two_meanings(sources(), &SAME_BY_DESIGN));
}
