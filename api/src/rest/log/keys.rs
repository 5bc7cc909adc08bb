//! The keys that sign this log.

use std::fmt::Write as _;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{FOR_A_MOMENT, FOR_ANY_PAGE, TEXT};
use crate::rest::HandlerResult;
use crate::rest::lists::cacheable;
use crate::wiring::App;

/// The keys that sign this log, newest first, one a line. Whoever wants to be sure has them from elsewhere.
#[utoipa::path(
    tag = "log",
    security(()),
    responses((status = 200, description = "verifier keys of c2sp.org/signed-note",
               content_type = "text/plain")),
)]
#[get("/log/keys.txt")]
pub(super) async fn keys(app: web::Data<App>, request: HttpRequest) -> HandlerResult {
    cacheable(&request);
    let mut text = String::new();
    for key in app.log.signer().keys_ever() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{key}");
    }
    Ok(HttpResponse::Ok()
        .insert_header(FOR_ANY_PAGE)
        .insert_header((CACHE_CONTROL, FOR_A_MOMENT))
        .content_type(TEXT)
        .body(text))
}
