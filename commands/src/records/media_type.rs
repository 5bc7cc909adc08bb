//! What a report is, as its uploader says: a media type, and of plain text perhaps the encoding it is in.

/// Longest, what is said of the encoding included.
const CHARS_MAX: usize = 100;

/// The one spelling of a media type: `type/subtype` in lower case (RFC 6838 restricts the names), and for
/// plain text perhaps `; charset=` with a label in lower case, quotes taken off. None of what is no media
/// type, or has another parameter.
pub fn spelled(said: &str) -> Option<String> {
    let (essence, parameters) = said.split_once(';').map_or((said, None), |(a, b)| (a, Some(b)));
    let (kind, subtype) = essence.split_once('/')?;
    if said.len() > CHARS_MAX || !is_name(kind) || !is_name(subtype) {
        return None;
    }
    let Some(parameters) = parameters else { return Some(essence.to_owned()) };
    let (name, label) = parameters.trim().split_once('=')?;
    let quoted = label.strip_prefix('"').and_then(|label| label.strip_suffix('"'));
    let label = quoted.unwrap_or(label).to_ascii_lowercase();
    let is_label = |byte: u8| byte.is_ascii_alphanumeric() || b"-_:.+".contains(&byte);
    let sound = name.eq_ignore_ascii_case("charset") && essence == PLAIN_TEXT;
    let sound = sound && !label.is_empty() && label.bytes().all(is_label);
    sound.then(|| format!("{essence}; charset={label}"))
}

const PLAIN_TEXT: &str = "text/plain";

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.bytes().next().is_some_and(letter)
        && name.bytes().all(|byte| letter(byte) || b"!#$&-^_.+".contains(&byte))
}

/// The type without what is said besides.
pub fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim_end()
}

/// The encoding that is said, in its one spelling.
pub fn charset(media_type: &str) -> Option<&str> {
    media_type.split_once("; charset=").map(|(_, label)| label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_have_one_spelling() {
        for good in ["application/pdf", "text/plain", "application/dicom", "image/svg+xml"] {
            assert_eq!(spelled(good).as_deref(), Some(good));
            assert_eq!((essence(good), charset(good)), (good, None));
        }
        for bad in ["", "pdf", "a/", "/b", "a/b/c", "Text/plain", "text/plain ", "text /plain"] {
            assert_eq!(spelled(bad), None, "{bad}");
        }
    }

    #[test]
    fn of_plain_text_an_encoding_may_be_said_and_nothing_else() {
        const LATIN: &str = "text/plain; charset=iso-8859-1";
        for good in [
            LATIN,
            "text/plain;charset=ISO-8859-1",
            "text/plain;  Charset=\"iso-8859-1\" ",
            "text/plain; charset=iso-8859-1 ",
        ] {
            assert_eq!(spelled(good.trim_end()).as_deref(), Some(LATIN), "{good}");
        }
        assert_eq!((essence(LATIN), charset(LATIN)), ("text/plain", Some("iso-8859-1")));
        for bad in [
            "text/plain;",
            "text/plain; charset",
            "text/plain; charset=",
            "text/plain; charset=\"\"",
            "text/plain; charset=a b",
            "text/plain; charset=a\r\nb",
            "text/plain; charset=utf-8; format=flowed",
            "text/plain; format=flowed",
            "text/html; charset=utf-8",
            "application/pdf; charset=utf-8",
        ] {
            assert_eq!(spelled(bad), None, "{bad:?}");
        }
    }
}
