//! The admin's queue of doctors to verify.

use actix_web::{get, web};
use domain::identity::event::NameList;
use projections::identity::verification_queue::VerificationQueue;
use projections::identity::verification_queue::opened::OpenedQueueEntry;
use projections::personal_text::PermittedReader;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::actor::Requester;
use crate::rest::HandlerResult;
use crate::rest::identity::registration::SpecialtyCode;
use crate::rest::identity::standing::StandingCode;
use crate::rest::ids::DoctorUuid;
use crate::rest::lists::{ListQuery, Listed, shown};
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
    let item = |opened: OpenedQueueEntry| QueuedDoctor {
        doctor: opened.entry.doctor.into(),
        standing,
        since: opened.entry.since.into(),
        name: String::from(opened.name),
        licence: shown(opened.licence),
        issuer: shown(opened.issuer),
        specialty: opened.entry.person.specialty.map(SpecialtyCode),
        specialty_text: shown(opened.specialty_text),
        note: opened.note.map(String::from),
    };
    list.answer((&app, caller), found, item)
}
