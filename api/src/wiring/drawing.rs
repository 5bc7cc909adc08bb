//! The process that draws a page: this program once more, under a hidden word.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use commands::access::turns::{DrawingTurns, TurnLimits};
use commands::ports::rasteriser::Rasteriser;
use infra::rasteriser::{ChildRasteriser, DRAW_PAGE, DrawingLimits, KeepLimits, child_main};

use crate::config::{DrawingSettings, ShareSettings};

/// Draws one page and says how it ended, if the program's first word asks for that. Ask before anything
/// else starts: the drawing process must stay as bare as it begins.
pub fn draw_if_asked(words: &[OsString]) -> Option<ExitCode> {
    let (first, terms) = (words.first()?, words.get(1));
    let terms = terms.map(OsString::as_os_str);
    (first == DRAW_PAGE).then(|| child_main(terms, io::stdin().lock(), io::stdout().lock()))
}

/// What has pages drawn by `program`, a process for each document. Call it in the runtime of the service.
pub(crate) fn rasteriser(
    program: PathBuf,
    settings: &DrawingSettings,
) -> anyhow::Result<Arc<dyn Rasteriser>> {
    let kept = KeepLimits {
        documents_max: settings.kept,
        bytes_max: settings.kept_mib_max << 20,
        idle_max: Duration::from_secs(settings.kept_seconds_max),
    };
    let drawing = ChildRasteriser::new(program, DrawingLimits::default())
        .even_unconfined(settings.even_unconfined)
        .keeping(kept)
        .with_waiting(settings.waiting)?;
    Ok(Arc::new(drawing))
}

/// Pages that may wait for their turn, in all.
const WAITING_MAX: usize = 512;

/// Whose turn it is to have a page drawn.
pub(crate) fn turns(settings: &ShareSettings) -> DrawingTurns {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let at_once = if settings.drawings == 0 { cores } else { settings.drawings };
    let half = (at_once / 2).max(1);
    DrawingTurns::new(TurnLimits {
        at_once,
        at_once_each: if settings.drawings_each == 0 { half } else { settings.drawings_each },
        waiting_each: settings.drawings_waiting_each,
        waiting: WAITING_MAX,
        wait_max: Duration::from_secs(settings.drawing_wait_seconds_max),
    })
}
