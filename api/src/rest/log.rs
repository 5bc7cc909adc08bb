//! The transparency log, for anybody: static files as c2sp.org/tlog-tiles has them.

use std::fmt::Write as _;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::journal::tile::Tile;
use transparency::ports::LogPortError;
use utoipa_actix_web::service_config::ServiceConfig;

use super::HandlerResult;
use super::lists::cacheable;
use crate::problem::{NOT_FOUND, Problem, failed};
use crate::wiring::App;

/// A tile never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A checkpoint is replaced every second.
pub(super) const FOR_A_MOMENT: HeaderValue =
    HeaderValue::from_static("public, max-age=1, must-revalidate");
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(checkpoint).service(keys).service(tile);
}

impl From<LogPortError> for Problem {
    fn from(error: LogPortError) -> Self {
        failed(&error)
    }
}

/// The newest published checkpoint: a signed note.
#[utoipa::path(
    tag = "log",
    security(()),
    responses((status = 200, description = "c2sp.org/tlog-checkpoint", content_type = "text/plain"),
              (status = 404, body = Problem)),
)]
#[get("/log/checkpoint")]
async fn checkpoint(app: web::Data<App>, request: HttpRequest) -> HandlerResult {
    cacheable(&request);
    let note = app.log.tiles().checkpoint().await?.ok_or(NOT_FOUND)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, FOR_A_MOMENT))
        .content_type(TEXT)
        .body(note))
}

/// The keys that sign this log, newest first, one a line. Whoever wants to be sure has them from elsewhere.
#[utoipa::path(
    tag = "log",
    security(()),
    responses((status = 200, description = "verifier keys of c2sp.org/signed-note",
               content_type = "text/plain")),
)]
#[get("/log/keys.txt")]
async fn keys(app: web::Data<App>, request: HttpRequest) -> HandlerResult {
    cacheable(&request);
    let mut text = String::new();
    for key in app.log.signer().keys_ever() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{key}");
    }
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, FOR_A_MOMENT))
        .content_type(TEXT)
        .body(text))
}

/// A tile of hashes (`0/x001/234.p/5`) or a bundle of entries (`entries/…`).
#[utoipa::path(
    tag = "log",
    security(()),
    params(("name" = String, Path, description = "As c2sp.org/tlog-tiles writes it")),
    responses((status = 200, description = "c2sp.org/tlog-tiles",
               content_type = "application/octet-stream"),
              (status = 404, body = Problem)),
)]
#[get("/log/tile/{name:.*}")]
async fn tile(app: web::Data<App>, request: HttpRequest, name: web::Path<String>) -> HandlerResult {
    cacheable(&request);
    let tile = Tile::parse(&format!("tile/{name}")).ok_or(NOT_FOUND)?;
    let bytes = app.log.tiles().read(tile).await?.ok_or(NOT_FOUND)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, FOR_EVER))
        .content_type("application/octet-stream")
        .body(bytes))
}
