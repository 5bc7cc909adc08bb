//! The next tokens of a machine's session.

use actix_web::{post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{SessionOpen, opened};
use crate::rest::HandlerResult;
use crate::rest::answers::NotSignedIn;
use crate::rest::peer::Peer;
use crate::rest::secrets::SecretText;
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
    responses((status = 201, body = SessionOpen), NotSignedIn,),
)]
#[post("/api/v1/sessions/refresh")]
pub(super) async fn refresh(
    app: web::Data<App>,
    peer: Peer,
    body: web::Json<Refresh>,
) -> HandlerResult {
    let from = peer.source();
    opened(&app, &app.sessions.refresh(body.into_inner().refresh_token.0, &from).await?)
}
