//! Let a doctor or a practice in.

use crate::rest::ids::ConsentUuid;
use crate::rest::ids::ReportUuid;
use crate::rest::paths::PatientPath;
use actix_web::web::Path;
use std::collections::BTreeSet;

use actix_web::{HttpRequest, post, web};
use commands::consent::grant_flow::{Choice, Proposal};
use commands::identity::step_up::StepUp;
use domain::consent::scope::{Exceptions, Scope};
use domain::ids::ReportId;
use domain::records::Category;
use domain::time::Period;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CategoryCode, ExceptionsBody, GranteeName, PurposeCode, ScopeBody};
use crate::actor::Requester;
use crate::problem::{BAD_HEADER, Problem};
use crate::rest::idempotency::hold;
use crate::rest::when::When;
use crate::rest::{Done, HandlerResult, made};
use crate::wiring::App;

/// One of the three presets.
#[derive(Deserialize, Serialize, ToSchema, Clone)]
#[serde(tag = "preset", rename_all = "snake_case", deny_unknown_fields)]
enum ChoiceBody {
    /// Everything, for treatment.
    AllForTreatment {},
    /// One report, for treatment.
    ThisReportOnly {
        /// Which.
        report: ReportUuid,
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
    from: When,
    /// Until when; at most a year later.
    until: When,
    /// How many viewings at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    views_max: Option<u32>,
}

fn categories(codes: &BTreeSet<CategoryCode>) -> BTreeSet<Category> {
    codes.iter().map(|code| code.0).collect()
}

fn report_ids(reports: &BTreeSet<ReportUuid>) -> BTreeSet<ReportId> {
    reports.iter().map(|report| report.0).collect()
}

impl NewConsent {
    fn proposal(&self) -> Proposal {
        let choice = match &self.choice {
            ChoiceBody::AllForTreatment {} => Choice::AllForTreatment {},
            ChoiceBody::ThisReportOnly { report } => Choice::ThisReportOnly { report: report.0 },
            ChoiceBody::Custom { scope, exceptions, purpose } => Choice::Custom {
                scope: match scope {
                    ScopeBody::Everything {} => Scope::Everything {},
                    ScopeBody::Categories { categories: codes } => {
                        Scope::Categories { categories: categories(codes) }
                    }
                    ScopeBody::Reports { reports } => {
                        Scope::Reports { reports: report_ids(reports) }
                    }
                },
                exceptions: Exceptions {
                    categories: categories(&exceptions.categories),
                    reports: report_ids(&exceptions.reports),
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
    consent: ConsentUuid,
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
pub(super) async fn grant(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: Path<PatientPath>,
    body: web::Json<NewConsent>,
) -> HandlerResult {
    let patient = caller.owner_of(path.patient.0)?;
    let held = hold(&app, caller.actor(), &request, &*body)?;
    let proposal = body.proposal();
    let step_up = step_up(&request)?;
    let outcome = app.consents.grant(patient, &proposal, step_up, held.request).await?;
    let done = Done::at(outcome.position);
    made(ConsentMade { consent: outcome.done.consent.into(), done })
}
