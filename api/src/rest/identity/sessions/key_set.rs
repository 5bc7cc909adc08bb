//! The public keys of machine tokens.

use actix_web::{HttpRequest, HttpResponse, get, web};

use crate::rest::HandlerResult;
use crate::rest::lists::cacheable;
use crate::wiring::App;

/// The public keys of machine tokens (RFC 7517).
#[utoipa::path(
    tag = "identity",
    security(()),
    responses((status = 200, description = "A JSON Web Key Set")),
)]
#[get("/.well-known/jwks.json")]
pub(super) async fn key_set(app: web::Data<App>, request: HttpRequest) -> HandlerResult {
    cacheable(&request);
    Ok(HttpResponse::Ok()
        .insert_header(("Cache-Control", "public, max-age=300"))
        .json(app.sessions.key_set()))
}
