//! Redeem a view token.

use actix_web::{HttpRequest, post, web};
use domain::ids::{PatientId, ReportId, ViewingId};
use domain::journal::Position;
use domain::time::Moment;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::problem::Problem;
use crate::rest::idempotency::hold;
use crate::rest::{HandlerResult, made};
use crate::wiring::App;

/// A token to use up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Redeem {
    #[schema(value_type = String)]
    token: SecretString,
}

/// An open viewing.
#[derive(Serialize, ToSchema)]
struct ViewingMade {
    #[schema(value_type = String, format = Uuid)]
    viewing: ViewingId,
    #[schema(value_type = String, format = Uuid)]
    report: ReportId,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    until: Moment,
    /// Where its first page is.
    first_page: String,
    /// What a view is and is not.
    note: &'static str,
    #[schema(value_type = u64)]
    position: Position,
}

/// Redeem a view token: the view is in the log before anything is decrypted.
#[utoipa::path(
    tag = "access",
    params(
        ("patient" = String, Path, description = "The patient"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe"),
    ),
    responses(
        (status = 201, body = ViewingMade),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/api/v1/patients/{patient}/viewings")]
pub(super) async fn redeem(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: web::Path<PatientId>,
    body: web::Json<Redeem>,
) -> HandlerResult {
    let doctor = caller.doctor()?;
    let patient = path.into_inner();
    let hash = commands::hashes::token_hash(body.token.expose_secret()).to_string();
    let held = hold(&app, caller.actor(), &request, &hash)?;
    let (viewed, position) = app.viewing.redeem(doctor, patient, &body.token, held.request).await?;
    made(ViewingMade {
        viewing: viewed.viewing,
        report: viewed.report,
        until: viewed.until,
        first_page: format!("/api/v1/patients/{patient}/viewings/{}/pages/1", viewed.viewing),
        note: "View-only deters; it cannot prevent a photograph.",
        position,
    })
}
