//! That the log only grew, for anybody.

use std::fmt::Write as _;

use actix_web::{HttpRequest, get, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{public, published};
use crate::problem::{BAD_QUERY, NOT_PUBLISHED_YET};
use crate::rest::HandlerResult;
use crate::rest::answers::NotFound;
use crate::rest::lists::cacheable;
use crate::wiring::App;

/// Which two trees.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ConsistencyQuery {
    /// Size of the older one.
    from: u64,
    /// Size of the newer one; the published one if left out.
    to: Option<u64>,
}

/// That the log only grew, for anybody: the hashes of RFC 6962 §2.1.2, base64, one a line.
#[utoipa::path(
    tag = "proofs",
    security(()),
    params(ConsistencyQuery),
    responses((status = 200, description = "Hashes; none where there is nothing to prove",
               content_type = "text/plain"),
              NotFound,),
)]
#[get("/api/v1/log/consistency")]
pub(super) async fn consistency(
    app: web::Data<App>,
    request: HttpRequest,
    query: web::Query<ConsistencyQuery>,
) -> HandlerResult {
    cacheable(&request);
    let published = published(&app).await?;
    let from = query.from;
    let to = query.to.unwrap_or(published.checkpoint.size);
    if query.to.is_some_and(|to| from > to) {
        return Err(BAD_QUERY.into());
    }
    let hashes = published.consistency(from, to).await?.ok_or(NOT_PUBLISHED_YET)?;
    let mut text = String::new();
    for hash in hashes {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", BASE64.encode(hash));
    }
    Ok(public(text))
}
