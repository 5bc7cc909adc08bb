//! The process that draws: takes its limits first, the document second, and answers once.
//!
//! In: a frame with the order, then the document to the end of the stream. Out: a frame with the
//! reply, then the PNG. A frame is its length as 32 bits, big-endian, and JSON.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::limits::DrawingLimits;
use super::page;
use super::refusal::DrawError;
use commands::ports::rasteriser::{ExceededLimit, PageJob};

/// The hidden subcommand under which the program draws.
pub const DRAW_PAGE: &str = "draw-page";

/// Frames are small; a longer one is no frame.
const FRAME_BYTES_MAX: u32 = 64 * 1024;

/// What the hook writes for a panic: never the panic's own words, they may quote the document.
pub(super) const PANICKED: &str = "drawing panicked";

/// What the parent asks for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) job: PageJob,
    pub(super) limits: DrawingLimits,
}

/// What the child answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ChildReply {
    Drawn { pages: u32, png_bytes: u64 },
    Refused(DrawError),
}

/// The whole life of the drawing process. Call it before anything else starts (threads, a
/// runtime, logging): the limits it takes are those of the process.
pub fn child_main(input: impl Read, output: impl Write) -> ExitCode {
    std::panic::set_hook(Box::new(|_| eprintln!("{PANICKED}")));
    match serve_one(input, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve_one(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let order: Order = read_frame(&mut input)?;
    confine(&order.limits)?;
    let document = read_document(input, &order.limits)?;
    let drawn = match document {
        Err(refusal) => Err(refusal),
        Ok(document) => {
            let draw = AssertUnwindSafe(|| page::draw(&order.job, document, &order.limits));
            catch_unwind(draw).unwrap_or(Err(DrawError::Damaged))
        }
    };
    match drawn {
        Ok(page) => {
            let png_bytes = page.png.len() as u64;
            write_frame(&mut output, &ChildReply::Drawn { pages: page.pages, png_bytes })?;
            output.write_all(&page.png)?;
        }
        Err(refusal) => write_frame(&mut output, &ChildReply::Refused(refusal))?,
    }
    output.flush()
}

/// Gives up, for good, whatever drawing does not need: memory and processor time beyond the
/// bounds, files, new descriptors, new processes, core dumps.
fn confine(limits: &DrawingLimits) -> io::Result<()> {
    let set = |resource, value| {
        let limit = Rlimit { current: Some(value), maximum: Some(value) };
        setrlimit(resource, limit).map_err(io::Error::from)
    };
    set(Resource::Core, 0)?;
    set(Resource::Fsize, 0)?;
    // Input, output and errors are open already.
    set(Resource::Nofile, 3)?;
    // Holds for everybody but root, who may start processes whatever the limit says.
    set(Resource::Nproc, 0)?;
    set(Resource::As, limits.memory_bytes_max)?;
    // The soft limit sends a signal the parent can tell apart, the hard one kills.
    let soft = limits.cpu_seconds_max;
    let hard = limits.cpu_seconds_max.saturating_add(1);
    let time = Rlimit { current: Some(soft), maximum: Some(hard) };
    setrlimit(Resource::Cpu, time).map_err(io::Error::from)
}

fn read_document(
    input: impl Read,
    limits: &DrawingLimits,
) -> io::Result<Result<Vec<u8>, DrawError>> {
    let limit = limits.document_bytes_max;
    let mut document = Vec::new();
    input.take(limit.saturating_add(1)).read_to_end(&mut document)?;
    if document.len() as u64 > limit {
        return Ok(Err(DrawError::TooLarge { bound: ExceededLimit::DocumentBytes, limit }));
    }
    Ok(Ok(document))
}

fn read_frame<T: DeserializeOwned>(mut input: impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > FRAME_BYTES_MAX {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    let mut json = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    input.read_exact(&mut json)?;
    serde_json::from_slice(&json).map_err(io::Error::from)
}

fn write_frame(mut output: impl Write, value: &impl Serialize) -> io::Result<()> {
    output.write_all(&frame(value)?)
}

/// A value as one frame.
pub(super) fn frame(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(value)?;
    let length = u32::try_from(json.len()).ok().filter(|length| *length <= FRAME_BYTES_MAX);
    let length = length.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    Ok([&length.to_be_bytes()[..], &json].concat())
}

/// Splits what the child wrote into its reply and what follows; `None` for anything else.
pub(super) fn parse_reply(answer: &[u8]) -> Option<(ChildReply, &[u8])> {
    let mut rest = answer;
    let reply = read_frame(&mut rest).ok()?;
    Some((reply, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_went() {
        let bytes = frame(&ChildReply::Refused(DrawError::NoSuchPage { pages: 7 })).unwrap();
        let (reply, rest) = parse_reply(&bytes).unwrap();
        assert!(matches!(reply, ChildReply::Refused(DrawError::NoSuchPage { pages: 7 })));
        assert!(rest.is_empty());
    }

    #[test]
    fn what_is_no_frame_is_no_reply() {
        assert!(parse_reply(b"").is_none());
        assert!(parse_reply(b"\0\0\0\x09{\"short\"").is_none());
        assert!(parse_reply(b"\xff\xff\xff\xff{}").is_none());
        assert!(parse_reply(b"\0\0\0\x02{}").is_none());
    }

    #[test]
    fn a_document_is_read_up_to_its_bound() {
        let limits = DrawingLimits { document_bytes_max: 4, ..DrawingLimits::default() };
        assert_eq!(read_document(&b"1234"[..], &limits).unwrap(), Ok(b"1234".to_vec()));
        let bound = ExceededLimit::DocumentBytes;
        let refused = Err(DrawError::TooLarge { bound, limit: 4 });
        assert_eq!(read_document(&b"12345"[..], &limits).unwrap(), refused);
    }
}
