//! Whom this organisation asks to cosign its log.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{FOR_A_MOMENT, FOR_ANY_PAGE, TEXT};
use crate::rest::HandlerResult;
use crate::rest::lists::cacheable;
use crate::wiring::App;

/// What a policy file says that asks nobody.
const NOBODY: &str = "quorum none\n";

/// The organisation's own witness policy, without addresses. Whoever wants to be sure has one from elsewhere.
#[utoipa::path(
    tag = "log",
    security(()),
    responses((status = 200, description = "a policy of c2sp.org/tlog-policy",
               content_type = "text/plain")),
)]
#[get("/log/policy")]
pub(super) async fn policy(app: web::Data<App>, request: HttpRequest) -> HandlerResult {
    cacheable(&request);
    let text = app.organisation_policy.policy_text.clone();
    Ok(HttpResponse::Ok()
        .insert_header(FOR_ANY_PAGE)
        .insert_header((CACHE_CONTROL, FOR_A_MOMENT))
        .content_type(TEXT)
        .body(text.unwrap_or_else(|| NOBODY.to_owned())))
}
