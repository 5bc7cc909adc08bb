//! Reads through what a page or a form on it draws with, without drawing it: which fonts and pictures it
//! asks for by name, and whether it can be read to its end. The engine stops in silence where it cannot.

use std::collections::BTreeSet;

use hayro::hayro_syntax::content::TypedIter;
use hayro::hayro_syntax::content::ops::TypedInstruction;

/// Put behind what is read; who does not come to it has stopped before the end.
const END: &[u8] = b"MedlockEnd";

/// What a content asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct AskedByContent {
    pub(super) fonts: BTreeSet<Vec<u8>>,
    pub(super) forms: BTreeSet<Vec<u8>>,
    /// Whether all of it could be read.
    pub(super) is_whole: bool,
}

impl AskedByContent {
    /// Of a content's bytes, unpacked.
    pub(super) fn by(content: &[u8]) -> Self {
        let content = [content, b"\n", END, b"\n"].concat();
        let mut steps = TypedIter::new(&content);
        let mut asked = Self::default();
        while let Some(step) = steps.next() {
            if let TypedInstruction::TextFont(font) = step {
                asked.fonts.insert(font.0.as_ref().to_vec());
            } else if let TypedInstruction::XObject(form) = step {
                asked.forms.insert(form.0.as_ref().to_vec());
            } else if let TypedInstruction::Fallback(unknown) = step {
                asked.is_whole = **unknown == *END;
            }
        }
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_told_once() {
        let asked =
            AskedByContent::by(b"BT /F1 12 Tf (K 6.9) Tj /F1 9 Tf /F2 9 Tf (x) Tj ET q /Im0 Do Q");
        assert_eq!(asked.fonts, [b"F1".to_vec(), b"F2".to_vec()].into());
        assert_eq!(asked.forms, [b"Im0".to_vec()].into());
        assert!(asked.is_whole);
    }

    #[test]
    fn unknown_words_and_blanks_are_no_end_and_a_break_is_one() {
        for whole in [&b""[..], b" \r\n", b"1 0 0 rg nonsense 0 0 10 10 re f", b"q Q % remark"] {
            assert!(AskedByContent::by(whole).is_whole, "{}", String::from_utf8_lossy(whole));
        }
        // A string without an end, a path without a number, brackets that nothing opened.
        for broken in [&b"BT (K 6.9"[..], b"0 0 m 10 l (K 6.9) Tj", b"1 0 0 rg >> ) (K) Tj"] {
            assert!(!AskedByContent::by(broken).is_whole, "{}", String::from_utf8_lossy(broken));
        }
    }
}
