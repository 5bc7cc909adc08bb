//! The admin's queue of doctors to verify.

use actix_web::http::header::{ETag, EntityTag};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::identity::event::NameList;
use domain::ids::DoctorId;
use projections::identity::verification_queue::opened::OpenedQueueEntry;
use projections::identity::verification_queue::{QueueEntry, VerificationQueue};
use projections::personal_text::PermittedReader;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::actor::Requester;
use crate::problem::{CHANGED, NOT_FOUND, Problem};
use crate::rest::HandlerResult;
use crate::rest::identity::registration::SpecialtyCode;
use crate::rest::identity::standing::StandingCode;
use crate::rest::ids::DoctorUuid;
use crate::rest::lists::{ListQuery, Listed, ReadQuery, as_of_now, seen, shown};
use crate::rest::paths::DoctorPath;
use crate::rest::tags::{is_bound, refuse_unless_seen, tag_of};
use crate::rest::when::When;
use crate::wiring::App;

/// Which part of the queue.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct QueueQuery {
    /// `pending` if left out.
    #[serde(default)]
    standing: StandingCode,
}

/// A doctor in the queue.
#[derive(Serialize, ToSchema)]
struct QueuedDoctor {
    doctor: DoctorUuid,
    standing: StandingCode,
    /// Since when they stand there.
    since: When,
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
    params(ListQuery<QueueQuery>),
    responses((status = 200, body = Listed<QueuedDoctor>),),
)]
#[get("/api/v1/admin/verifications")]
pub(super) async fn verification_queue(
    app: web::Data<App>,
    caller: Requester,
    list: ListQuery<QueueQuery>,
) -> HandlerResult {
    caller.admin()?;
    let page = list.page(&app, caller).await?;
    let standing = list.filter.standing;
    let permit = app.lists.permit_names(caller.0, NameList::VerificationQueue).await?;
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let found = VerificationQueue::of(app.models.store(), standing.into(), page).await?;
    let found = VerificationQueue::opened(found, reader).await?;
    list.answer((&app, caller), found, QueuedDoctor::from)
}

/// One doctor, wherever they stand, with an `ETag` that a change of the standing can be bound to. Reading
/// it is an event.
#[utoipa::path(
    tag = "identity",
    params(DoctorPath, ReadQuery),
    responses((status = 200, body = QueuedDoctor)),
)]
#[get("/api/v1/admin/verifications/{doctor}")]
pub(super) async fn verification(
    app: web::Data<App>,
    caller: Requester,
    path: Path<DoctorPath>,
    query: web::Query<ReadQuery>,
) -> HandlerResult {
    caller.admin()?;
    seen(&app, query.min_position).await?;
    let entry = VerificationQueue::one(app.models.store(), path.doctor.0).await?;
    let entry = entry.ok_or(NOT_FOUND)?;
    let tag = standing_tag(&app, &entry);
    let permit = app.lists.permit_names(caller.0, NameList::VerificationQueue).await?;
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let opened = VerificationQueue::opened_one(entry, reader).await?;
    Ok(HttpResponse::Ok().insert_header(ETag(tag)).json(QueuedDoctor::from(opened)))
}

/// Stands for what an admin is shown of a doctor. Made of which events it comes from and not of their
/// words, so that a change can be held against it without showing anything to anybody.
fn standing_tag(app: &App, entry: &QueueEntry) -> EntityTag {
    let noted = entry.note.as_ref().map(|note| note.event);
    tag_of(app, &(entry.position, entry.standing.code(), entry.since.micros(), noted))
}

/// Refuses a change whose sender saw the doctor stand elsewhere, if it is bound to what they saw.
pub(super) async fn refuse_if_moved(
    app: &App,
    request: &HttpRequest,
    doctor: DoctorId,
) -> Result<(), Problem> {
    if !is_bound(request) {
        return Ok(());
    }
    as_of_now(app).await?;
    let entry = VerificationQueue::one(app.models.store(), doctor).await?;
    refuse_unless_seen(request, &standing_tag(app, &entry.ok_or(CHANGED)?))
}

impl From<OpenedQueueEntry> for QueuedDoctor {
    fn from(opened: OpenedQueueEntry) -> Self {
        Self {
            doctor: opened.entry.doctor.into(),
            standing: StandingCode::of(opened.entry.standing).unwrap_or_default(),
            since: opened.entry.since.into(),
            name: String::from(opened.name),
            licence: shown(opened.licence),
            issuer: shown(opened.issuer),
            specialty: opened.entry.person.specialty.map(SpecialtyCode),
            specialty_text: shown(opened.specialty_text),
            note: opened.note.map(String::from),
        }
    }
}
