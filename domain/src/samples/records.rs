//! Sample facts of records: Ana's report.

use super::{REPORT, sealed};
use crate::ids::{BlobHash, KeyId};
use crate::records::Category;
use crate::records::event::ReportUploaded;

/// A laboratory report of a kilobyte.
pub fn report_uploaded() -> ReportUploaded {
    ReportUploaded {
        report: REPORT,
        report_version: 1,
        category: Category::Laboratory,
        media_type: "application/pdf".to_owned(),
        title: sealed("title"),
        size: 1_000,
        blob: BlobHash([9; 32]),
        key_id: KeyId([1; 16]),
        drawing: None,
    }
}
