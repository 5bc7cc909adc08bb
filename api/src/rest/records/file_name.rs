//! What a downloaded report is called: its title, as far as a file may be called so, and what its type is
//! known by. The title stays in the header, which nobody logs.

use actix_web::http::header::{
    Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
};

use commands::records::media_type::essence;

/// Longest name without its extension, in characters: no file system takes more than 255 bytes.
const CHARS_MAX: usize = 60;

/// Types by their usual extension; whatever else there is ends in `.bin`.
const EXTENSIONS: [(&str, &str); 14] = [
    ("application/pdf", "pdf"),
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("text/plain", "txt"),
    ("application/dicom", "dcm"),
    ("image/tiff", "tif"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("text/csv", "csv"),
    ("application/json", "json"),
    ("application/xml", "xml"),
    ("application/zip", "zip"),
    ("application/rtf", "rtf"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
];

/// `Content-Disposition` of a report: always an attachment, never rendered inside our origin.
pub(super) fn attachment(title: &str, media_type: &str) -> ContentDisposition {
    let name = file_name(title, media_type);
    let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let mut parameters = vec![DispositionParam::Filename(plain.clone())];
    if plain != name {
        parameters.push(DispositionParam::FilenameExt(ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: name.into_bytes(),
        }));
    }
    ContentDisposition { disposition: DispositionType::Attachment, parameters }
}

fn file_name(title: &str, media_type: &str) -> String {
    let known = EXTENSIONS.iter().find(|(known, _)| *known == essence(media_type));
    let ending = format!(".{}", known.map_or("bin", |(_, extension)| extension));
    let words: String = title.chars().filter(|c| !is_unseen(*c)).map(in_a_name).collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let begin = words.len().saturating_sub(ending.len());
    let bare = match words.get(begin..) {
        Some(end) if end.eq_ignore_ascii_case(&ending) => &words[..begin],
        Some(_) | None => &words,
    };
    let bare: String = bare.chars().take(CHARS_MAX).collect();
    let bare = bare.trim_matches([' ', '.']);
    format!("{}{ending}", if bare.is_empty() { "report" } else { bare })
}

/// What is not seen, or turns what follows round: a name must be what it looks like.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{feff}')
}

/// No part of a path on any system.
fn in_a_name(c: char) -> char {
    if c.is_control() {
        return ' ';
    }
    if matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%' | ';') {
        '_'
    } else {
        c
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_as_its_report_and_ends_as_its_type() {
        for (title, media_type, name) in [
            ("MRI of 3 May", "application/pdf", "MRI of 3 May.pdf"),
            ("scan.PDF", "application/pdf", "scan.pdf"),
            ("scan.pdf", "image/png", "scan.pdf.png"),
            ("Röntgen Thorax", "image/jpeg", "Röntgen Thorax.jpg"),
            ("рентген", "application/x-own", "рентген.bin"),
            ("../../etc/passwd", "text/plain", "_.._etc_passwd.txt"),
            ("a\r\nSet-Cookie: b", "text/plain", "a Set-Cookie_ b.txt"),
            ("\u{202e}fdp.exe", "text/plain", "fdp.exe.txt"),
            (" . ", "application/dicom", "report.dcm"),
            ("Brief", "text/plain; charset=iso-8859-1", "Brief.txt"),
            (".pdf", "application/pdf", "report.pdf"),
            ("é.pdf", "application/pdf", "é.pdf"),
        ] {
            assert_eq!(file_name(title, media_type), name, "{title:?}");
        }
        let long = file_name(&"語".repeat(200), "text/plain");
        assert_eq!((long.chars().count(), long.len() < 256), (CHARS_MAX + 4, true));
    }

    #[test]
    fn letters_that_a_header_cannot_hold_are_said_in_both_ways() {
        let said = |title| attachment(title, "application/pdf").to_string();
        assert_eq!(said("Befund"), "attachment; filename=\"Befund.pdf\"");
        let both = "attachment; filename=\"R_ntgen.pdf\"; filename*=UTF-8''R%C3%B6ntgen.pdf";
        assert_eq!(said("Röntgen"), both);
    }
}
