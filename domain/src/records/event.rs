//! The facts of records, on the patient's stream.

use serde::{Deserialize, Serialize};

use super::Category;
use super::drawing_verdict::DrawingVerdict;
use crate::fact::family::facts;
use crate::ids::{BlobHash, KeyId, ReportId};
use crate::personal_text::PersonalText;

facts! {
    /// What is recorded of reports.
    RecordsFact {
        /// A report was uploaded.
        Uploaded(ReportUploaded) = "records.report_uploaded.v1",
    }
}

/// `records.report_uploaded.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportUploaded {
    /// Names this report from now on.
    pub report: ReportId,
    /// Version of the report: its key is wrapped for this one.
    pub report_version: u32,
    /// Broad category.
    pub category: Category,
    /// Media type, lower case, no parameters.
    pub media_type: String,
    /// What the uploader called it.
    pub title: PersonalText,
    /// Length of the plaintext, bytes.
    pub size: u64,
    /// BLAKE3 of the container.
    pub blob: BlobHash,
    /// The patient key that wraps the report's key.
    pub key_id: KeyId,
    /// What was found when its pages were drawn once, before this was recorded; absent of a type that is not
    /// drawn at all, and of reports from before anybody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawing: Option<DrawingVerdict>,
}
