//! The patients who let me in.

use actix_web::{get, web};
use commands::access::lists_shown::OpenConsent;
use domain::identity::event::NameList;
use projections::consent::my_patients::MyPatients;
use projections::consent::my_patients::opened::OpenedPatient;
use projections::personal_text::PermittedReader;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::rest::HandlerResult;
use crate::rest::consent::PurposeCode;
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
    /// By which consents, oldest first.
    consents: Vec<OpenConsentBody>,
}

/// What a doctor is told of a consent that lets them in.
#[derive(Serialize, ToSchema)]
struct OpenConsentBody {
    /// What reports may be asked for under it.
    purpose: PurposeCode,
    /// When it ends by itself.
    until: When,
    /// How many more viewings it allows, if they are limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    views_left: Option<u32>,
}

impl From<&OpenConsent> for OpenConsentBody {
    fn from(open: &OpenConsent) -> Self {
        let OpenConsent { purpose, until, views_left } = *open;
        Self { purpose: PurposeCode(purpose), until: until.into(), views_left }
    }
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
    let mut found = MyPatients::of(app.models.store(), doctor, page).await?;
    let patients: Vec<_> = found.items.iter().map(|entry| entry.patient).collect();
    let letting_in = app.lists.letting_in(doctor, &patients).await?;
    // The charts are newer than the rows: who shut the doctor out makes none, and none in the total.
    let rows = found.items.len();
    found.items.retain(|entry| letting_in.contains_key(&entry.patient));
    found.total = found.total.saturating_sub((rows - found.items.len()) as u64);
    let found = MyPatients::opened(found, reader).await?;
    let item = |OpenedPatient { entry, name }| {
        let open = letting_in.get(&entry.patient).map(Vec::as_slice).unwrap_or_default();
        MyPatient {
            patient: entry.patient.into(),
            name: shown(name),
            since: entry.since.into(),
            in_force: !open.is_empty(),
            consents: open.iter().map(OpenConsentBody::from).collect(),
        }
    };
    list.answer((&app, caller), found, item)
}
