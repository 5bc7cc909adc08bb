//! The desks: the admin's verification queue, the doctor's patients, the directory of doctors.

use actix_web::{HttpRequest, get, post, web};
use commands::identity::forms::FormCheck;
use commands::identity::standing::StandingStep;
use domain::actor::Actor;
use domain::identity::doctor::Standing;
use domain::identity::event::NameList;
use domain::ids::{DoctorId, PatientId};
use domain::time::Moment;
use projections::consent::my_patients::MyPatients;
use projections::identity::people::People;
use projections::identity::verification_queue::VerificationQueue;
use projections::personal_text::PermittedReader;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::registration::SpecialtyCode;
use crate::actor::Requester;
use crate::problem::Problem;
use crate::rest::idempotency::hold;
use crate::rest::lists::{ListQuery, Listed, WhichConsents, fresh, text_if, words};
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(verification_queue)
        .service(change_standing)
        .service(doctors)
        .service(my_patients);
}

/// A step in a doctor's standing.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum StandingPath {
    /// From pending to verified.
    Verify,
    /// From pending to rejected.
    Reject,
    /// From verified to suspended: open tokens and views are dead at once.
    Suspend,
    /// From suspended to verified.
    Reinstate,
}

impl From<StandingPath> for StandingStep {
    fn from(step: StandingPath) -> Self {
        match step {
            StandingPath::Verify => Self::Verify,
            StandingPath::Reject => Self::Reject,
            StandingPath::Suspend => Self::Suspend,
            StandingPath::Reinstate => Self::Reinstate,
        }
    }
}

/// A step and its reason.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StandingChange {
    step: StandingPath,
    /// The evidence looked at, or the reason: one line, at most 1,000 characters.
    note: String,
}

/// Verify, reject, suspend or reinstate a doctor.
#[utoipa::path(
    tag = "identity",
    params(
        ("doctor" = String, Path, description = "The doctor"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe"),
    ),
    responses(
        (status = 200, body = Done),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/api/v1/doctors/{doctor}/standing")]
async fn change_standing(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: web::Path<DoctorId>,
    body: web::Json<StandingChange>,
) -> HandlerResult {
    let doctor = path.into_inner();
    let admin = caller.admin()?;
    let mut check = FormCheck::default();
    let note = check.line("/note", &body.note, 1_000);
    check.done()?;
    let held = hold(&app, caller.actor(), &request, &*body)?;
    let change = (body.step.into(), note);
    let outcome = app.standing.change(admin, doctor, change, held.request).await?;
    ok(Done { position: outcome.position })
}

/// Which part of the queue.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct QueueQuery {
    /// `pending` if left out.
    #[serde(default)]
    standing: StandingCode,
    /// Opaque: from the last answer's `next`.
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<usize>,
    /// Wait until this position has been seen.
    min_position: Option<u64>,
}

/// Where a doctor stands.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum StandingCode {
    #[default]
    Pending,
    Verified,
    Rejected,
    Suspended,
}

impl From<StandingCode> for Standing {
    fn from(code: StandingCode) -> Self {
        match code {
            StandingCode::Pending => Self::Pending,
            StandingCode::Verified => Self::Verified,
            StandingCode::Rejected => Self::Rejected,
            StandingCode::Suspended => Self::Suspended,
        }
    }
}

/// A doctor in the queue.
#[derive(Serialize, ToSchema)]
struct QueuedDoctor {
    #[schema(value_type = String, format = Uuid)]
    doctor: DoctorId,
    standing: StandingCode,
    /// Since when they stand there.
    #[schema(value_type = String, format = DateTime)]
    since: Moment,
    name: String,
    licence: String,
    issuer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    specialty: Option<SpecialtyCode>,
    /// In the doctor's own words.
    specialty_text: String,
    /// The note of the last step.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// Doctors waiting for an admin, oldest first. Reading it is an event.
#[utoipa::path(
    tag = "identity",
    params(QueueQuery),
    responses((status = 200, body = Listed<QueuedDoctor>), (status = 403, body = Problem)),
)]
#[get("/api/v1/admin/verifications")]
async fn verification_queue(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    query: web::Query<QueueQuery>,
) -> HandlerResult {
    caller.admin()?;
    let QueueQuery { standing, cursor, limit, min_position } = query.into_inner();
    let page = fresh(&app, &ListQuery { cursor, limit, min_position }).await?;
    let permit = app.lists.permit_names(caller.0, NameList::VerificationQueue).await?;
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let found = VerificationQueue::of(app.models.store(), standing.into(), page).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for entry in &found.items {
        items.push(QueuedDoctor {
            doctor: entry.doctor,
            standing,
            since: entry.since,
            name: words(reader, &entry.person.name).await?,
            licence: text_if(reader, entry.person.licence.as_ref()).await?.unwrap_or_default(),
            issuer: text_if(reader, entry.person.issuer.as_ref()).await?.unwrap_or_default(),
            specialty: entry.person.specialty.map(SpecialtyCode),
            specialty_text: text_if(reader, entry.person.specialty_text.as_ref())
                .await?
                .unwrap_or_default(),
            note: text_if(reader, entry.note.as_ref()).await?,
        });
    }
    Listed::answer(&app, &request, items, found.total, found.next)
}

/// A doctor of this organisation.
#[derive(Serialize, ToSchema)]
struct ListedDoctor {
    /// `doctor:<uuid>`.
    #[schema(value_type = String)]
    account: Actor,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    specialty: Option<SpecialtyCode>,
    /// In the doctor's own words.
    specialty_text: String,
}

/// The verified doctors of this organisation: whom a patient can let in.
#[utoipa::path(
    tag = "identity",
    params(ListQuery),
    responses((status = 200, body = Listed<ListedDoctor>)),
)]
#[get("/api/v1/doctors")]
async fn doctors(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    query: web::Query<ListQuery>,
) -> HandlerResult {
    let page = fresh(&app, &query).await?;
    let permit = app.lists.permit_names(caller.0, NameList::Doctors).await?;
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let found = People::verified_doctors(app.models.store(), page).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for person in &found.items {
        items.push(ListedDoctor {
            account: person.account,
            name: words(reader, &person.name).await?,
            specialty: person.specialty.map(SpecialtyCode),
            specialty_text: text_if(reader, person.specialty_text.as_ref())
                .await?
                .unwrap_or_default(),
        });
    }
    Listed::answer(&app, &request, items, found.total, found.next)
}

/// A patient who let me in.
#[derive(Serialize, ToSchema)]
struct MyPatient {
    #[schema(value_type = String, format = Uuid)]
    patient: PatientId,
    name: String,
    /// When they first let me in.
    #[schema(value_type = String, format = DateTime)]
    since: Moment,
    /// Whether a consent is in force now.
    in_force: bool,
}

/// The patients who let me in. Reading it is an event on my stream.
#[utoipa::path(
    tag = "consent",
    params(ListQuery),
    responses((status = 200, body = Listed<MyPatient>), (status = 403, body = Problem)),
)]
#[get("/api/v1/me/patients")]
async fn my_patients(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    query: web::Query<ListQuery>,
) -> HandlerResult {
    let doctor = caller.doctor()?.doctor;
    let page = fresh(&app, &query).await?;
    let permit = app.lists.permit_names(caller.0, NameList::MyPatients).await?;
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let now = app.now();
    let found =
        MyPatients::of(app.models.store(), doctor, WhichConsents::All.into(), now, page).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for entry in &found.items {
        items.push(MyPatient {
            patient: entry.patient,
            name: text_if(reader, entry.name.as_ref()).await?.unwrap_or_default(),
            since: entry.since,
            in_force: entry.in_force,
        });
    }
    Listed::answer(&app, &request, items, found.total, found.next)
}
