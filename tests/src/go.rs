//! The client of the log that `tests/go` is: Go's libraries, none of our code.

use std::path::Path;
use std::process::Command;

/// The client, which `./scripts/test` builds.
pub fn log_client() -> Command {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/go/logclient");
    assert!(program.is_file(), "{} is missing: ./scripts/test builds it", program.display());
    Command::new(program)
}

/// What it says when asked with these words: its JSON if it was content, else its complaint.
pub fn ask(words: &[&str]) -> Result<serde_json::Value, String> {
    ask_coded(words).map_err(|(code, said)| {
        assert_eq!(code, Some(1), "it says what is wrong: {said}");
        said
    })
}

/// The same with the exit code of a complaint: 1 of what is wrong, 3 of what could not be read.
pub fn ask_coded(words: &[&str]) -> Result<serde_json::Value, (Option<i32>, String)> {
    let output = log_client().args(words).output().expect("the client runs");
    if output.status.success() {
        return Ok(serde_json::from_slice(&output.stdout).expect("JSON"));
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err((output.status.code(), said))
}
