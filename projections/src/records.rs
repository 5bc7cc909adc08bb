//! Records: lists of reports.

pub mod my_reports;
