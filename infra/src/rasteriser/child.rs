//! The process that draws: gives up its rights first, reads order and document second, and answers once.
//!
//! Its terms come as an argument, so that it reads nothing before it is confined. In: a frame with the
//! order, then the document to the end of the stream. Out: a frame with the answer, then the PNG. A frame is
//! its length as 32 bits, big-endian, and JSON.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use domain::access::page_loss::PageLoss;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::confinement::{self, Confined};
use super::limits::DrawingLimits;
use super::page;
use super::refusal::DrawError;
use commands::ports::page_region::PageFrame;
use commands::ports::rasteriser::{DocumentLook, DrawnPage, ExceededLimit, PageJob};

/// The hidden subcommand under which the program draws.
pub const DRAW_PAGE: &str = "draw-page";

/// Frames are small; a longer one is no frame.
const FRAME_BYTES_MAX: u32 = 64 * 1024;

/// What the hook writes for a panic: never the panic's own words, they may quote the document.
pub(super) const PANICKED: &str = "drawing panicked";

/// What the process is started on, before it is asked for anything.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Terms {
    pub(super) limits: DrawingLimits,
    /// Whether it draws on a kernel that grants no layer of its confinement.
    pub(super) even_unconfined: bool,
}

/// What the parent asks for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// A page, for somebody.
    Page(PageJob),
    /// What is missing on the first pages of a document of this type.
    Look(String),
}

/// What the child answers, and what held it while it drew.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ChildAnswer {
    pub(super) confined: Confined,
    pub(super) reply: ChildReply,
}

/// What became of the order.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ChildReply {
    Drawn {
        pages: u32,
        frame: PageFrame,
        missing: BTreeSet<PageLoss>,
        png_bytes: u64,
    },
    Looked(DocumentLook),
    Refused(DrawError),
    /// Nothing was read: the kernel grants no confinement, and the terms ask for some.
    Unconfined,
}

/// The whole life of the drawing process; `terms` is the argument after [`DRAW_PAGE`]. Call it before
/// anything else starts (threads, a runtime, logging): what it gives up is the process's.
pub fn child_main(terms: Option<&OsStr>, input: impl Read, output: impl Write) -> ExitCode {
    std::panic::set_hook(Box::new(|_| eprintln!("{PANICKED}")));
    match serve_one(terms, input, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve_one(
    terms: Option<&OsStr>,
    mut input: impl Read,
    mut output: impl Write,
) -> io::Result<()> {
    let terms = terms.and_then(OsStr::to_str).ok_or(io::ErrorKind::InvalidInput)?;
    let Terms { limits, even_unconfined } = serde_json::from_str(terms)?;
    let confined = confinement::confine(&limits)?;
    if !confined.at_all() && !even_unconfined {
        return write_frame(&mut output, &ChildAnswer { confined, reply: ChildReply::Unconfined });
    }
    let order: Order = read_frame(&mut input)?;
    let (reply, png) = match read_document(input, &limits)? {
        Err(refusal) => (ChildReply::Refused(refusal), Vec::new()),
        Ok(document) => {
            let carry_out = AssertUnwindSafe(|| carry_out(&order, document, &limits));
            catch_unwind(carry_out).unwrap_or(Err(DrawError::Damaged)).unwrap_or_else(refused)
        }
    };
    write_frame(&mut output, &ChildAnswer { confined, reply })?;
    output.write_all(&png)?;
    output.flush()
}

/// The reply, and the picture that follows it.
fn carry_out(
    order: &Order,
    document: Vec<u8>,
    limits: &DrawingLimits,
) -> Result<(ChildReply, Vec<u8>), DrawError> {
    match order {
        Order::Page(job) => {
            let DrawnPage { png, pages, frame, missing } = page::draw(job, document, limits)?;
            let png_bytes = png.len() as u64;
            Ok((ChildReply::Drawn { pages, frame, missing, png_bytes }, png))
        }
        Order::Look(media_type) => {
            Ok((ChildReply::Looked(page::look(media_type, document, limits)?), Vec::new()))
        }
    }
}

fn refused(refusal: DrawError) -> (ChildReply, Vec<u8>) {
    (ChildReply::Refused(refusal), Vec::new())
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

/// Splits what the child wrote into its answer and what follows; `None` for anything else.
pub(super) fn parse_answer(written: &[u8]) -> Option<(ChildAnswer, &[u8])> {
    let mut rest = written;
    let answer = read_frame(&mut rest).ok()?;
    Some((answer, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_went() {
        let reply = ChildReply::Refused(DrawError::NoSuchPage { pages: 7 });
        let confined = Confined { landlock: false, seccomp: true };
        let bytes = frame(&ChildAnswer { confined, reply }).unwrap();
        let (answer, rest) = parse_answer(&bytes).unwrap();
        assert!(matches!(answer.reply, ChildReply::Refused(DrawError::NoSuchPage { pages: 7 })));
        assert_eq!(answer.confined, confined);
        assert!(rest.is_empty());
    }

    #[test]
    fn what_is_no_frame_is_no_reply() {
        assert!(parse_answer(b"").is_none());
        assert!(parse_answer(b"\0\0\0\x09{\"short\"").is_none());
        assert!(parse_answer(b"\xff\xff\xff\xff{}").is_none());
        assert!(parse_answer(b"\0\0\0\x02{}").is_none());
    }

    #[test]
    fn without_terms_nothing_is_read() {
        for terms in [None, Some(OsStr::new("")), Some(OsStr::new("{}"))] {
            let mut read = Unread(false);
            assert!(serve_one(terms, &mut read, io::sink()).is_err());
            assert!(!read.0, "{terms:?}");
        }
    }

    /// Input that notices who asks for it.
    struct Unread(bool);

    impl Read for &mut Unread {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            self.0 = true;
            Ok(0)
        }
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
