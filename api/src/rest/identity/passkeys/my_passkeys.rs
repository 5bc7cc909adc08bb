//! My passkeys.

use actix_web::{get, web};
use domain::identity::event::FactorMeans;
use serde::Serialize;
use utoipa::ToSchema;

use super::PlaceCode;
use crate::actor::Requester;
use crate::rest::ids::PasskeyUuid;
use crate::rest::when::When;
use crate::rest::{HandlerResult, ok};
use crate::wiring::App;

/// One of my passkeys.
#[derive(Serialize, ToSchema)]
struct MyPasskey {
    passkey: PasskeyUuid,
    place: PlaceCode,
    added_at: When,
}

/// My passkeys, the oldest first: ten at most.
#[derive(Serialize, ToSchema)]
struct MyPasskeys {
    items: Vec<MyPasskey>,
}

/// My passkeys. Asked of the log, at its present length.
#[utoipa::path(
    tag = "identity",
    responses((status = 200, body = MyPasskeys),),
)]
#[get("/api/v1/me/passkeys")]
pub(super) async fn my_passkeys(app: web::Data<App>, caller: Requester) -> HandlerResult {
    let known = app.passkeys.of(caller.actor()).await?;
    let items = known.into_iter().filter_map(|known| {
        let place = match known.added.means {
            FactorMeans::Passkey { place } => place.into(),
            FactorMeans::AuthenticatorApp {} | FactorMeans::RecoveryCodes { .. } => return None,
        };
        let (passkey, added_at) = (known.added.factor.into(), known.added_at.into());
        Some(MyPasskey { passkey, place, added_at })
    });
    ok(MyPasskeys { items: items.collect() })
}
