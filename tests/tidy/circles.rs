//! No import circle of more than two files: what must be read together fits on two pages.

use std::collections::{BTreeMap, BTreeSet};

use crate::imports::{Crate, Needs};
use crate::rust::Source;
use crate::tree::{none, sources};

/// Files that may need each other: a module and one part of it, or two sides of one thing.
const FILES_MAX: usize = 2;

/// The sets of files in which every file needs every other, directly or not.
fn circles(needs: &BTreeMap<String, Needs>) -> Vec<BTreeSet<&String>> {
    let reached = |from| {
        let mut found = BTreeSet::new();
        let mut open: Vec<&String> = vec![from];
        while let Some(file) = open.pop() {
            let next = needs.get(file).into_iter().flat_map(BTreeMap::keys);
            open.extend(next.filter(|next| found.insert(*next)));
        }
        found
    };
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        needs.keys().map(|file| (file, reached(file))).collect();
    let with = |file: &String| -> BTreeSet<&String> {
        let back = |other: &&&String| reached.get(**other).is_some_and(|all| all.contains(file));
        reached[file].iter().filter(back).copied().collect()
    };
    let all: BTreeSet<BTreeSet<&String>> = needs.keys().map(with).collect();
    all.into_iter().filter(|circle| circle.len() > FILES_MAX).collect()
}

/// A finding for each circle of one crate: its files, and what each needs of the others.
fn too_wide(folder: &str, sources: &[Source]) -> Vec<String> {
    let needs = Crate::of(folder, sources).needs();
    let told = |circle: BTreeSet<&String>| {
        let first = circle.first().map_or("", |file| file.as_str());
        let mut text = format!("{first}: a circle of {} files\n", circle.len());
        for (from, needs) in needs.iter().filter(|(from, _)| circle.contains(from)) {
            for (to, names) in needs.iter().filter(|(to, _)| circle.contains(to)) {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                text.push_str(&format!("    {from} -> {to}: {}\n", names.join(", ")));
            }
        }
        text
    };
    circles(&needs).into_iter().map(told).collect()
}

/// Where production code lies: every crate but the stories'.
fn folders(sources: &[Source]) -> BTreeSet<String> {
    let of = |source: &Source| {
        let (name, rest) = source.path.split_once('/')?;
        (rest.starts_with("src/") && name != "tests").then(|| format!("{name}/src/"))
    };
    sources.iter().filter_map(of).collect()
}

#[test]
fn no_more_than_two_files_need_each_other() {
    let source = |path, text| Source::of(path, text);
    let lib = source("a/src/lib.rs", "pub mod b;\npub mod c;\npub mod d;\npub use b::B;\n");
    let b = source("a/src/b.rs", "use crate::c::C;\npub struct B;\n");
    let c = source("a/src/c.rs", "use crate::d::D;\npub struct C;\n");
    let back = source("a/src/d.rs", "use crate::B;\npub struct D;\n");
    let two = source("a/src/d.rs", "use crate::c::C;\npub struct D;\n");
    let said = "a/src/b.rs: a circle of 3 files\n    a/src/b.rs -> a/src/c.rs: C\n    \
                a/src/c.rs -> a/src/d.rs: D\n    a/src/d.rs -> a/src/b.rs: B\n";
    let [lib, b, c] = &[lib, b, c];
    let of = |last: &Source| {
        let all = [lib, b, c, last].map(|source| Source::of(&source.path, &source.text));
        too_wide("a/src/", &all)
    };
    assert_eq!(of(&back), [said]);
    assert_eq!(of(&two), Vec::<String>::new());

    let folders = folders(sources());
    assert!(folders.contains("domain/src/") && !folders.contains("tests/src/"));
    none(folders.iter().flat_map(|folder| too_wide(folder, sources())).collect());
}
