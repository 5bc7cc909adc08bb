//! A patient's reports as their facts add up.

use std::collections::HashMap;

use super::Category;
use super::event::RecordsFact;
use crate::actor::Actor;
use crate::ids::{BlobHash, ReportId};

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
    /// How many pages it has, as far as that was found out when it came in.
    pub pages: Option<u32>,
    /// Who uploaded it: they need consent to view it again, like everyone.
    pub uploaded_by: Actor,
}

/// Takes in the next fact of reports, which `by` did.
pub(crate) fn take(reports: &mut HashMap<ReportId, Report>, fact: &RecordsFact, by: Actor) {
    match fact {
        RecordsFact::Uploaded(uploaded) => {
            let report = Report {
                category: uploaded.category,
                media_type: uploaded.media_type.clone(),
                size: uploaded.size,
                blob: uploaded.blob,
                pages: uploaded.drawing.as_ref().and_then(|verdict| verdict.pages),
                uploaded_by: by,
            };
            reports.insert(uploaded.report, report);
        }
    }
}
