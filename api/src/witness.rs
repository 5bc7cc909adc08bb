//! The witness as a server of its own: one route that cosigns, one for monitors, two that say that it runs
//! and what it is.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, ContentType, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::{DefaultHeaders, Next, from_fn};
use actix_web::{App, HttpResponse, get, web};
use domain::journal::witnessing::{REQUEST_BYTES_MAX, SIZE_TYPE, WitnessRefusal};
use tokio_util::sync::CancellationToken;

use crate::config::HttpSettings;
use crate::server::transport::ConnectionFacts;
use crate::server::{FrontDoor, Running, descriptors, listen};
use crate::wiring::{Cosigner, CosignerError};

/// How long a client may take to send a request's body.
const BODY_WITHIN: Duration = Duration::from_secs(10);
/// All connections, and threads that wait for the disk: two workers are plenty, because records
/// are written one at a time anyway.
const WORKERS: usize = 2;
const CONNECTIONS_MAX: usize = 512;
const WRITERS_MAX: usize = 8;

/// What the routes share.
struct WitnessServer {
    cosigner: Cosigner,
    /// Set when the disk cannot be trusted any more.
    failed: CancellationToken,
}

/// Listens; the token is cancelled when the process must end.
pub(crate) fn start(
    cosigner: Cosigner,
    address: SocketAddr,
) -> anyhow::Result<(Running, CancellationToken)> {
    let listener = listen(address)?;
    let address = listener.local_addr()?;
    let failed = CancellationToken::new();
    let server = web::Data::from(Arc::new(WitnessServer { cosigner, failed: failed.clone() }));
    let factory = move || {
        let headers = DefaultHeaders::new()
            .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .add((CACHE_CONTROL, "no-store"));
        App::new()
            .app_data(server.clone())
            .service(web::resource("/add-checkpoint").route(web::post().to(add_checkpoint)))
            .service(monitored)
            .service(front)
            .service(livez)
            .default_service(web::to(async || said(StatusCode::NOT_FOUND, "nothing is here")))
            .wrap(headers)
            .wrap(from_fn(one_turn))
    };
    let door = FrontDoor::new(&settings(), descriptors::room_for_connections());
    let server = door.serve(listener, factory)?.worker_max_blocking_threads(WRITERS_MAX);
    Ok((Running::of(address, server.run()), failed))
}

/// Where connections come in, as at the service itself.
fn settings() -> HttpSettings {
    HttpSettings {
        workers: WORKERS,
        connections_max: CONNECTIONS_MAX,
        connections_per_source_max: CONNECTIONS_MAX / 4,
        ..HttpSettings::default()
    }
}

/// A connection is not quiet while a request is under way on it.
async fn one_turn(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let turn = request.conn_data().map(|facts: &ConnectionFacts| facts.conversation.turn());
    let answer = next.call(request).await;
    drop(turn);
    answer
}

/// Cosigns a checkpoint that continues the last one (c2sp.org/tlog-witness).
async fn add_checkpoint(server: web::Data<WitnessServer>, body: web::Payload) -> HttpResponse {
    let whole = tokio::time::timeout(BODY_WITHIN, body.to_bytes_limited(REQUEST_BYTES_MAX)).await;
    let body = match whole {
        Ok(Ok(Ok(body))) => body,
        Ok(Ok(Err(_))) => return said(StatusCode::BAD_REQUEST, "the body was cut off"),
        Ok(Err(_)) => return said(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long"),
        Err(_) => return said(StatusCode::REQUEST_TIMEOUT, "the body took too long"),
    };
    let at_server = Arc::clone(&server);
    // Once begun it ends, though the client may have gone: the record is then ahead of what anybody was told,
    // which the next conflict says.
    match web::block(move || at_server.cosigner.cosign(&body)).await {
        Ok(Ok(Ok(line))) => {
            tracing::info!("cosigned");
            HttpResponse::Ok().insert_header(ContentType::plaintext()).body(line.to_string())
        }
        Ok(Ok(Err(refusal))) => refused(&refusal),
        Ok(Err(CosignerError::NotNow(why))) => {
            tracing::error!(why, "cannot cosign now");
            said(StatusCode::SERVICE_UNAVAILABLE, "the record cannot be kept now")
        }
        Ok(Err(CosignerError::MustEnd(why))) => {
            tracing::error!(why, "stopping at once");
            server.failed.cancel();
            said(StatusCode::INTERNAL_SERVER_ERROR, "the record cannot be kept")
        }
        Err(_) => {
            server.failed.cancel();
            said(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed")
        }
    }
}

/// The checkpoint it cosigned last for a log, to compare with what others are shown (c2sp.org/tlog-witness,
/// monitoring). The log goes by the SHA-256 of its origin.
#[get("/{origin_hash}/checkpoint")]
async fn monitored(server: web::Data<WitnessServer>, origin: web::Path<String>) -> HttpResponse {
    let at_server = Arc::clone(&server);
    match web::block(move || at_server.cosigner.monitored(&origin)).await {
        Ok(Ok(Some(note))) => HttpResponse::Ok()
            .insert_header(ContentType::plaintext())
            .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
            .body(note.to_string()),
        Ok(Ok(None)) => said(StatusCode::NOT_FOUND, "no such log was ever cosigned here"),
        Ok(Err(CosignerError::NotNow(why) | CosignerError::MustEnd(why))) => {
            tracing::error!(why, "cannot say what was cosigned last");
            said(StatusCode::SERVICE_UNAVAILABLE, "the record cannot be read now")
        }
        Err(_) => said(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed"),
    }
}

fn refused(refusal: &WitnessRefusal) -> HttpResponse {
    tracing::warn!(status = refusal.status(), %refusal, "refused");
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    match refusal.size() {
        Some(size) => HttpResponse::build(status).content_type(SIZE_TYPE).body(format!("{size}\n")),
        None => said(status, &refusal.to_string()),
    }
}

fn said(status: StatusCode, words: &str) -> HttpResponse {
    HttpResponse::build(status).insert_header(ContentType::plaintext()).body(format!("{words}\n"))
}

/// What this is.
#[get("/")]
async fn front(server: web::Data<WitnessServer>) -> HttpResponse {
    let cosigner = &server.cosigner;
    let mut text = format!(
        "This is a witness of transparency logs (c2sp.org/tlog-witness). It cosigns a log's checkpoint\n\
         if it continues the last one it has cosigned, and asks nothing else of it.\n\n\
         Verifier key:\n{}\n\nLogs it knows:\n",
        cosigner.key()
    );
    for log in cosigner.logs() {
        let _ = writeln!(text, "{log}");
    }
    HttpResponse::Ok().insert_header(ContentType::plaintext()).body(text)
}

/// The process runs.
#[get("/livez")]
async fn livez() -> HttpResponse {
    said(StatusCode::OK, "alive")
}
