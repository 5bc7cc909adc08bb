//! Reports: announce, upload, download.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use bytes::Bytes;
use commands::ports::blob_store::{BlobError, ClearBytes};
use commands::records::uploading::ReportForm;
use domain::access::event::ClinicalList;
use domain::access::policy::PersonalTextPermit;
use domain::actor::Actor;
use domain::ids::{PatientId, ReportId};
use domain::time::Moment;
use futures::StreamExt as _;
use projections::personal_text::PermittedReader;
use projections::records::my_reports::MyReports;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::consent::CategoryCode;
use super::idempotency::hold;
use super::lists::{ListQuery, Listed, fresh, text_if, words};
use super::{Done, HandlerResult, made};
use crate::actor::Requester;
use crate::problem::{BAD_HEADER, Problem, TOO_LARGE, WRONG_ROLE};
use crate::wiring::App;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(announce).service(upload).service(reports).service(download);
}

/// What is said of a report before its bytes come.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReport {
    /// One line, at most 200 characters.
    title: String,
    category: CategoryCode,
    /// Lower case, no parameters: `application/pdf`.
    media_type: String,
}

/// A ticket for one body.
#[derive(Serialize, ToSchema)]
struct TicketMade {
    #[schema(value_type = String, format = Uuid)]
    report: ReportId,
    /// Send it as `Upload-Ticket` with `PUT /api/v1/uploads` within an hour.
    ticket: String,
}

/// Announce a report: the policy is asked before a byte is taken.
#[utoipa::path(
    tag = "records",
    params(("patient" = String, Path, description = "The patient")),
    responses(
        (status = 201, body = TicketMade),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/api/v1/patients/{patient}/reports")]
async fn announce(
    app: web::Data<App>,
    caller: Requester,
    path: web::Path<PatientId>,
    body: web::Json<NewReport>,
) -> HandlerResult {
    if let Actor::Admin(_) | Actor::System = caller.actor() {
        return Err(WRONG_ROLE.into());
    }
    let NewReport { title, category, media_type } = body.into_inner();
    let patient = path.into_inner();
    let form = ReportForm { patient, title, category: category.0, media_type };
    let (report, ticket) = app.uploads.announce(caller.0, form).await?;
    made(TicketMade { report, ticket: ticket.expose_secret().to_owned() })
}

/// A report was stored.
#[derive(Serialize, ToSchema)]
struct ReportMade {
    #[schema(value_type = String, format = Uuid)]
    report: ReportId,
    /// Length, bytes.
    size: u64,
    #[serde(flatten)]
    done: Done,
}

/// Upload the body of an announced report. Streamed; encrypted before it touches a disk.
#[utoipa::path(
    tag = "records",
    request_body(content_type = "application/octet-stream"),
    params(
        ("Upload-Ticket" = String, Header, description = "The ticket"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe"),
    ),
    responses(
        (status = 201, body = ReportMade),
        (status = 403, body = Problem),
        (status = 413, body = Problem),
        (status = 507, body = Problem),
    ),
)]
#[put("/api/v1/uploads")]
async fn upload(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    body: Payload,
) -> HandlerResult {
    let ticket = request.headers().get("Upload-Ticket").and_then(|value| value.to_str().ok());
    let ticket = ticket.ok_or(BAD_HEADER)?;
    let announced = request.headers().get("Content-Length").and_then(|v| v.to_str().ok());
    let announced = announced.and_then(|text| text.parse::<u64>().ok());
    if announced.is_some_and(|length| length > app.uploads.bytes_max()) {
        return Err(TOO_LARGE.into());
    }
    let held = hold(&app, caller.actor(), &request, &ticket)?;
    let body = send_across(body);
    let outcome = app.uploads.take(caller.0, ticket, body, held.request).await?;
    let (report, size) = (outcome.done.report, outcome.done.size);
    made(ReportMade { report, size, done: Done { position: outcome.position } })
}

/// A payload belongs to one thread of the server; encrypting does not. A short bounded channel joins them:
/// when it is full, the client waits.
fn send_across(mut body: Payload) -> ClearBytes {
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, BlobError>>(8);
    actix_web::rt::spawn(async move {
        while let Some(chunk) = body.next().await {
            let broken = chunk.is_err();
            let chunk = chunk.map_err(|_| BlobError::BrokenOff);
            if sender.send(chunk).await.is_err() || broken {
                break;
            }
        }
    });
    tokio_stream::wrappers::ReceiverStream::new(receiver).boxed()
}

/// Download my own report.
#[utoipa::path(
    tag = "records",
    params(
        ("patient" = String, Path, description = "The patient"),
        ("report" = String, Path, description = "The report"),
    ),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 404, body = Problem),
    ),
)]
#[get("/api/v1/patients/{patient}/reports/{report}/content")]
async fn download(
    app: web::Data<App>,
    caller: Requester,
    path: web::Path<(PatientId, ReportId)>,
) -> HandlerResult {
    let (patient, report) = path.into_inner();
    let patient = caller.owner_of(patient)?;
    let revealed = app.downloads.download(patient, report).await?;
    // Always an attachment of its own type, never rendered inside our origin.
    Ok(HttpResponse::Ok()
        .insert_header(("Content-Type", revealed.media_type))
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{report}\"")))
        .insert_header(("Cache-Control", "no-store"))
        .no_chunking(revealed.size)
        .streaming(revealed.bytes))
}

/// A report.
#[derive(Serialize, ToSchema)]
struct ListedReport {
    #[schema(value_type = String, format = Uuid)]
    report: ReportId,
    title: String,
    category: CategoryCode,
    media_type: String,
    /// Length, bytes.
    size: u64,
    #[schema(value_type = String, format = DateTime)]
    uploaded_at: Moment,
    /// Who uploaded it.
    #[schema(value_type = String)]
    uploaded_by: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    uploaded_by_name: Option<String>,
    /// Whether a doctor could be shown its pages; if not, only the patient can open it.
    can_be_shown: bool,
}

/// My reports; for a doctor, those that a consent in force covers. A doctor's reading is an event on the
/// patient's stream.
#[utoipa::path(
    tag = "records",
    params(("patient" = String, Path, description = "The patient"), ListQuery),
    responses((status = 200, body = Listed<ListedReport>), (status = 404, body = Problem)),
)]
#[get("/api/v1/patients/{patient}/reports")]
async fn reports(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: web::Path<PatientId>,
    query: web::Query<ListQuery>,
) -> HandlerResult {
    let patient = path.into_inner();
    let page = fresh(&app, &query).await?;
    let store = app.models.store();
    let now = app.now();
    let (permit, found) = match caller.actor() {
        Actor::Patient(_) => {
            let patient = caller.owner_of(patient)?;
            (PersonalTextPermit::own(caller.actor()), MyReports::of(store, patient, page).await?)
        }
        Actor::Doctor(doctor) => {
            let list = ClinicalList::ReportTitles;
            let permit = app.lists.permit_personal_text(caller.doctor()?, patient, list).await?;
            (permit, MyReports::shown_to(store, patient, doctor, now, page).await?)
        }
        Actor::Manager(_) | Actor::Admin(_) | Actor::System => return Err(WRONG_ROLE.into()),
    };
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let mut items = Vec::with_capacity(found.items.len());
    for entry in &found.items {
        items.push(ListedReport {
            report: entry.report,
            title: words(reader, &entry.title).await?,
            category: CategoryCode(entry.category),
            can_be_shown: app.viewing.can_show(&entry.media_type),
            media_type: entry.media_type.clone(),
            size: entry.size,
            uploaded_at: entry.uploaded_at,
            uploaded_by: entry.uploaded_by,
            uploaded_by_name: text_if(reader, entry.uploaded_by_name.as_ref()).await?,
        });
    }
    Listed::answer(&app, &request, items, found.total, found.next)
}
