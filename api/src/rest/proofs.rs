//! Proofs for people: that an event is in the log, that the log only grew, a consent receipt, a history
//! bundle.

use std::fmt::Write as _;
use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpRequest, HttpResponse, get, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::access::policy::PersonalTextPermit;
use domain::ids::{ConsentId, PatientId, StreamName};
use domain::journal::Position;
use futures::StreamExt as _;
use projections::access::who_can_see::{ConsentFilter as WhichConsents, WhoCanSee};
use projections::personal_text::PermittedReader;
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::HandlerResult;
use super::lists::{ListQuery, cacheable, fresh, text_if};
use super::log::{FOR_A_MOMENT, TEXT};
use crate::actor::Requester;
use crate::evidence::bundle::archive::Archive;
use crate::evidence::bundle::{HistoryBundle, Pieces, Source};
use crate::evidence::consent::{ConsentEvent, ConsentEvents, of_patient};
use crate::evidence::page::ConsentPage;
use crate::evidence::{EvidenceError, OrganisationKeys, Published, code};
use crate::problem::{
    BAD_QUERY, FAILED, NO_CODE, NOT_FOUND, NOT_PUBLISHED_YET, NOT_REVOKED, Problem, failed,
};
use crate::wiring::App;

/// Most consents of one patient that are looked through for a doctor's name.
const CONSENTS_MAX: usize = 100_000;
/// Pieces of a bundle that wait to be sent.
const PIECES_WAITING: usize = 8;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(inclusion).service(consistency).service(receipt).service(history_bundle);
}

impl From<EvidenceError> for Problem {
    fn from(error: EvidenceError) -> Self {
        failed(&error)
    }
}

async fn published(app: &App) -> Result<Published<'_>, Problem> {
    Ok(Published::newest(app.log.tiles()).await?.ok_or(NOT_PUBLISHED_YET)?)
}

fn public(text: String) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, FOR_A_MOMENT)).content_type(TEXT).body(text)
}

/// Which event.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct InclusionQuery {
    /// Its position in the log.
    position: u64,
}

/// That an event is in the log, for anybody: path and leaf under the newest published checkpoint.
#[utoipa::path(
    tag = "proofs",
    security(()),
    params(InclusionQuery),
    responses((status = 200, description = "c2sp.org/tlog-proof@v1, `extra` is the leaf",
               content_type = "text/plain"),
              (status = 404, body = Problem)),
)]
#[get("/api/v1/log/inclusion")]
async fn inclusion(
    app: web::Data<App>,
    request: HttpRequest,
    query: web::Query<InclusionQuery>,
) -> HandlerResult {
    cacheable(&request);
    let proof = published(&app).await?.proof(Position(query.position)).await?;
    Ok(public(proof.ok_or(NOT_PUBLISHED_YET)?.to_string()))
}

/// Which two trees.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ConsistencyQuery {
    /// Size of the older one.
    from: u64,
    /// Size of the newer one; the published one if left out.
    to: Option<u64>,
}

/// That the log only grew, for anybody: the hashes of RFC 6962 §2.1.2, base64, one a line.
#[utoipa::path(
    tag = "proofs",
    security(()),
    params(ConsistencyQuery),
    responses((status = 200, description = "Hashes; none where there is nothing to prove",
               content_type = "text/plain"),
              (status = 404, body = Problem)),
)]
#[get("/api/v1/log/consistency")]
async fn consistency(
    app: web::Data<App>,
    request: HttpRequest,
    query: web::Query<ConsistencyQuery>,
) -> HandlerResult {
    cacheable(&request);
    let published = published(&app).await?;
    let from = query.from;
    let to = query.to.unwrap_or(published.checkpoint.size);
    if query.to.is_some_and(|to| from > to) {
        return Err(BAD_QUERY.into());
    }
    let hashes = published.consistency(from, to).await?.ok_or(NOT_PUBLISHED_YET)?;
    let mut text = String::new();
    for hash in hashes {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", BASE64.encode(hash));
    }
    Ok(public(text))
}

/// How a receipt is given.
#[derive(Deserialize, ToSchema, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum ReceiptForm {
    /// The receipt itself, to keep.
    #[default]
    File,
    /// What it says, in words, to print.
    Page,
    /// The receipt as a QR code, SVG.
    Qr,
}

/// Which event of a consent.
#[derive(Deserialize, ToSchema, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum ReceiptEvent {
    /// That it was given.
    #[default]
    Granted,
    /// That it was taken back.
    Revoked,
}

/// What receipt.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReceiptQuery {
    /// `file` (the default), `page` or `qr`.
    #[serde(default)]
    #[param(inline)]
    form: ReceiptForm,
    /// `granted` (the default) or `revoked`.
    #[serde(default)]
    #[param(inline)]
    event: ReceiptEvent,
}

/// My receipt of a consent: the event's line, and the proof that it stands in the log. It can be checked
/// without this organisation (docs/proofs.md).
#[utoipa::path(
    tag = "proofs",
    params(
        ("patient" = String, Path, description = "The patient"),
        ("consent" = String, Path, description = "The consent"),
        ReceiptQuery,
    ),
    responses((status = 200, description = "The line, a newline, a c2sp.org/tlog-proof@v1; or a page, or SVG",
               content_type = "text/plain"),
              (status = 404, body = Problem),
              (status = 422, body = Problem)),
)]
#[get("/api/v1/patients/{patient}/consents/{consent}/receipt")]
async fn receipt(
    app: web::Data<App>,
    caller: Requester,
    path: web::Path<(PatientId, ConsentId)>,
    query: web::Query<ReceiptQuery>,
) -> HandlerResult {
    let (patient, consent) = path.into_inner();
    let patient = caller.only(patient)?;
    let events = of_patient(app.events(), patient, consent).await?.ok_or(NOT_FOUND)?;
    let (which, name) = match query.event {
        ReceiptEvent::Granted => (ConsentEvent::Granted, "consent"),
        ReceiptEvent::Revoked => (ConsentEvent::Revoked, "revocation"),
    };
    let (line, _) = events.line(which).ok_or(NOT_REVOKED)?;
    let receipt = published(&app).await?.receipt(line).await?.ok_or(NOT_PUBLISHED_YET)?;
    let file = format!("attachment; filename=\"{name}-{consent}.receipt\"");
    let mut response = HttpResponse::Ok();
    Ok(match query.form {
        ReceiptForm::File => response
            .insert_header((CONTENT_DISPOSITION, file))
            .content_type(TEXT)
            .body(receipt.to_string()),
        ReceiptForm::Page => {
            let keys = app.organisation_keys();
            let name = grantee_name(&app, caller, &events).await?;
            let events = &events;
            let page =
                ConsentPage { events, which, receipt: &receipt, grantee_name: &name, keys: &keys };
            response.content_type(TEXT).body(page.text()?)
        }
        ReceiptForm::Qr => {
            let code = code::code(&receipt).ok_or(NO_CODE)?;
            let whole = if code.without_cosignatures { "left-out" } else { "included" };
            response
                .insert_header(("Medlock-Cosignatures", whole))
                .content_type("image/svg+xml")
                .body(code.svg)
        }
    })
}

/// The grantee's name, opened for the patient as the list of consents opens it.
async fn grantee_name(
    app: &App,
    caller: Requester,
    events: &ConsentEvents,
) -> Result<String, Problem> {
    let position = events.line(ConsentEvent::Granted).map(|(line, _)| line.position.0);
    fresh(app, &ListQuery { cursor: None, limit: None, min_position: position }).await?;
    let now = app.now();
    let all = WhichConsents::Every;
    let page = (None, CONSENTS_MAX);
    let found = WhoCanSee::of(app.models.store(), events.patient, all, now, page).await?;
    let consent = events.granted.consent;
    let entry = found.items.into_iter().find(|entry| entry.consent.granted.consent == consent);
    let permit = PersonalTextPermit::own(caller.actor());
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let sealed = entry.and_then(|entry| entry.grantee_name);
    Ok(text_if(reader, sealed.as_ref()).await?.unwrap_or_default())
}

/// Everything that is logged about me, with what shows that it is all. A folder of files, as one tar file
/// (docs/proofs.md).
#[utoipa::path(
    tag = "proofs",
    params(("patient" = String, Path, description = "The patient")),
    responses((status = 200, description = "The folder that docs/verify/README.md describes",
               content_type = "application/x-tar"),
              (status = 404, body = Problem)),
)]
#[get("/api/v1/patients/{patient}/history-bundle")]
async fn history_bundle(
    app: web::Data<App>,
    caller: Requester,
    path: web::Path<PatientId>,
) -> HandlerResult {
    let patient = caller.only(path.into_inner())?;
    let app = app.into_inner();
    let made = app.now();
    let (give, pieces) = mpsc::channel(PIECES_WAITING);
    let (answer, answered) = oneshot::channel();
    tokio::spawn(async move { bundle(app, caller, patient, answer, &give).await });
    answered.await.map_err(|_| FAILED)??;
    let seconds = u64::try_from(made.micros() / 1_000_000).unwrap_or_default();
    let mut archive = Archive::new(seconds);
    let bytes = ReceiverStream::new(pieces).map(move |piece| {
        let bytes = piece.map_err(std::io::Error::other).and_then(|piece| archive.take(piece));
        bytes.map(web::Bytes::from)
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"medlock-history.tar\""))
        .content_type("application/x-tar")
        .streaming(bytes))
}

/// Plans a bundle, tells whether there is one, and gives it out piece by piece.
async fn bundle(
    app: Arc<App>,
    caller: Requester,
    patient: PatientId,
    answer: oneshot::Sender<Result<(), Problem>>,
    give: &Pieces,
) {
    match plan(&app, caller, patient).await {
        Ok(bundle) => {
            // Whoever asked may be gone already: then nobody takes the pieces either.
            let _ = answer.send(Ok(()));
            bundle.write(give).await;
        }
        Err(problem) => drop(answer.send(Err(problem))),
    }
}

async fn plan(
    app: &App,
    caller: Requester,
    patient: PatientId,
) -> Result<HistoryBundle<'_>, Problem> {
    let stream = StreamName::patient(patient);
    let source = Source {
        events: app.events(),
        published: published(app).await?,
        key: app.stream_key(&stream).await?.ok_or(NOT_FOUND)?,
        stream,
        keys: app.organisation_keys(),
        made: app.now(),
        by: Some(caller.actor()),
    };
    Ok(HistoryBundle::plan(source).await?.ok_or(NOT_PUBLISHED_YET)?)
}

impl App {
    /// Whom this organisation says to believe.
    fn organisation_keys(&self) -> OrganisationKeys {
        let keys = self.log.signer().keys_ever();
        OrganisationKeys { log: keys, ..self.organisation_policy.clone() }
    }
}
