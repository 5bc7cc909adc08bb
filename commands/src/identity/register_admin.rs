//! An admin's account is made. It is inert until it is admitted (`admit_first_admin`).

use domain::identity::admins::AdminAccount;
use domain::identity::event::{AdminRegistered, SubjectKey};
use domain::ids::{AdminId, StreamName};
use domain::personal_text::PersonalText;
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision};

/// Makes an admin's account; admitting it is another command.
#[derive(Debug, Clone)]
pub struct RegisterAdmin {
    /// Freshly drawn.
    pub admin: AdminId,
    /// Full name.
    pub name: PersonalText,
    /// E-mail address.
    pub email: PersonalText,
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
pub(crate) mod tests {
    use super::*;
    use crate::spec::given;
    use domain::actor::Actor;
    use domain::samples;

    /// Cy registers.
    pub(crate) fn register() -> RegisterAdmin {
        let AdminRegistered { admin, name, email, key, .. } = samples::admin_registered();
        RegisterAdmin { admin, name, email, key }
    }

    #[test]
    fn anybody_may_ask_to_be_an_admin() {
        given().when(&register()).then(&[samples::admin_registered().into()]);
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        given().twice::<RegisterAdmin>(Actor::System, &register());
    }
}
