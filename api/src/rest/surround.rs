//! What surrounds every request: a trace id, one log line, metrics, headers that no answer goes without,
//! and the throttle per source.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, ResponseError, web};
use commands::ports::world::Throttle;
use tracing::Instrument;

use super::origin::refuse_foreign;
use super::peer::Peer;
use super::state::HttpState;
use crate::problem::Problem;
use crate::trace;
use crate::wiring::App;

/// The middleware.
pub(crate) async fn surround(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let app = request.app_data::<web::Data<App>>().cloned();
    let trace_id = app.as_ref().map(|app| app.fresh.uuid().simple().to_string());
    let trace_id = trace_id.unwrap_or_default();
    let method = request.method().clone();
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let span = tracing::info_span!("request", %method, route, trace_id);
    let work = async move {
        let started = Instant::now();
        let mut response = match may_go_on(app.as_ref(), &request) {
            Ok(()) => next.call(request).await?.map_into_boxed_body(),
            Err(problem) => request.into_response(problem.error_response()).map_into_boxed_body(),
        };
        let route = route_of(&response);
        finish(&mut response, &route, &method, started);
        Ok(response)
    };
    trace::within(trace_id, work.instrument(span)).await
}

/// What is asked of every request before anybody looks at what it wants.
fn may_go_on(app: Option<&web::Data<App>>, request: &ServiceRequest) -> Result<(), Problem> {
    let (Some(app), Some(http)) = (app, request.app_data::<web::Data<HttpState>>()) else {
        return Ok(());
    };
    let peer = http.trust.note(request);
    app.throttles.take(Throttle::Request, peer.source().as_bytes())?;
    refuse_foreign(request.method(), request.headers(), http.public_url.as_ref())
}

fn route_of(response: &ServiceResponse<BoxBody>) -> String {
    response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned())
}

fn finish(
    response: &mut ServiceResponse<BoxBody>,
    route: &str,
    method: &actix_web::http::Method,
    started: Instant,
) {
    let status = response.status();
    let took = started.elapsed();
    let labels = [
        ("method", method.to_string()),
        ("route", route.to_owned()),
        ("status", status.as_u16().to_string()),
    ];
    metrics::counter!("medlock_http_requests_total", &labels).increment(1);
    metrics::histogram!("medlock_http_request_seconds", "route" => route.to_owned())
        .record(took.as_secs_f64());
    let status = status.as_u16();
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match status {
        500.. => tracing::error!(status, took_ms, "answered"),
        400.. => tracing::warn!(status, took_ms, "answered"),
        _ => tracing::info!(status, took_ms, "answered"),
    }
    let docs = DOCS.iter().any(|path| route.starts_with(path));
    let personal = !docs && !response.request().extensions().contains::<Cacheable>();
    let by_tls = response.request().extensions().get::<Peer>().is_some_and(|peer| peer.by_tls());
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::CONTENT_SECURITY_POLICY, if docs { DOCS_POLICY } else { POLICY });
    if by_tls {
        set(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if personal {
        set(header::CACHE_CONTROL, "no-store");
    }
}

/// A browser that came by TLS once does not come without it for a year.
const HSTS: &str = "max-age=31536000";
/// Answers load nothing and are framed by nobody.
const POLICY: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// Where the API's description is, with its page to read and to try.
const DOCS: [&str; 2] = ["/api/docs/", "/api/openapi.json"];
/// That page runs scripts and styles of its own from files, none inline; it draws its marks from `data:`.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                           img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; \
                           base-uri 'none'; form-action 'none'";

/// Marks an answer that says nothing about anybody.
pub(crate) struct Cacheable;
