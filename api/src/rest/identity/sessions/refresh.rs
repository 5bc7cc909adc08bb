//! The next tokens of a machine's session.

use crate::rest::secrets::SecretText;
use actix_web::{HttpRequest, post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{SessionOpen, opened};
use crate::problem::Problem;
use crate::rest::HandlerResult;
use crate::rest::peer::source;
use crate::wiring::App;

/// A machine's refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    /// Good for one use; a second use ends the session.
    refresh_token: SecretText,
}

/// Get the next tokens of a machine's session.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses((status = 201, body = SessionOpen), (status = 401, body = Problem)),
)]
#[post("/api/v1/sessions/refresh")]
pub(super) async fn refresh(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Json<Refresh>,
) -> HandlerResult {
    let from = source(request.peer_addr());
    opened(&app, &app.sessions.refresh(body.into_inner().refresh_token.0, &from).await?)
}
