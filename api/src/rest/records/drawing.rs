//! What was found when the pages of a report were drawn once, as it came in.

use domain::records::drawing_verdict::{DrawingVerdict, LossyPage};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether the pages of a report can be shown, as one engine found when the report came in.
#[derive(Serialize, ToSchema)]
pub(super) struct DrawingBody {
    /// Whether every page was looked at and nothing is missing on any.
    whole: bool,
    /// How many pages the report has, if that can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pages: Option<u32>,
    /// How many of them were looked at, from the first on; 0: none was.
    looked_at: u32,
    /// Those of which something, or all, cannot be shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lossy: Vec<LossyPageBody>,
    /// The same in plain words.
    sentence: String,
    /// Which engine looked, and its version.
    engine: String,
}

/// A page of which something, or all, cannot be shown.
#[derive(Serialize, ToSchema)]
struct LossyPageBody {
    page: u32,
    /// Codes: no_page, unreadable, password, heavy, broken; of a part: picture, font, letters, form_field,
    /// remark, content, detail.
    missing: Vec<&'static str>,
}

impl From<DrawingVerdict> for DrawingBody {
    fn from(verdict: DrawingVerdict) -> Self {
        let (whole, sentence) = (verdict.is_whole(), verdict.in_words());
        let DrawingVerdict { engine, pages, looked_at, lossy } = verdict;
        let codes = |page: LossyPage| page.missing.iter().map(|loss| loss.code()).collect();
        let lossy =
            lossy.into_iter().map(|page| LossyPageBody { page: page.page, missing: codes(page) });
        Self { whole, pages, looked_at, lossy: lossy.collect(), sentence, engine }
    }
}
