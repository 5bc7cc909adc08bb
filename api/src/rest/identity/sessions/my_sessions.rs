//! My open sessions.

use actix_web::{HttpRequest, get, web};
use domain::identity::event::Client;
use domain::ids::SessionId;
use domain::time::Moment;
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
    #[schema(value_type = String, format = Uuid)]
    session: SessionId,
    #[schema(value_type = Holder)]
    client: Client,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    until: Moment,
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
        session: entry.session,
        client: entry.client,
        opened_at: entry.opened_at,
        until: entry.until,
        current: entry.session == caller.0.session,
    };
    let items = found.items.iter().map(item).collect();
    Listed::answer(&app, &request, items, found.total, found.next)
}
