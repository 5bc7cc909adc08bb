//! Redeem a view token.

use actix_web::web::Path;
use actix_web::{post, web};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::ids::{PositionNumber, ReportUuid, ViewingUuid};
use crate::rest::paths::PatientPath;
use crate::rest::secrets::SecretText;
use crate::rest::when::When;
use crate::rest::{HandlerResult, made};
use crate::wiring::App;

/// A token to use up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Redeem {
    token: SecretText,
}

/// An open viewing.
#[derive(Serialize, ToSchema)]
struct ViewingMade {
    viewing: ViewingUuid,
    report: ReportUuid,
    /// When it ends by itself.
    until: When,
    /// How many pages the report has, if that was found out when it came in; each page says it, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pages: Option<u32>,
    /// Where its first page is.
    first_page: String,
    /// What a view is and is not.
    note: &'static str,
    position: PositionNumber,
}

/// Redeem a view token: the view is in the log before anything is decrypted.
#[utoipa::path(
    tag = "access",
    params(PatientPath, IdempotencyKey,
    ),
    responses(
        (status = 201, body = ViewingMade),
    ),
)]
#[post("/api/v1/patients/{patient}/viewings")]
pub(super) async fn redeem(
    app: web::Data<App>,
    caller: Requester,
    key: IdempotencyKey,
    path: Path<PatientPath>,
    body: web::Json<Redeem>,
) -> HandlerResult {
    let doctor = caller.doctor()?;
    let patient = path.patient.0;
    let hash = commands::hashes::token_hash(body.token.0.expose_secret()).to_string();
    let held = key.hold(caller.actor(), &hash)?;
    let (viewed, position) =
        app.viewing.redeem(doctor, patient, &body.token.0, held.request).await?;
    made(ViewingMade {
        viewing: viewed.viewing.into(),
        report: viewed.report.into(),
        until: viewed.until.into(),
        pages: app.viewing.pages(patient, viewed.report).await?,
        first_page: format!("/api/v1/patients/{patient}/viewings/{}/pages/1", viewed.viewing),
        note: "View-only deters; it cannot prevent a photograph.",
        position: position.into(),
    })
}
