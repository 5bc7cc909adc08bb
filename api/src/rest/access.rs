//! Viewing: token, redeem, page, close.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use domain::access::ground::Ground;
use domain::access::policy::PersonalTextPermit;
use domain::ids::{ConsentId, EmergencyId, MandateId, PatientId, PracticeId, ReportId, ViewingId};
use domain::journal::Position;
use domain::time::Moment;
use projections::access::access_history::AccessHistory;
use projections::access::access_history::sentence::tell;
use projections::personal_text::PermittedReader;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::consent::PurposeCode;
use super::idempotency::hold;
use super::lists::{ListQuery, Listed, fresh};
use super::{Done, HandlerResult, made, ok};
use crate::actor::Requester;
use crate::problem::{Problem, failed};
use crate::wiring::App;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(ask).service(redeem).service(page).service(close).service(history);
}

/// What a doctor asks to see.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ViewRequest {
    #[schema(value_type = String, format = Uuid)]
    report: ReportId,
    purpose: PurposeCode,
}

/// Why an access was allowed.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum GroundBody {
    /// A consent that names the doctor.
    Consent {
        #[schema(value_type = String, format = Uuid)]
        consent: ConsentId,
    },
    /// A consent that names a practice.
    Practice {
        #[schema(value_type = String, format = Uuid)]
        consent: ConsentId,
        #[schema(value_type = String, format = Uuid)]
        practice: PracticeId,
    },
    /// A broken glass.
    Emergency {
        #[schema(value_type = String, format = Uuid)]
        emergency: EmergencyId,
    },
    /// The reader is the patient.
    Own {},
    /// Somebody who acts for the patient.
    Proxy {
        #[schema(value_type = String, format = Uuid)]
        mandate: MandateId,
    },
}

impl From<Ground> for GroundBody {
    fn from(ground: Ground) -> Self {
        match ground {
            Ground::Consent { consent } => Self::Consent { consent },
            Ground::Practice { consent, practice } => Self::Practice { consent, practice },
            Ground::Emergency { emergency } => Self::Emergency { emergency },
            Ground::Own {} => Self::Own {},
            Ground::Proxy { mandate } => Self::Proxy { mandate },
        }
    }
}

/// A single-use view token.
#[derive(Serialize, ToSchema)]
struct TokenMade {
    /// Shown once, good once, for this session only.
    token: String,
    /// When it dies unused.
    #[schema(value_type = String, format = DateTime)]
    until: Moment,
    /// What allows it.
    ground: GroundBody,
    #[schema(value_type = u64)]
    position: Position,
}

/// Ask to see a report. The policy decides; a "no" names the rule and the next step.
#[utoipa::path(
    tag = "access",
    params(
        ("patient" = String, Path, description = "The patient"),
        (
            "Idempotency-Key" = Option<String>,
            Header,
            description = "A token is shown once: a repetition answers already_issued",
        ),
    ),
    responses(
        (status = 201, body = TokenMade),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/api/v1/patients/{patient}/view-tokens")]
async fn ask(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: web::Path<PatientId>,
    body: web::Json<ViewRequest>,
) -> HandlerResult {
    let doctor = caller.doctor()?;
    let held = hold(&app, caller.actor(), &request, &*body)?;
    let patient = path.into_inner();
    let purpose = body.purpose.0;
    let asked = app.viewing.ask(doctor, patient, body.report, purpose, held.request).await;
    let (token, issued, position) = asked?;
    let token = token.expose_secret().to_owned();
    made(TokenMade { token, until: issued.until, ground: issued.ground.into(), position })
}

/// A token to use up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Redeem {
    #[schema(value_type = String)]
    token: SecretString,
}

/// An open viewing.
#[derive(Serialize, ToSchema)]
struct ViewingMade {
    #[schema(value_type = String, format = Uuid)]
    viewing: ViewingId,
    #[schema(value_type = String, format = Uuid)]
    report: ReportId,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    until: Moment,
    /// Where its first page is.
    first_page: String,
    /// What a view is and is not.
    note: &'static str,
    #[schema(value_type = u64)]
    position: Position,
}

/// Redeem a view token: the view is in the log before anything is decrypted.
#[utoipa::path(
    tag = "access",
    params(
        ("patient" = String, Path, description = "The patient"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe"),
    ),
    responses(
        (status = 201, body = ViewingMade),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/api/v1/patients/{patient}/viewings")]
async fn redeem(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: web::Path<PatientId>,
    body: web::Json<Redeem>,
) -> HandlerResult {
    let doctor = caller.doctor()?;
    let patient = path.into_inner();
    let hash = commands::hashes::token_hash(body.token.expose_secret()).to_string();
    let held = hold(&app, caller.actor(), &request, &hash)?;
    let (viewed, position) = app.viewing.redeem(doctor, patient, &body.token, held.request).await?;
    made(ViewingMade {
        viewing: viewed.viewing,
        report: viewed.report,
        until: viewed.until,
        first_page: format!("/api/v1/patients/{patient}/viewings/{}/pages/1", viewed.viewing),
        note: "View-only deters; it cannot prevent a photograph.",
        position,
    })
}

/// See one page: drawn on the server, watermarked, never stored by the browser. Each page is an event.
#[utoipa::path(
    tag = "access",
    params(
        ("patient" = String, Path, description = "The patient"),
        ("viewing" = String, Path, description = "The viewing"),
        ("page" = u32, Path, description = "From 1"),
    ),
    responses(
        (
            status = 200,
            description = "The page; Medlock-Pages says how many there are, Medlock-Event which event recorded this",
            content_type = "image/png",
        ),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ),
)]
#[get("/api/v1/patients/{patient}/viewings/{viewing}/pages/{page}")]
async fn page(
    app: web::Data<App>,
    caller: Requester,
    path: web::Path<(PatientId, ViewingId, u32)>,
) -> HandlerResult {
    let (patient, viewing, page) = path.into_inner();
    let shown = app.viewing.show_page(caller.doctor()?, patient, viewing, page).await?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("Medlock-Pages", shown.page.pages.to_string()))
        .insert_header(("Medlock-Event", shown.event.to_string()))
        .insert_header(("Medlock-Position", shown.position.to_string()))
        .body(shown.page.png))
}

/// Close a viewing.
#[utoipa::path(
    tag = "access",
    params(
        ("patient" = String, Path, description = "The patient"),
        ("viewing" = String, Path, description = "The viewing"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe"),
    ),
    responses((status = 200, body = Done), (status = 404, body = Problem)),
)]
#[delete("/api/v1/patients/{patient}/viewings/{viewing}")]
async fn close(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: web::Path<(PatientId, ViewingId)>,
) -> HandlerResult {
    let (patient, viewing) = path.into_inner();
    let doctor = caller.doctor()?;
    let held = hold(&app, caller.actor(), &request, &())?;
    let outcome = app.viewing.end(doctor, patient, viewing, held.request).await?;
    ok(Done { position: outcome.position })
}

/// Something that happened to my record.
#[derive(Serialize, ToSchema)]
struct HistoryEntry {
    #[schema(value_type = u64)]
    position: Position,
    /// The event that says so.
    event: String,
    #[schema(value_type = String, format = DateTime)]
    at: Moment,
    /// What happened, in plain words.
    sentence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    report: Option<ReportId>,
    /// What allowed it, of an access.
    #[serde(skip_serializing_if = "Option::is_none")]
    ground: Option<GroundBody>,
}

/// Who looked at my record, who tried, and by which consent: in plain sentences, newest first.
#[utoipa::path(
    tag = "access",
    params(("patient" = String, Path, description = "The patient"), ListQuery),
    responses((status = 200, body = Listed<HistoryEntry>), (status = 404, body = Problem)),
)]
#[get("/api/v1/patients/{patient}/access-history")]
async fn history(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: web::Path<PatientId>,
    query: web::Query<ListQuery>,
) -> HandlerResult {
    let patient = caller.owner_of(path.into_inner())?;
    let range = fresh(&app, &query).await?;
    let permit = PersonalTextPermit::own(caller.actor());
    let found = AccessHistory::of(app.models.store(), patient, range).await?;
    let sentences = tell(found.items, PermittedReader::new(&permit, &*app.unseal)).await;
    let items = sentences.map_err(|error| failed(&error))?.into_iter();
    let items = items.map(|sentences| HistoryEntry {
        position: sentences.entry.position,
        event: sentences.entry.event.to_string(),
        at: sentences.entry.at,
        sentence: sentences.sentence,
        report: sentences.entry.report,
        ground: sentences.entry.what.ground().map(GroundBody::from),
    });
    Listed::answer(&app, &request, items.collect(), found.total, found.next)
}
