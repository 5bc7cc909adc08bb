//! Records: reports come in.

pub mod upload_report;
pub mod upload_sweep;
pub mod uploading;
