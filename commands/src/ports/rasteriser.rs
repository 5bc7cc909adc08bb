//! The role that turns one page of a report into a watermarked picture.

use std::collections::{BTreeMap, BTreeSet};
use std::{fmt, io};

use async_trait::async_trait;
use domain::access::page_loss::PageLoss;
use domain::access::policy::PermittedViewing;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::blob_store::{BlobError, ClearBytes};
use super::page_region::{PageFrame, PageRegion, PageSize};

/// Draws single pages. A reader never gets the document, only what this returns.
#[async_trait]
pub trait Rasteriser: Send + Sync {
    /// Whether reports of this media type can be shown page by page at all; not if an encoding is said that
    /// nobody knows.
    fn can_draw(&self, media_type: &str) -> bool;

    /// Which engine draws, and its version.
    fn engine(&self) -> &'static str;

    /// Draws the first pages of a document once, for nobody: no picture comes of it, only what is missing.
    /// Dropping the future ends the work.
    async fn look(
        &self,
        media_type: &str,
        document: ClearBytes,
    ) -> Result<DocumentLook, RasteriseError>;

    /// Draws one page with the reader's watermark over it. Dropping the future ends the work.
    ///
    /// Of the second page of a viewing the document may still be open; then `document` is dropped unread. For
    /// no viewing, nothing is kept.
    async fn page(
        &self,
        job: PageJob,
        viewing: Option<PermittedViewing>,
        document: ClearBytes,
    ) -> Result<DrawnPage, RasteriseError>;

    /// The viewings whose documents are open.
    fn kept(&self) -> Vec<PermittedViewing>;

    /// Lets go of a viewing's document, also of one that a page is being drawn of. Of none it does nothing.
    fn let_go(&self, viewing: PermittedViewing);
}

/// How a page is handed out: without loss, either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageEncoding {
    /// PNG, which everybody reads.
    Png,
    /// WebP without loss.
    WebP,
}

impl PageEncoding {
    /// As a header names it.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }
}

/// What to draw and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageJob {
    /// The report's media type as stored with it, with the encoding of a text where one was said.
    pub media_type: String,
    /// Which page, counted from 1.
    pub page: u32,
    /// Which part of it; all of it where none is named.
    pub region: Option<PageRegion>,
    /// The watermark's lines: who reads, when, under which event.
    pub watermark: Vec<String>,
    /// What is written where the watermark's first line, a name, cannot be written: the reader's id.
    pub reader_id: String,
    /// The wished width in pixels; the adapter keeps it inside its bounds.
    pub width_px: u32,
    /// How the picture is handed out.
    pub encoding: PageEncoding,
}

/// One drawn page.
#[derive(Clone, PartialEq, Eq)]
pub struct DrawnPage {
    /// The picture, encoded as it was asked for.
    pub picture: Vec<u8>,
    /// How many pages the document has.
    pub pages: u32,
    /// What of the page it shows, and how large.
    pub frame: PageFrame,
    /// What of the page is not to be seen, as far as the engine can tell; said on the page, too.
    pub missing: BTreeSet<PageLoss>,
}

/// By hand, so that no test failure or log line prints a picture of somebody's report.
impl fmt::Debug for DrawnPage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Page {{ {} bytes, one of {} }}", self.picture.len(), self.pages)
    }
}

/// What was found in the first pages of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLook {
    /// How many pages the document has.
    pub pages: u32,
    /// How many of them were drawn, from the first on.
    pub looked_at: u32,
    /// What is missing, of those on which something is.
    pub missing: BTreeMap<u32, BTreeSet<PageLoss>>,
}

/// What was too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExceededLimit {
    /// The document itself, in bytes.
    DocumentBytes,
    /// The number of its pages.
    Pages,
    /// The pixels a picture would have once decoded.
    PicturePixels,
}

/// Why there is no picture. None of the messages carries a word of the document.
#[derive(Debug, Error)]
pub enum RasteriseError {
    /// The media type is one we do not draw.
    #[error("reports of this type cannot be drawn")]
    NotDrawable,
    /// The document goes beyond a bound that protects the service.
    #[error("the document is too large to draw: {bound:?} over {limit}")]
    TooLarge {
        /// What the document has too much of.
        bound: ExceededLimit,
        /// Where it lies.
        limit: u64,
    },
    /// The document has fewer pages.
    #[error("no such page: the document has {pages}")]
    NoSuchPage {
        /// How many it has.
        pages: u32,
    },
    /// The page has no such part.
    #[error("no such part: the page is {} by {} pixels", .full.width, .full.height)]
    NoSuchRegion {
        /// How large it is.
        full: PageSize,
    },
    /// A PDF that opens only with a password or by a scheme we do not know.
    #[error("the document is protected by a password")]
    Encrypted,
    /// The bytes are not what the media type says.
    #[error("the document is damaged")]
    Damaged,
    /// Drawing took longer than allowed.
    #[error("drawing took too long")]
    TooMuchTime,
    /// Drawing needed more memory than allowed.
    #[error("drawing needed too much memory")]
    TooMuchMemory,
    /// The document could not be read to its end.
    #[error("the document could not be read")]
    Source(#[source] BlobError),
    /// The drawing process could not be started or did not keep its protocol.
    #[error("the drawing process failed: {reason}")]
    Child {
        /// A fixed text or a code, never anything the process wrote.
        reason: String,
        /// What the system said, if it said something.
        #[source]
        source: Option<io::Error>,
    },
}

impl RasteriseError {
    /// What it means for the page.
    pub const fn loss(&self) -> PageLoss {
        match self {
            Self::TooLarge { .. } | Self::TooMuchTime | Self::TooMuchMemory => PageLoss::Heavy,
            Self::NotDrawable | Self::Damaged => PageLoss::Unreadable,
            Self::NoSuchPage { .. } => PageLoss::NoPage,
            Self::NoSuchRegion { .. } => PageLoss::NoPart,
            Self::Encrypted => PageLoss::Password,
            Self::Source(_) | Self::Child { .. } => PageLoss::Broken,
        }
    }

    /// Whether the page itself took more than is allowed, and so would again.
    pub const fn is_too_heavy(&self) -> bool {
        match self {
            Self::TooLarge { .. } | Self::TooMuchTime | Self::TooMuchMemory => true,
            Self::NotDrawable
            | Self::NoSuchPage { .. }
            | Self::NoSuchRegion { .. }
            | Self::Encrypted
            | Self::Damaged
            | Self::Source(_)
            | Self::Child { .. } => false,
        }
    }
}
