//! The lines of an export, read in runs, each with its place in the log.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use domain::journal::{Envelope, LINE_BYTES_MAX, Position};
use tokio::sync::mpsc;

use super::batch::LINES;
use crate::export::format::POSITIONS_FILE;
use crate::text_ends::{first_line_of, line_of};

/// A run of lines, each with its position.
pub(super) type PlacedLines = Vec<(Position, Vec<u8>)>;

/// What the file shows beyond its lines.
pub(super) struct Read {
    pub(super) blake3: blake3::Hash,
    /// Whether the file breaks off within a line, which is not among those that were read.
    pub(super) cut: bool,
    /// What is wrong with the list of positions.
    pub(super) positions: Option<String>,
}

/// Reads the file in runs of lines, as they were written. A line may be cut short where it is longer than any
/// line may be: what is left is refused for its length.
pub(super) fn read(
    path: &Path,
    positions: &Path,
    give: &mpsc::Sender<PlacedLines>,
) -> std::io::Result<Read> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut positions = Positions::open(positions)?;
    let mut hasher = blake3::Hasher::new();
    let (mut more, mut cut, mut first) = (true, false, true);
    while more {
        let mut lines = Vec::with_capacity(LINES);
        while more && lines.len() < LINES {
            let mut line = Vec::new();
            let read =
                file.by_ref().take(LINE_BYTES_MAX as u64 + 2).read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            let plain = if first { first_line_of(&line) } else { line_of(&line) };
            first = false;
            more = line.ends_with(b"\n");
            // A line without its end is one that was cut off, unless it is there as a whole.
            cut = !more && read <= LINE_BYTES_MAX && Envelope::read(plain).is_err();
            if cut {
                break;
            }
            hasher.update(plain);
            hasher.update(b"\n");
            let Some(position) = positions.next()? else {
                more = false;
                break;
            };
            lines.push((position, plain.to_vec()));
        }
        if lines.is_empty() || give.blocking_send(lines).is_err() {
            break;
        }
    }
    let positions = positions.wrong()?.filter(|_| !cut);
    Ok(Read { blake3: hasher.finalize(), cut, positions })
}

/// Where each line stands in the log: from 0 on, or as listed.
struct Positions {
    listed: Option<std::io::Lines<BufReader<File>>>,
    next: u64,
    wrong: Option<String>,
}

impl Positions {
    fn open(path: &Path) -> std::io::Result<Self> {
        let listed =
            if path.is_file() { Some(BufReader::new(File::open(path)?).lines()) } else { None };
        Ok(Self { listed, next: 0, wrong: None })
    }

    /// The next line's; none if the list has none that could be.
    fn next(&mut self) -> std::io::Result<Option<Position>> {
        let position = match &mut self.listed {
            None => self.next,
            Some(listed) => {
                let Some(text) = listed.next().transpose()? else {
                    self.wrong = Some(format!("{POSITIONS_FILE} lists fewer than there are lines"));
                    return Ok(None);
                };
                match text.trim_start_matches('\u{feff}').parse::<u64>() {
                    Ok(position) if position >= self.next && position < u64::MAX => position,
                    Ok(_) | Err(_) => {
                        self.wrong = Some(format!("{POSITIONS_FILE}: {text:.40?} does not follow"));
                        return Ok(None);
                    }
                }
            }
        };
        self.next = position + 1;
        Ok(Some(Position(position)))
    }

    fn wrong(mut self) -> std::io::Result<Option<String>> {
        let more = match &mut self.listed {
            Some(listed) => listed.next().transpose()?.is_some(),
            None => false,
        };
        let more = more.then(|| format!("{POSITIONS_FILE} lists more than there are lines"));
        Ok(self.wrong.or(more))
    }
}
