//! Sample facts of the log about itself.

use super::{ORIGIN, noon};
use crate::audit::event::{LogAnchored, LogClockCorrected, LogContinued, LogKeyRotated};
use crate::ids::TreeRoot;
use crate::time::minutes;

/// A checkpoint of seven events went to a file, which gave an empty receipt.
pub fn log_anchored() -> LogAnchored {
    let (anchor, checkpoint) = ("file".to_owned(), "of 7".to_owned());
    LogAnchored { anchor, size: 7, checkpoint, receipt: serde_json::Map::new() }
}

/// The second key, beside which the first one signs for another hour.
pub fn log_key_rotated() -> LogKeyRotated {
    LogKeyRotated { generation: 2, key: "key 2".to_owned(), until: noon().plus(minutes(60)) }
}

/// A clock that was a day ahead was set right at noon.
pub fn log_clock_corrected() -> LogClockCorrected {
    LogClockCorrected { ahead: noon().plus(minutes(24 * 60)), clock: noon() }
}

/// This log goes on from one of nine events, of which nobody held a checkpoint.
pub fn log_continued() -> LogContinued {
    let origin = ORIGIN.to_owned();
    let root = TreeRoot([7; 32]);
    LogContinued { origin, size: 9, root, held: None, guard: None }
}
