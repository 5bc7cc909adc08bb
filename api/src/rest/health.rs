//! Is it alive, is it ready, how is it doing; and what the codes of its refusals mean.

mod metrics;
mod problem;
mod readyz;

use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(livez)
        .service(readyz::readyz)
        .service(metrics::metrics)
        .service(problem::problem)
        .service(front);
}

/// The process runs.
#[utoipa::path(tag = "health", security(()), responses((status = 200, description = "alive")))]
#[get("/livez")]
async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("alive\n")
}

/// Where to look.
#[utoipa::path(tag = "health", security(()), responses((status = 200, description = "Plain text")))]
#[get("/")]
async fn front() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(
        "Medlock answers here.\n\n\
         /api/docs/          the REST API, to read and to try\n\
         /api/openapi.json   the same for machines\n\
         /readyz  /metrics   how it is doing\n",
    )
}
