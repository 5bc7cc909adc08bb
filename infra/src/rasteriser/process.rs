//! One drawing process, as the service has it: asked, fed, heard out.

use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use commands::ports::blob_store::ClearBytes;
use commands::ports::rasteriser::{ExceededLimit, RasteriseError};
use futures::StreamExt as _;
use rustix::pipe::fcntl_setpipe_size;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::child::{self, ChildAnswer, DRAW_PAGE, Order};
use super::confinement::Confined;
use super::limits::DrawingLimits;

/// A page's picture fits into a pipe of this size: who draws need not wait for who reads. It is the most that
/// a system grants without being told to.
const PIPE_BYTES: usize = 1 << 20;

/// What is kept of what a process complains of.
const COMPLAINT_BYTES_MAX: usize = 4_096;

/// A process that draws. Gone when dropped.
pub(super) struct DrawingProcess {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    complaint: JoinHandle<Vec<u8>>,
}

impl DrawingProcess {
    /// Starts one on its terms, in a runtime. It dies with the thread that calls this.
    pub(super) fn start(program: &Path, terms: &str) -> Result<Self, RasteriseError> {
        let mut child = Command::new(program)
            .args([DRAW_PAGE, terms])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| failed("cannot start", Some(source)))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = pipes else {
            return Err(failed("no pipes", None));
        };
        // Some systems allow less, or none to this user any more: then it is written in more parts.
        for pipe in [input.as_fd(), output.as_fd()] {
            let _ = fcntl_setpipe_size(pipe, PIPE_BYTES);
        }
        Ok(Self { child, input, output, complaint: tokio::spawn(heard_out(errors)) })
    }

    /// Whether it has not ended.
    pub(super) fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Memory that is its own and nobody else's, bytes; none if this system does not say.
    pub(super) fn own_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let row = status.lines().find_map(|row| row.strip_prefix("RssAnon:"))?;
        let kib: u64 = row.split_whitespace().next()?.parse().ok()?;
        Some(kib << 10)
    }

    /// What it has given up, once it has. It has read nothing by then.
    pub(super) async fn ready(&mut self) -> Result<Confined, RasteriseError> {
        let ready = said(&mut self.output).await;
        self.or_its_end(ready).await
    }

    /// Asks for something. Whether anybody listened.
    pub(super) async fn ask(&mut self, order: &Order) -> Result<bool, RasteriseError> {
        let order = child::frame(order).map_err(|source| failed("order", Some(source)))?;
        Ok(self.input.write_all(&order).await.is_ok())
    }

    /// Hands the document over and hears the answer. A process that stops listening has made up its mind:
    /// that is no error here, its answer says why.
    pub(super) async fn give(
        &mut self,
        document: ClearBytes,
        limits: &DrawingLimits,
    ) -> Result<(ChildAnswer, Vec<u8>), RasteriseError> {
        let Self { input, output, .. } = self;
        let feed = feed(input, document, limits.document_bytes_max);
        let answered = tokio::try_join!(feed, async { Ok(answer(output, limits).await) });
        self.or_its_end(answered?.1).await
    }

    /// Hears the answer to an order about the document that it has.
    pub(super) async fn answer(
        &mut self,
        limits: &DrawingLimits,
    ) -> Result<(ChildAnswer, Vec<u8>), RasteriseError> {
        let answered = answer(&mut self.output, limits).await;
        self.or_its_end(answered).await
    }

    /// What was read; or, if it broke off, how the process ended.
    async fn or_its_end<T>(&mut self, read: io::Result<T>) -> Result<T, RasteriseError> {
        let source = match read {
            Ok(read) => return Ok(read),
            Err(source) => source,
        };
        if source.kind() != io::ErrorKind::UnexpectedEof {
            return Err(failed("no answer", Some(source)));
        }
        let status = self.child.wait().await.map_err(|source| failed("wait", Some(source)))?;
        let complaint = (&mut self.complaint).await.unwrap_or_default();
        Err(end(status, &complaint))
    }
}

async fn said<T: DeserializeOwned>(output: &mut ChildStdout) -> io::Result<T> {
    let mut length = [0; 4];
    output.read_exact(&mut length).await?;
    let length = child::frame_length(length)?;
    let mut json = vec![0; length];
    output.read_exact(&mut json).await?;
    serde_json::from_slice(&json).map_err(|_| io::ErrorKind::InvalidData.into())
}

async fn answer(
    output: &mut ChildStdout,
    limits: &DrawingLimits,
) -> io::Result<(ChildAnswer, Vec<u8>)> {
    let answer: ChildAnswer = said(output).await?;
    // A picture of incompressible pixels is a little longer than the pixels.
    let most = limits.page_pixels_max.saturating_mul(4).saturating_add(1 << 20);
    if answer.picture_bytes > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut picture = Vec::with_capacity(usize::try_from(answer.picture_bytes).unwrap_or(0));
    output.take(answer.picture_bytes).read_to_end(&mut picture).await?;
    match picture.len() as u64 == answer.picture_bytes {
        true => Ok((answer, picture)),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Writes the document, piece by piece, and that it is complete. One that breaks off has no end, and is never
/// drawn.
async fn feed(
    input: &mut ChildStdin,
    mut document: ClearBytes,
    limit: u64,
) -> Result<(), RasteriseError> {
    let mut sent = 0_u64;
    while let Some(chunk) = document.next().await {
        let chunk = chunk.map_err(RasteriseError::Source)?;
        sent = sent.saturating_add(chunk.len() as u64);
        if sent > limit {
            return Err(RasteriseError::TooLarge { bound: ExceededLimit::DocumentBytes, limit });
        }
        for piece in chunk.chunks(child::PIECE_BYTES_MAX) {
            let length = u32::try_from(piece.len()).unwrap_or(u32::MAX).to_be_bytes();
            if input.write_all(&length).await.is_err() || input.write_all(piece).await.is_err() {
                return Ok(());
            }
        }
    }
    // An error here is one more way to stop listening.
    let _ = input.write_all(&child::DOCUMENT_ENDS).await;
    Ok(())
}

/// Everything it complains of, of which the beginning is kept: what is not read makes it wait.
async fn heard_out(mut errors: ChildStderr) -> Vec<u8> {
    let (mut kept, mut some) = (Vec::new(), [0; 1_024]);
    while let Ok(count @ 1..) = errors.read(&mut some).await {
        let room = COMPLAINT_BYTES_MAX.saturating_sub(kept.len());
        kept.extend_from_slice(&some[..count.min(room)]);
    }
    kept
}

/// Why a process was ended by the kernel at once; worth a look at the document.
const LED_ASTRAY: &str = "it asked for what drawing never needs, another program or the network, and was ended; \
     whoever made the document may have meant it to";

/// Signal numbers as Linux has them, where the reason of an end is read from.
const SIGABRT: i32 = 6;
const SIGXCPU: i32 = 24;
const SIGSYS: i32 = 31;

/// Why a process ended that owed an answer.
fn end(status: ExitStatus, complaint: &[u8]) -> RasteriseError {
    match (status.signal(), status.code()) {
        (Some(signal), _) => ended_by(signal, complaint),
        (None, Some(0)) => failed("no answer", None),
        (None, code) => failed(&format!("exit code {}", code.unwrap_or(-1)), None),
    }
}

/// A Rust program that runs out of memory or of stack says so in fixed words and aborts; those
/// words are looked for, everything else the process may have written is dropped.
fn ended_by(signal: i32, complaint: &[u8]) -> RasteriseError {
    let says = |words: &str| complaint.windows(words.len()).any(|part| part == words.as_bytes());
    match signal {
        SIGXCPU => RasteriseError::TooMuchTime,
        SIGSYS => failed(LED_ASTRAY, None),
        SIGABRT if says("memory allocation of") => RasteriseError::TooMuchMemory,
        SIGABRT if says("has overflowed its stack") || says(child::PANICKED) => {
            RasteriseError::Damaged
        }
        other => failed(&format!("signal {other}"), None),
    }
}

pub(super) fn failed(reason: &str, source: Option<io::Error>) -> RasteriseError {
    RasteriseError::Child { reason: reason.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_was_led_astray_is_told_from_one_that_died() {
        let ended = |signal| end(ExitStatus::from_raw(signal), b"").to_string();
        assert!(ended(SIGSYS).contains("was ended") && !ended(9).contains("was ended"));
    }

    #[test]
    fn a_process_that_ends_well_and_says_nothing_has_failed() {
        assert!(end(ExitStatus::from_raw(0), b"").to_string().contains("no answer"));
        assert!(end(ExitStatus::from_raw(3 << 8), b"").to_string().contains("exit code 3"));
    }
}
