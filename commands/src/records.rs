//! Records: reports come in.

pub mod upload_report;
