//! Files of text as they come by mail, through editors and other systems: with a byte-order mark, with CRLF,
//! or without the end of the last line. None of what we check can hold these itself: they are taken back.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

const MARK: &[u8] = b"\xef\xbb\xbf";

/// The bytes as they were written: no mark, `\n` behind every line.
///
/// Only for files that are text: what JSON says has no end of a line inside, nor has a signed note a `\r`.
pub fn as_written(bytes: &[u8]) -> Cow<'_, [u8]> {
    let plain = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let ended = plain.ends_with(b"\n") || plain.is_empty();
    if ended && !plain.windows(2).any(|pair| pair == b"\r\n") {
        return Cow::Borrowed(plain);
    }
    let lines = plain.split_inclusive(|byte| *byte == b'\n');
    Cow::Owned(lines.flat_map(|line| [line_of(line), b"\n"].concat()).collect())
}

/// A line without its end, whatever the end is.
pub(crate) fn line_of(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The same without a mark, of a file's first line.
pub(crate) fn first_line_of(line: &[u8]) -> &[u8] {
    line_of(line.strip_prefix(MARK).unwrap_or(line))
}

/// Longest line that is looked at for its end, bytes: what is longer is no text of ours.
const LINE_MAX: u64 = 1 << 20;

/// Whether a file has this BLAKE3 digest, as it is or as it was written.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn has_digest(path: &Path, blake3: &str) -> io::Result<bool> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    if hasher.finalize().to_hex().as_str() == blake3 {
        return Ok(true);
    }
    let mut file = BufReader::new(File::open(path)?);
    let mut hasher = blake3::Hasher::new();
    let mut first = true;
    loop {
        let mut line = Vec::new();
        match file.by_ref().take(LINE_MAX).read_until(b'\n', &mut line)? as u64 {
            0 => return Ok(hasher.finalize().to_hex().as_str() == blake3),
            LINE_MAX => return Ok(false),
            _ => {}
        }
        hasher.update(if first { first_line_of(&line) } else { line_of(&line) });
        hasher.update(b"\n");
        first = false;
    }
}

/// Whether a file breaks off within a line.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn breaks_off(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != [b'\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_file_as_it_was_written() {
        let plain = "{}\n{\"a\":1}\n";
        let digest = blake3::hash(plain.as_bytes()).to_hex();
        let file = tempfile::NamedTempFile::new().unwrap();
        let found = |text: &str| {
            std::fs::write(file.path(), text).unwrap();
            (has_digest(file.path(), &digest).unwrap(), breaks_off(file.path()).unwrap())
        };
        assert_eq!(found(plain), (true, false));
        assert_eq!(found(&format!("\u{feff}{}", plain.replace('\n', "\r\n"))), (true, false));
        assert_eq!(found(plain.trim_end()), (true, true));
        assert_eq!(found(&plain[..plain.len() - 3]), (false, true));
        assert_eq!(found(&plain.replace('1', "2")), (false, false));
        assert_eq!(found(""), (false, false));
    }

    #[test]
    fn what_happened_to_a_text_on_its_way_is_undone_and_nothing_else() {
        let plain = "a\nb\n\n\u{2014} c\n";
        for changed in [
            plain.to_owned(),
            plain.replace('\n', "\r\n"),
            format!("\u{feff}{plain}"),
            format!("\u{feff}{}", plain.replace('\n', "\r\n")),
            plain.trim_end().to_owned(),
            plain.trim_end().replace('\n', "\r\n"),
        ] {
            assert_eq!(as_written(changed.as_bytes()), plain.as_bytes(), "{changed:?}");
        }
        for same in ["", "a\rb\n", "a\u{feff}\n", "\n"] {
            assert_eq!(as_written(same.as_bytes()), same.as_bytes());
        }
    }
}
