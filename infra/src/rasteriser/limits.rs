//! How much a page may cost, of the document as of the process that draws it.

use serde::{Deserialize, Serialize};

/// What one page may cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DrawingLimits {
    /// The longest document that is drawn.
    pub document_bytes_max: u64,
    /// The most pages a document may have.
    pub pages_max: u32,
    /// The most pages of a document that are looked at when it comes in.
    pub looked_at_max: u32,
    /// The most pixels a picture may claim in its header.
    pub picture_pixels_max: u64,
    /// The most pixels of a picture that is read as a whole; larger ones are read row by row or block by
    /// block.
    pub picture_whole_pixels_max: u64,
    /// The most pixels a drawn page has.
    pub page_pixels_max: u64,
    /// The narrowest page one may ask for.
    pub width_px_min: u32,
    /// The widest page one may ask for.
    pub width_px_max: u32,
    /// Address space of the drawing process.
    pub memory_bytes_max: u64,
    /// Processor time of the drawing process.
    pub cpu_seconds_max: u64,
    /// Time from the start of the process to its answer, the document's way to it included.
    pub wall_seconds_max: u64,
    /// Time from the end of a document that comes in to what was found in it.
    pub look_seconds_max: u64,
}

impl Default for DrawingLimits {
    fn default() -> Self {
        Self {
            document_bytes_max: 64 << 20,
            pages_max: 2_000,
            looked_at_max: 20,
            picture_pixels_max: 200_000_000,
            picture_whole_pixels_max: 64_000_000,
            page_pixels_max: 12_000_000,
            width_px_min: 320,
            width_px_max: 2_480,
            memory_bytes_max: 768 << 20,
            cpu_seconds_max: 20,
            wall_seconds_max: 20,
            look_seconds_max: 8,
        }
    }
}

impl DrawingLimits {
    pub(super) fn width_px(&self, wished: u32) -> u32 {
        wished.max(self.width_px_min).min(self.width_px_max)
    }
}
