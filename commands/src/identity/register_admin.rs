//! An admin's account is made. It is inert until it is admitted (`admit_first_admin`).

use domain::identity::admins::AdminAccount;
use domain::identity::event::{AdminRegistered, SubjectKey};
use domain::ids::{AdminId, StreamName};
use domain::time::Moment;
use domain::words::Words;

use crate::decide::{Command, Decided, Decision};

/// The order.
#[derive(Debug, Clone)]
pub struct RegisterAdmin {
    /// The admin.
    pub admin: AdminId,
    /// Full name.
    pub name: Words,
    /// E-mail address.
    pub email: Words,
    /// The admin's key, durable in the vault.
    pub key: SubjectKey,
}

impl Command for RegisterAdmin {
    type States = (AdminAccount,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::account(self.admin)]
    }

    fn decide(&self, (account,): (&AdminAccount,), _now: Moment) -> Decision<Self::Done> {
        if account.registered {
            return Ok(Decided::Already(()));
        }
        let (name, email) = (self.name.clone(), self.email.clone());
        Ok(Decided::record(AdminRegistered {
            admin: self.admin,
            name,
            email,
            key: self.key.clone(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{CY, given, key, words};
    use domain::actor::Actor;

    #[test]
    fn doing_it_twice_adds_nothing() {
        let register = RegisterAdmin { admin: CY, name: words(), email: words(), key: key() };
        given().when(&register).then_kinds(&["identity.admin_registered.v1"]);
        given().done(Actor::System, &register).when(&register).then_nothing();
    }
}
