//! The process that draws: gives up its rights first, reads second, and answers.
//!
//! Its terms come as an argument, so that it reads nothing before it is confined. Out: a frame that says what
//! was granted. In: a frame with an order, then the document in pieces, each after its length as 32 bits,
//! big-endian, the last one empty. Out: a frame with the answer, then the picture. Orders for further pages
//! of that document may follow; one for anything else ends the process. A frame is its length, as a piece's,
//! and JSON.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use domain::access::page_loss::PageLoss;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::confinement;
use super::limits::DrawingLimits;
use super::page::{self, OpenDocument};
use super::refusal::DrawError;
use commands::ports::page_region::PageFrame;
use commands::ports::rasteriser::{DocumentLook, DrawnPage, ExceededLimit, PageJob};

/// The hidden subcommand under which the program draws.
pub const DRAW_PAGE: &str = "draw-page";

/// Frames are small; a longer one is no frame.
const FRAME_BYTES_MAX: u32 = 64 * 1024;

/// A document comes in pieces of at most this.
pub(super) const PIECE_BYTES_MAX: usize = 1 << 20;
/// The length of the piece that is none.
pub(super) const DOCUMENT_ENDS: [u8; 4] = [0; 4];

/// What the hook writes for a panic: never the panic's own words, they may quote the document.
pub(super) const PANICKED: &str = "drawing panicked";

/// What the process is started on, before it is asked for anything.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Terms {
    pub(super) limits: DrawingLimits,
    /// Whether it draws on a kernel that grants no layer of its confinement.
    pub(super) even_unconfined: bool,
    /// The width of a page that it draws for nobody, if it has time before it is asked.
    pub(super) warm: Option<u32>,
}

/// What the parent asks for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// A page, for somebody.
    Page {
        /// Which, how, for whom.
        job: PageJob,
        /// Who may ask for another page of this document, if anybody; in words that mean nothing here.
        viewing: Option<String>,
    },
    /// What is missing on the first pages of a document of this type.
    Look(String),
}

/// What the child answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ChildAnswer {
    pub(super) reply: ChildReply,
    /// The length of the picture that follows.
    pub(super) picture_bytes: u64,
    /// Whether it waits for another order.
    pub(super) stays: bool,
}

/// What became of the order.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ChildReply {
    Drawn { pages: u32, frame: PageFrame, missing: BTreeSet<PageLoss> },
    Looked(DocumentLook),
    Refused(DrawError),
}

/// The whole life of the drawing process; `terms` is the argument after [`DRAW_PAGE`]. Call it before
/// anything else starts (threads, a runtime, logging): what it gives up is the process's.
pub fn child_main(terms: Option<&OsStr>, input: impl Read, output: impl Write) -> ExitCode {
    std::panic::set_hook(Box::new(|_| eprintln!("{PANICKED}")));
    match live(terms, input, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn live(terms: Option<&OsStr>, mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let terms = terms.and_then(OsStr::to_str).ok_or(io::ErrorKind::InvalidInput)?;
    let Terms { limits, even_unconfined, warm } = serde_json::from_str(terms)?;
    let confined = confinement::confine(&limits)?;
    let draws = confined.at_all() || even_unconfined;
    if draws && let Some(width_px) = warm {
        page::warm_up(width_px, &limits);
    }
    output.write_all(&frame(&confined)?)?;
    output.flush()?;
    if !draws {
        return Ok(());
    }
    let Some(order) = next_order(&mut input)? else { return Ok(()) };
    let document = read_document(&mut input, &limits)?;
    match (order, document) {
        (_, Err(refusal)) => answer(&mut output, (ChildReply::Refused(refusal), vec![]), false),
        (Order::Look(media_type), Ok(document)) => {
            let look = || page::look(&media_type, document, &limits);
            let looked = caught(look).map(|look| (ChildReply::Looked(look), vec![]));
            answer(&mut output, looked.unwrap_or_else(refused), false)
        }
        (Order::Page { job, viewing }, Ok(document)) => {
            let opened = caught(|| OpenDocument::new(&job.media_type, document, &limits));
            match opened {
                Ok(opened) => pages(&opened, (job, viewing), &limits, (input, output)),
                Err(refusal) => answer(&mut output, refused(refusal), false),
            }
        }
    }
}

/// Draws one page after the other of one document, for one reader.
fn pages(
    document: &OpenDocument,
    (mut job, viewing): (PageJob, Option<String>),
    limits: &DrawingLimits,
    (mut input, mut output): (impl Read, impl Write),
) -> io::Result<()> {
    let media_type = job.media_type.clone();
    loop {
        let drawn = caught(|| page::draw(document, &job, limits));
        // What went wrong once may have left something behind; what took long leaves too little time.
        let well = !matches!(drawn, Err(DrawError::Damaged));
        let stays = viewing.is_some() && well && has_time_left(limits);
        let reply = drawn.map(|DrawnPage { picture, pages, frame, missing }| {
            (ChildReply::Drawn { pages, frame, missing }, picture)
        });
        answer(&mut output, reply.unwrap_or_else(refused), stays)?;
        if !stays {
            return Ok(());
        }
        job = match next_order(&mut input)? {
            None => return Ok(()),
            Some(Order::Page { job, viewing: asked })
                if asked == viewing && job.media_type == media_type =>
            {
                job
            }
            Some(Order::Page { .. } | Order::Look(_)) => {
                return Err(io::ErrorKind::InvalidInput.into());
            }
        };
    }
}

/// Whether three quarters of the processor time are left: for pages that take more, a process is made anew.
fn has_time_left(limits: &DrawingLimits) -> bool {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    u64::try_from(used.tv_sec).is_ok_and(|used| used < limits.cpu_seconds_max / 4)
}

/// What came of it, a panic being damage.
fn caught<T>(work: impl FnOnce() -> Result<T, DrawError>) -> Result<T, DrawError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(DrawError::Damaged))
}

fn answer(
    output: &mut impl Write,
    (reply, picture): (ChildReply, Vec<u8>),
    stays: bool,
) -> io::Result<()> {
    let picture_bytes = picture.len() as u64;
    output.write_all(&frame(&ChildAnswer { reply, picture_bytes, stays })?)?;
    output.write_all(&picture)?;
    output.flush()
}

fn refused(refusal: DrawError) -> (ChildReply, Vec<u8>) {
    (ChildReply::Refused(refusal), Vec::new())
}

/// The document, up to its bound. One that ends before its last piece is none.
fn read_document(
    input: &mut impl Read,
    limits: &DrawingLimits,
) -> io::Result<Result<Vec<u8>, DrawError>> {
    let limit = limits.document_bytes_max;
    let mut document = Vec::new();
    loop {
        let mut length = [0; 4];
        input.read_exact(&mut length)?;
        if length == DOCUMENT_ENDS {
            return Ok(Ok(document));
        }
        let length = u32::from_be_bytes(length);
        if document.len() as u64 + u64::from(length) > limit {
            return Ok(Err(DrawError::TooLarge { bound: ExceededLimit::DocumentBytes, limit }));
        }
        let read = input.by_ref().take(length.into()).read_to_end(&mut document)?;
        if read as u64 != u64::from(length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// The next order; none if nobody asks any more.
fn next_order(input: &mut impl Read) -> io::Result<Option<Order>> {
    match read_frame(input) {
        Ok(order) => Ok(Some(order)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_frame<T: DeserializeOwned>(mut input: impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let mut json = vec![0; frame_length(length)?];
    input.read_exact(&mut json)?;
    serde_json::from_slice(&json).map_err(io::Error::from)
}

/// How long the frame is that begins so.
pub(super) fn frame_length(length: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_be_bytes(length);
    match usize::try_from(length) {
        Ok(bytes) if length <= FRAME_BYTES_MAX => Ok(bytes),
        Ok(_) | Err(_) => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// A value as one frame.
pub(super) fn frame(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(value)?;
    let length = u32::try_from(json.len()).ok().filter(|length| *length <= FRAME_BYTES_MAX);
    let length = length.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    Ok([&length.to_be_bytes()[..], &json].concat())
}

#[cfg(test)]
mod tests {
    use commands::ports::rasteriser::PageEncoding;

    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_went() {
        let reply = ChildReply::Refused(DrawError::NoSuchPage { pages: 7 });
        let bytes = frame(&ChildAnswer { reply, picture_bytes: 3, stays: true }).unwrap();
        let mut rest = &bytes[..];
        let answer: ChildAnswer = read_frame(&mut rest).unwrap();
        assert!(matches!(answer.reply, ChildReply::Refused(DrawError::NoSuchPage { pages: 7 })));
        assert!(answer.stays && answer.picture_bytes == 3 && rest.is_empty());
    }

    #[test]
    fn what_is_no_frame_is_no_order() {
        let bad: [&[u8]; 3] = [b"\0\0\0\x09{\"short\"", b"\xff\xff\xff\xff{}", b"\0\0\0\x02{}"];
        for bytes in bad {
            assert!(read_frame::<Order>(bytes).is_err());
        }
        assert!(next_order(&mut &b""[..]).unwrap().is_none(), "nobody asks");
    }

    #[test]
    fn without_terms_nothing_is_read() {
        for terms in [None, Some(OsStr::new("")), Some(OsStr::new("{}"))] {
            let mut read = Unread(false);
            assert!(live(terms, &mut read, io::sink()).is_err());
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

    fn pieces(pieces: &[&[u8]]) -> Vec<u8> {
        let length = |piece: &[u8]| u32::try_from(piece.len()).unwrap().to_be_bytes();
        pieces.iter().flat_map(|piece| [&length(piece)[..], piece].concat()).collect()
    }

    #[test]
    fn a_document_is_read_to_its_last_piece_and_no_further() {
        let limits = DrawingLimits { document_bytes_max: 4, ..DrawingLimits::default() };
        let read = |bytes: &[u8]| {
            let mut rest = bytes;
            read_document(&mut rest, &limits).map(|document| (document, rest.len()))
        };
        let whole = read(&pieces(&[b"12", b"34", b"", b"next"])).unwrap();
        assert_eq!(whole, (Ok(b"1234".to_vec()), 8));
        let bound = ExceededLimit::DocumentBytes;
        let refused = Err(DrawError::TooLarge { bound, limit: 4 });
        assert_eq!(read(&pieces(&[b"1234", b"5", b""])).unwrap().0, refused);
        for cut in [pieces(&[b"12"]), pieces(&[b"1234"])[..6].to_vec(), vec![]] {
            assert!(read(&cut).is_err(), "half a document is none");
        }
    }

    fn job(page: u32) -> PageJob {
        PageJob {
            media_type: "text/plain".to_owned(),
            page,
            region: None,
            watermark: vec!["Dr Bo Lind".to_owned()],
            reader_id: "doctor:17".to_owned(),
            width_px: 320,
            encoding: PageEncoding::Png,
        }
    }

    /// What a process answers that has a document of two pages and gets these orders after a first one.
    fn answers(first: Option<&str>, orders: &[Order]) -> (io::Result<()>, Vec<ChildAnswer>) {
        // The time that is looked at is the whole process's, and here that is all tests'.
        let limits = DrawingLimits { cpu_seconds_max: 1_000_000, ..DrawingLimits::default() };
        let document = b"one\x0ctwo".to_vec();
        let document = OpenDocument::new("text/plain", document, &limits).unwrap();
        let input: Vec<u8> = orders.iter().flat_map(|order| frame(order).unwrap()).collect();
        let mut written = Vec::new();
        let first = (job(1), first.map(str::to_owned));
        let end = pages(&document, first, &limits, (&input[..], &mut written));
        let (mut rest, mut answers) = (&written[..], Vec::new());
        while !rest.is_empty() {
            let answer: ChildAnswer = read_frame(&mut rest).unwrap();
            rest = &rest[usize::try_from(answer.picture_bytes).unwrap()..];
            answers.push(answer);
        }
        (end, answers)
    }

    fn order(viewing: Option<&str>, page: u32) -> Order {
        Order::Page { job: job(page), viewing: viewing.map(str::to_owned) }
    }

    #[test]
    fn further_pages_are_drawn_for_the_same_viewing_and_for_no_other() {
        let (end, drawn) = answers(
            Some("bo"),
            &[order(Some("bo"), 2), order(Some("bo"), 9), order(Some("bo"), 1)],
        );
        assert!(end.is_ok());
        let told = drawn.iter().map(|answer| match answer.reply {
            ChildReply::Drawn { pages, .. } => pages,
            ChildReply::Looked(_) | ChildReply::Refused(_) => 0,
        });
        assert_eq!(told.collect::<Vec<_>>(), [2, 2, 0, 2], "a page that is not there ends nothing");
        let look = Order::Look("text/plain".to_owned());
        let other_type = Order::Page {
            job: PageJob { media_type: "image/png".to_owned(), ..job(2) },
            viewing: Some("bo".to_owned()),
        };
        for other in [order(Some("eve"), 2), order(None, 2), look, other_type] {
            let (end, drawn) = answers(Some("bo"), &[other, order(Some("bo"), 2)]);
            assert!(end.is_err() && drawn.len() == 1, "it draws for one only");
        }
    }

    #[test]
    fn for_nobody_in_particular_one_page_is_drawn() {
        let (end, drawn) = answers(None, &[order(None, 2)]);
        assert!(end.is_ok() && drawn.len() == 1 && !drawn[0].stays);
    }
}
