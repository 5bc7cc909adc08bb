//! One public name means one thing in all crates.

use std::collections::BTreeMap;

use crate::rust::Source;
use crate::tree::{none, sources};
use crate::types::{Declared, types};

/// Public types that share a name by design, and why.
const SAME_BY_DESIGN: [(&str, &str); 0] = [];

/// The types of the product, each with its place.
fn declared(source: &Source) -> Vec<(String, Declared)> {
    let found = types(source).into_iter().filter(|one| in_product(source, one.test));
    found.map(|one| (format!("{}:{}", source.path, one.line), one)).collect()
}

/// The crates without their tests, and the library that the stories share.
fn in_product(source: &Source, test: bool) -> bool {
    if source.path.starts_with("tests/") { source.path.starts_with("tests/src/") } else { !test }
}

/// Names of public types that another type has too, public or not: who reads the name must look which.
fn with_two_meanings(sources: &[Source], by_design: &[(&str, &str)]) -> Vec<String> {
    let mut names: BTreeMap<String, Vec<(String, Declared)>> = BTreeMap::new();
    for (place, one) in sources.iter().flat_map(declared) {
        names.entry(one.name.clone()).or_default().push((place, one));
    }
    let several =
        |all: &[(String, Declared)]| all.len() > 1 && all.iter().any(|(_, one)| one.public);
    let excused = |name: &String| by_design.iter().any(|(excused, _)| excused == name);
    let found = names.iter().filter(|(name, all)| several(all) && !excused(name));
    let found = found.map(|(name, all)| {
        let places: Vec<_> = all.iter().map(|(place, _)| place.as_str()).collect();
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
    let shared = Source::of("api/src/b.rs", "pub(crate) enum Page {}\n");
    let hidden = Source::of("infra/src/c.rs", "struct Page;\n#[cfg(test)]\nstruct Page;\n");
    let other =
        Source::of("infra/src/d.rs", "type Row = u8;\nimpl X for Y {\n    type Page = u8;\n}\n");
    let again = Source::of("infra/src/e.rs", "enum Row {}\n");
    let all = [public, shared, hidden, other, again];
    let said = "Page means 3 things: domain/src/a.rs:1, api/src/b.rs:1, infra/src/c.rs:1";
    assert_eq!(with_two_meanings(&all, &[]), [said]);
    assert_eq!(with_two_meanings(&all, &[("Page", "why")]).len(), 0);
    assert_eq!(with_two_meanings(&all[3..], &[("Row", "why")]).len(), 1);
    none(with_two_meanings(sources(), &SAME_BY_DESIGN));
}
