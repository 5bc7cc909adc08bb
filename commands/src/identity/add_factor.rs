//! An account sets up a second factor.

use domain::actor::Actor;
use domain::identity::event::{FactorAdded, FactorMeans};
use domain::identity::factors::Factors;
use domain::ids::{ChallengeId, FactorId, StreamName};
use domain::time::Moment;
use uuid::Uuid;

use crate::decide::{Command, Decided, Decision, answered_by, rejections};

/// Passkeys of one account: enough for every device somebody has, and a list that stays short.
pub(crate) const PASSKEYS_MAX: usize = 10;

answered_by!(FactorAdded);

/// An account sets up a second factor; what lies behind it is kept already.
#[derive(Debug, Clone)]
pub struct AddFactor {
    /// Freshly drawn.
    pub factor: FactorId,
    /// Whose.
    pub account: Actor,
    /// What it is.
    pub means: FactorMeans,
    /// The challenge whose answer confirmed it.
    pub step_up: ChallengeId,
}

rejections! {
    /// Why a second factor is not added.
    AddFactorRejection {
        /// As many as an account may have are in force.
        TooMany = Conflict, "too_many_passkeys", "This account has as many passkeys as it may have.", "Remove one that you no longer use.";
    }
}

/// Where an account's second factors stand. The system has no account: its stream is nobody's.
pub(super) fn factors_of(account: Actor) -> StreamName {
    StreamName::factors(account.uuid().unwrap_or(Uuid::nil()))
}

impl Command for AddFactor {
    type States = (Factors,);
    type Done = FactorAdded;

    fn streams(&self) -> Vec<StreamName> {
        vec![factors_of(self.account)]
    }

    fn decide(&self, (factors,): (&Factors,), _now: Moment) -> Decision<Self::Done> {
        if let Some(known) = factors.get(self.factor) {
            return Ok(Decided::Already(known.added.clone()));
        }
        if self.means.is_passkey() && factors.passkeys().len() >= PASSKEYS_MAX {
            return Err(AddFactorRejection::TooMany.into());
        }
        let means = self.means.clone();
        let (factor, account, step_up) = (self.factor, self.account, self.step_up);
        Ok(Decided::record(FactorAdded { factor, account, means, step_up }))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::spec::given;
    use domain::identity::event::PasskeyPlace;
    use domain::samples::{self, BO, CHALLENGE, PASSKEY};

    pub(in crate::identity) const ADD: AddFactor = AddFactor {
        factor: PASSKEY,
        account: Actor::Doctor(BO),
        means: FactorMeans::Passkey { place: PasskeyPlace::BuiltIn },
        step_up: CHALLENGE,
    };

    #[test]
    fn a_passkey_is_added_once() {
        given().when(&ADD).then(&[samples::factor_added().into()]);
        given().twice::<AddFactor>(Actor::Doctor(BO), &ADD);
    }

    #[test]
    fn an_account_has_ten_passkeys_at_most() {
        let nth = |n: usize| AddFactor { factor: FactorId::new(Uuid::from_u128(n as u128)), ..ADD };
        let ten = (1..=PASSKEYS_MAX).fold(given(), |given, n| given.done(ADD.account, &nth(n)));
        ten.when(&nth(11)).refused("too_many_passkeys");
        ten.when(&nth(1)).then_nothing();
    }

    #[test]
    fn however_many_passkeys_there_are_an_app_and_recovery_codes_have_a_place() {
        let nth = |n: usize| AddFactor { factor: FactorId::new(Uuid::from_u128(n as u128)), ..ADD };
        let ten = (1..=PASSKEYS_MAX).fold(given(), |given, n| given.done(ADD.account, &nth(n)));
        let codes = FactorMeans::RecoveryCodes { count: 10 };
        for means in [FactorMeans::AuthenticatorApp {}, codes] {
            let add = AddFactor { means, ..nth(11) };
            ten.when(&add).then_kinds(&["identity.factor_added.v1"]);
            given().twice::<AddFactor>(ADD.account, &add);
        }
    }
}
