//! What a file's first bytes say of its type: whether they are what was announced is looked at before
//! anything is stored, and not found out by the doctor who cannot see a page.

use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, stream};

use super::media_type::{charset, essence};
use crate::ports::blob_store::{BlobError, ClearBytes};

/// As many bytes as are looked at: readers of PDF find its first line within these.
pub(super) const LOOKED_AT: usize = 1_024;

/// How files begin that are no text, whatever their sender calls them.
const NO_TEXT: [&[u8]; 11] = [
    PDF,
    PNG,
    JPEG,
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x7fELF",
    b"II*\0",
    b"MM\0*",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"RIFF",
];
const PDF: &[u8] = b"%PDF-";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";
/// Byte order marks of text in units of two bytes, where zeros are letters.
const WIDE_TEXT: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// Whether a file of this type may begin so. Of types that we do not draw nothing is known. Zeros are letters
/// where an encoding is said that may have them: reading it tells.
pub(super) fn may_begin(media_type: &str, first: &[u8]) -> bool {
    match essence(media_type) {
        "application/pdf" => first.windows(PDF.len()).any(|window| window == PDF),
        "image/png" => first.starts_with(PNG),
        "image/jpeg" => first.starts_with(JPEG),
        "text/plain" => {
            let wide = WIDE_TEXT.iter().any(|mark| first.starts_with(mark));
            (wide || charset(media_type).is_some() || !first.contains(&0))
                && !NO_TEXT.iter().any(|begin| first.starts_with(begin))
        }
        _ => true,
    }
}

/// The first bytes of a body, and the whole body still to be read.
pub(super) async fn peek(mut body: ClearBytes) -> Result<(Bytes, ClearBytes), BlobError> {
    let mut pieces = Vec::new();
    let mut first = BytesMut::new();
    while first.len() < LOOKED_AT
        && let Some(piece) = body.next().await
    {
        let piece = piece?;
        first.extend_from_slice(&piece[..piece.len().min(LOOKED_AT - first.len())]);
        pieces.push(Ok(piece));
    }
    Ok((first.freeze(), stream::iter(pieces).chain(body).boxed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_of_the_type_its_first_bytes_say() {
        let late = [&b"\xef\xbb\xbf \n"[..], &[b' '; 900], b"%PDF-1.7"].concat();
        for (media_type, first) in [
            ("application/pdf", &b"%PDF-1.4\n"[..]),
            ("application/pdf", &late),
            ("image/png", PNG),
            ("image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF"),
            ("text/plain", b""),
            ("text/plain", b"All is well."),
            ("text/plain", b"caf\xe9, one bad byte"),
            ("text/plain", b"\xff\xfeA\0"),
            ("text/plain", b"\xfe\xff\0A"),
            ("application/dicom", b"anything"),
            ("image/tiff", b""),
        ] {
            assert!(may_begin(media_type, first), "{media_type}");
        }
    }

    #[test]
    fn a_file_of_another_type_than_announced_is_seen() {
        for media_type in ["application/pdf", "image/png", "image/jpeg"] {
            for first in
                [&b""[..], b"All is well.", b"--bound\r\nContent-Disposition: form-data", b"\0"]
            {
                assert!(!may_begin(media_type, first), "{media_type}");
            }
        }
        for first in NO_TEXT.into_iter().chain([&b"a\0b"[..], b"A\0B\0"]) {
            assert!(!may_begin("text/plain", first), "{first:?}");
        }
        assert!(!may_begin("image/png", JPEG) && !may_begin("image/jpeg", PNG));
    }

    #[tokio::test]
    async fn looking_takes_nothing_away() {
        for pieces in [vec![], vec![3], vec![1_024], vec![700, 700, 9_000], vec![0, 1, 2_000]] {
            let whole: Vec<u8> = (0..pieces.iter().sum()).map(|n: usize| (n % 251) as u8).collect();
            let mut rest = Bytes::from(whole.clone());
            let pieces: Vec<_> =
                pieces.into_iter().map(|length| Ok(rest.split_to(length))).collect();
            let (first, body) = peek(stream::iter(pieces).boxed()).await.unwrap();
            assert_eq!(first, whole[..whole.len().min(LOOKED_AT)]);
            let came: Vec<Bytes> = body.map(Result::unwrap).collect().await;
            assert_eq!(came.concat(), whole);
        }
    }
}
