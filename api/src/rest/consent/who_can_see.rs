//! Who can see my record: the consents I gave.

use actix_web::{HttpRequest, get, web};
use domain::access::policy::PersonalTextPermit;
use domain::consent::scope::{Exceptions, Scope};
use domain::consent::state::Force;
use domain::ids::{ConsentId, PatientId};
use domain::time::Moment;
use projections::access::who_can_see::{ConsentEntry, WhoCanSee};
use projections::personal_text::PermittedReader;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ExceptionsBody, GranteeName, PurposeCode, ScopeBody};
use crate::actor::Requester;
use crate::problem::Problem;
use crate::rest::HandlerResult;
use crate::rest::lists::{ListQuery, Listed, WhichConsents, fresh, text_if};
use crate::wiring::App;

/// Which consents.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ConsentQuery {
    /// `in_force` or `all` (the default).
    #[serde(default)]
    which: WhichConsents,
    /// Opaque: from the last answer's `next`.
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<usize>,
    /// Wait until this position has been seen.
    min_position: Option<u64>,
}

/// Whether a consent opens anything.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ConsentState {
    InForce,
    NotYet,
    Expired,
    Revoked,
}

/// A consent I gave.
#[derive(Serialize, ToSchema)]
struct MyConsent {
    #[schema(value_type = String, format = Uuid)]
    consent: ConsentId,
    grantee: GranteeName,
    grantee_name: String,
    #[schema(value_type = ScopeBody)]
    scope: Scope,
    #[schema(value_type = ExceptionsBody)]
    exceptions: Exceptions,
    purpose: PurposeCode,
    #[schema(value_type = String, format = DateTime)]
    from: Moment,
    #[schema(value_type = String, format = DateTime)]
    until: Moment,
    /// Judged now.
    state: ConsentState,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    views_max: Option<u32>,
    /// Viewings opened under it.
    views: u32,
}

impl MyConsent {
    fn of(entry: &ConsentEntry, grantee_name: String) -> Self {
        let granted = &entry.consent.granted;
        Self {
            consent: granted.consent,
            grantee: GranteeName(granted.grantee),
            grantee_name,
            scope: granted.scope.clone(),
            exceptions: granted.exceptions.clone(),
            purpose: PurposeCode(granted.purpose),
            from: granted.period.from,
            until: granted.period.until,
            state: match entry.force {
                Force::InForce => ConsentState::InForce,
                Force::NotYet => ConsentState::NotYet,
                Force::Expired => ConsentState::Expired,
                Force::Revoked => ConsentState::Revoked,
            },
            revoked_at: entry.consent.revoked_at,
            views_max: granted.views_max,
            views: entry.consent.views,
        }
    }
}

/// Who can see my record now, and who could.
#[utoipa::path(
    tag = "consent",
    params(("patient" = String, Path, description = "The patient"), ConsentQuery),
    responses((status = 200, body = Listed<MyConsent>), (status = 404, body = Problem)),
)]
#[get("/api/v1/patients/{patient}/consents")]
pub(super) async fn who_can_see(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: web::Path<PatientId>,
    query: web::Query<ConsentQuery>,
) -> HandlerResult {
    let patient = caller.owner_of(path.into_inner())?;
    let ConsentQuery { which, cursor, limit, min_position } = query.into_inner();
    let page = fresh(&app, &ListQuery { cursor, limit, min_position }).await?;
    let permit = PersonalTextPermit::own(caller.actor());
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let now = app.now();
    let found = WhoCanSee::of(app.models.store(), patient, which.into(), now, page).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for entry in &found.items {
        let name = text_if(reader, entry.grantee_name.as_ref()).await?.unwrap_or_default();
        items.push(MyConsent::of(entry, name));
    }
    Listed::answer(&app, &request, items, found.total, found.next)
}
