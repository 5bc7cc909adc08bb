//! Records: reports come in.

pub mod report_scrub;
pub mod upload_report;
pub mod upload_sweep;
pub mod uploading;
