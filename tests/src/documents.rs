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

Written by `cargo run --package tests --features write --example golden` from the one table of refusals and errors
(`api/src/refusal.rs`); a test fails when it is not up to date. Every refusal is an RFC 9457 document whose `code` stands
here; `GET /api/problems/<code>` says the same, and so does the command line.

*Retry* says whether the same request again is useful, word for word: `never` (send what the next step says instead),
`after_waiting`, `after_a_change` of something else (a log-in, a consent, a standing), `after_the_operator` has mended
something. *Beside it* is what a machine may find there: `retry_after` (the header, in seconds), `challenge` and `errors`
(members of the document). *gRPC* is the status of `google.rpc.Code` that belongs to it.

| code | status | gRPC | retry | what refused | what to do next | beside it |
|---|---|---|---|---|---|---|
"
    .to_owned();
    for row in api::refusal::table() {
        let (code, status, grpc, retry) =
            (row.code, row.status.as_u16(), row.grpc.name(), row.retry.name());
        let beside: Vec<&str> = row.metadata.iter().map(|beside| beside.name()).collect();
        let (rule, next, beside) = (row.rule, row.next, beside.join(", "));
        let _ = writeln!(
            text,
            "| `{code}` | {status} | {grpc} | {retry} | {rule} | {next} | {beside} |"
        );
    }
    text
}
