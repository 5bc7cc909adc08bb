//! Whether a picture's data is all there. Decoders fill in what is missing, in white or in grey, and do not
//! say so: a half radiograph looks like a whole one of half a patient.

mod bilevel;
mod fax;
mod wavelets;

use hayro::hayro_syntax::Filter;
use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Stream};

use super::streams::{self, Unpacked};
use crate::rasteriser::jpeg;

/// Whether every row of the picture, and of the mask that belongs to it, is there.
pub(super) fn is_whole(picture: &Stream<'_>) -> bool {
    let mask = picture.dict().get::<Stream<'_>>(b"SMask");
    is_all_there(picture) && mask.is_none_or(|mask| is_all_there(&mask))
}

fn is_all_there(picture: &Stream<'_>) -> bool {
    let Some(Unpacked { data, is_whole, picture: format, told }) = streams::unpacked(picture)
    else {
        return false;
    };
    let (width, height) = sides(picture.dict());
    match format {
        // Its own end says more than that of what it is packed in.
        Some(Filter::DctDecode) => {
            jpeg::is_whole(&data, None) || jpeg::is_whole(&data, width.zip(height))
        }
        Some(Filter::JpxDecode) => wavelets::is_whole(&data),
        Some(Filter::CcittFaxDecode) => is_whole && fax::is_whole(&data, &told, height),
        Some(Filter::Jbig2Decode) => is_whole && is_whole_bilevel(&data, &told),
        // No picture formats.
        Some(
            Filter::FlateDecode
            | Filter::LzwDecode
            | Filter::RunLengthDecode
            | Filter::AsciiHexDecode
            | Filter::Ascii85Decode
            | Filter::Crypt,
        ) => is_whole,
        None => match has_all_rows(picture) {
            Rows::All => true,
            Rows::AllOfOneColour => is_whole,
            Rows::NotAll => false,
        },
    }
}

/// With what it shares with other pictures of the document.
fn is_whole_bilevel(data: &[u8], told: &Dict<'_>) -> bool {
    let shared = told.get::<Stream<'_>>(b"JBIG2Globals");
    let shared = match shared.as_ref().map(streams::unpacked) {
        None => None,
        Some(Some(shared)) if shared.is_whole => Some(shared.data),
        Some(Some(_) | None) => return false,
    };
    bilevel::is_whole(data, shared.as_deref())
}

/// What plain rows come to.
enum Rows {
    All,
    /// As many as there are at least: the colours are named elsewhere.
    AllOfOneColour,
    NotAll,
}

/// Plain rows: as many bytes as the sides, the colours and the bits ask for.
fn has_all_rows(picture: &Stream<'_>) -> Rows {
    let dict = picture.dict();
    let (Some(width), Some(height)) = sides(dict) else { return Rows::AllOfOneColour };
    let is_mask = matches!(either(dict, ["ImageMask", "IM"]), Some(Object::Boolean(true)));
    let (bits, colours) = match is_mask {
        true => (1, Some(1)),
        false => (number(dict, ["BitsPerComponent", "BPC"]).unwrap_or(8), colours(dict)),
    };
    let row = (u64::from(width) * u64::from(bits) * u64::from(colours.unwrap_or(1))).div_ceil(8);
    let needed = row.saturating_mul(u64::from(height));
    match picture.decoded_data() {
        Ok(data) if data.len() as u64 >= needed && colours.is_some() => Rows::All,
        Ok(data) if data.len() as u64 >= needed => Rows::AllOfOneColour,
        Ok(_) | Err(_) => Rows::NotAll,
    }
}

fn sides(dict: &Dict<'_>) -> (Option<u32>, Option<u32>) {
    (number(dict, ["Width", "W"]), number(dict, ["Height", "H"]))
}

/// A member under its name, or under the short one that pictures within the page's content have.
fn either<'a>(dict: &Dict<'a>, names: [&str; 2]) -> Option<Object<'a>> {
    names.into_iter().find_map(|name| dict.get::<Object<'_>>(name))
}

fn number(dict: &Dict<'_>, names: [&str; 2]) -> Option<u32> {
    match either(dict, names)? {
        Object::Number(number) => u32::try_from(number.as_i64()).ok(),
        Object::Null(_)
        | Object::Boolean(_)
        | Object::String(_)
        | Object::Name(_)
        | Object::Dict(_)
        | Object::Array(_)
        | Object::Stream(_) => None,
    }
}

/// How many colours a pixel has.
fn colours(dict: &Dict<'_>) -> Option<u32> {
    let of_name = |name: &[u8]| match name {
        b"DeviceGray" | b"G" | b"CalGray" | b"Indexed" | b"I" | b"Separation" => Some(1),
        b"DeviceRGB" | b"RGB" | b"CalRGB" | b"Lab" => Some(3),
        b"DeviceCMYK" | b"CMYK" => Some(4),
        _ => None,
    };
    match either(dict, ["ColorSpace", "CS"])? {
        Object::Name(name) => of_name(&name),
        Object::Array(space) => {
            let mut parts = space.flex_iter();
            let family = parts.next::<Name<'_>>()?;
            match &*family {
                b"ICCBased" => parts.next::<Stream<'_>>()?.dict().get::<u32>(b"N"),
                b"DeviceN" => {
                    Some(u32::try_from(parts.next::<Array<'_>>()?.raw_iter().count()).ok()?)
                }
                family => of_name(family),
            }
        }
        Object::Null(_)
        | Object::Boolean(_)
        | Object::Number(_)
        | Object::String(_)
        | Object::Dict(_)
        | Object::Stream(_) => None,
    }
}
