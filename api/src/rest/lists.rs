//! What every list shares: cursor, limit, `Link`, reading one's own writes.

use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{self, EntityTag};
use actix_web::web::Query;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse};
use commands::list_cursors::ReadList;
use domain::journal::Position;
use projections::personal_text::{Opened, PersonalTextError};
use projections::query::ListPage;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use super::HandlerResult;
use super::bad_query::bad_query;
use crate::actor::Requester;
use crate::problem::{BAD_CURSOR, BAD_QUERY, BEHIND, BEYOND_THE_LOG, Problem, failed};
use crate::rest::surround::Cacheable;
use crate::rest::tags::tag_of;
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
struct PageQuery {
    /// Opaque: from the last answer's `next`.
    cursor: Option<String>,
    /// 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// Wait until this position has been seen: the `position` a write answered.
    min_position: Option<u64>,
}

/// The members of [`PageQuery`]: what else stands in a query is the list's own.
const PAGE_MEMBERS: [&str; 3] = ["cursor", "limit", "min_position"];

/// The filter of a list that has none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoFilter {}

impl IntoParams for NoFilter {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Vec::new()
    }
}

/// Which page of a list, under which filter: the whole query of a request.
#[derive(Debug)]
pub(crate) struct ListQuery<F = NoFilter> {
    /// What the list shows.
    pub(crate) filter: F,
    page: PageQuery,
    /// Where the list is.
    path: String,
    /// What the query says of the filter, word for word.
    said: String,
    /// The list's address, up to where the next page's cursor is written.
    address: String,
}

impl<F: DeserializeOwned> ListQuery<F> {
    fn read(path: &str, query: &str) -> Result<Self, Problem> {
        let pairs = || query.split('&').filter(|pair| !pair.is_empty());
        let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
        let (page, filter): (Vec<&str>, Vec<&str>) =
            pairs().partition(|pair| PAGE_MEMBERS.contains(&&*name(pair)));
        let kept: String =
            pairs().filter(|pair| name(pair) != "cursor").map(|pair| format!("{pair}&")).collect();
        let address = format!("{path}?{kept}cursor=");
        let (path, said) = (path.to_owned(), filter.join("&"));
        Ok(Self { filter: parse(&filter)?, page: parse(&page)?, path, said, address })
    }
}

fn parse<T: DeserializeOwned>(pairs: &[&str]) -> Result<T, Problem> {
    let read = Query::<T>::from_query(&pairs.join("&"));
    read.map(Query::into_inner).map_err(|error| bad_query(&error))
}

impl<F: DeserializeOwned> FromRequest for ListQuery<F> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request.path(), request.query_string()))
    }
}

impl<F: IntoParams> IntoParams for ListQuery<F> {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut all = F::into_params(&place);
        all.extend(PageQuery::into_params(place));
        all
    }
}

impl<F> ListQuery<F> {
    /// Reads cursor and limit, and waits for the caller's own change.
    pub(crate) async fn page(
        &self,
        app: &App,
        caller: Requester,
    ) -> Result<(Option<Position>, usize), Problem> {
        let limit = self.page.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(BAD_QUERY.into());
        }
        let after = match &self.page.cursor {
            None => None,
            Some(cursor) => {
                let after = app.list_cursors.read(self.read_by(caller), cursor);
                Some(after.ok_or(BAD_CURSOR)?)
            }
        };
        seen(app, self.page.min_position).await?;
        Ok((after, limit))
    }

    /// Waits for the caller's own change where the list is wanted whole, and not page by page.
    pub(crate) async fn whole(&self, app: &App) -> Result<(), Problem> {
        if self.page.cursor.is_some() || self.page.limit.is_some() {
            return Err(BAD_QUERY.into());
        }
        seen(app, self.page.min_position).await
    }

    /// The list as this caller is shown it: what its cursors are bound to.
    fn read_by(&self, caller: Requester) -> ReadList<'_> {
        ReadList { reader: caller.actor(), address: &self.path, filter: &self.said }
    }

    /// The page that was found, and the next one's address as `Link`.
    pub(crate) fn answer<E, T: Serialize + ToSchema>(
        &self,
        (app, caller): (&App, Requester),
        found: ListPage<E>,
        item: impl FnMut(E) -> T,
    ) -> HandlerResult {
        let list = self.read_by(caller);
        let next = found.next.map(|next| app.list_cursors.seal(list, next));
        let mut response = HttpResponse::Ok();
        let items: Vec<T> = found.items.into_iter().map(item).collect();
        if let Some(next) = &next {
            let link = format!("<{}{next}>; rel=\"next\"", self.address);
            response.insert_header((header::LINK, link));
            // A cursor is sealed afresh each time: the tag stands for where it goes on instead.
            let tag = tag_of(app, &(&items, found.total, found.next));
            response.insert_header(header::ETag(EntityTag::new_weak(tag.tag().to_owned())));
        }
        Ok(response.json(Listed { items, total: found.total, next }))
    }
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

/// What is read by itself takes of a query.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadQuery {
    /// Wait until this position has been seen: the `position` a write answered.
    pub(crate) min_position: Option<u64>,
}

/// Waits until the read models have seen what the caller asks for, which must be in the log.
pub(crate) async fn seen(app: &App, min_position: Option<u64>) -> Result<(), Problem> {
    let Some(position) = min_position.map(Position) else { return Ok(()) };
    if app.newest().is_none_or(|newest| newest < position) {
        return Err(BEYOND_THE_LOG.into());
    }
    until_seen(app, position).await
}

/// Waits until what is read is what was written last.
pub(super) async fn as_of_now(app: &App) -> Result<(), Problem> {
    seen(app, app.newest().map(|newest| newest.0)).await
}

/// Waits until the read models have seen `position`, or says that they are behind.
pub(crate) async fn until_seen(app: &App, position: Position) -> Result<(), Problem> {
    if app.models.wait_for(position, WAIT_MAX).await {
        return Ok(());
    }
    Err(Problem { retry_after: Some(Duration::from_secs(1)), ..BEHIND.into() })
}

/// Which consents a list is about.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WhichConsents {
    /// Those under which a report can be opened now.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Colour {
        colour: Option<String>,
    }

    fn read(query: &str) -> Result<ListQuery<Colour>, u16> {
        ListQuery::read("/l", query).map_err(|problem| problem.status)
    }

    #[test]
    fn a_query_is_the_page_and_the_filter_in_any_order() {
        let list = read("limit=7&colour=red&cursor=c&min_position=9&").unwrap();
        assert_eq!(list.filter.colour.as_deref(), Some("red"));
        let PageQuery { cursor, limit, min_position } = &list.page;
        assert_eq!((cursor.as_deref(), *limit, *min_position), (Some("c"), Some(7), Some(9)));
        assert_eq!(list.address, "/l?limit=7&colour=red&min_position=9&cursor=");
        assert_eq!(read("").unwrap().address, "/l?cursor=");
    }

    #[test]
    fn what_no_list_knows_is_refused() {
        for query in
            ["color=red", "limit=7&limit=8", "limit=x", "colour=a&colour=b", "min_position"]
        {
            assert_eq!(read(query).err(), Some(400), "{query}");
        }
        assert!(ListQuery::<NoFilter>::read("/l", "colour=red").is_err());
    }
}
