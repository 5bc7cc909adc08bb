//! The trail: every event, without a word of anybody's.

use actix_web::{get, web};
use domain::actor::Actor;
use domain::fact::wanted::TypesWanted;
use domain::ids::StreamName;
use projections::audit::trail::{Trail, TrailFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::HandlerResult;
use super::lists::{ListQuery, Listed};
use crate::actor::Requester;
use crate::problem::{BAD_QUERY, Problem};
use crate::rest::ids::PositionNumber;
use crate::rest::when::When;
use crate::wiring::App;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(trail);
}

/// What to show.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TrailQuery {
    /// Of this stream.
    stream: Option<String>,
    /// By this actor.
    actor: Option<String>,
    /// Of this event type, or of every one that begins with these whole words: `consent.granted.v1`,
    /// `consent.granted`, `consent`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// From this time on.
    from: Option<When>,
    /// Before this time.
    until: Option<When>,
}

/// An event, without its data.
#[derive(Serialize, ToSchema)]
struct TrailLine {
    position: PositionNumber,
    /// Event type.
    #[serde(rename = "type")]
    kind: String,
    stream: String,
    version: u32,
    actor: String,
    time: When,
    /// BLAKE3 of the line.
    hash: String,
}

fn parse<T: std::str::FromStr>(text: Option<&str>) -> Result<Option<T>, Problem> {
    let read = |text: &str| text.to_ascii_lowercase().parse().map_err(|_| BAD_QUERY.into());
    text.map(read).transpose()
}

/// Every event, newest first: ids, codes, times and hashes only.
#[utoipa::path(
    tag = "audit",
    params(ListQuery<TrailQuery>),
    responses((status = 200, body = Listed<TrailLine>),),
)]
#[get("/api/v1/admin/trail")]
async fn trail(
    app: web::Data<App>,
    caller: Requester,
    list: ListQuery<TrailQuery>,
) -> HandlerResult {
    caller.admin()?;
    let page = list.page(&app, caller).await?;
    let TrailQuery { stream, actor, kind, from, until } = &list.filter;
    if from.zip(*until).is_some_and(|(from, until)| from.0 >= until.0) {
        return Err(BAD_QUERY.into());
    }
    let filter = TrailFilter {
        stream: parse::<StreamName>(stream.as_deref())?,
        actor: parse::<Actor>(actor.as_deref())?,
        kind: parse::<TypesWanted>(kind.as_deref())?,
        from: from.map(|from| from.0),
        until: until.map(|until| until.0),
    };
    let found = Trail::of(app.models.store(), &filter, page).await?;
    list.answer((&app, caller), found, |entry| TrailLine {
        position: entry.position.into(),
        kind: entry.kind,
        stream: entry.stream.to_string(),
        version: entry.version.0,
        actor: entry.actor,
        time: entry.time.into(),
        hash: entry.hash.to_string(),
    })
}
