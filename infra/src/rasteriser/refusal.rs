//! Why a document was not drawn, as the drawing process says it and as the service does.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use commands::ports::page_region::PageSize;
use commands::ports::rasteriser::{ExceededLimit, RasteriseError};

/// Why a document was not drawn; this crosses the pipe.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
pub(super) enum DrawError {
    #[error("not a type we draw")]
    NotDrawable,
    #[error("too large: {bound:?} over {limit}")]
    TooLarge { bound: ExceededLimit, limit: u64 },
    #[error("no such page of {pages}")]
    NoSuchPage { pages: u32 },
    #[error("no such part of it")]
    NoSuchRegion { full: PageSize },
    #[error("encrypted")]
    Encrypted,
    #[error("damaged")]
    Damaged,
}

impl From<DrawError> for RasteriseError {
    fn from(refusal: DrawError) -> Self {
        match refusal {
            DrawError::NotDrawable => Self::NotDrawable,
            DrawError::TooLarge { bound, limit } => Self::TooLarge { bound, limit },
            DrawError::NoSuchPage { pages } => Self::NoSuchPage { pages },
            DrawError::NoSuchRegion { full } => Self::NoSuchRegion { full },
            DrawError::Encrypted => Self::Encrypted,
            DrawError::Damaged => Self::Damaged,
        }
    }
}
