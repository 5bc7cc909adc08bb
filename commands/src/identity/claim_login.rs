//! An address that was confirmed names an account. First come, first served.

use domain::actor::Actor;
use domain::identity::event::LoginClaimed;
use domain::identity::login::Login;
use domain::ids::{LoginHash, StreamName};
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision, rejections};

/// The order. The code sent to the address was answered before.
#[derive(Debug, Clone)]
pub struct ClaimLogin {
    /// Keyed hash of the address.
    pub address: LoginHash,
    /// The account it is to name.
    pub account: Actor,
}

rejections! {
    /// Why an address cannot name the account.
    ClaimLoginRejection {
        /// It names another one.
        AddressTaken = AlreadyThere, "address_taken", "This e-mail address belongs to an account already.", "Log in with it, or register with another address.";
    }
}

impl Command for ClaimLogin {
    type States = (Login,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::login(&self.address)]
    }

    fn decide(&self, (login,): (&Login,), _now: Moment) -> Decision<Self::Done> {
        match login.account {
            None => Ok(Decided::record(LoginClaimed { account: self.account })),
            Some(account) if account == self.account => Ok(Decided::Already(())),
            Some(_) => Err(ClaimLoginRejection::AddressTaken.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::given;
    use domain::samples::{self, ANA, BO};

    const CLAIM: ClaimLogin =
        ClaimLogin { address: LoginHash([3; 32]), account: Actor::Patient(ANA) };

    #[test]
    fn the_first_to_confirm_an_address_has_it() {
        given().when(&CLAIM).then(&[samples::login_claimed().into()]);
        let other = ClaimLogin { account: Actor::Doctor(BO), ..CLAIM };
        given().done(Actor::Patient(ANA), &CLAIM).when(&other).refused("address_taken");
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        given().twice::<ClaimLogin>(Actor::Patient(ANA), &CLAIM);
    }
}
