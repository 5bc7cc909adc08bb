//! Whether a fax is whole: every row told by codes that fill it and no more, and nothing but padding behind
//! the last one. The engine takes the rows it can read, in whatever state.

use hayro::hayro_syntax::object::Dict;
use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode, decode};

/// Columns where nothing is said.
const COLUMNS_USUAL: u32 = 1_728;

/// Whether the data are as many rows as the picture is high; `told` is what the packing is told besides.
pub(super) fn is_whole(data: &[u8], told: &Dict<'_>, height: Option<u32>) -> bool {
    let rows = height.or_else(|| told.get::<u32>(b"Rows")).unwrap_or(0);
    let settings = settings(told, rows);
    let (is_padded, found) = read(data, settings);
    if is_padded.is_none() || found < rows {
        return false;
    }
    // Where more stands there, it is rows that the picture leaves out, or the rows before are others.
    is_padded == Some(true) || {
        let (_, all) = read(data, DecodeSettings { rows: 0, ..settings });
        all > rows && read(data, DecodeSettings { rows: all, ..settings }).0 == Some(true)
    }
}

/// Whether nothing but padding stands behind what was read, and how many rows were found in it; the former is
/// none where a code is none or does not fit.
fn read(data: &[u8], settings: DecodeSettings) -> (Option<bool>, u32) {
    let mut rows = CountedRows(0);
    let read = decode(data, &mut rows, &mut DecoderContext::new(settings)).ok();
    let is_padding = |byte: &u8| matches!(byte, 0 | b'\r' | b'\n');
    let rest = read.map(|read| data.get(read..).unwrap_or_default());
    (rest.map(|rest| rest.iter().all(is_padding)), rows.0)
}

fn settings(told: &Dict<'_>, rows: u32) -> DecodeSettings {
    let is = |name: &[u8], usual| told.get::<bool>(name).unwrap_or(usual);
    let encoding = match told.get::<i32>(b"K").unwrap_or(0) {
        ..0 => EncodingMode::Group4,
        0 => EncodingMode::Group3_1D,
        1.. => EncodingMode::Group3_2D,
    };
    DecodeSettings {
        columns: told.get::<u32>(b"Columns").unwrap_or(COLUMNS_USUAL),
        rows,
        end_of_block: is(b"EndOfBlock", true),
        end_of_line: is(b"EndOfLine", false),
        rows_are_byte_aligned: is(b"EncodedByteAlign", false),
        encoding,
        strict: true,
    }
}

struct CountedRows(u32);

impl Decoder for CountedRows {
    fn push_row(&mut self, _: &[u32]) {
        self.0 = self.0.saturating_add(1);
    }
}
