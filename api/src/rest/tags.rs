//! Entity tags: what is answered in JSON carries one; who has it already is told so, and a change may be
//! bound to what its sender saw (RFC 9110, 13.1).

use actix_web::HttpRequest;
use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{CONTENT_TYPE, ETAG, ETag, EntityTag, Header as _, IfMatch};
use actix_web::http::header::{IF_MATCH, TryIntoHeaderValue as _};
use actix_web::http::{Method, StatusCode};
use commands::entity_tags::EntityTags;
use serde::Serialize;

use super::records::has_it;
use crate::problem::{BAD_HEADER, CHANGED, Problem};
use crate::wiring::App;

/// Gives an answer to a `GET` its tag, unless it says one; whoever has it is told 304 instead of the same
/// once more.
pub(super) fn tagged(
    response: ServiceResponse<BoxBody>,
    tags: &EntityTags,
) -> ServiceResponse<BoxBody> {
    let read = response.request().method() == Method::GET && response.status() == StatusCode::OK;
    let headers = response.headers();
    let json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !read || !json {
        return response;
    }
    let said = headers.get(ETAG).and_then(|tag| tag.to_str().ok()?.parse().ok()).map(ETag);
    let (request, response) = response.into_parts();
    let (mut response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        Err(body) => return ServiceResponse::new(request, response.set_body(body)),
    };
    let tag = said.unwrap_or_else(|| ETag(EntityTag::new_strong(tags.of(&body))));
    if has_it(&request, &tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(CONTENT_TYPE);
    }
    if let Ok(value) = tag.try_into_value() {
        response.headers_mut().insert(ETAG, value);
    }
    let unchanged = response.status() == StatusCode::NOT_MODIFIED;
    let body = if unchanged { BoxBody::new(()) } else { BoxBody::new(body) };
    ServiceResponse::new(request, response.set_body(body))
}

/// Whether a change is bound to what its sender saw.
pub(super) fn is_bound(request: &HttpRequest) -> bool {
    request.headers().contains_key(IF_MATCH)
}

/// Refuses a change whose sender saw something else than what is there now, as far as this caller may see it.
pub(super) fn refuse_if_changed(
    request: &HttpRequest,
    app: &App,
    now: &impl Serialize,
) -> Result<(), Problem> {
    refuse_unless_seen(request, &tag_of(app, now))
}

/// The tag of what stands for an answer where its own bytes do not.
pub(super) fn tag_of(app: &App, what: &impl Serialize) -> EntityTag {
    let bytes = serde_json::to_vec(what).unwrap_or_default();
    EntityTag::new_strong(app.entity_tags.of(&bytes))
}

/// Refuses a change whose sender saw something else than what this tag stands for.
pub(super) fn refuse_unless_seen(request: &HttpRequest, tag: &EntityTag) -> Result<(), Problem> {
    match IfMatch::parse(request).map_err(|_| BAD_HEADER)? {
        IfMatch::Any => Ok(()),
        IfMatch::Items(known) if known.iter().any(|known| known.strong_eq(tag)) => Ok(()),
        IfMatch::Items(_) => Err(CHANGED.into()),
    }
}
