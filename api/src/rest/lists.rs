//! What every list shares: cursor, limit, `Link`, reading one's own writes.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use domain::journal::Position;
use projections::personal_text::{Opened, PersonalTextError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::HandlerResult;
use crate::problem::{BAD_QUERY, BEHIND, Problem, failed};
use crate::rest::surround::Cacheable;
use crate::wiring::App;

/// Entries of a page where the caller does not say.
const LIMIT_DEFAULT: usize = 50;
/// Most entries of a page.
const LIMIT_MAX: usize = 200;
/// How long a list waits for the caller's own change.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// What every list takes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Opaque: from the last answer's `next`.
    pub(crate) cursor: Option<String>,
    /// 1 to 200; 50 if left out.
    pub(crate) limit: Option<usize>,
    /// Wait until this position has been seen: the `position` a write answered.
    pub(crate) min_position: Option<u64>,
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct Listed<T: ToSchema> {
    /// The entries.
    items: Vec<T>,
    /// How many there are in all, under the same filter.
    total: u64,
    /// Pass it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl<T: Serialize + ToSchema> Listed<T> {
    /// The page, and the next one's address as `Link`.
    pub(crate) fn answer(
        app: &App,
        request: &HttpRequest,
        items: Vec<T>,
        total: u64,
        next: Option<Position>,
    ) -> HandlerResult {
        let next = next.map(|next| app.list_cursors.seal(next));
        let mut response = HttpResponse::Ok();
        if let Some(next) = &next {
            let rest =
                request.query_string().split('&').filter(|pair| !pair.starts_with("cursor="));
            let rest: Vec<&str> = rest.filter(|pair| !pair.is_empty()).collect();
            let query = [&rest[..], &[&format!("cursor={next}")]].concat().join("&");
            let link = format!("<{}?{query}>; rel=\"next\"", request.path());
            response.insert_header((header::LINK, link));
        }
        Ok(response.json(Self { items, total, next }))
    }
}

/// Which consents a list is about.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WhichConsents {
    /// In force now.
    InForce,
    /// All there ever were.
    #[default]
    All,
}

impl From<WhichConsents> for projections::access::who_can_see::ConsentFilter {
    fn from(which: WhichConsents) -> Self {
        match which {
            WhichConsents::InForce => Self::InForce,
            WhichConsents::All => Self::Every,
        }
    }
}

/// Waits for the caller's own change, and reads cursor and limit.
pub(crate) async fn fresh(
    app: &App,
    query: &ListQuery,
) -> Result<(Option<Position>, usize), Problem> {
    let limit = query.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(BAD_QUERY.into());
    }
    let after = match &query.cursor {
        None => None,
        Some(cursor) => Some(app.list_cursors.read(cursor).ok_or(BAD_QUERY)?),
    };
    if let Some(position) = query.min_position
        && !app.models.wait_for(Position(position), WAIT_MAX).await
    {
        return Err(Problem { retry_after: Some(Duration::from_secs(1)), ..BEHIND.into() });
    }
    Ok((after, limit))
}

/// What was opened, as callers read it; nothing where there was nothing to open.
pub(crate) fn shown(opened: Option<Opened>) -> String {
    opened.map(String::from).unwrap_or_default()
}

impl From<PersonalTextError> for Problem {
    fn from(error: PersonalTextError) -> Self {
        failed(&error)
    }
}

impl From<projections::ports::PortError> for Problem {
    fn from(error: projections::ports::PortError) -> Self {
        failed(&error)
    }
}

/// Says that an answer tells nothing about anybody, so caches may keep it.
pub(crate) fn cacheable(request: &HttpRequest) {
    request.extensions_mut().insert(Cacheable);
}
