//! Is it alive, is it ready, how is it doing; and what the codes of its refusals mean.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::lists::cacheable;
use super::{Answer, ok};
use crate::problem::{NOT_FOUND, Problem, catalogue};
use crate::wiring::App;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(livez).service(readyz).service(metrics).service(problem).service(front);
}

/// The process runs.
#[utoipa::path(tag = "health", security(()), responses((status = 200, description = "alive")))]
#[get("/livez")]
async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("alive\n")
}

/// How each part does.
#[derive(Serialize, ToSchema)]
struct Readiness {
    ready: bool,
    /// `ok`, or what is wrong.
    event_store: String,
    /// `ok`, or which model stopped where and why.
    read_models: String,
    /// How many events the read models are behind.
    read_models_behind: u64,
}

/// Requests can be answered.
#[utoipa::path(
    tag = "health",
    security(()),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)),
)]
#[get("/readyz")]
async fn readyz(app: web::Data<App>) -> HttpResponse {
    let event_store = match app.event_store_health().await {
        Ok(()) => "ok".to_owned(),
        Err(reason) => reason,
    };
    let health = app.models.health();
    let parked: Vec<String> = health
        .models
        .iter()
        .filter_map(|model| {
            let parked = model.parked.as_ref()?;
            Some(format!("{} stopped at {}: {}", model.name, parked.position, parked.reason))
        })
        .chain(health.stalled)
        .collect();
    let ready = event_store == "ok" && parked.is_empty();
    let read_models = if parked.is_empty() { "ok".to_owned() } else { parked.join("; ") };
    let read_models_behind = app.behind();
    let body = Readiness { ready, event_store, read_models, read_models_behind };
    if ready {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().json(body)
    }
}

/// Figures for Prometheus.
#[utoipa::path(
    tag = "health",
    security(()),
    responses((status = 200, description = "Prometheus text format")),
)]
#[get("/metrics")]
async fn metrics(app: web::Data<App>) -> HttpResponse {
    ::metrics::gauge!("medlock_read_models_behind").set(app.behind() as f64);
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(app.metrics.render())
}

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
async fn problem(request: HttpRequest, path: web::Path<String>) -> Answer {
    cacheable(&request);
    let found = catalogue().into_iter().find(|(code, ..)| *code == path.as_str());
    let (code, status, detail, next) = found.ok_or(NOT_FOUND)?;
    let (code, detail, next) = (code.to_owned(), detail.to_owned(), next.to_owned());
    ok(ProblemPage { code, status, detail, next })
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
