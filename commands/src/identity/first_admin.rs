//! How the first admin comes in, as a flow: a one-time link, which lives until somebody came through it.

use std::sync::Arc;

use domain::actor::Actor;
use domain::identity::admins::Admins;
use domain::ids::{AdminId, StreamName};
use secrecy::{ExposeSecret, SecretString};

use super::admit_first_admin::{AdmitFirstAdmin, link_lives};
use super::issue_first_admin_link::IssueFirstAdminLink;
use crate::decide::Rejection;
use crate::execute::{Caller, ExecuteError, Executor};
use crate::fresh::Fresh;
use crate::hashes::token_hash;

/// Why nobody comes in as the first admin.
#[derive(Debug, thiserror::Error)]
pub enum FirstAdminError {
    /// There is an admin, or the link is dead.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A command was not carried out.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
}

/// What it takes to let the first admin in.
pub struct FirstAdminFlow {
    executor: Arc<Executor>,
    fresh: Fresh,
}

impl FirstAdminFlow {
    /// With what it needs.
    pub fn new(executor: Arc<Executor>, fresh: Fresh) -> Self {
        Self { executor, fresh }
    }

    /// Makes a new one-time link; none if there is an admin.
    pub async fn link(&self) -> Result<Option<SecretString>, FirstAdminError> {
        let admins = self.executor.state::<Admins>(&StreamName::admins()).await?;
        if !admins.admitted.is_empty() {
            return Ok(None);
        }
        let (token, token_hash) = self.fresh.token();
        let caller = Caller::new(Actor::System, self.fresh.request());
        self.executor.execute(&IssueFirstAdminLink { token_hash }, caller).await?;
        Ok(Some(token))
    }

    /// Whether a link would admit somebody now: asked before an account is made for it.
    pub(super) async fn link_lives(&self, token: &SecretString) -> Result<(), FirstAdminError> {
        let admins = self.executor.state::<Admins>(&StreamName::admins()).await?;
        let token = token_hash(token.expose_secret());
        Ok(link_lives(&admins, token, self.executor.now())?)
    }

    /// Uses a link up.
    pub(super) async fn admit(
        &self,
        admin: AdminId,
        token: &SecretString,
    ) -> Result<(), FirstAdminError> {
        let order = AdmitFirstAdmin { admin, token_hash: token_hash(token.expose_secret()) };
        let caller = Caller::new(Actor::Admin(admin), self.fresh.request());
        self.executor.execute(&order, caller).await?;
        Ok(())
    }
}
