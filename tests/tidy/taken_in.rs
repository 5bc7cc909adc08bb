//! What a build takes in, by cargo's own word: what a crate or a feature promises to do without.

use std::collections::BTreeSet;
use std::process::Command;

use crate::tree::root;

/// The crates that a package is built of, itself among them; `features` as cargo takes them.
pub(crate) fn taken_in(package: &str, features: &[&str]) -> BTreeSet<String> {
    let tree = ["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none"];
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).args(tree).args(["--package", package]).args(features);
    let said = cargo.output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let lines = String::from_utf8(said.stdout).unwrap();
    lines.lines().filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
}

/// Crates whose names begin with one of these.
pub(crate) fn of(crates: &BTreeSet<String>, beginnings: &[&str]) -> Vec<String> {
    let begins = |name: &&String| beginnings.iter().any(|beginning| name.starts_with(beginning));
    crates.iter().filter(begins).cloned().collect()
}

#[test]
fn a_build_without_the_chain_anchor_holds_nothing_of_a_chain() {
    let shipped = taken_in("api", &[]);
    assert!(of(&shipped, &["alloy"]).len() > 3, "the shipped binary anchors on chains");
    let without = taken_in("api", &["--no-default-features"]);
    assert!(
        without.contains("sqlx") && without.contains("actix-web"),
        "it is a service all the same"
    );
    assert_eq!(of(&without, &["alloy", "k256"]), Vec::<String>::new());
}
