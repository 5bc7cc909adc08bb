//! What a problem's code means.

use actix_web::{HttpRequest, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{NOT_FOUND, Problem, catalogue};
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
}

/// What a problem's code means and what to do next.
#[utoipa::path(
    tag = "health",
    security(()),
    params(("code" = String, Path, description = "The code")),
    responses((status = 200, body = ProblemPage), (status = 404, body = Problem)),
)]
#[get("/api/problems/{code}")]
pub(super) async fn problem(request: HttpRequest, path: web::Path<String>) -> HandlerResult {
    cacheable(&request);
    let found = catalogue().into_iter().find(|(code, ..)| *code == path.as_str());
    let (code, status, detail, next) = found.ok_or(NOT_FOUND)?;
    let (code, detail, next) = (code.to_owned(), detail.to_owned(), next.to_owned());
    ok(ProblemPage { code, status, detail, next })
}
