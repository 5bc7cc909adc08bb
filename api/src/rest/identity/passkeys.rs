//! Passkeys: setting them up, giving them up, and answering with one.

mod add_passkey;
mod ask_for_passkey;
mod begin_passkey;
mod my_passkeys;
mod remove_passkey;

use domain::identity::event::PasskeyPlace;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(my_passkeys::my_passkeys)
        .service(begin_passkey::begin_passkey)
        .service(add_passkey::add_passkey)
        .service(remove_passkey::remove_passkey)
        .service(ask_for_passkey::ask_for_passkey);
}

/// Where a passkey lies, as the browser told when it was made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PlaceCode {
    /// In the device it was made on, or in the account of its maker.
    BuiltIn,
    /// In a telephone near by.
    Phone,
    /// In a security key.
    SecurityKey,
    /// The browser did not say.
    Untold,
}

impl From<PasskeyPlace> for PlaceCode {
    fn from(place: PasskeyPlace) -> Self {
        match place {
            PasskeyPlace::BuiltIn => Self::BuiltIn,
            PasskeyPlace::Phone => Self::Phone,
            PasskeyPlace::SecurityKey => Self::SecurityKey,
            PasskeyPlace::Untold => Self::Untold,
        }
    }
}
