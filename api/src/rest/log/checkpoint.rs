//! The newest published checkpoint.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{FOR_A_MOMENT, FOR_ANY_PAGE, TEXT};
use crate::problem::NOT_FOUND;
use crate::rest::HandlerResult;
use crate::rest::answers::NotFound;
use crate::rest::lists::cacheable;
use crate::wiring::App;

/// The newest published checkpoint: a signed note.
#[utoipa::path(
    tag = "log",
    security(()),
    responses((status = 200, description = "c2sp.org/tlog-checkpoint", content_type = "text/plain"),
              NotFound,),
)]
#[get("/log/checkpoint")]
pub(super) async fn checkpoint(app: web::Data<App>, request: HttpRequest) -> HandlerResult {
    cacheable(&request);
    let note = app.log.tiles().checkpoint().await?.ok_or(NOT_FOUND)?;
    Ok(HttpResponse::Ok()
        .insert_header(FOR_ANY_PAGE)
        .insert_header((CACHE_CONTROL, FOR_A_MOMENT))
        .content_type(TEXT)
        .body(note))
}
