//! What a crate stands on, by Cargo's own word: all of it, however far down.

use std::process::Command;

use crate::tree::{CRATES, root};

/// What speaks to browsers, databases, chains or other machines: the names of crates begin so.
const BEYOND_EVIDENCE: [&str; 10] = [
    "actix",
    "sqlx",
    "libsqlite3",
    "alloy",
    "reqwest",
    "hyper",
    "rustls",
    "tonic",
    "socket2",
    "jsonwebtoken",
];

/// Every crate that the production code of `name` is compiled with.
fn stands_on(name: &str) -> Vec<String> {
    let words = ["tree", "--offline", "--locked", "-e", "normal", "--prefix", "none", "-p", name];
    let output = Command::new(env!("CARGO")).current_dir(root()).args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

fn beyond(names: &[String]) -> Vec<&str> {
    let far = |name: &&str| BEYOND_EVIDENCE.iter().any(|begin| name.starts_with(begin));
    names.iter().map(String::as_str).filter(far).collect()
}

#[test]
fn evidence_is_checked_without_web_framework_database_or_chain_client() {
    let far = stands_on("api");
    for begin in ["actix-web", "sqlx", "reqwest", "rustls"] {
        assert!(beyond(&far).contains(&begin), "the rule finds {begin}");
    }
    let near = stands_on("evidence");
    assert!(near.contains(&"blake3".to_owned()), "{near:?}");
    assert_eq!(beyond(&near), Vec::<&str>::new());
    let ours: Vec<&String> = near.iter().filter(|name| CRATES.contains(&name.as_str())).collect();
    assert_eq!(ours, ["domain", "evidence"]);
}
