//! The lines of an export, as stored, in the order of their positions.

use std::collections::BTreeSet;
use std::io::{BufWriter, Write as _};

use anyhow::Context as _;
use domain::ids::StreamName;
use domain::journal::{self, Line, Position, StreamVersion};

use super::folder::ExportFolder;
use super::format::{LINES_FILE, POSITIONS_FILE};
use super::stop::ExportError;
use crate::ports::{OpenedLog, Progress, StoredLines, missing};

const LINES: usize = 1_024;

/// What the lines of an export are.
#[derive(Default)]
pub(super) struct Written {
    pub(super) events: u64,
    pub(super) first: Option<u64>,
    pub(super) last: Option<u64>,
    pub(super) head: Option<String>,
    pub(super) blake3: String,
    /// The streams they are of.
    pub(super) streams: BTreeSet<StreamName>,
    /// Positions of the lines of one stream.
    positions: Vec<u64>,
}

/// Writes every line of the log, or of one stream.
pub(super) async fn write(
    log: &OpenedLog,
    stream: Option<&StreamName>,
    folder: &mut ExportFolder,
    progress: &dyn Progress,
) -> Result<Written, ExportError> {
    let length = match stream {
        Some(stream) => {
            let lengths = log.lines.lengths(std::slice::from_ref(stream)).await;
            let lengths = lengths.map_err(anyhow::Error::from)?;
            lengths.first().copied().map_or(0, u64::from)
        }
        None => log.length,
    };
    let failed = || format!("{LINES_FILE} cannot be written");
    let mut file = BufWriter::with_capacity(1 << 20, folder.create(LINES_FILE)?);
    let mut written = Written::default();
    let mut hasher = blake3::Hasher::new();
    progress.begin(length, "exporting");
    while written.events < length {
        let lines = read(&*log.lines, stream, written.events, length).await?;
        for line in &lines {
            for bytes in [line.bytes.as_slice(), b"\n"] {
                file.write_all(bytes).with_context(failed)?;
                hasher.update(bytes);
            }
        }
        if stream.is_some() {
            written.positions.extend(lines.iter().map(|line| line.position.0));
        }
        progress.advance(lines.len() as u64);
        written.take(lines);
    }
    let file = file.into_inner().map_err(std::io::IntoInnerError::into_error);
    file.and_then(|file| file.sync_all()).with_context(failed)?;
    progress.end();
    if written.last.is_some_and(|last| last + 1 != written.events) {
        let positions: String =
            written.positions.iter().map(|position| format!("{position}\n")).collect();
        folder.put(POSITIONS_FILE, positions.as_bytes())?;
    }
    written.blake3 = hasher.finalize().to_string();
    Ok(written)
}

async fn read(
    stored: &dyn StoredLines,
    stream: Option<&StreamName>,
    from: u64,
    length: u64,
) -> Result<Vec<Line>, ExportError> {
    let limit = usize::try_from(length - from).unwrap_or(LINES).min(LINES);
    let lines = match stream {
        Some(stream) => {
            let from = StreamVersion(u32::try_from(from).unwrap_or(u32::MAX));
            stored.of_stream(stream, from, limit).await
        }
        None => stored.of_log(Position(from), limit).await,
    };
    let lines = lines?;
    if lines.is_empty() {
        return Err(ExportError::damaged(&missing(Position(from))));
    }
    Ok(lines)
}

impl Written {
    /// How many lines of the one stream stand at `checkpoint_size` or later.
    pub(super) fn newer_than(&self, checkpoint_size: u64) -> u64 {
        self.positions.iter().filter(|position| **position >= checkpoint_size).count() as u64
    }

    fn take(&mut self, lines: Vec<Line>) {
        self.events += lines.len() as u64;
        if let (Some(first), Some(last)) = (lines.first(), lines.last()) {
            self.first = self.first.or(Some(first.position.0));
            self.last = Some(last.position.0);
            self.head = Some(journal::hash(&last.bytes).to_string());
        }
        for line in lines {
            if !self.streams.contains(&line.stream) {
                self.streams.insert(line.stream);
            }
        }
    }
}
