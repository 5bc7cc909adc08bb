//! Tiles of hashes and bundles of entries.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::journal::tile::Tile;

use super::FOR_ANY_PAGE;
use crate::problem::NOT_FOUND;
use crate::rest::HandlerResult;
use crate::rest::lists::cacheable;
use crate::wiring::App;

/// A tile never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// A tile of hashes (`0/x001/234.p/5`) or a bundle of entries (`entries/…`).
#[utoipa::path(
    tag = "log",
    security(()),
    params(("name" = String, Path, description = "As c2sp.org/tlog-tiles writes it")),
    responses((status = 200, description = "c2sp.org/tlog-tiles",
               content_type = "application/octet-stream"),),
)]
#[get("/log/tile/{name:.*}")]
pub(super) async fn tile(
    app: web::Data<App>,
    request: HttpRequest,
    name: web::Path<String>,
) -> HandlerResult {
    cacheable(&request);
    let tile = Tile::parse(&format!("tile/{name}")).ok_or(NOT_FOUND)?;
    let bytes = app.log.tiles().read(tile).await?.ok_or(NOT_FOUND)?;
    Ok(HttpResponse::Ok()
        .insert_header(FOR_ANY_PAGE)
        .insert_header((CACHE_CONTROL, FOR_EVER))
        .content_type("application/octet-stream")
        .body(bytes))
}
