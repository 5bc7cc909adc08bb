//! A doctor's standing, as a flow: the four steps an admin takes.

use std::sync::Arc;

use domain::actor::Actor;
use domain::ids::{AdminId, DoctorId, LoginHash};
use domain::personal_text::PersonalText;

use super::own_words::{AccountError, Accounts};
use super::reinstate_doctor::ReinstateDoctor;
use super::reject_doctor::RejectDoctor;
use super::suspend_doctor::SuspendDoctor;
use super::verify_doctor::{StandingRejection, VerifyDoctor};
use crate::decide::Rejection;
use crate::execute::{Caller, ExecuteError, Executor, Outcome};
use crate::hashes::login_hash;
use crate::ports::event_store::Request;
use crate::ports::key_vault::KeyVault;

/// A step in a doctor's standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandingStep {
    /// From pending to verified.
    Verify,
    /// From pending to rejected.
    Reject,
    /// From verified to suspended: open tokens and views are dead at once.
    Suspend,
    /// From suspended to verified.
    Reinstate,
}

/// Why a doctor's standing stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum StandingError {
    /// The command was not carried out.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// There is no such doctor.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The address the doctor registered with could not be had.
    #[error(transparent)]
    Account(#[from] AccountError),
}

/// What it takes to change a doctor's standing.
pub struct StandingFlow {
    executor: Arc<Executor>,
    accounts: Accounts,
    vault: Arc<dyn KeyVault>,
}

impl StandingFlow {
    /// With what it needs.
    pub fn new(executor: Arc<Executor>, accounts: Accounts, vault: Arc<dyn KeyVault>) -> Self {
        Self { executor, accounts, vault }
    }

    /// The stream of the address that a doctor registered with is named by this.
    async fn address(&self, doctor: DoctorId) -> Result<LoginHash, StandingError> {
        let words = self.accounts.own_words(Actor::Doctor(doctor)).await?;
        let words = words.ok_or(StandingRejection::NoSuchDoctor.rejection())?;
        Ok(login_hash(&*self.vault, &words.email))
    }

    /// Takes a step. `note` says which evidence was looked at, or why.
    pub async fn change(
        &self,
        admin: AdminId,
        doctor: DoctorId,
        (step, note): (StandingStep, PersonalText),
        request: Request,
    ) -> Result<Outcome<()>, StandingError> {
        let executor = &self.executor;
        let by = Caller::new(Actor::Admin(admin), request);
        let outcome = match step {
            StandingStep::Verify => {
                let address = self.address(doctor).await?;
                let order = VerifyDoctor { doctor, address, admin, evidence: note };
                executor.execute(&order, by).await?
            }
            StandingStep::Reject => {
                executor.execute(&RejectDoctor { doctor, admin, reason: note }, by).await?
            }
            StandingStep::Suspend => {
                executor.execute(&SuspendDoctor { doctor, admin, reason: note }, by).await?
            }
            StandingStep::Reinstate => {
                executor.execute(&ReinstateDoctor { doctor, admin, reason: note }, by).await?
            }
        };
        Ok(outcome)
    }
}
