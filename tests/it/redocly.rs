//! The description of the API is linted by a tool that is not ours, its warnings counted as errors.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// What is asked besides all that the tool recommends.
const RULES: &str = "\
extends: [recommended-strict]
rules:
  no-invalid-media-type-examples: error
  no-invalid-parameter-examples: error
  no-invalid-schema-examples: error
  operation-parameters-unique: error
  operation-tag-defined: error
  path-declaration-must-exist: error
  tag-description: error
";

#[tokio::test(flavor = "multi_thread")]
async fn a_linter_has_nothing_to_say_of_the_description() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let program = root.join("target/npm/node_modules/@redocly/cli/bin/cli.js");
    assert!(program.is_file(), "{} is missing: ./scripts/test installs it", program.display());
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("redocly.yaml");
    std::fs::write(&rules, RULES).unwrap();
    let document = folder.path().join("openapi.json");
    std::fs::write(&document, api::rest::openapi().to_string()).unwrap();
    let mut lint = Command::new("node");
    lint.arg(program).arg("lint").arg(&document).arg("--config").arg(&rules);
    // It is asked about a file, and has nothing to ask of anybody.
    lint.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    let lint = lint.current_dir(folder.path()).stdin(Stdio::null()).output();
    let told = tokio::time::timeout(Duration::from_secs(25), lint).await.expect("in time").unwrap();
    let said = [told.stdout, told.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(told.status.success() && !said.contains("Warning was"), "{said}");
    assert!(said.contains("is valid"), "{said}");
}
