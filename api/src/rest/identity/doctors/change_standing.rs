//! Verify, reject, suspend or reinstate a doctor.

use actix_web::web::Path;
use actix_web::{HttpRequest, post, web};
use commands::identity::forms::FormCheck;
use commands::identity::standing::StandingStep;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::verification_queue::refuse_if_moved;
use crate::actor::Requester;
use crate::rest::answers::Changed;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::paths::DoctorPath;
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
    #[schema(min_length = 1, max_length = 1_000, example = "register entry seen")]
    note: String,
}

/// Verify, reject, suspend or reinstate a doctor. With `If-Match` only if the doctor still stands where they
/// were seen.
#[utoipa::path(
    tag = "identity",
    params(
        DoctorPath,
        IdempotencyKey,
        ("If-Match" = Option<String>, Header, description = "The ETag of the doctor as they were read"),
    ),
    responses(
        (status = 200, body = Done),
        Changed,
    ),
)]
#[post("/api/v1/doctors/{doctor}/standing")]
pub(super) async fn change_standing(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    key: IdempotencyKey,
    path: Path<DoctorPath>,
    body: web::Json<StandingChange>,
) -> HandlerResult {
    let doctor = path.doctor.0;
    let admin = caller.admin()?;
    let mut check = FormCheck::default();
    let note = check.line("/note", &body.note, 1_000);
    check.done()?;
    let held = key.hold(caller.actor(), &*body)?;
    refuse_if_moved(&app, &request, doctor).await?;
    let change = (body.step.into(), note);
    let outcome = app.standing.change(admin, doctor, change, held.request).await?;
    ok(Done::at(outcome.position))
}
