//! What may answer a challenge.

use actix_web::web::Path;
use actix_web::{get, web};

use super::Challenged;
use crate::rest::answers::Forbidden;
use crate::rest::paths::ChallengePath;
use crate::rest::{HandlerResult, ok};
use crate::wiring::App;

/// What may answer a challenge. Whoever knows it may ask; of one that is dead nobody hears anything.
#[utoipa::path(
    tag = "identity",
    security(()),
    params(ChallengePath),
    responses((status = 200, body = Challenged), Forbidden,),
)]
#[get("/api/v1/challenges/{challenge}")]
pub(super) async fn may_answer(app: web::Data<App>, path: Path<ChallengePath>) -> HandlerResult {
    let challenge = path.challenge.0;
    let may_answer = app.step_up.may_answer_this(challenge).await?;
    ok(Challenged::of(challenge, may_answer))
}
