//! The binary.

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: the drawing process must stay as bare as it starts.
    if std::env::args_os().nth(1).is_some_and(|word| word == infra::rasteriser::DRAW_PAGE) {
        return infra::rasteriser::child_main(io::stdin().lock(), io::stdout().lock());
    }
    api::cli::run()
}
