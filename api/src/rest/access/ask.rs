//! Ask to see a report: the policy decides, and gives a token.

use actix_web::web::Path;
use actix_web::{post, web};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::GroundBody;
use crate::actor::Requester;
use crate::rest::consent::PurposeCode;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::ids::{PositionNumber, ReportUuid};
use crate::rest::paths::PatientPath;
use crate::rest::when::When;
use crate::rest::{HandlerResult, made};
use crate::wiring::App;

/// What a doctor asks to see.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ViewRequest {
    report: ReportUuid,
    purpose: PurposeCode,
}

/// A single-use view token.
#[derive(Serialize, ToSchema)]
struct TokenMade {
    /// Shown once, good once, for this session only.
    token: String,
    /// When it dies unused.
    until: When,
    /// What allows it.
    ground: GroundBody,
    position: PositionNumber,
}

/// Ask to see a report. The policy decides; a "no" names the rule and the next step. A token is
/// shown once: a repetition answers `already_issued`.
#[utoipa::path(
    tag = "access",
    params(PatientPath, IdempotencyKey,
    ),
    responses(
        (status = 201, body = TokenMade),
    ),
)]
#[post("/api/v1/patients/{patient}/view-tokens")]
pub(super) async fn ask(
    app: web::Data<App>,
    caller: Requester,
    key: IdempotencyKey,
    path: Path<PatientPath>,
    body: web::Json<ViewRequest>,
) -> HandlerResult {
    let doctor = caller.doctor()?;
    let held = key.hold(caller.actor(), &*body)?;
    let patient = path.patient.0;
    let purpose = body.purpose.0;
    let asked = app.viewing.ask(doctor, patient, body.report.0, purpose, held.request).await;
    let (token, issued, position) = asked?;
    let token = token.expose_secret().to_owned();
    made(TokenMade {
        token,
        until: issued.until.into(),
        ground: issued.ground.into(),
        position: position.into(),
    })
}
