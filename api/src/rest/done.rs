//! What operations answer with when all went well, and the type of what handlers give.

use actix_web::HttpResponse;
use domain::journal::Position;
use serde::Serialize;
use utoipa::ToSchema;

use super::ids::PositionNumber;
use crate::problem::Problem;

/// What a handler answers.
pub(crate) type HandlerResult = Result<HttpResponse, Problem>;

/// Something was done, and where it stands in the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    /// Position of the newest event of this request; none if it was done before. Pass it as
    /// `min_position` to see your own change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<PositionNumber>,
}

impl Done {
    /// Done, and its newest event stands at `position`, if it added one.
    pub(crate) fn at(position: Option<Position>) -> Self {
        Self { position: position.map(PositionNumber::from) }
    }
}

/// 200 with a body.
pub(crate) fn ok(body: impl Serialize) -> HandlerResult {
    Ok(HttpResponse::Ok().json(body))
}

/// 201 with a body.
pub(crate) fn made(body: impl Serialize) -> HandlerResult {
    Ok(HttpResponse::Created().json(body))
}
