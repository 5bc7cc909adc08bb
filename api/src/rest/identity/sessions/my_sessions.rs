//! My open sessions.

use crate::rest::ids::SessionUuid;
use crate::rest::when::When;
use actix_web::{HttpRequest, get, web};
use projections::identity::open_sessions::OpenSessions;
use serde::Serialize;
use utoipa::ToSchema;

use super::Holder;
use crate::actor::Requester;
use crate::rest::HandlerResult;
use crate::rest::lists::{ListQuery, Listed, fresh};
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
    request: HttpRequest,
    caller: Requester,
    query: web::Query<ListQuery>,
) -> HandlerResult {
    let page = fresh(&app, &query).await?;
    let now = app.now();
    let found = OpenSessions::of(app.models.store(), caller.actor(), now, page).await?;
    let item = |entry: &projections::identity::open_sessions::SessionEntry| MySession {
        session: entry.session.into(),
        client: entry.client.into(),
        opened_at: entry.opened_at.into(),
        until: entry.until.into(),
        current: entry.session == caller.0.session,
    };
    let items = found.items.iter().map(item).collect();
    Listed::answer(&app, &request, items, found.total, found.next)
}
