//! Consents: who can see my record now, let somebody in, take it back.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, get, post, web};
use commands::consent::grant_flow::{Choice, Proposal};
use commands::identity::step_up::StepUp;
use domain::access::policy::PersonalTextPermit;
use domain::consent::grantee::Grantee;
use domain::consent::scope::{Exceptions, Purpose, Scope};
use domain::consent::state::Force;
use domain::ids::{ConsentId, PatientId, ReportId};
use domain::records::Category;
use domain::time::{Moment, Period};
use projections::access::who_can_see::{ConsentEntry, WhoCanSee};
use projections::personal_text::PermittedReader;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::idempotency::hold;
use super::lists::{ListQuery, Listed, WhichConsents, fresh, text_if};
use super::when::When;
use super::{Done, HandlerResult, made, ok};
use crate::actor::Requester;
use crate::problem::{BAD_HEADER, Problem};
use crate::wiring::App;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(grant).service(revoke).service(who_can_see);
}

/// HL7 v3 PurposeOfUse.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[schema(value_type = String, examples("TREAT"))]
#[serde(transparent)]
pub(super) struct PurposeCode(pub(super) Purpose);

/// Broad category.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[schema(value_type = String, examples("laboratory"))]
#[serde(transparent)]
pub(super) struct CategoryCode(pub(super) Category);

/// A doctor, or a practice.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[schema(value_type = String, examples("doctor:0192f3c4-0000-7000-8000-0000000000b0"))]
#[serde(transparent)]
pub(super) struct GranteeName(pub(super) Grantee);

/// What a custom consent opens.
#[derive(Deserialize, Serialize, ToSchema, Clone)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum ScopeBody {
    /// Everything, reports to come included.
    Everything {},
    /// Whole categories.
    Categories {
        /// At least one.
        categories: BTreeSet<CategoryCode>,
    },
    /// Single reports.
    Reports {
        /// 1 to 200.
        #[schema(value_type = BTreeSet<uuid::Uuid>)]
        reports: BTreeSet<ReportId>,
    },
}

/// What stays shut all the same.
#[derive(Deserialize, Serialize, ToSchema, Clone, Default)]
#[serde(default, deny_unknown_fields)]
struct ExceptionsBody {
    /// Whole categories.
    categories: BTreeSet<CategoryCode>,
    /// Single reports.
    #[schema(value_type = BTreeSet<uuid::Uuid>)]
    reports: BTreeSet<ReportId>,
}

/// One of the three presets.
#[derive(Deserialize, Serialize, ToSchema, Clone)]
#[serde(tag = "preset", rename_all = "snake_case", deny_unknown_fields)]
enum ChoiceBody {
    /// Everything, for treatment.
    AllForTreatment {},
    /// One report, for treatment.
    ThisReportOnly {
        /// Which.
        #[schema(value_type = String, format = Uuid)]
        report: ReportId,
    },
    /// Anything a consent can say.
    Custom {
        scope: ScopeBody,
        #[serde(default)]
        exceptions: ExceptionsBody,
        purpose: PurposeCode,
    },
}

/// A consent to give.
#[derive(Deserialize, Serialize, ToSchema, Clone)]
#[serde(deny_unknown_fields)]
struct NewConsent {
    /// Who is let in.
    grantee: GranteeName,
    /// To what, and for what.
    choice: ChoiceBody,
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    from: When,
    /// Until when; at most a year later.
    #[schema(value_type = String, format = DateTime)]
    until: When,
    /// How many viewings at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    views_max: Option<u32>,
}

fn categories(codes: &BTreeSet<CategoryCode>) -> BTreeSet<Category> {
    codes.iter().map(|code| code.0).collect()
}

impl NewConsent {
    fn proposal(&self) -> Proposal {
        let choice = match &self.choice {
            ChoiceBody::AllForTreatment {} => Choice::AllForTreatment {},
            ChoiceBody::ThisReportOnly { report } => Choice::ThisReportOnly { report: *report },
            ChoiceBody::Custom { scope, exceptions, purpose } => Choice::Custom {
                scope: match scope {
                    ScopeBody::Everything {} => Scope::Everything {},
                    ScopeBody::Categories { categories: codes } => {
                        Scope::Categories { categories: categories(codes) }
                    }
                    ScopeBody::Reports { reports } => Scope::Reports { reports: reports.clone() },
                },
                exceptions: Exceptions {
                    categories: categories(&exceptions.categories),
                    reports: exceptions.reports.clone(),
                },
                purpose: purpose.0,
            },
        };
        let period = Period { from: self.from.0, until: self.until.0 };
        Proposal { grantee: self.grantee.0, choice, period, views_max: self.views_max }
    }
}

/// A consent was given.
#[derive(Serialize, ToSchema)]
struct ConsentMade {
    #[schema(value_type = String, format = Uuid)]
    consent: ConsentId,
    #[serde(flatten)]
    done: Done,
}

/// Reads `Medlock-Step-Up: challenge=<id>; code=<code>`.
fn step_up(request: &HttpRequest) -> Result<Option<StepUp>, Problem> {
    let Some(value) = request.headers().get("Medlock-Step-Up") else { return Ok(None) };
    let part = |name: &str| {
        let text = value.to_str().ok()?;
        text.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let challenge = part("challenge").and_then(|id| id.parse().ok()).ok_or(BAD_HEADER)?;
    let code = part("code").ok_or(BAD_HEADER)?.to_owned().into();
    Ok(Some(StepUp { challenge, code }))
}

/// Let a doctor or a practice in. The first time this answers `step_up_required` and sends a code for
/// exactly this consent; the same request with the code grants it.
#[utoipa::path(
    tag = "consent",
    params(
        ("patient" = String, Path, description = "The patient"),
        ("Medlock-Step-Up" = Option<String>, Header, description = "challenge=<id>; code=<code>"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe"),
    ),
    responses(
        (status = 201, body = ConsentMade),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/api/v1/patients/{patient}/consents")]
async fn grant(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: web::Path<PatientId>,
    body: web::Json<NewConsent>,
) -> HandlerResult {
    let patient = caller.owner_of(path.into_inner())?;
    let held = hold(&app, caller.actor(), &request, &*body)?;
    let proposal = body.proposal();
    let step_up = step_up(&request)?;
    let outcome = app.consents.grant(patient, &proposal, step_up, held.request).await?;
    let done = Done { position: outcome.position };
    made(ConsentMade { consent: outcome.done.consent, done })
}

/// Take a consent back. Acts at once: no page is shown after this is answered.
#[utoipa::path(
    tag = "consent",
    params(
        ("patient" = String, Path, description = "The patient"),
        ("consent" = String, Path, description = "The consent"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe"),
    ),
    responses((status = 200, body = Done), (status = 404, body = Problem)),
)]
#[post("/api/v1/patients/{patient}/consents/{consent}/revoke")]
async fn revoke(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: web::Path<(PatientId, ConsentId)>,
) -> HandlerResult {
    let (patient, consent) = path.into_inner();
    let patient = caller.owner_of(patient)?;
    let held = hold(&app, caller.actor(), &request, &())?;
    let outcome = app.consents.revoke(patient, consent, held.request).await?;
    ok(Done { position: outcome.position })
}

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
async fn who_can_see(
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
