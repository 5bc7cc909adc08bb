//! The patients who let me in.

use actix_web::{get, web};
use domain::identity::event::NameList;
use projections::consent::my_patients::MyPatients;
use projections::consent::my_patients::opened::OpenedPatient;
use projections::personal_text::PermittedReader;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::rest::HandlerResult;
use crate::rest::ids::PatientUuid;
use crate::rest::lists::{ListQuery, Listed, shown};
use crate::rest::when::When;
use crate::wiring::App;

/// A patient who let me in.
#[derive(Serialize, ToSchema)]
struct MyPatient {
    patient: PatientUuid,
    name: String,
    /// When they first let me in.
    since: When,
    /// Whether a consent is in force now: whose viewings are used up opens no report, but lists titles.
    in_force: bool,
}

/// The patients who let me in. Reading it is an event on my stream.
#[utoipa::path(
    tag = "consent",
    params(ListQuery),
    responses((status = 200, body = Listed<MyPatient>),),
)]
#[get("/api/v1/me/patients")]
pub(super) async fn my_patients(
    app: web::Data<App>,
    caller: Requester,
    list: ListQuery,
) -> HandlerResult {
    let doctor = caller.doctor()?.doctor;
    let page = list.page(&app, caller).await?;
    let permit = app.lists.permit_names(caller.0, NameList::MyPatients).await?;
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let found = MyPatients::of(app.models.store(), doctor, page).await?;
    let patients: Vec<_> = found.items.iter().map(|entry| entry.patient).collect();
    let letting_in = app.lists.letting_in(doctor, &patients).await?;
    let found = MyPatients::opened(found, reader).await?;
    let item = |OpenedPatient { entry, name }| MyPatient {
        patient: entry.patient.into(),
        name: shown(name),
        since: entry.since.into(),
        in_force: letting_in.contains(&entry.patient),
    };
    list.answer((&app, caller), found, item)
}
