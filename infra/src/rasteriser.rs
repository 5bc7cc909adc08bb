//! Pages of reports as watermarked pictures, drawn by a child process that can do nothing else.

mod canvas;
mod child;
pub mod confinement;
mod face;
mod frame;
mod jpeg;
mod kept;
mod limits;
mod notice;
mod page;
mod pdf;
mod picture;
mod process;
mod refusal;
mod shaping;
mod starter;
mod text;
mod watermark;

use std::path::PathBuf;
use std::sync::{Arc, Once, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use domain::access::policy::PermittedViewing;
use futures::StreamExt;
use tokio::sync::oneshot;
use tokio::time::sleep;

pub use child::{DRAW_PAGE, child_main};
pub use kept::KeepLimits;
pub use limits::DrawingLimits;

use child::{ChildAnswer, ChildReply, Order, Terms};
use commands::ports::blob_store::ClearBytes;
use commands::ports::rasteriser::{DocumentLook, DrawnPage, PageJob, RasteriseError, Rasteriser};
use confinement::Confined;
use kept::{HeldPlace, KeptDocuments};
use page::MediaKind;
use process::{DrawingProcess, failed};
use starter::{Program, Starter};

/// The engine of PDF pages and its version, and the version of what is looked for besides it.
const ENGINE: &str = "hayro 0.9, checks 3";
/// Small: what a first page costs more than a second one are the program's own pages, not the picture's
/// memory, which goes back to the system in between.
const WARM_WIDTH_PX: u32 = 320;
/// Nothing is kept unless somebody says how much.
const NOTHING_KEPT: KeepLimits =
    KeepLimits { documents_max: 0, bytes_max: 0, idle_max: Duration::ZERO };

/// Draws every document in a process of its own, which may wait for it and for its further pages. A decoder
/// that is led astray by a hostile document meets that process's limits, its [`confinement`], an empty
/// environment and no open file.
pub struct ChildRasteriser {
    program: PathBuf,
    limits: DrawingLimits,
    even_unconfined: bool,
    waiting: usize,
    starter: OnceLock<Starter>,
    kept: Arc<KeptDocuments<DrawingProcess>>,
    told: Once,
}

impl ChildRasteriser {
    /// `program` is the path of the binary that calls [`child_main`] when its first argument is
    /// [`DRAW_PAGE`]: normally the running one. No process waits and no document is kept.
    pub fn new(program: PathBuf, limits: DrawingLimits) -> Self {
        Self {
            program,
            limits,
            even_unconfined: false,
            waiting: 0,
            starter: OnceLock::new(),
            kept: Arc::new(KeptDocuments::new(NOTHING_KEPT)),
            told: Once::new(),
        }
    }

    /// Draws on a kernel that has neither seccomp nor Landlock, too: with the limits of a process alone.
    #[must_use]
    pub fn even_unconfined(mut self, drawn: bool) -> Self {
        self.even_unconfined = drawn;
        self
    }

    /// Keeps documents open between two pages of a viewing.
    #[must_use]
    pub fn keeping(mut self, limits: KeepLimits) -> Self {
        self.kept = Arc::new(KeptDocuments::new(limits));
        self
    }

    /// Has so many processes wait for documents from now on, and each that is used made up for. Call it in
    /// the runtime that lives longest, and last.
    ///
    /// # Errors
    /// Outside of a runtime, or if there is no thread left.
    pub fn with_waiting(mut self, waiting: usize) -> Result<Self, RasteriseError> {
        self.waiting = waiting;
        self.starter()?;
        Ok(self)
    }

    fn starter(&self) -> Result<&Starter, RasteriseError> {
        if let Some(starter) = self.starter.get() {
            return Ok(starter);
        }
        let (path, terms) = (self.program.clone(), self.terms(None)?);
        let program = Program { path, terms, terms_of_waiting: self.terms(Some(WARM_WIDTH_PX))? };
        let starter = Starter::new(program, self.waiting)?;
        Ok(self.starter.get_or_init(|| starter))
    }

    fn terms(&self, warm: Option<u32>) -> Result<String, RasteriseError> {
        let Self { limits, even_unconfined, .. } = self;
        let terms = Terms { limits: limits.clone(), even_unconfined: *even_unconfined, warm };
        serde_json::to_string(&terms).map_err(|source| failed("terms", Some(source.into())))
    }

    /// Asks a process for something once it has given up its rights. Whether it listened.
    async fn ask(
        &self,
        process: &mut DrawingProcess,
        order: &Order,
    ) -> Result<bool, RasteriseError> {
        self.trust(process.ready().await?)?;
        process.ask(order).await
    }

    /// Whether a document is given to a process that this holds.
    fn trust(&self, confined: Confined) -> Result<(), RasteriseError> {
        if !confined.at_all() && !self.even_unconfined {
            return Err(failed(UNCONFINED, None));
        }
        if !confined.wholly() {
            self.told.call_once(|| {
                tracing::warn!(%confined, "this kernel confines the drawing process less than it could");
            });
        }
        Ok(())
    }

    /// A process that was asked: one that waited, if one lives.
    async fn asked(&self, order: &Order) -> Result<DrawingProcess, RasteriseError> {
        let starter = self.starter()?;
        while let Some(mut process) = starter.waiting() {
            if self.ask(&mut process, order).await.is_ok_and(|listens| listens) {
                return Ok(process);
            }
        }
        self.asked_new(order).await
    }

    async fn asked_new(&self, order: &Order) -> Result<DrawingProcess, RasteriseError> {
        let mut process = self.starter()?.new_one().await?;
        // If it does not listen, its answer says why.
        self.ask(&mut process, order).await?;
        Ok(process)
    }

    /// Has a page drawn: by the process that has the document, or else by one that gets it.
    async fn drawn(
        &self,
        order: &Order,
        kept: Option<DrawingProcess>,
        document: ClearBytes,
    ) -> Result<(DrawingProcess, ChildAnswer, Vec<u8>), RasteriseError> {
        if let Some(mut process) = kept
            && process.ask(order).await?
        {
            match process.answer(&self.limits).await {
                Ok((answer, picture)) => return Ok((process, answer, picture)),
                Err(RasteriseError::TooMuchTime) => return Err(RasteriseError::TooMuchTime),
                // What went wrong there may have to do with earlier pages.
                Err(error) => tracing::debug!(%error, "a kept document is opened anew"),
            }
        }
        let mut process = self.asked(order).await?;
        let (answer, picture) = process.give(document, &self.limits).await?;
        Ok((process, answer, picture))
    }

    /// Keeps a process that stays, for the place's viewing and for a while.
    fn keep(
        &self,
        place: HeldPlace<'_, DrawingProcess>,
        process: DrawingProcess,
        idle_max: Duration,
    ) {
        let viewing = place.viewing;
        // Of what nobody can say how much it takes, nothing is kept.
        let bytes = process.own_bytes().unwrap_or(u64::MAX);
        let Some(number) = place.put(process, bytes) else { return };
        let kept = Arc::downgrade(&self.kept);
        tokio::spawn(async move {
            sleep(idle_max).await;
            if let Some(kept) = kept.upgrade() {
                kept.let_go_unused(viewing, number);
            }
        });
    }
}

/// Makes up for a process that was used, when the page is over: not while somebody waits for it.
struct MadeUpFor<'a>(&'a Starter);

impl Drop for MadeUpFor<'_> {
    fn drop(&mut self) {
        self.0.fill_up();
    }
}

/// What comes of the work in this time from `begun` on.
async fn in_time<T>(
    work: impl Future<Output = Result<T, RasteriseError>>,
    begun: impl Future<Output = ()>,
    seconds: u64,
) -> Result<T, RasteriseError> {
    let over = async {
        begun.await;
        sleep(Duration::from_secs(seconds)).await;
    };
    tokio::select! {
        done = work => done,
        () = over => Err(RasteriseError::TooMuchTime),
    }
}

/// The document, and what is answered once all of it was read or it is no longer wanted.
fn with_end(document: ClearBytes) -> (ClearBytes, impl Future<Output = ()>) {
    let (read, begun) = oneshot::channel::<()>();
    let end = futures::stream::once(async move {
        drop(read);
        Ok(bytes::Bytes::new())
    });
    let gone = async {
        let _ = begun.await;
    };
    (document.chain(end).boxed(), gone)
}

#[async_trait]
impl Rasteriser for ChildRasteriser {
    fn can_draw(&self, media_type: &str) -> bool {
        MediaKind::of(media_type).is_some()
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
        let (document, read) = with_end(document);
        let looked = async {
            // Nobody waits in front of a page: who does, gets one that waits.
            let mut process = self.asked_new(&order).await?;
            Ok(process.give(document, &self.limits).await?.0)
        };
        match in_time(looked, read, self.limits.look_seconds_max).await?.reply {
            ChildReply::Looked(look) => Ok(look),
            ChildReply::Refused(refusal) => Err(refusal.into()),
            ChildReply::Drawn { .. } => Err(failed("another answer", None)),
        }
    }

    async fn page(
        &self,
        job: PageJob,
        viewing: Option<PermittedViewing>,
        document: ClearBytes,
    ) -> Result<DrawnPage, RasteriseError> {
        if !self.can_draw(&job.media_type) {
            return Err(RasteriseError::NotDrawable);
        }
        let _then = MadeUpFor(self.starter()?);
        let viewing = viewing.filter(|_| self.kept.keeps());
        let order = Order::Page { job, viewing: viewing.map(|viewing| viewing.to_string()) };
        let (kept, place) = match viewing.map(|viewing| self.kept.take(viewing)) {
            Some((kept, place)) => (kept, Some(place)),
            None => (None, None),
        };
        let drawn = self.drawn(&order, kept, document);
        let seconds = self.limits.wall_seconds_max;
        let (process, answer, picture) = in_time(drawn, async {}, seconds).await?;
        if let Some(place) = place
            && answer.stays
        {
            self.keep(place, process, self.kept.idle_max());
        }
        match answer.reply {
            ChildReply::Drawn { pages, frame, missing } => {
                Ok(DrawnPage { picture, pages, frame, missing })
            }
            ChildReply::Refused(refusal) => Err(refusal.into()),
            ChildReply::Looked(_) => Err(failed("another answer", None)),
        }
    }

    fn kept(&self) -> Vec<PermittedViewing> {
        self.kept.viewings()
    }

    fn let_go(&self, viewing: PermittedViewing) {
        self.kept.let_go(viewing);
    }
}

/// Why nothing was read, and what to do.
const UNCONFINED: &str = "this kernel has neither seccomp nor Landlock to confine it with: take one that has, or \
     set drawing.even_unconfined if only documents you trust are uploaded";

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted(confined: Confined) -> Result<(), RasteriseError> {
        ChildRasteriser::new("/proc/self/exe".into(), DrawingLimits::default()).trust(confined)
    }

    #[test]
    fn a_kernel_that_confines_nothing_draws_nothing_and_the_words_say_what_to_do() {
        let bare = Confined { landlock: false, seccomp: false };
        assert!(!bare.at_all());
        let refused = trusted(bare).unwrap_err().to_string();
        assert!(refused.contains("drawing.even_unconfined"), "{refused}");
    }

    #[test]
    fn one_layer_is_enough_to_draw() {
        for (landlock, seccomp) in [(true, false), (false, true)] {
            let confined = Confined { landlock, seccomp };
            assert!(confined.at_all() && !confined.wholly());
            assert!(trusted(confined).is_ok());
        }
    }
}
