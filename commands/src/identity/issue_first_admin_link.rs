//! The one-time link through which the first admin comes in. Dead once an admin exists.

use std::time::Duration;

use domain::identity::admins::Admins;
use domain::identity::event::FirstAdminLinkIssued;
use domain::ids::{StreamName, TokenHash};
use domain::time::{Moment, minutes};

use crate::decide::{Command, Decided, Decision, rejections};

/// How long a link lives.
pub const LINK_LIFE: Duration = minutes(30);

/// Makes a link for the first admin; an older one is dead with it.
#[derive(Debug, Clone)]
pub struct IssueFirstAdminLink {
    /// Hash of the link's token.
    pub token_hash: TokenHash,
}

rejections! {
    /// Why no link is made, or a link admits nobody.
    FirstAdminRejection {
        /// The installation has one.
        AdminExists = AlreadyThere, "admin_exists", "This installation has an admin already.", "Log in as that admin.";
        /// Wrong, replaced by a newer one, or too old.
        LinkDead = Forbidden, "link_dead", "This link is wrong, too old, or was replaced by a newer one.", "Restart the server, or run `medlock first-admin`, to get a new link.", Never;
        /// The account to admit was never made.
        NoSuchAccount = NotFound, "no_such_account", "There is no such account to admit.", "Register the admin's account first.", AfterAChange;
    }
}

impl Command for IssueFirstAdminLink {
    type States = (Admins,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::admins()]
    }

    fn decide(&self, (admins,): (&Admins,), now: Moment) -> Decision<Self::Done> {
        if !admins.admitted.is_empty() {
            return Err(FirstAdminRejection::AdminExists.into());
        }
        if admins.link.is_some_and(|(hash, _)| hash == self.token_hash) {
            return Ok(Decided::Already(()));
        }
        let issued =
            FirstAdminLinkIssued { token_hash: self.token_hash, until: now.plus(LINK_LIFE) };
        Ok(Decided::record(issued))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::given;
    use domain::actor::Actor;
    use domain::samples::TOKEN;

    const ISSUE: IssueFirstAdminLink = IssueFirstAdminLink { token_hash: TOKEN };

    #[test]
    fn doing_it_twice_adds_nothing() {
        given().when(&ISSUE).then_kinds(&["identity.first_admin_link_issued.v1"]);
        given().twice::<IssueFirstAdminLink>(Actor::System, &ISSUE);
    }
}
