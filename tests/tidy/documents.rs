//! What the documents name must be there.

use crate::tree::{files, none, read, root};

/// The targets of a document's links that stay inside the repository.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let inside = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    inside.filter_map(|target| target.split('#').next()).collect()
}

/// Paths a document mentions between backticks: they have a slash and an ending, or end in a slash, and
/// no place-holder.
fn mentions(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let path = |word: &&str| {
        let place_holder = word.contains(['<', '>', '*', ' ', '…', '{', '$', '|', ':']);
        let ending = word.rsplit('/').next().is_some_and(|name| name.contains('.'));
        !place_holder
            && !word.starts_with(['/', '-', '.'])
            && word.contains('/')
            && (ending || word.ends_with('/'))
    };
    quoted.filter(path).collect()
}

fn dangling(document: &str, text: &str) -> Vec<String> {
    let folder = root().join(document).parent().unwrap().to_owned();
    let lost = links(text).into_iter().filter(|target| !folder.join(target).exists());
    lost.map(|target| format!("{document}: {target} does not exist")).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let bad = "[a](docs/NOWHERE.md) [b](https://example.org/x) [c](README.md#top) [d](#here)";
    assert_eq!(dangling("README.md", bad), ["README.md: docs/NOWHERE.md does not exist"]);
    let documents = files().iter().filter(|path| path.ends_with(".md"));
    none(documents.flat_map(|path| dangling(path, &read(path))).collect());
}

#[test]
fn every_file_a_document_mentions_is_there() {
    assert_eq!(mentions("`a/b.rs` `a b` `x/` `patient/…` `/livez` `GET /a`"), ["a/b.rs", "x/"]);
    let mut lost = Vec::new();
    for document in files().iter().filter(|path| path.ends_with(".md")) {
        let text = read(document);
        let missing = mentions(&text).into_iter().filter(|path| !root().join(path).exists());
        lost.extend(missing.map(|path| format!("{document}: {path} does not exist")));
    }
    none(lost);
}

#[test]
fn the_make_file_calls_what_the_readme_says() {
    let readme = read("README.md");
    for command in ["cargo run -- demo", "./scripts/test"] {
        assert!(readme.contains(command), "README.md does not say {command}");
        assert!(read("Makefile").contains(command), "Makefile does not call {command}");
    }
    assert!(read(".ci/run").contains("./scripts/test"), "CI runs the README's test command");
}
