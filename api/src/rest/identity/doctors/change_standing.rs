//! Verify, reject, suspend or reinstate a doctor.

use crate::rest::paths::DoctorPath;
use actix_web::web::Path;
use actix_web::{HttpRequest, post, web};
use commands::identity::forms::FormCheck;
use commands::identity::standing::StandingStep;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::problem::Problem;
use crate::rest::idempotency::hold;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// A step in a doctor's standing.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum StandingPath {
    /// From pending to verified.
    Verify,
    /// From pending to rejected.
    Reject,
    /// From verified to suspended: open tokens and views are dead at once.
    Suspend,
    /// From suspended to verified.
    Reinstate,
}

impl From<StandingPath> for StandingStep {
    fn from(step: StandingPath) -> Self {
        match step {
            StandingPath::Verify => Self::Verify,
            StandingPath::Reject => Self::Reject,
            StandingPath::Suspend => Self::Suspend,
            StandingPath::Reinstate => Self::Reinstate,
        }
    }
}

/// A step and its reason.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StandingChange {
    step: StandingPath,
    /// The evidence looked at, or the reason: one line, at most 1,000 characters.
    note: String,
}

/// Verify, reject, suspend or reinstate a doctor.
#[utoipa::path(
    tag = "identity",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe"),
    ),
    responses(
        (status = 200, body = Done),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/api/v1/doctors/{doctor}/standing")]
pub(super) async fn change_standing(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: Path<DoctorPath>,
    body: web::Json<StandingChange>,
) -> HandlerResult {
    let doctor = path.doctor.0;
    let admin = caller.admin()?;
    let mut check = FormCheck::default();
    let note = check.line("/note", &body.note, 1_000);
    check.done()?;
    let held = hold(&app, caller.actor(), &request, &*body)?;
    let change = (body.step.into(), note);
    let outcome = app.standing.change(admin, doctor, change, held.request).await?;
    ok(Done::at(outcome.position))
}
