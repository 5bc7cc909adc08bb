//! Whoever holds the one-time link becomes the first admin. The link is dead from then on.

use domain::identity::admins::{AdminAccount, Admins};
use domain::identity::event::FirstAdminAdmitted;
use domain::ids::{AdminId, StreamName, TokenHash};
use domain::time::Moment;

use super::issue_first_admin_link::FirstAdminRejection::{AdminExists, LinkDead, NoSuchAccount};
use crate::decide::{Command, Decided, Decision};

/// Uses the first admin's link up; there is no second first admin.
#[derive(Debug, Clone)]
pub struct AdmitFirstAdmin {
    /// The account, made before.
    pub admin: AdminId,
    /// Hash of the token presented.
    pub token_hash: TokenHash,
}

/// Whether a token would admit somebody now: asked before an account is made for it.
pub fn link_lives(
    admins: &Admins,
    token_hash: TokenHash,
    now: Moment,
) -> Result<(), crate::decide::Rejection> {
    if !admins.admitted.is_empty() {
        return Err(AdminExists.rejection());
    }
    let lives = admins.link.is_some_and(|(hash, until)| hash == token_hash && now < until);
    if lives { Ok(()) } else { Err(LinkDead.rejection()) }
}

impl Command for AdmitFirstAdmin {
    type States = (Admins, AdminAccount);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::admins(), StreamName::account(self.admin)]
    }

    fn decide(
        &self,
        (admins, account): (&Admins, &AdminAccount),
        now: Moment,
    ) -> Decision<Self::Done> {
        if admins.admitted.contains(&self.admin) {
            return Ok(Decided::Already(()));
        }
        if let Err(because) = link_lives(admins, self.token_hash, now) {
            return Err(crate::decide::Refusal { record: vec![], because });
        }
        if !account.registered {
            return Err(NoSuchAccount.into());
        }
        Ok(Decided::record(FirstAdminAdmitted { admin: self.admin }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::issue_first_admin_link::IssueFirstAdminLink;
    use crate::identity::register_admin::tests::register;
    use crate::spec::{Given, given};
    use domain::actor::Actor;
    use domain::samples::{self, CY, TOKEN};
    use domain::time::minutes;

    const ADMIT: AdmitFirstAdmin = AdmitFirstAdmin { admin: CY, token_hash: TOKEN };

    fn linked() -> Given {
        given()
            .done(Actor::System, &IssueFirstAdminLink { token_hash: TOKEN })
            .done(Actor::Admin(CY), &register())
    }

    #[test]
    fn the_link_admits_one_admin() {
        linked().when(&ADMIT).then(&[samples::first_admin_admitted().into()]);
        let other = AdmitFirstAdmin { admin: AdminId::new(uuid::Uuid::nil()), ..ADMIT };
        linked().done(Actor::Admin(CY), &ADMIT).when(&other).refused("admin_exists");
        linked().when(&other).refused("no_such_account");
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        linked().twice::<AdmitFirstAdmin>(Actor::Admin(CY), &ADMIT);
    }

    #[test]
    fn a_wrong_old_or_replaced_link_admits_nobody() {
        let wrong = AdmitFirstAdmin { token_hash: TokenHash([8; 32]), ..ADMIT };
        linked().when(&wrong).refused("link_dead");
        linked().later(minutes(30)).when(&ADMIT).refused("link_dead");
        let newer = IssueFirstAdminLink { token_hash: TokenHash([9; 32]) };
        linked().done(Actor::System, &newer).when(&ADMIT).refused("link_dead");
        let late = IssueFirstAdminLink { token_hash: TokenHash([10; 32]) };
        linked().done(Actor::Admin(CY), &ADMIT).when(&late).refused("admin_exists");
    }
}
