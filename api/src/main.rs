//! The binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    api::wiring::draw_if_asked(&words).unwrap_or_else(api::cli::run)
}
