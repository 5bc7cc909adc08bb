//! Looks for words in every file of a folder, in each form in which a program might have written them.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What is looked for.
#[derive(Default)]
pub struct LeakScan {
    patterns: Vec<Pattern>,
    /// Which patterns begin with these two bytes, ASCII letters in lower case: one pass finds them all.
    by_start: Vec<Vec<u32>>,
}

struct Pattern {
    bytes: Vec<u8>,
    /// Whether upper and lower case differ.
    exact: bool,
    /// Six digits: they stand in digests and times by chance.
    code: bool,
    what: String,
}

/// The forms a word is looked for in.
pub const FORMS: [&str; 9] = [
    "UTF-8",
    "UTF-16LE",
    "hex",
    "base64, first place",
    "base64, second place",
    "base64, third place",
    "base64url, first place",
    "base64url, second place",
    "base64url, third place",
];

/// The bytes of a word in each of [`FORMS`]. What depends on the neighbours is cut off.
pub fn written(word: &[u8]) -> [Vec<u8>; 9] {
    let wide = word.iter().flat_map(|byte| [*byte, 0]).collect();
    let hex = hex::encode(word).into_bytes();
    let [a, b, c] = [0, 1, 2].map(|before| base64_inside(word, before, false));
    let [d, e, f] = [0, 1, 2].map(|before| base64_inside(word, before, true));
    [word.to_vec(), wide, hex, a, b, c, d, e, f]
}

/// The characters that a word gives wherever `before` bytes stand before it in its group of three.
fn base64_inside(word: &[u8], before: usize, url: bool) -> Vec<u8> {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(word);
    let text = if url { URL_SAFE_NO_PAD.encode(&bytes) } else { STANDARD_NO_PAD.encode(&bytes) };
    let first = (before * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    text.as_bytes()[first..end].to_vec()
}

impl LeakScan {
    /// Adds a word, which is text: its case does not matter where it stands as text.
    pub fn text(&mut self, word: &str) {
        let code = word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        let lower = word.to_lowercase();
        for spelling in [word, &lower] {
            for (form, bytes) in FORMS.iter().zip(written(spelling.as_bytes())) {
                let exact = form.starts_with("base64");
                let code = code && *form == "UTF-8";
                self.add(Pattern { bytes, exact, code, what: format!("{word:?} as {form}") });
            }
        }
    }

    /// Adds a secret that is handed out as base64url: as text, and as the bytes it stands for.
    pub fn secret(&mut self, what: &str, secret: &str) {
        self.bytes(what, secret.as_bytes());
        if let Ok(bytes) = URL_SAFE_NO_PAD.decode(secret) {
            self.bytes(what, &bytes);
        }
    }

    /// Adds bytes.
    pub fn bytes(&mut self, what: &str, bytes: &[u8]) {
        for (form, bytes) in FORMS.iter().zip(written(bytes)) {
            let exact = *form != "hex";
            let what = format!("{what} as {form}");
            self.add(Pattern { bytes, exact, code: false, what });
        }
    }

    fn add(&mut self, pattern: Pattern) {
        assert!(pattern.bytes.len() >= 6, "{}: chance would find it", pattern.what);
        if self.patterns.iter().any(|known| known.bytes == pattern.bytes) {
            return;
        }
        self.by_start.resize(1 << 16, Vec::new());
        let index = u32::try_from(self.patterns.len()).expect("not that many");
        self.by_start[start(&pattern.bytes)].push(index);
        self.patterns.push(pattern);
    }

    /// How many patterns there are.
    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// What stands in `hay`.
    pub fn in_bytes(&self, hay: &[u8]) -> Vec<&str> {
        let mut found = Vec::new();
        for at in 0..hay.len().saturating_sub(1) {
            for index in &self.by_start[start(&hay[at..])] {
                let pattern = &self.patterns[*index as usize];
                if pattern.stands_at(hay, at) {
                    found.push(pattern.what.as_str());
                }
            }
        }
        found
    }

    /// What stands in the files of `folder`, or in their names, one finding a line. Looks into folders
    /// within, but not into those called `but`.
    pub fn in_folder(&self, folder: &Path, but: &[&str]) -> Vec<String> {
        let mut findings = Vec::new();
        for path in files(folder, but) {
            let name = path.display().to_string();
            let mut hay = name.clone().into_bytes();
            hay.push(0);
            hay.extend(std::fs::read(&path).expect("a file that can be read"));
            findings.extend(self.in_bytes(&hay).iter().map(|what| format!("{name}: {what}")));
        }
        findings
    }
}

impl Pattern {
    fn stands_at(&self, hay: &[u8], at: usize) -> bool {
        let Some(found) = hay.get(at..at + self.bytes.len()) else { return false };
        let same =
            if self.exact { found == self.bytes } else { found.eq_ignore_ascii_case(&self.bytes) };
        same && !(self.code && by_chance(hay, at, at + self.bytes.len()))
    }
}

fn start(bytes: &[u8]) -> usize {
    let [a, b] = [bytes[0], bytes[1]].map(|byte| usize::from(byte.to_ascii_lowercase()));
    a << 8 | b
}

/// Whether six digits are a part of something longer that is made of digits anyway: a digest, a part of a
/// UUID, a number, the fraction of a second.
fn by_chance(hay: &[u8], from: usize, until: usize) -> bool {
    let run = |member: fn(&u8) -> bool| {
        let before = hay[..from].iter().rev().take_while(|byte| member(byte)).count();
        let after = hay[until..].iter().take_while(|byte| member(byte)).count();
        (before, before + until - from + after)
    };
    let (before, digits) = run(u8::is_ascii_digit);
    let (_, hex) = run(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte));
    let start = from - before;
    let fraction = start > 0 && hay[start - 1] == b'.';
    fraction || digits > 6 || [8, 12].contains(&hex) || (hex > 0 && hex.is_multiple_of(32))
}

/// Every file in a folder and the folders within, but those called `but`.
pub fn files(folder: &Path, but: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"))
    {
        let inner = entry.file_type().expect("a kind").is_dir();
        let skipped = but.iter().any(|name| entry.file_name() == *name);
        match (inner, skipped) {
            (_, true) => {}
            (true, false) => found.extend(files(&entry.path(), but)),
            (false, false) => found.push(entry.path()),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_every_form_and_place() {
        let mut patterns = LeakScan::default();
        patterns.text("Kowalczyk");
        for before in 0..3 {
            let mut long = vec![b'x'; before];
            long.extend_from_slice(b"Kowalczyk, and more");
            let forms = [
                long.to_ascii_uppercase(),
                long.iter().flat_map(|byte| [*byte, 0]).collect(),
                hex::encode_upper(&long).into_bytes(),
                STANDARD_NO_PAD.encode(&long).into_bytes(),
                URL_SAFE_NO_PAD.encode(&long).into_bytes(),
            ];
            for form in forms {
                assert!(!patterns.in_bytes(&form).is_empty(), "{}", String::from_utf8_lossy(&form));
            }
        }
        assert!(patterns.in_bytes(b"kowalczy k").is_empty());
    }

    #[test]
    fn a_secret_is_found_as_the_bytes_it_stands_for() {
        let mut patterns = LeakScan::default();
        patterns.secret("a token", &URL_SAFE_NO_PAD.encode([200; 32]));
        assert_eq!(patterns.in_bytes(&[[1; 32], [200; 32]].concat()), ["a token as UTF-8"]);
    }

    #[test]
    fn a_code_is_told_from_digits_that_stand_there_by_chance() {
        let mut patterns = LeakScan::default();
        patterns.text("471123");
        for hidden in ["code 471123", "018f-8c2a471123{", "471123", "\u{1}471123\u{2}", "x471123y"]
        {
            assert_eq!(patterns.in_bytes(hidden.as_bytes()).len(), 1, "{hidden}");
        }
        let digest = format!("{}471123", "ab".repeat(29));
        for chance in ["12:00:00.471123Z", "4711234", "ab471123", "018f-ab4711230000-", &digest] {
            assert!(patterns.in_bytes(chance.as_bytes()).is_empty(), "{chance}");
        }
    }
}
