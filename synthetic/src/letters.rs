//! The outbox, read as the people of the clinic would read their letters.

use std::cmp::Reverse;
use std::path::Path;

use anyhow::Context as _;

/// The code in the newest letter to an address.
pub(crate) fn newest_code(outbox: &Path, email: &str) -> anyhow::Result<String> {
    let mut letters = Vec::new();
    for entry in std::fs::read_dir(outbox)? {
        let entry = entry?;
        // An answered letter goes away while we look.
        if let Ok(written) = entry.metadata().and_then(|metadata| metadata.modified()) {
            letters.push((Reverse(written), entry.path()));
        }
    }
    letters.sort_unstable();
    for (_, path) in letters {
        let letter = std::fs::read_to_string(path).unwrap_or_default();
        if letter.starts_with(&format!("To: {email}\n")) {
            let code = letter.split("Your code is ").nth(1).and_then(|rest| rest.get(..6));
            return Ok(code.context("a letter without a code")?.to_owned());
        }
    }
    anyhow::bail!("no letter came")
}
