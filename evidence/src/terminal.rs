//! The one way to a terminal. What commands print holds words of others: names in files that somebody gave,
//! answers of servers, event types of a log that may be forged. Characters that move the cursor, colour, set
//! a title, answer as if typed, or turn the direction of reading are shown instead of sent.

use std::fmt::{self, Display, Write as _};
use std::io::{self, ErrorKind, IsTerminal as _, LineWriter, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use domain::personal_text::plain::acts;

/// A value on one line: what could begin another, or do anything else, is shown as `\u{1b}`.
#[derive(Debug, Clone, Copy)]
pub struct OneLine<T>(pub T);

impl<T: Display> Display for OneLine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Visible { to: f, lines: false }, "{}", self.0)
    }
}

/// Text of several lines: ends of lines and tabs stay, everything else that acts is shown as `\u{1b}`.
#[derive(Debug, Clone, Copy)]
pub struct TextLines<T>(pub T);

impl<T: Display> Display for TextLines<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Visible { to: f, lines: true }, "{}", self.0)
    }
}

/// Passes text on, and shows what acts.
struct Visible<'a, 'b> {
    to: &'a mut fmt::Formatter<'b>,
    lines: bool,
}

impl fmt::Write for Visible<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for piece in text.split_inclusive(acts) {
            let last = piece.chars().next_back().filter(|last| acts(*last));
            let Some(last) = last.filter(|last| !(self.lines && matches!(last, '\n' | '\t')))
            else {
                self.to.write_str(piece)?;
                continue;
            };
            self.to.write_str(piece.strip_suffix(last).unwrap_or(piece))?;
            write!(self.to, "{}", last.escape_unicode())?;
        }
        Ok(())
    }
}

/// A value as JSON in which every character that acts is escaped, as JSON allows.
///
/// # Errors
/// If the value cannot be JSON.
pub fn json(value: &impl serde::Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string_pretty(value)?;
    let mut visible = String::with_capacity(json.len());
    for character in json.chars() {
        // Outside of strings JSON has no character that acts but the end of a line.
        if character == '\n' || !acts(character) {
            visible.push(character);
            continue;
        }
        let mut units = [0; 2];
        for unit in character.encode_utf16(&mut units) {
            // A string takes everything.
            let _ = write!(visible, "\\u{unit:04x}");
        }
    }
    Ok(visible)
}

/// Prints to standard output; nothing is added. Whoever closed it has seen enough, as `head` does.
pub fn print(text: impl Display) {
    note(write!(io::stdout(), "{}", TextLines(text)));
}

/// Prints to standard error; nothing is added.
pub fn print_error(text: impl Display) {
    // There is nowhere left to complain.
    let _ = write!(io::stderr(), "{}", TextLines(text));
}

/// Whether something that was to be printed could not be written, on a full disk for instance.
static LOST: AtomicBool = AtomicBool::new(false);

fn note(written: io::Result<()>) {
    if written.is_err_and(|error| !nobody_reads(&error)) {
        LOST.store(true, Ordering::Relaxed);
    }
}

/// Whether something was printed into nowhere: then a command did not do what it was asked for.
pub fn something_was_lost() -> bool {
    LOST.load(Ordering::Relaxed)
}

/// Whether writing failed only because nobody reads any more.
pub fn nobody_reads(error: &io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe
}

/// Standard output for evidence that must keep every byte: it goes into a file or a pipe as it is, and to a
/// terminal as [`TextLines`].
pub fn exact() -> Box<dyn Write> {
    let out = io::stdout();
    if out.is_terminal() { Box::new(LineWriter::new(Shown(out))) } else { Box::new(out.lock()) }
}

/// Shows what is written to it.
#[derive(Debug)]
struct Shown<W>(W);

impl<W: Write> Write for Shown<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write!(self.0, "{}", TextLines(String::from_utf8_lossy(bytes)))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Prints a line to standard output, as `println!` does.
#[macro_export]
macro_rules! say {
    ($($words:tt)*) => {
        $crate::terminal::print(format_args!("{}\n", format_args!($($words)*)))
    };
}

/// Prints a line to standard error, as `eprintln!` does.
#[macro_export]
macro_rules! complain {
    ($($words:tt)*) => {
        $crate::terminal::print_error(format_args!("{}\n", format_args!($($words)*)))
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTING: [&str; 9] = [
        "\u{1b}[2J",
        "\u{1b}]0;title\u{7}",
        "\u{9b}31m",
        "\u{7f}",
        "\r",
        "\u{8}",
        "\u{202e}",
        "\u{2067}",
        "\u{e0041}",
    ];

    #[test]
    fn what_acts_is_shown_and_everything_else_stays() {
        for acting in ACTING {
            let name = format!("Ana{acting}Müller");
            for shown in [OneLine(&name).to_string(), TextLines(&name).to_string()] {
                assert!(!shown.contains(acts), "{shown:?}");
                assert!(shown.starts_with("Ana\\u{") && shown.ends_with("Müller"), "{shown}");
            }
        }
        for plain in ["Jürgen Groß", "李", "אנה", "\\u{1b}", "", "a\u{301}"] {
            assert_eq!(OneLine(plain).to_string(), plain);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_line_by_line() {
        let mut shown = LineWriter::new(Shown(Vec::new()));
        shown.write_all(b"{\"a\":\"\x1b[2J\xff\"}\n").unwrap();
        shown.write_all("{\"b\":\"\u{202e}\"}\n".as_bytes()).unwrap();
        let shown = String::from_utf8(shown.into_inner().unwrap().0).unwrap();
        assert_eq!(shown, "{\"a\":\"\\u{1b}[2J\u{fffd}\"}\n{\"b\":\"\\u{202e}\"}\n");
    }

    #[test]
    fn a_name_begins_no_line_of_its_own() {
        let name = "x\nThe log is whole";
        assert_eq!(OneLine(name).to_string(), "x\\u{a}The log is whole");
        assert_eq!(TextLines("a\n\tb").to_string(), "a\n\tb");
    }

    #[test]
    fn json_says_the_same_and_nothing_in_it_acts() {
        for acting in ACTING {
            let said = json(&[acting]).unwrap();
            assert!(!said.replace('\n', "").contains(acts), "{said:?}");
            assert_eq!(serde_json::from_str::<[String; 1]>(&said).unwrap(), [acting]);
        }
    }
}
