//! Viewing: token, redeem, page, close.

mod ask;
mod close;
mod history;
mod page;
mod redeem;

use domain::access::ground::Ground;
use domain::ids::{ConsentId, EmergencyId, MandateId, PracticeId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(ask::ask)
        .service(redeem::redeem)
        .service(page::page)
        .service(close::close)
        .service(history::history);
}

/// Why an access was allowed.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum GroundBody {
    /// A consent that names the doctor.
    Consent {
        #[schema(value_type = String, format = Uuid)]
        consent: ConsentId,
    },
    /// A consent that names a practice.
    Practice {
        #[schema(value_type = String, format = Uuid)]
        consent: ConsentId,
        #[schema(value_type = String, format = Uuid)]
        practice: PracticeId,
    },
    /// A broken glass.
    Emergency {
        #[schema(value_type = String, format = Uuid)]
        emergency: EmergencyId,
    },
    /// The reader is the patient.
    Own {},
    /// Somebody who acts for the patient.
    Proxy {
        #[schema(value_type = String, format = Uuid)]
        mandate: MandateId,
    },
}

impl From<Ground> for GroundBody {
    fn from(ground: Ground) -> Self {
        match ground {
            Ground::Consent { consent } => Self::Consent { consent },
            Ground::Practice { consent, practice } => Self::Practice { consent, practice },
            Ground::Emergency { emergency } => Self::Emergency { emergency },
            Ground::Own {} => Self::Own {},
            Ground::Proxy { mandate } => Self::Proxy { mandate },
        }
    }
}
