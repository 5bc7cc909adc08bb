//! The directory: the verified doctors of this organisation.

use actix_web::{get, web};
use domain::identity::event::NameList;
use projections::identity::people::People;
use projections::identity::people::opened::OpenedDoctor;
use projections::personal_text::PermittedReader;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::rest::HandlerResult;
use crate::rest::identity::registration::SpecialtyCode;
use crate::rest::ids::AccountName;
use crate::rest::lists::{ListQuery, Listed, shown};
use crate::wiring::App;

/// A doctor of this organisation.
#[derive(Serialize, ToSchema)]
struct ListedDoctor {
    /// `doctor:<uuid>`.
    account: AccountName,
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
pub(super) async fn doctors(
    app: web::Data<App>,
    caller: Requester,
    list: ListQuery,
) -> HandlerResult {
    let page = list.page(&app, caller).await?;
    let permit = app.lists.permit_names(caller.0, NameList::Doctors).await?;
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let found = People::verified_doctors(app.models.store(), page).await?;
    let found = People::opened(found, reader).await?;
    let item = |OpenedDoctor { person, name, specialty_text }| ListedDoctor {
        account: person.account.into(),
        name: String::from(name),
        specialty: person.specialty.map(SpecialtyCode),
        specialty_text: shown(specialty_text),
    };
    list.answer((&app, caller), found, item)
}
