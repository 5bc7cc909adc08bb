//! End another of my sessions.

use actix_web::web::Path;
use actix_web::{delete, web};
use domain::identity::event::SessionEnd;

use crate::actor::Requester;
use crate::rest::paths::SessionPath;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// End another of my sessions.
#[utoipa::path(
    tag = "identity",
    params(SessionPath),
    responses((status = 200, body = Done),),
)]
#[delete("/api/v1/sessions/{session}")]
pub(super) async fn end_session(
    app: web::Data<App>,
    caller: Requester,
    path: Path<SessionPath>,
) -> HandlerResult {
    let session = path.session.0;
    let outcome = app.sessions.end(caller.0, session, SessionEnd::EndedElsewhere).await?;
    ok(Done::at(outcome.position))
}
