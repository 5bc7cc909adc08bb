//! Records: reports come in.

pub mod upload_report;
pub mod uploading;
