//! The transparency log, for anybody: static files as c2sp.org/tlog-tiles has them.

mod checkpoint;
mod keys;
mod tile;

use actix_web::http::header::HeaderValue;
use transparency::ports::LogPortError;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::problem::{Problem, failed};

/// A checkpoint is replaced every second.
pub(super) const FOR_A_MOMENT: HeaderValue =
    HeaderValue::from_static("public, max-age=1, must-revalidate");

pub(super) const TEXT: &str = "text/plain; charset=utf-8";

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(checkpoint::checkpoint).service(keys::keys).service(tile::tile);
}

impl From<LogPortError> for Problem {
    fn from(error: LogPortError) -> Self {
        failed(&error)
    }
}
