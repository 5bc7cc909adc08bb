//! That an event is in the log, for anybody.

use actix_web::{HttpRequest, get, web};
use domain::journal::Position;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{public, published};
use crate::problem::NOT_PUBLISHED_YET;
use crate::rest::HandlerResult;
use crate::rest::answers::NotFound;
use crate::rest::lists::cacheable;
use crate::wiring::App;

/// Which event.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct InclusionQuery {
    /// Its position in the log.
    position: u64,
}

/// That an event is in the log, for anybody: path and leaf under the newest published checkpoint.
#[utoipa::path(
    tag = "proofs",
    security(()),
    params(InclusionQuery),
    responses((status = 200, description = "c2sp.org/tlog-proof@v1, `extra` is the leaf",
               content_type = "text/plain"),
              NotFound,),
)]
#[get("/api/v1/log/inclusion")]
pub(super) async fn inclusion(
    app: web::Data<App>,
    request: HttpRequest,
    query: web::Query<InclusionQuery>,
) -> HandlerResult {
    cacheable(&request);
    let proof = published(&app).await?.proof(Position(query.position)).await?;
    Ok(public(proof.ok_or(NOT_PUBLISHED_YET)?.to_string()))
}
