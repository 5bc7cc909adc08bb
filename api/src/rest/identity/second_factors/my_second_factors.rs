//! My second factors.

use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::rest::when::When;
use crate::rest::{HandlerResult, ok};
use crate::wiring::App;

/// What I have set up beside passkeys.
#[derive(Serialize, ToSchema)]
struct MySecondFactors {
    /// Whether codes come by letter: no more, once there is an authenticator app or a passkey.
    letters: bool,
    /// Since when there is an authenticator app.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_since: Option<When>,
    /// The recovery codes in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<RecoveryCodesLeft>,
}

/// Recovery codes that were made.
#[derive(Serialize, ToSchema)]
struct RecoveryCodesLeft {
    made_at: When,
    /// How many are not used up.
    left: u32,
}

/// My second factors. Asked of the log, at its present length.
#[utoipa::path(
    tag = "identity",
    responses((status = 200, body = MySecondFactors),),
)]
#[get("/api/v1/me/second-factors")]
pub(super) async fn my_second_factors(app: web::Data<App>, caller: Requester) -> HandlerResult {
    let known = app.second_factors.of(caller.actor()).await?;
    let left = |(made_at, left): (domain::time::Moment, u32)| RecoveryCodesLeft {
        made_at: made_at.into(),
        left,
    };
    ok(MySecondFactors {
        letters: known.may_answer.letter,
        app_since: known.app_since.map(When::from),
        recovery_codes: known.recovery_codes.map(left),
    })
}
