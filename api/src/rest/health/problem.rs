//! What a problem's code means.

use actix_web::{HttpRequest, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::NOT_FOUND;
use crate::refusal::{self, Metadata};
use crate::rest::lists::cacheable;
use crate::rest::{HandlerResult, ok};

/// What a problem's code means.
#[derive(Serialize, ToSchema)]
struct ProblemPage {
    code: String,
    status: u16,
    /// What refused.
    detail: String,
    /// What to do next.
    next: String,
    /// Whether the same request again is useful: `never`, `after_waiting`, `after_a_change` of something
    /// else, `after_the_operator` has mended something.
    retry: &'static str,
    /// What a machine may find beside it: `retry_after`, `challenge`, `errors`.
    metadata: Vec<&'static str>,
}

/// What a problem's code means and what to do next.
#[utoipa::path(
    tag = "health",
    security(()),
    params(("code" = String, Path, description = "The code")),
    responses((status = 200, body = ProblemPage),),
)]
#[get("/api/problems/{code}")]
pub(super) async fn problem(request: HttpRequest, path: web::Path<String>) -> HandlerResult {
    cacheable(&request);
    let row = refusal::row(&path).ok_or(NOT_FOUND)?;
    ok(ProblemPage {
        code: row.code.to_owned(),
        status: row.status.as_u16(),
        detail: row.rule.to_owned(),
        next: row.next.to_owned(),
        retry: row.retry.name(),
        metadata: row.metadata.iter().copied().map(Metadata::name).collect(),
    })
}
