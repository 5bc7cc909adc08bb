//! A patient downloads their own report. Nobody else downloads.

use domain::access::event::ReportDownloaded;
use domain::access::ground::Ground;
use domain::access::policy::AccessPermit;
use domain::chart::Chart;
use domain::ids::{PatientId, ReportId, StreamName};
use domain::time::Moment;

use super::refusal::RecordRejection;
use crate::decide::{Command, Decided, Decision, rejections};

/// A patient takes a copy of their own report home; the event stands before any byte leaves.
#[derive(Debug, Clone)]
pub struct DownloadReport {
    /// Whose record.
    pub patient: PatientId,
    /// One of the patient's own reports.
    pub report: ReportId,
    /// Parts of it, and not the whole.
    pub in_parts: bool,
}

rejections! {
    /// Why nothing is downloaded.
    DownloadReportRejection {
        /// Not the patient's.
        NoSuchReport => RecordRejection::NoSuchRecord.rejection();
    }
}

impl Command for DownloadReport {
    type States = (Chart,);
    type Done = AccessPermit;

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.patient)]
    }

    fn decide(&self, (chart,): (&Chart,), _now: Moment) -> Decision<Self::Done> {
        if !chart.reports.contains_key(&self.report) {
            return Err(DownloadReportRejection::NoSuchReport.into());
        }
        let Self { report, in_parts, .. } = *self;
        Ok(Decided::record(ReportDownloaded { report, ground: Ground::Own {}, in_parts }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::given;
    use domain::samples::{ANA, REPORT};

    const DOWNLOAD: DownloadReport =
        DownloadReport { patient: ANA, report: REPORT, in_parts: false };

    #[test]
    fn a_patient_downloads_their_own() {
        // Two downloads are two downloads; the same request twice is one (see `execute`).
        given().the_cast().when(&DOWNLOAD).then_kinds(&["access.report_downloaded.v1"]);
    }

    #[test]
    fn what_is_not_there_is_not_downloaded() {
        given().when(&DOWNLOAD).refused("not_found");
    }
}
