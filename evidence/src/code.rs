//! QR codes: of a receipt, to be printed on paper, and of short texts.

use domain::journal::receipt::Receipt;
use qrcode::render::svg::Color;
use qrcode::{EcLevel, QrCode};

/// How wide the picture is at least, in its own units.
const WIDTH_MIN: u32 = 800;

/// A QR code, and what it says.
#[derive(Debug)]
pub struct ReceiptCode {
    /// The picture, SVG.
    pub svg: String,
    /// Whether cosignatures had to be left out.
    pub without_cosignatures: bool,
}

/// The code of a receipt; without the signatures of others if it does not fit with them, none if it does not
/// fit at all.
pub fn code(receipt: &Receipt) -> Option<ReceiptCode> {
    if let Some(svg) = draw(receipt) {
        return Some(ReceiptCode { svg, without_cosignatures: false });
    }
    let mut own = receipt.clone();
    let note = &mut own.proof.checkpoint;
    let origin = note.text.lines().next().unwrap_or_default().to_owned();
    note.signatures.retain(|line| line.name == origin);
    Some(ReceiptCode { svg: draw(&own)?, without_cosignatures: true })
}

/// Any short text as a QR code, to be read off a screen; none if it does not fit.
pub fn picture(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    Some(code.render::<Color<'_>>().build())
}

/// Level L holds the most: 2,953 bytes. What a misread module would spoil, the signature shows.
fn draw(receipt: &Receipt) -> Option<String> {
    let code = QrCode::with_error_correction_level(receipt.to_string(), EcLevel::L).ok()?;
    Some(code.render::<Color<'_>>().min_dimensions(WIDTH_MIN, WIDTH_MIN).build())
}

#[cfg(test)]
mod tests {
    use domain::journal::checkpoint::Checkpoint;
    use domain::journal::note::{KeyKind, Note, NoteKey};
    use domain::journal::receipt::LogProof;
    use domain::journal::{Leaf, StreamKey, StreamVersion};

    use super::*;

    fn receipt(line: &str, witnesses: u8) -> Receipt {
        let leaf = Leaf::of(&StreamKey([1; 32]), StreamVersion(0), line.as_bytes());
        let text = Checkpoint { origin: "a/log".into(), size: 1, root: [7; 32] }.text();
        let log = NoteKey::new("a/log", KeyKind::Ed25519, &[1; 32]).unwrap();
        let witness = |seed| {
            let key = NoteKey::new(&format!("w{seed}"), KeyKind::Cosignature, &[seed; 32]);
            key.unwrap().sign(&text, 1)
        };
        let signatures = [log.sign(&text, 0)].into_iter().chain((2..2 + witnesses).map(witness));
        let checkpoint = Note { signatures: signatures.collect(), text: text.clone() };
        let proof = LogProof { leaf, index: 0, hashes: vec![], checkpoint };
        Receipt { line: line.to_owned(), proof }
    }

    #[test]
    fn what_does_not_fit_goes_without_the_signatures_of_others_or_not_at_all() {
        let few = code(&receipt("{}", 3)).unwrap();
        assert!(!few.without_cosignatures && few.svg.contains("<svg"));
        let many = code(&receipt("{}", 30)).unwrap();
        assert!(many.without_cosignatures);
        assert_eq!(many.svg, code(&receipt("{}", 0)).unwrap().svg);
        assert!(code(&receipt(&"x".repeat(2_953), 0)).is_none());
    }
}
