//! The process that draws a page: this program once more, under a hidden word.

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use commands::ports::rasteriser::Rasteriser;
use infra::rasteriser::{ChildRasteriser, DRAW_PAGE, DrawingLimits, child_main};

/// Draws one page and says how it ended, if the program's first word asks for that. Ask before anything
/// else starts: the drawing process must stay as bare as it begins.
pub fn draw_if_asked(first: Option<&OsStr>) -> Option<ExitCode> {
    let asked = first.is_some_and(|word| word == DRAW_PAGE);
    asked.then(|| child_main(io::stdin().lock(), io::stdout().lock()))
}

/// What has pages drawn by `program`, a process for each.
pub(crate) fn rasteriser(program: PathBuf) -> Arc<dyn Rasteriser> {
    Arc::new(ChildRasteriser::new(program, DrawingLimits::default()))
}
