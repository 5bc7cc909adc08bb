//! Large JPEGs, block by block: of each block as many pixels are made as are drawn, of blocks beside the
//! wanted part none. What is kept grows with what is drawn and hardly with the picture (ITU-T T.81, with its
//! sections named where they are followed).

mod header;
mod planes;
mod scan;

use self::header::{Marker, Segments};
use self::planes::Planes;
use self::scan::Scan;
use super::part::{DecodedPart, WantedPart};

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPart {
    /// It is no JPEG, or one whose kind is not read here: arithmetic codes, twelve bits, four colours.
    Unreadable,
    /// What would have to be kept of it is more than these bytes.
    TooLarge,
}

/// Decodes a part. What must be kept at the same time is at most `bytes_max`.
pub(super) fn decode(
    document: &[u8],
    wanted: WantedPart,
    bytes_max: u64,
) -> Result<DecodedPart, NoPart> {
    let mut segments = Segments::new(document).ok_or(NoPart::Unreadable)?;
    let mut planes: Option<Planes> = None;
    let mut is_broken = false;
    loop {
        match segments.next() {
            Some(Marker::Frame(frame)) => {
                // A second frame is none of a picture that is one.
                if planes.is_some() {
                    return Err(NoPart::Unreadable);
                }
                let made = Planes::new(frame, wanted);
                planes =
                    Some(made.filter(|made| made.bytes() <= bytes_max).ok_or(NoPart::TooLarge)?);
            }
            Some(Marker::Scan(selection)) => {
                let planes = planes.as_mut().ok_or(NoPart::Unreadable)?;
                let scan =
                    Scan::new(&selection, &segments.tables, planes).ok_or(NoPart::Unreadable)?;
                let (ended, read) = scan.decode(segments.rest(), planes);
                is_broken |= ended.is_none();
                segments.skip(read);
            }
            Some(Marker::Unreadable) => return Err(NoPart::Unreadable),
            Some(Marker::End) => break,
            None => {
                is_broken = true;
                break;
            }
        }
    }
    let planes = planes.filter(|planes| planes.any_scan).ok_or(NoPart::Unreadable)?;
    Ok(planes.into_rgb(segments.is_rgb, is_broken))
}
