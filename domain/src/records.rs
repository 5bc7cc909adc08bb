//! Records: reports and what is known of them in the clear.

pub mod drawing_verdict;
pub mod event;
pub mod state;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

/// The broad kind of a report: what consents name.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, VariantArray,
)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Laboratory results.
    Laboratory,
    /// Imaging.
    Imaging,
    /// Prescriptions.
    Prescription,
    /// Discharge letters.
    Discharge,
    /// Consultation notes.
    Consultation,
    /// Vaccinations.
    Vaccination,
    /// Administrative papers.
    Administrative,
    /// Anything else.
    Other,
}

impl Category {
    /// Every category, in the order above.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Reports of this category, in plain words.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Laboratory => "laboratory results",
            Self::Imaging => "imaging",
            Self::Prescription => "prescriptions",
            Self::Discharge => "discharge letters",
            Self::Consultation => "consultation notes",
            Self::Vaccination => "vaccinations",
            Self::Administrative => "administrative papers",
            Self::Other => "what is filed as other",
        }
    }
}
