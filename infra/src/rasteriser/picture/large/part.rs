//! A part of a large picture: what is wanted of it, and what it is.

/// What of a picture is wanted, in its pixels, and how wide it is to be at least, where there is so much.
#[derive(Debug, Clone, Copy)]
pub(super) struct WantedPart {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) drawn_width: u32,
}

/// A part of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DecodedPart {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Rows of red, green and blue.
    pub(super) rgb: Vec<u8>,
    /// Whether data of this part are broken or not there.
    pub(super) is_broken: bool,
}
