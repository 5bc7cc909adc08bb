//! Lists of personal text and of names, as a flow: the event that says who reads, then leave to open them.

use std::sync::Arc;

use domain::access::event::ClinicalList;
use domain::access::policy::PersonalTextPermit;
use domain::actor::Actor;
use domain::identity::event::NameList;
use domain::ids::PatientId;

use super::show_clinical_list::ShowClinicalList;
use super::signed_log_rule::{LogUnsigned, SignedLogRule};
use super::viewing::DoctorCaller;
use crate::decide::Rejection;
use crate::execute::{Caller, ExecuteError, Executor};
use crate::fresh::Fresh;
use crate::identity::log_in::LogInRejection;
use crate::identity::sessions::SignedIn;
use crate::identity::show_name_list::{ShowAdminNameList, ShowDoctorNameList};

/// Why a list stays shut.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// Not for this caller.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The command was not carried out.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The log is not being signed.
    #[error(transparent)]
    LogUnsigned(#[from] LogUnsigned),
}

/// What it takes to read a list of somebody's personal text or of names.
pub struct ListFlow {
    executor: Arc<Executor>,
    signed_log: SignedLogRule,
    fresh: Fresh,
}

impl ListFlow {
    /// With what it needs.
    pub fn new(executor: Arc<Executor>, signed_log: SignedLogRule, fresh: Fresh) -> Self {
        Self { executor, signed_log, fresh }
    }

    /// Leave for a doctor to read clinical text of a patient in a list.
    pub async fn permit_personal_text(
        &self,
        caller: DoctorCaller,
        patient: PatientId,
        list: ClinicalList,
    ) -> Result<PersonalTextPermit, ListError> {
        self.signed_log.check()?;
        let DoctorCaller { doctor, session } = caller;
        let actor = Actor::Doctor(doctor);
        let order = ShowClinicalList { patient, doctor, session, list };
        let caller = Caller::new(actor, self.fresh.request());
        Ok(self.executor.execute(&order, caller).await?.done)
    }

    /// Leave for a doctor or an admin to read a list of names. A patient needs no event for the names of
    /// doctors, which the directory shows to everybody who is signed in.
    pub async fn permit_names(
        &self,
        caller: SignedIn,
        list: NameList,
    ) -> Result<PersonalTextPermit, ListError> {
        let SignedIn { actor, session } = caller;
        let request = Caller::new(actor, self.fresh.request());
        match actor {
            Actor::Patient(_) => Ok(PersonalTextPermit::own(actor)),
            Actor::Doctor(doctor) => {
                let order = ShowDoctorNameList { doctor, session, list };
                Ok(self.executor.execute(&order, request).await?.done)
            }
            Actor::Admin(admin) => {
                let order = ShowAdminNameList { admin, session, list };
                Ok(self.executor.execute(&order, request).await?.done)
            }
            Actor::Manager(_) | Actor::System => {
                Err(LogInRejection::NotSignedIn.rejection().into())
            }
        }
    }
}
