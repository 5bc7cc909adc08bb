//! An account gives a second factor up.

use domain::actor::Actor;
use domain::identity::event::FactorRemoved;
use domain::identity::factors::Factors;
use domain::ids::{ChallengeId, FactorId, StreamName};
use domain::time::Moment;

use super::add_factor::factors_of;
use crate::decide::{Command, Decided, Decision, rejections};

/// An account gives a second factor up: from then on it answers nothing.
#[derive(Debug, Clone)]
pub struct RemoveFactor {
    /// Which.
    pub factor: FactorId,
    /// Whose.
    pub account: Actor,
    /// The challenge whose answer confirmed it.
    pub step_up: ChallengeId,
}

rejections! {
    /// Why a factor is not removed.
    RemoveFactorRejection {
        /// Unknown, or somebody else's.
        NoSuchFactor = NotFound, "no_such_passkey", "There is no such passkey.", "Choose from your passkeys.";
    }
}

impl Command for RemoveFactor {
    type States = (Factors,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![factors_of(self.account)]
    }

    fn decide(&self, (factors,): (&Factors,), _now: Moment) -> Decision<Self::Done> {
        let known = factors.get(self.factor).ok_or(RemoveFactorRejection::NoSuchFactor)?;
        if known.removed {
            return Ok(Decided::Already(()));
        }
        let (factor, step_up) = (self.factor, self.step_up);
        Ok(Decided::record(FactorRemoved { factor, step_up }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::add_factor::tests::ADD;
    use super::*;
    use crate::spec::given;
    use domain::samples::{self, ANA, CHALLENGE, PASSKEY};

    const REMOVE: RemoveFactor =
        RemoveFactor { factor: PASSKEY, account: ADD.account, step_up: CHALLENGE };

    #[test]
    fn a_passkey_is_given_up_once() {
        let added = given().done(ADD.account, &ADD);
        added.when(&REMOVE).then(&[samples::factor_removed().into()]);
        added.twice::<RemoveFactor>(ADD.account, &REMOVE);
    }

    #[test]
    fn somebody_elses_passkey_does_not_exist() {
        let anas = RemoveFactor { account: Actor::Patient(ANA), ..REMOVE };
        given().done(ADD.account, &ADD).when(&anas).refused("no_such_passkey");
        given().when(&REMOVE).refused("no_such_passkey");
    }
}
