//! Documents written by the code they are about: the description of the REST API and the list of its
//! problem codes. They are committed; a test fails when they are not up to date.

use std::fmt::Write as _;
use std::path::PathBuf;

/// A document in `docs/`.
pub fn file(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs")).join(name)
}

/// `docs/openapi.json`.
pub fn openapi() -> String {
    let document = serde_json::to_string_pretty(&api::rest::openapi());
    document.expect("the description is JSON") + "\n"
}

/// `docs/problems.md`.
pub fn problems() -> String {
    let mut text = "\
# Problems

Written by `cargo run --package tests --features write --example golden` from the one table of codes; a test fails when it
is not up to date. Every refusal is an RFC 9457 document whose `code` stands here; `GET /api/problems/<code>` says the same.

| code | status | what refused | what to do next |
|---|---|---|---|
"
    .to_owned();
    for (code, status, detail, next) in api::problem::catalogue() {
        let _ = writeln!(text, "| `{code}` | {status} | {detail} | {next} |");
    }
    text
}
