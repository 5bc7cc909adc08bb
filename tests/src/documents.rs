//! Documents written by the code they are about: the description of the REST API, the list of its problem
//! codes and the settings. They are committed; a test fails when they are not up to date.

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

/// `docs/settings.md`.
pub fn settings() -> String {
    let mut text = "\
# Settings

Written by `cargo run --package tests --features write --example golden` from the types of the settings (`api/src/config.rs`); a test
fails when it is not up to date. `medlock config` says which value each has here and where it comes from, `medlock config --all`
says all of this too.

A setting stands in `medlock.toml` (a name with a dot in the table before the dot), in the environment (`identity.session_hours` is
`MEDLOCK_IDENTITY__SESSION_HOURS`), or is a flag; the later of these counts. What is blank is not said. An unknown name is an error, and so is a
value that is not UTF-8; what an orchestrator sets for a service that is called medlock (`MEDLOCK_PORT`, `MEDLOCK_SERVICE_HOST` …) is ignored
with a line in the log. Which lines are logged `MEDLOCK_LOG` says alone.

| setting | meaning | default | unit | since |
|---|---|---|---|---|
"
    .to_owned();
    for row in api::config::settings_told() {
        let api::config::SettingRow { name, meaning, default, unit, since } = row;
        let default = default.map_or_else(|| "not set".to_owned(), |value| format!("`{value}`"));
        let meaning = meaning.replace('|', "\\|");
        let _ = writeln!(text, "| `{name}` | {meaning} | {default} | {unit} | {since} |");
    }
    text
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
