//! Lists of personal text and of names, as a flow: the event that says who reads, then leave to open them.

use std::collections::HashMap;
use std::sync::Arc;

use domain::access::event::ClinicalList;
use domain::access::policy::v1::ListedReports;
use domain::access::policy::{PersonalTextPermit, v2};
use domain::actor::Actor;
use domain::chart::Chart;
use domain::consent::grantee::Reader;
use domain::consent::scope::Purpose;
use domain::consent::state::Consent;
use domain::identity::event::NameList;
use domain::ids::{DoctorId, PatientId, StreamName};
use domain::time::Moment;

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

/// What a doctor is told of a consent that lets them in: what for, how long, how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenConsent {
    /// What reports may be asked for under it.
    pub purpose: Purpose,
    /// When it ends by itself.
    pub until: Moment,
    /// How many more viewings it allows, if they are limited.
    pub views_left: Option<u32>,
}

impl OpenConsent {
    fn of(consent: &Consent) -> Self {
        let granted = &consent.granted;
        let views_left = granted.views_max.map(|most| most.saturating_sub(consent.views));
        Self { purpose: granted.purpose, until: granted.period.until, views_left }
    }
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

    /// Leave for a doctor to read clinical text of a patient in a list, and the reports that may stand in it.
    /// The chart is read once more when the permit is there: a consent that was taken back before this was
    /// asked opens nothing, however far behind whoever has the rows may be.
    pub async fn permit_personal_text(
        &self,
        caller: DoctorCaller,
        patient: PatientId,
        list: ClinicalList,
    ) -> Result<(PersonalTextPermit, ListedReports), ListError> {
        self.signed_log.check()?;
        let DoctorCaller { doctor, session } = caller;
        let actor = Actor::Doctor(doctor);
        let order = ShowClinicalList { patient, doctor, session, list };
        let caller = Caller::new(actor, self.fresh.request());
        let permit = self.executor.execute(&order, caller).await?.done;
        let chart = self.executor.state::<Chart>(&StreamName::patient(patient)).await?;
        let listed = v2::listed(&chart, Reader::doctor(doctor), self.executor.now());
        Ok((permit, listed))
    }

    /// By which consents each of these patients lets a doctor in now, as their charts say; by none, where
    /// they did so once. Those who shut the doctor out are not among them.
    pub async fn letting_in(
        &self,
        doctor: DoctorId,
        patients: &[PatientId],
    ) -> Result<HashMap<PatientId, Vec<OpenConsent>>, ListError> {
        let streams: Vec<StreamName> =
            patients.iter().map(|patient| StreamName::patient(*patient)).collect();
        let charts = self.executor.states::<Chart>(&streams).await?;
        let (reader, now) = (Reader::doctor(doctor), self.executor.now());
        let open = |chart: &Chart| -> Vec<OpenConsent> {
            v2::letting_in(chart, reader, now).into_iter().map(OpenConsent::of).collect()
        };
        let each = patients.iter().zip(&charts);
        let linked = each.filter(|(_, chart)| chart.bars.unlinked(reader).is_none());
        Ok(linked.map(|(patient, chart)| (*patient, open(chart))).collect())
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
