//! Sample facts of consent: Ana lets Bo in and takes it back.

use super::{BO, CHALLENGE, CONSENT, noon};
use crate::consent::event::{ConsentGranted, ConsentRevoked};
use crate::consent::grantee::Grantee;
use crate::consent::scope::{Exceptions, Purpose, Scope};
use crate::time::{Period, minutes};

/// Everything, for treatment, for a week from noon.
pub fn consent_granted() -> ConsentGranted {
    ConsentGranted {
        consent: CONSENT,
        grantee: Grantee::Doctor(BO),
        scope: Scope::Everything {},
        exceptions: Exceptions::default(),
        purpose: Purpose::Treat,
        period: Period { from: noon(), until: noon().plus(minutes(7 * 24 * 60)) },
        views_max: None,
        step_up: CHALLENGE,
    }
}

/// What [`consent_granted`] opened is shut.
pub fn consent_revoked() -> ConsentRevoked {
    ConsentRevoked { consent: CONSENT }
}
