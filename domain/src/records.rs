//! Records: reports and what is known of them in the clear.

pub mod event;

use serde::{Deserialize, Serialize};

use self::event::RecordsFact;
use crate::actor::Actor;
use crate::chart::Chart;
use crate::fold::Recorded;
use crate::ids::BlobHash;

/// The broad kind of a report: what consents name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    pub const ALL: [Self; 8] = [
        Self::Laboratory,
        Self::Imaging,
        Self::Prescription,
        Self::Discharge,
        Self::Consultation,
        Self::Vaccination,
        Self::Administrative,
        Self::Other,
    ];
}

/// A report, as far as decisions need it.
#[derive(Debug, Clone)]
pub struct Report {
    /// Decides, with the scope, whether a consent opens it.
    pub category: Category,
    /// As the uploader said.
    pub media_type: String,
    /// Length of the plaintext, bytes.
    pub size: u64,
    /// Name of the blob.
    pub blob: BlobHash,
    /// Who uploaded it: they need consent to view it again, like everyone.
    pub uploaded_by: Actor,
}

impl Chart {
    /// What a fact of records does to a patient's chart.
    pub(crate) fn take_records(&mut self, fact: &RecordsFact, recorded: &Recorded) {
        match fact {
            RecordsFact::Uploaded(uploaded) => {
                let report = Report {
                    category: uploaded.category,
                    media_type: uploaded.media_type.clone(),
                    size: uploaded.size,
                    blob: uploaded.blob,
                    uploaded_by: recorded.actor,
                };
                self.reports.insert(uploaded.report, report);
            }
        }
    }
}
