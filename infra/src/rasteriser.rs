//! Pages of reports as watermarked pictures, drawn by a child process that can do nothing else.

mod canvas;
mod child;
pub mod confinement;
mod face;
mod frame;
mod jpeg;
mod limits;
mod notice;
mod page;
mod pdf;
mod picture;
mod refusal;
mod shaping;
mod text;
mod watermark;

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Once;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::oneshot;
use tokio::time::sleep;

pub use child::{DRAW_PAGE, child_main};
pub use limits::DrawingLimits;

use child::{ChildAnswer, ChildReply, Order, Terms};
use commands::ports::blob_store::ClearBytes;
use commands::ports::rasteriser::{
    DocumentLook, DrawnPage, ExceededLimit, PageJob, RasteriseError, Rasteriser,
};
use page::MediaKind;

/// The engine of PDF pages and its version, and the version of what is looked for besides it.
const ENGINE: &str = "hayro 0.9, checks 2";

/// When a process begins to use up its time.
#[derive(Debug, Clone, Copy)]
enum ClockStarts {
    AtOnce,
    AtItsEnd,
}

/// The document, and what is answered once all of it was read.
fn with_end(document: ClearBytes) -> (ClearBytes, Option<oneshot::Receiver<()>>) {
    let (read, begun) = oneshot::channel::<()>();
    let end = futures::stream::once(async move {
        drop(read);
        Ok(bytes::Bytes::new())
    });
    (document.chain(end).boxed(), Some(begun))
}

/// Draws every page in a process of its own. A decoder that is led astray by a hostile document
/// meets that process's limits, its [`confinement`], an empty environment and no open file.
pub struct ChildRasteriser {
    program: PathBuf,
    limits: DrawingLimits,
    even_unconfined: bool,
    told: Once,
}

impl ChildRasteriser {
    /// `program` is the path of the binary that calls [`child_main`] when its first argument is
    /// [`DRAW_PAGE`]: normally the running one.
    pub fn new(program: PathBuf, limits: DrawingLimits) -> Self {
        Self { program, limits, even_unconfined: false, told: Once::new() }
    }

    /// Draws on a kernel that has neither seccomp nor Landlock, too: with the limits of a process alone.
    #[must_use]
    pub fn even_unconfined(mut self, drawn: bool) -> Self {
        self.even_unconfined = drawn;
        self
    }

    fn spawn(&self) -> Result<Child, RasteriseError> {
        let Self { limits, even_unconfined, .. } = self;
        let terms = Terms { limits: limits.clone(), even_unconfined: *even_unconfined };
        let terms =
            serde_json::to_string(&terms).map_err(|source| failed("terms", Some(source.into())))?;
        Command::new(&self.program)
            .args([DRAW_PAGE, &terms])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| failed("cannot start", Some(source)))
    }

    /// Has a process of its own carry out one order. It has so long for it, from its start on or, of a
    /// document that comes from outside at its own pace, from the document's end on.
    async fn order(
        &self,
        order: &Order,
        document: ClearBytes,
        from: ClockStarts,
    ) -> Result<(ChildReply, Vec<u8>), RasteriseError> {
        let mut process = self.spawn()?;
        let DrawingLimits { wall_seconds_max, look_seconds_max, .. } = self.limits;
        let ((document, begun), seconds) = match from {
            ClockStarts::AtOnce => ((document, None), wall_seconds_max),
            ClockStarts::AtItsEnd => (with_end(document), look_seconds_max),
        };
        let time = Duration::from_secs(seconds);
        let over = async {
            if let Some(begun) = begun {
                // Gone means read, or no longer wanted.
                let _ = begun.await;
            }
            sleep(time).await;
        };
        let answered = tokio::select! {
            answered = self.converse(&mut process, order, document) => answered,
            () = over => Err(RasteriseError::TooMuchTime),
        };
        if answered.is_err() {
            reap(&mut process).await;
        }
        answered
    }

    async fn converse(
        &self,
        process: &mut Child,
        order: &Order,
        document: ClearBytes,
    ) -> Result<(ChildReply, Vec<u8>), RasteriseError> {
        let pipes = (process.stdin.take(), process.stdout.take(), process.stderr.take());
        let (Some(input), Some(output), Some(errors)) = pipes else {
            return Err(failed("no pipes", None));
        };
        let order = child::frame(order).map_err(|source| failed("order", Some(source)))?;
        // A PNG of incompressible pixels is a little longer than the pixels.
        let answer_max = self.limits.page_pixels_max.saturating_mul(4).saturating_add(1 << 20);
        let ((), answer, complaint) = tokio::try_join!(
            feed(input, order, document, self.limits.document_bytes_max),
            collect(output, answer_max),
            collect(errors, 4_096),
        )?;
        let status = process.wait().await.map_err(|source| failed("wait", Some(source)))?;
        self.conclude(status, &answer, &complaint)
    }

    fn conclude(
        &self,
        status: ExitStatus,
        written: &[u8],
        complaint: &[u8],
    ) -> Result<(ChildReply, Vec<u8>), RasteriseError> {
        if let Some(signal) = status.signal() {
            return Err(ended_by(signal, complaint));
        }
        if !status.success() {
            return Err(failed(&format!("exit code {}", status.code().unwrap_or(-1)), None));
        }
        let (answer, png) =
            child::parse_answer(written).ok_or_else(|| failed("no answer", None))?;
        let ChildAnswer { confined, reply } = answer;
        if !confined.wholly() {
            self.told.call_once(|| {
                tracing::warn!(%confined, "this kernel confines the drawing process less than it could");
            });
        }
        match reply {
            ChildReply::Drawn { png_bytes, .. } if png_bytes != png.len() as u64 => {
                Err(failed("an answer cut short", None))
            }
            reply @ (ChildReply::Drawn { .. } | ChildReply::Looked(_)) => Ok((reply, png.to_vec())),
            ChildReply::Refused(refusal) => Err(refusal.into()),
            ChildReply::Unconfined => Err(failed(UNCONFINED, None)),
        }
    }
}

#[async_trait]
impl Rasteriser for ChildRasteriser {
    fn can_draw(&self, media_type: &str) -> bool {
        MediaKind::of(media_type).is_some()
    }

    async fn page(&self, job: PageJob, document: ClearBytes) -> Result<DrawnPage, RasteriseError> {
        if !self.can_draw(&job.media_type) {
            return Err(RasteriseError::NotDrawable);
        }
        let order = Order::Page(job);
        match self.order(&order, document, ClockStarts::AtOnce).await? {
            (ChildReply::Drawn { pages, frame, missing, .. }, png) => {
                Ok(DrawnPage { png, pages, frame, missing })
            }
            (ChildReply::Looked(_) | ChildReply::Refused(_) | ChildReply::Unconfined, _) => {
                Err(failed("another answer", None))
            }
        }
    }

    fn engine(&self) -> &'static str {
        ENGINE
    }

    async fn look(
        &self,
        media_type: &str,
        document: ClearBytes,
    ) -> Result<DocumentLook, RasteriseError> {
        if !self.can_draw(media_type) {
            return Err(RasteriseError::NotDrawable);
        }
        let order = Order::Look(media_type.to_owned());
        match self.order(&order, document, ClockStarts::AtItsEnd).await? {
            (ChildReply::Looked(look), _) => Ok(look),
            (ChildReply::Drawn { .. } | ChildReply::Refused(_) | ChildReply::Unconfined, _) => {
                Err(failed("another answer", None))
            }
        }
    }
}

/// Writes the order and the document. A child that stops listening has made up its mind: that is
/// no error here, its answer says why.
async fn feed(
    mut input: ChildStdin,
    order: Vec<u8>,
    mut document: ClearBytes,
    limit: u64,
) -> Result<(), RasteriseError> {
    if input.write_all(&order).await.is_err() {
        return Ok(());
    }
    let mut sent = 0_u64;
    while let Some(chunk) = document.next().await {
        let chunk = chunk.map_err(RasteriseError::Source)?;
        sent = sent.saturating_add(chunk.len() as u64);
        if sent > limit {
            return Err(RasteriseError::TooLarge { bound: ExceededLimit::DocumentBytes, limit });
        }
        if input.write_all(&chunk).await.is_err() {
            return Ok(());
        }
    }
    // Dropping the pipe is what tells the child that the document is complete; an error above
    // kills the child first, so that it never draws half of one.
    Ok(())
}

async fn collect(output: impl AsyncRead + Unpin, limit: u64) -> Result<Vec<u8>, RasteriseError> {
    let mut bytes = Vec::new();
    let read = output.take(limit).read_to_end(&mut bytes).await;
    read.map_err(|source| failed("read", Some(source)))?;
    Ok(bytes)
}

async fn reap(process: &mut Child) {
    // It may have ended by itself meanwhile; either way it is gone afterwards.
    let _ = process.kill().await;
}

/// Why nothing was read, and what to do.
const UNCONFINED: &str = "this kernel has neither seccomp nor Landlock to confine it with: take one that has, or \
     set drawing.even_unconfined if only documents you trust are uploaded";
/// Why a process was ended by the kernel at once; worth a look at the document.
const LED_ASTRAY: &str = "it asked for what drawing never needs, another program or the network, and was ended; \
     whoever made the document may have meant it to";

/// Signal numbers as Linux has them, where the reason of an end is read from.
const SIGABRT: i32 = 6;
const SIGXCPU: i32 = 24;
const SIGSYS: i32 = 31;

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

fn failed(reason: &str, source: Option<std::io::Error>) -> RasteriseError {
    RasteriseError::Child { reason: reason.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use commands::ports::page_region::{PageFrame, PageSize};
    use confinement::Confined;

    /// What is made of an answer by a process that ended well.
    fn concluded(confined: Confined, reply: ChildReply) -> Result<ChildReply, RasteriseError> {
        let rasteriser = ChildRasteriser::new("/proc/self/exe".into(), DrawingLimits::default());
        let written = child::frame(&ChildAnswer { confined, reply }).unwrap();
        rasteriser.conclude(ExitStatus::from_raw(0), &written, b"").map(|(reply, _)| reply)
    }

    fn drawn(pages: u32) -> ChildReply {
        let full = PageSize { width: 1, height: 1 };
        let frame = PageFrame { full, area: full.all(), drawn: full };
        ChildReply::Drawn { pages, frame, missing: BTreeSet::new(), png_bytes: 0 }
    }

    #[test]
    fn a_kernel_that_confines_nothing_draws_nothing_and_the_words_say_what_to_do() {
        let bare = Confined { landlock: false, seccomp: false };
        assert!(!bare.at_all());
        let refused = concluded(bare, ChildReply::Unconfined).unwrap_err().to_string();
        assert!(refused.contains("drawing.even_unconfined"), "{refused}");
    }

    #[test]
    fn one_layer_is_enough_to_draw() {
        for (landlock, seccomp) in [(true, false), (false, true)] {
            let confined = Confined { landlock, seccomp };
            assert!(confined.at_all() && !confined.wholly());
            let page = concluded(confined, drawn(2));
            assert!(matches!(page, Ok(ChildReply::Drawn { pages: 2, .. })));
        }
    }

    #[test]
    fn a_process_that_was_led_astray_is_told_from_one_that_died() {
        let ended = |signal| ended_by(signal, b"").to_string();
        assert!(ended(SIGSYS).contains("was ended") && !ended(9).contains("was ended"));
    }
}
