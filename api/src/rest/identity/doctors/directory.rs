//! The directory: the verified doctors of this organisation.

use actix_web::web::Path;
use actix_web::{get, web};
use domain::actor::Actor;
use domain::identity::doctor::Standing;
use domain::identity::event::NameList;
use projections::identity::people::People;
use projections::identity::people::opened::OpenedDoctor;
use projections::personal_text::PermittedReader;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::actor::Requester;
use crate::problem::{BAD_QUERY, NOT_FOUND};
use crate::rest::identity::registration::SpecialtyCode;
use crate::rest::ids::{AccountUuid, DoctorUuid};
use crate::rest::lists::{ListQuery, Listed, ReadQuery, seen, shown};
use crate::rest::paths::DoctorPath;
use crate::rest::{HandlerResult, ok};
use crate::wiring::App;

/// A doctor of this organisation.
#[derive(Serialize, ToSchema)]
struct ListedDoctor {
    #[schema(value_type = DoctorUuid)]
    doctor: AccountUuid,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    specialty: Option<SpecialtyCode>,
    /// In the doctor's own words.
    specialty_text: String,
}

/// Which doctors.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DoctorQuery {
    /// Words that all stand in the name, or in the doctor's own words of the specialty; upper or lower case.
    #[param(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// One of the twelve groups.
    specialty: Option<SpecialtyCode>,
}

/// The verified doctors of this organisation: whom a patient can let in.
#[utoipa::path(
    tag = "identity",
    params(ListQuery<DoctorQuery>),
    responses((status = 200, body = Listed<ListedDoctor>)),
)]
#[get("/api/v1/doctors")]
pub(super) async fn doctors(
    app: web::Data<App>,
    caller: Requester,
    list: ListQuery<DoctorQuery>,
) -> HandlerResult {
    let page = list.page(&app, caller).await?;
    let specialty = list.filter.specialty.map(|code| code.0);
    let name = list.filter.name.as_deref();
    if name.is_some_and(|name| !(1..=NAME_CHARS_MAX).contains(&name.chars().count())) {
        return Err(BAD_QUERY.into());
    }
    let permit = app.lists.permit_names(caller.0, NameList::Doctors).await?;
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let store = app.models.store();
    let found = match name {
        Some(name) => People::searched(store, reader, (name, specialty), page).await?,
        None => {
            let found = People::verified_doctors(store, specialty, page).await?;
            People::opened(found, reader).await?
        }
    };
    list.answer((&app, caller), found, ListedDoctor::from)
}

/// One verified doctor of this organisation.
#[utoipa::path(
    tag = "identity",
    params(DoctorPath, ReadQuery),
    responses((status = 200, body = ListedDoctor)),
)]
#[get("/api/v1/doctors/{doctor}")]
pub(super) async fn doctor(
    app: web::Data<App>,
    caller: Requester,
    path: Path<DoctorPath>,
    query: web::Query<ReadQuery>,
) -> HandlerResult {
    seen(&app, query.min_position).await?;
    let permit = app.lists.permit_names(caller.0, NameList::Doctors).await?;
    let found = People::find(app.models.store(), Actor::Doctor(path.doctor.0)).await?;
    let found = found.filter(|person| person.standing == Some(Standing::Verified));
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let opened = People::opened_one(found.ok_or(NOT_FOUND)?, reader).await?;
    ok(ListedDoctor::from(opened))
}

/// Longest name that is looked for.
const NAME_CHARS_MAX: usize = 100;

impl From<OpenedDoctor> for ListedDoctor {
    fn from(OpenedDoctor { person, name, specialty_text }: OpenedDoctor) -> Self {
        Self {
            doctor: person.account.into(),
            name: String::from(name),
            specialty: person.specialty.map(SpecialtyCode),
            specialty_text: shown(specialty_text),
        }
    }
}
