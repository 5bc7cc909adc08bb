//! Records: reports come in.

mod first_bytes;
pub mod media_type;
pub mod report_scrub;
pub mod upload_look;
pub mod upload_report;
pub mod upload_sweep;
pub mod uploading;
