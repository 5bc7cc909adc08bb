//! The directory: the verified doctors of this organisation.

use actix_web::{HttpRequest, get, web};
use domain::actor::Actor;
use domain::identity::event::NameList;
use projections::identity::people::People;
use projections::personal_text::PermittedReader;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::rest::HandlerResult;
use crate::rest::identity::registration::SpecialtyCode;
use crate::rest::lists::{ListQuery, Listed, fresh, text_if, words};
use crate::wiring::App;

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
pub(super) async fn doctors(
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
