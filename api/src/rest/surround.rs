//! What surrounds every request: a trace id, one log line, metrics, headers that no answer goes without,
//! and the throttle per source.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, ResponseError, web};
use bytes::Bytes;
use commands::ports::world::Throttle;
use commands::throttles::TOO_MANY;
use tracing::Instrument;

use super::head::{Unsent, pass_on_as_get};
use super::origin::refuse_foreign;
use super::peer::Peer;
use super::quota::Left;
use super::state::HttpState;
use super::tags::tagged;
use crate::problem::{BODY_TOO_SLOW, CROWDED, ENCODING, Problem};
use crate::server::connections::{Crowded, Seat};
use crate::server::conversation::AnswerTurn;
use crate::server::paced::{BodyFate, PacedBody};
use crate::server::transport::ConnectionFacts;
use crate::trace;
use crate::wiring::App;

/// The middleware.
pub(crate) async fn surround(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let app = request.app_data::<web::Data<App>>().cloned();
    let trace_id = app.as_ref().map(|app| app.fresh.uuid().simple().to_string());
    let trace_id = trace_id.unwrap_or_default();
    let method = method_of(request.method());
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let span = tracing::info_span!("request", method, route, trace_id);
    let work = async move {
        let started = Instant::now();
        let turn = request.conn_data().map(|facts: &ConnectionFacts| facts.conversation.turn());
        let fate = pace(&mut request, &route);
        let headers_only = pass_on_as_get(&mut request, &route);
        let admitted = may_go_on(app.as_ref(), &request);
        let left = left_of(&admitted);
        let (place, response) = match admitted {
            Ok(admitted) => (admitted.place, next.call(request).await?.map_into_boxed_body()),
            Err(problem) => (None, request.into_response(problem.error_response())),
        };
        let response = close_unless_whole(response, fate, turn.as_ref());
        let mut response = match &app {
            Some(app) => tagged(response, &app.entity_tags),
            None => response,
        };
        say_left(&mut response, left);
        let route = route_of(&response);
        finish(&mut response, &route, method, started);
        Ok(response.map_body(|_, body| {
            let body = if headers_only { BoxBody::new(Unsent::instead_of(&body)) } else { body };
            BoxBody::new(Sending { body, _turn: turn, _place: place })
        }))
    };
    trace::within(trace_id, work.instrument(span)).await
}

/// Methods that anybody uses; whatever else there may be counts as one.
fn method_of(method: &Method) -> &'static str {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    const NAMES: [&str; 9] =
        ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"];
    let known = KNOWN.iter().position(|known| known == method);
    known.and_then(|at| NAMES.get(at)).copied().unwrap_or("other")
}

/// Gives the body, if there is one, its deadline.
fn pace(request: &mut ServiceRequest, route: &str) -> Option<Rc<Cell<BodyFate>>> {
    let pace = request.app_data::<web::Data<HttpState>>().map(|http| http.pace(route))?;
    match request.take_payload() {
        Payload::None => None,
        body @ (Payload::H1 { .. } | Payload::Stream { .. }) => {
            let (body, fate) = PacedBody::new(body, pace);
            request.set_payload(Payload::Stream { payload: Box::pin(body) });
            Some(fate)
        }
    }
}

/// What is asked of every request before anybody looks at what it wants.
fn may_go_on(app: Option<&web::Data<App>>, request: &ServiceRequest) -> Result<Admitted, Problem> {
    let (Some(app), Some(http)) = (app, request.app_data::<web::Data<HttpState>>()) else {
        return Ok(Admitted { place: None, left: None });
    };
    let peer = http.trust.note(request);
    let left = app.throttles.take(Throttle::Request, peer.source().as_bytes())?;
    let place = peer.by_proxy().then(|| http.connections.pass_on(peer.source())).transpose();
    let place = place.map_err(|Crowded| {
        let wait = Some(Duration::from_secs(5));
        Problem { retry_after: wait, ..CROWDED.into() }
    })?;
    refuse_encoded(request)?;
    refuse_foreign(request.method(), request.headers(), http.public_url.as_ref())?;
    Ok(Admitted { place, left: Some(left) })
}

/// A request that may be answered.
struct Admitted {
    place: Option<Seat>,
    /// How many more may come at once from where it came.
    left: Option<u32>,
}

/// What is left of the requests that may be made, where it was asked.
fn left_of(admitted: &Result<Admitted, Problem>) -> Option<Left> {
    match admitted {
        Ok(admitted) => admitted.left.map(Left::Requests),
        Err(problem) if problem.code == TOO_MANY.code => problem.retry_after.map(Left::NoneFor),
        Err(_) => None,
    }
}

fn say_left(response: &mut ServiceResponse<BoxBody>, left: Option<Left>) {
    let http = response.request().app_data::<web::Data<HttpState>>().cloned();
    if let (Some(http), Some(left)) = (http, left) {
        http.quota.say(left, response.headers_mut());
    }
}

/// What is packed is as large as its sender likes once it is unpacked: every limit counts bytes as they come.
fn refuse_encoded(request: &ServiceRequest) -> Result<(), Problem> {
    let mut encodings = request.headers().get_all(header::CONTENT_ENCODING);
    let plain = encodings.all(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if plain { Ok(()) } else { Err(ENCODING.into()) }
}

/// A body that did not come whole makes the connection useless; if it came too slowly, that is the answer.
fn close_unless_whole(
    response: ServiceResponse<BoxBody>,
    fate: Option<Rc<Cell<BodyFate>>>,
    turn: Option<&AnswerTurn>,
) -> ServiceResponse<BoxBody> {
    let mut response = match fate.map(|fate| fate.get()) {
        None | Some(BodyFate::Whole) => return response,
        Some(BodyFate::Unfinished) => response,
        Some(BodyFate::TooSlow) => {
            let late = Problem::from(BODY_TOO_SLOW).error_response();
            ServiceResponse::new(response.into_parts().0, late)
        }
    };
    response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    if let Some(turn) = turn {
        turn.is_the_last();
    }
    response
}

/// An answer on its way: until its last byte is handed over, its request is under way.
struct Sending {
    body: BoxBody,
    _turn: Option<AnswerTurn>,
    _place: Option<Seat>,
}

impl MessageBody for Sending {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

fn route_of(response: &ServiceResponse<BoxBody>) -> String {
    response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned())
}

fn finish(
    response: &mut ServiceResponse<BoxBody>,
    route: &str,
    method: &'static str,
    started: Instant,
) {
    let status = response.status();
    let took = started.elapsed();
    let labels = [
        ("method", method.to_owned()),
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
    let said = response.request().extensions().get::<Peer>().is_some_and(|peer| peer.by_tls());
    let by_tls =
        said || response.request().conn_data().is_some_and(|facts: &ConnectionFacts| facts.by_tls);
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
