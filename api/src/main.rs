//! The binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    let first = std::env::args_os().nth(1);
    api::wiring::draw_if_asked(first.as_deref()).unwrap_or_else(api::cli::run)
}
