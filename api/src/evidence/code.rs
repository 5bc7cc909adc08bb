//! A receipt as a QR code, to be printed on paper.

use domain::journal::receipt::Receipt;
use qrcode::render::svg::Color;
use qrcode::{EcLevel, QrCode};

/// How wide the picture is at least, in its own units.
const WIDTH_MIN: u32 = 800;

/// A QR code, and what it says.
#[derive(Debug)]
pub(crate) struct ReceiptCode {
    /// The picture, SVG.
    pub(crate) svg: String,
    /// Whether cosignatures had to be left out.
    pub(crate) without_cosignatures: bool,
}

/// The code of a receipt; without the signatures of others if it does not fit with them, none if it does not
/// fit at all.
pub(crate) fn code(receipt: &Receipt) -> Option<ReceiptCode> {
    if let Some(svg) = draw(receipt) {
        return Some(ReceiptCode { svg, without_cosignatures: false });
    }
    let mut own = receipt.clone();
    let note = &mut own.proof.checkpoint;
    let origin = note.text.lines().next().unwrap_or_default().to_owned();
    note.signatures.retain(|line| line.name == origin);
    Some(ReceiptCode { svg: draw(&own)?, without_cosignatures: true })
}

/// Level L holds the most: 2,953 bytes. What a misread module would spoil, the signature shows.
fn draw(receipt: &Receipt) -> Option<String> {
    let code = QrCode::with_error_correction_level(receipt.to_string(), EcLevel::L).ok()?;
    Some(code.render::<Color<'_>>().min_dimensions(WIDTH_MIN, WIDTH_MIN).build())
}
