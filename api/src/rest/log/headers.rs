//! What the log's files are served with, and what a reader's failure is.

use actix_web::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderName, HeaderValue};
use transparency::ports::LogPortError;

use crate::problem::{Problem, failed};

/// A checkpoint is replaced every second.
pub(crate) const FOR_A_MOMENT: HeaderValue =
    HeaderValue::from_static("public, max-age=1, must-revalidate");

/// Any page may read a log's files: they are for everybody, and say nothing about anybody.
pub(crate) const FOR_ANY_PAGE: (HeaderName, HeaderValue) =
    (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));

pub(crate) const TEXT: &str = "text/plain; charset=utf-8";

impl From<LogPortError> for Problem {
    fn from(error: LogPortError) -> Self {
        failed(&error)
    }
}
