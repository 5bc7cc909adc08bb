//! Log out.

use actix_web::{HttpResponse, delete, web};
use domain::identity::event::SessionEnd;

use crate::actor::{Requester, no_cookie};
use crate::rest::{Done, HandlerResult};
use crate::wiring::App;

/// Log out: the session is over, open viewings in it show nothing more.
#[utoipa::path(
    tag = "identity",
    responses((status = 200, body = Done),),
)]
#[delete("/api/v1/sessions/current")]
pub(super) async fn log_out(app: web::Data<App>, caller: Requester) -> HandlerResult {
    let session = caller.0.session;
    let outcome = app.sessions.end(caller.0, session, SessionEnd::Logout).await?;
    let done = Done::at(outcome.position);
    Ok(HttpResponse::Ok().cookie(no_cookie()).json(done))
}
