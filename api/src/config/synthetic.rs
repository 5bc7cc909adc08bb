//! The mark of a folder that the demo made.

use std::path::Path;

/// Says of a folder that a demo made it.
pub(crate) const SYNTHETIC_MARK: &str = "SYNTHETIC.txt";

/// Whether a demo made this folder: nothing in it is real, and its keys can be guessed.
pub(crate) fn is_synthetic(data: &Path) -> bool {
    data.join(SYNTHETIC_MARK).exists()
}
