//! Let a doctor or a practice in.

use std::collections::BTreeSet;

use actix_web::web::Path;
use actix_web::{post, web};
use commands::consent::grant_flow::{Choice, Proposal};
use domain::consent::scope::{Exceptions, Scope};
use domain::ids::ReportId;
use domain::records::Category;
use domain::time::Period;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CategoryCode, ExceptionsBody, PurposeCode, ScopeBody};
use crate::actor::Requester;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::identity::StepUpHeader;
use crate::rest::ids::{ConsentUuid, GranteeBody, ReportUuid};
use crate::rest::paths::PatientPath;
use crate::rest::when::When;
use crate::rest::{Done, HandlerResult, made};
use crate::wiring::App;

/// One of the three presets.
#[derive(Deserialize, Serialize, ToSchema, Clone)]
#[serde(tag = "preset", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum ChoiceBody {
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
pub(super) struct NewConsent {
    /// Who is let in.
    grantee: GranteeBody,
    /// To what, and for what.
    choice: ChoiceBody,
    /// From when.
    from: When,
    /// Until when; at most a year later.
    until: When,
    /// How many viewings at most.
    #[schema(minimum = 1)]
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
    pub(super) fn proposal(&self) -> Proposal {
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
        Proposal { grantee: self.grantee.into(), choice, period, views_max: self.views_max }
    }
}

/// A consent was given.
#[derive(Serialize, ToSchema)]
struct ConsentMade {
    consent: ConsentUuid,
    #[serde(flatten)]
    done: Done,
}

/// Let a doctor or a practice in. The first time this answers `step_up_required` and sends a code for
/// exactly this consent; the same request with the code grants it.
#[utoipa::path(
    tag = "consent",
    params(PatientPath, StepUpHeader,
        IdempotencyKey,
    ),
    responses(
        (status = 201, body = ConsentMade),
    ),
)]
#[post("/api/v1/patients/{patient}/consents")]
pub(super) async fn grant(
    app: web::Data<App>,
    caller: Requester,
    key: IdempotencyKey,
    step_up: StepUpHeader,
    path: Path<PatientPath>,
    body: web::Json<NewConsent>,
) -> HandlerResult {
    let patient = caller.owner_of(path.patient.0)?;
    let held = key.hold(caller.actor(), &*body)?;
    let proposal = body.proposal();
    let outcome = app.consents.grant(patient, &proposal, step_up.0?, held.request).await?;
    let done = Done::at(outcome.position);
    made(ConsentMade { consent: outcome.done.consent.into(), done })
}
