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
        .service(problem::problem);
}

/// The process runs.
#[utoipa::path(tag = "health", security(()), responses((status = 200, description = "alive")))]
#[get("/livez")]
async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("alive\n")
}
