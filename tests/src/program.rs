//! The real binaries, for stories that need a process: drawing, killing, the command line.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where the `medlock` binary is, built if it is not up to date.
pub fn medlock() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built().join("medlock"))
}

/// Where the `medlock-check` binary is, built if it is not up to date.
pub fn medlock_check() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built().join("medlock-check"))
}

/// The folder of both, which are there and up to date. `cargo test` builds no binary of another package by
/// itself; the whole workspace is named so that features, and with them all compiled dependencies, are the
/// same as those of the running test.
fn built() -> &'static Path {
    const PROGRAMS: [&str; 2] = ["medlock", "medlock-check"];
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--workspace", "--manifest-path"])
            .arg(manifest)
            .args(PROGRAMS.iter().flat_map(|program| ["--bin", program]))
            .status();
        assert!(built.is_ok_and(|status| status.success()), "the programs do not build");
        let this_test = std::env::current_exe().unwrap_or_default();
        let folder = this_test.ancestors().nth(2).map(Path::to_owned).unwrap_or_default();
        for program in PROGRAMS {
            assert!(folder.join(program).is_file(), "{program} was not built");
        }
        folder
    })
}
