//! The real binary, for stories that need a process: drawing, killing, the command line.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where the `medlock` binary is, built if it is not up to date. `cargo test` builds no binary of
/// another package by itself; the whole workspace is named so that features, and with them all
/// compiled dependencies, are the same as those of the running test.
pub fn medlock() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--workspace", "--bin", "medlock", "--manifest-path"])
            .arg(manifest)
            .status();
        assert!(built.is_ok_and(|status| status.success()), "medlock does not build");
        let this_test = std::env::current_exe().unwrap_or_default();
        let program = this_test.ancestors().nth(2).map(|profile| profile.join("medlock"));
        program.filter(|path| path.is_file()).unwrap_or_else(|| panic!("medlock was not built"))
    })
}
