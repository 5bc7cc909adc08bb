//! Figures for Prometheus.

use actix_web::{HttpResponse, get, web};
use transparency::log::StampedCheckpoint;

use crate::rest::state::HttpState;
use crate::wiring::App;

/// Figures for Prometheus.
#[utoipa::path(
    tag = "health",
    security(()),
    responses((status = 200, description = "Prometheus text format")),
)]
#[get("/metrics")]
pub(super) async fn metrics(app: web::Data<App>, http: web::Data<HttpState>) -> HttpResponse {
    let standing = app.log.standing();
    let size = |made: &Option<StampedCheckpoint>| {
        made.as_ref().map_or(0.0, |made| made.checkpoint.size as f64)
    };
    ::metrics::gauge!("medlock_read_models_behind").set(app.behind() as f64);
    ::metrics::gauge!("medlock_log_signed_events").set(size(&standing.signed));
    ::metrics::gauge!("medlock_log_published_events").set(size(&standing.published));
    ::metrics::gauge!("medlock_log_uncovered_seconds").set(standing.uncovered_for.as_secs_f64());
    ::metrics::gauge!("medlock_anchors_late").set(app.anchoring.late(app.now()).await.len() as f64);
    if let Some((at, _)) = standing.scrub.finished {
        ::metrics::gauge!("medlock_log_scrubbed_timestamp_seconds").set(at.micros() as f64 / 1e6);
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(http.metrics.render())
}
