//! End another of my sessions.

use actix_web::{delete, web};
use domain::identity::event::SessionEnd;
use domain::ids::SessionId;

use crate::actor::Requester;
use crate::problem::Problem;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// End another of my sessions.
#[utoipa::path(
    tag = "identity",
    params(("session" = String, Path, description = "The session")),
    responses((status = 200, body = Done), (status = 404, body = Problem)),
)]
#[delete("/api/v1/sessions/{session}")]
pub(super) async fn end_session(
    app: web::Data<App>,
    caller: Requester,
    path: web::Path<SessionId>,
) -> HandlerResult {
    let session = path.into_inner();
    let outcome = app.sessions.end(caller.0, session, SessionEnd::EndedElsewhere).await?;
    ok(Done { position: outcome.position })
}
