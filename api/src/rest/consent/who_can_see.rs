//! Who can see my record: the consents I gave.

use actix_web::web::Path;
use actix_web::{get, web};
use domain::access::policy::PersonalTextPermit;
use domain::consent::scope::{Exceptions, Scope};
use domain::consent::state::Effect;
use domain::ids::{ConsentId, PatientId};
use projections::access::who_can_see::WhoCanSee;
use projections::access::who_can_see::opened::OpenedConsent;
use projections::personal_text::PermittedReader;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ExceptionsBody, PurposeCode, ScopeBody};
use crate::actor::Requester;
use crate::problem::{NOT_FOUND, Problem};
use crate::rest::ids::{ConsentUuid, GranteeBody};
use crate::rest::lists::{ListQuery, Listed, ReadQuery, WhichConsents, seen, shown};
use crate::rest::paths::{ConsentPath, PatientPath};
use crate::rest::when::When;
use crate::rest::{HandlerResult, ok};
use crate::wiring::App;

/// Which consents.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ConsentQuery {
    /// `in_force` (those whose `state` says so) or `all` (the default).
    #[serde(default)]
    which: WhichConsents,
}

/// What a consent does now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ConsentState {
    /// A viewing may be opened under it.
    InForce,
    /// Its viewings are used up. The doctor still sees which reports it covers, and may bring one.
    UsedUp,
    /// The doctor it names is suspended, or not verified any more. If that ends, it opens reports again.
    DoctorMayNotAct,
    /// It opens nothing while my record is closed.
    RecordClosed,
    /// It opens nothing while I bar whom it names.
    Barred,
    /// Its period has not begun.
    NotYet,
    /// Its period is over.
    Expired,
    /// I took it back.
    Revoked,
}

impl From<Effect> for ConsentState {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::InForce => Self::InForce,
            Effect::UsedUp => Self::UsedUp,
            Effect::DoctorMayNotAct => Self::DoctorMayNotAct,
            Effect::RecordClosed => Self::RecordClosed,
            Effect::Barred => Self::Barred,
            Effect::NotYet => Self::NotYet,
            Effect::Expired => Self::Expired,
            Effect::Revoked => Self::Revoked,
        }
    }
}

/// A consent I gave.
#[derive(Serialize, ToSchema)]
pub(super) struct MyConsent {
    consent: ConsentUuid,
    grantee: GranteeBody,
    grantee_name: String,
    #[schema(value_type = ScopeBody)]
    scope: Scope,
    #[schema(value_type = ExceptionsBody)]
    exceptions: Exceptions,
    purpose: PurposeCode,
    from: When,
    until: When,
    /// Judged now.
    state: ConsentState,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<When>,
    #[serde(skip_serializing_if = "Option::is_none")]
    views_max: Option<u32>,
    /// Viewings opened under it.
    views: u32,
}

impl From<OpenedConsent> for MyConsent {
    fn from(OpenedConsent { entry, grantee_name }: OpenedConsent) -> Self {
        let granted = entry.consent.granted;
        Self {
            consent: granted.consent.into(),
            grantee: granted.grantee.into(),
            grantee_name: shown(grantee_name),
            scope: granted.scope,
            exceptions: granted.exceptions,
            purpose: PurposeCode(granted.purpose),
            from: granted.period.from.into(),
            until: granted.period.until.into(),
            state: entry.effect.into(),
            revoked_at: entry.consent.revoked_at.map(When::from),
            views_max: granted.views_max,
            views: entry.consent.views,
        }
    }
}

/// Who can see my record now, and who could.
#[utoipa::path(
    tag = "consent",
    params(PatientPath, ListQuery<ConsentQuery>),
    responses((status = 200, body = Listed<MyConsent>),),
)]
#[get("/api/v1/patients/{patient}/consents")]
pub(super) async fn who_can_see(
    app: web::Data<App>,
    caller: Requester,
    path: Path<PatientPath>,
    list: ListQuery<ConsentQuery>,
) -> HandlerResult {
    let patient = caller.owner_of(path.patient.0)?;
    let page = list.page(&app, caller).await?;
    let which = list.filter.which;
    let permit = PersonalTextPermit::own(caller.actor());
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let now = app.now();
    let found = WhoCanSee::of(app.models.store(), patient, which.into(), now, page).await?;
    let found = WhoCanSee::opened(found, reader).await?;
    list.answer((&app, caller), found, MyConsent::from)
}

/// One consent that I gave.
#[utoipa::path(
    tag = "consent",
    params(ConsentPath, ReadQuery),
    responses((status = 200, body = MyConsent),),
)]
#[get("/api/v1/patients/{patient}/consents/{consent}")]
pub(super) async fn consent(
    app: web::Data<App>,
    caller: Requester,
    path: Path<ConsentPath>,
    query: web::Query<ReadQuery>,
) -> HandlerResult {
    let patient = caller.owner_of(path.patient.0)?;
    seen(&app, query.min_position).await?;
    ok(my_consent(&app, caller, (patient, path.consent.0)).await?)
}

/// A consent as its patient is shown it now.
pub(super) async fn my_consent(
    app: &App,
    caller: Requester,
    which: (PatientId, ConsentId),
) -> Result<MyConsent, Problem> {
    let found = WhoCanSee::one(app.models.store(), which, app.now()).await?.ok_or(NOT_FOUND)?;
    let permit = PersonalTextPermit::own(caller.actor());
    let reader = PermittedReader::new(&permit, &*app.unseal);
    Ok(WhoCanSee::opened_one(found, reader).await?.into())
}
