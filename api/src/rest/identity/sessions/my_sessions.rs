//! My open sessions.

use actix_web::{get, web};
use projections::identity::open_sessions::OpenSessions;
use serde::Serialize;
use utoipa::ToSchema;

use super::Holder;
use crate::actor::Requester;
use crate::rest::HandlerResult;
use crate::rest::ids::SessionUuid;
use crate::rest::lists::{ListQuery, Listed};
use crate::rest::when::When;
use crate::wiring::App;

/// One of my sessions.
#[derive(Serialize, ToSchema)]
struct MySession {
    session: SessionUuid,
    client: Holder,
    opened_at: When,
    until: When,
    /// Whether it is the one this request was made in.
    current: bool,
}

/// My open sessions.
#[utoipa::path(
    tag = "identity",
    params(ListQuery),
    responses((status = 200, body = Listed<MySession>)),
)]
#[get("/api/v1/me/sessions")]
pub(super) async fn my_sessions(
    app: web::Data<App>,
    caller: Requester,
    list: ListQuery,
) -> HandlerResult {
    let page = list.page(&app, caller).await?;
    let now = app.now();
    let found = OpenSessions::of(app.models.store(), caller.actor(), now, page).await?;
    let session = caller.0.session;
    list.answer((&app, caller), found, |entry| MySession {
        session: entry.session.into(),
        client: entry.client.into(),
        opened_at: entry.opened_at.into(),
        until: entry.until.into(),
        current: entry.session == session,
    })
}
