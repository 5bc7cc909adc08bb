//! Shutting out and letting in again, as a flow: at once, and without a code either way.

use std::sync::Arc;

use domain::actor::Actor;
use domain::consent::grantee::Grantee;
use domain::ids::{PatientId, ReportId};

use super::close_record::CloseRecord;
use super::hide_report::HideReport;
use super::lift_bar::LiftBar;
use super::open_record::OpenRecord;
use super::set_bar::SetBar;
use super::unhide_report::UnhideReport;
use crate::execute::{Caller, ExecuteError, Executor, Outcome};
use crate::ports::event_store::Request;

/// What of a record is shut, or opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// All of it, to everybody.
    Everybody,
    /// All of it, to one doctor or practice.
    One(Grantee),
    /// One report, to one doctor or practice.
    OfReport(ReportId, Grantee),
}

/// Why it stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum BarError {
    /// The command was not carried out.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
}

/// What it takes to shut somebody out, and to let them in again.
pub struct BarFlow {
    executor: Arc<Executor>,
}

impl BarFlow {
    /// With what it needs.
    pub const fn new(executor: Arc<Executor>) -> Self {
        Self { executor }
    }

    /// Shuts. At once: no page and no title once this is answered.
    pub async fn shut(
        &self,
        patient: PatientId,
        whom: Whom,
        emergency_passes: bool,
        request: Request,
    ) -> Result<Outcome<()>, BarError> {
        let caller = Caller::new(Actor::Patient(patient), request);
        Ok(match whom {
            Whom::Everybody => {
                self.executor.execute(&CloseRecord { patient, emergency_passes }, caller).await?
            }
            Whom::One(barred) => {
                let order = SetBar { patient, barred, emergency_passes };
                self.executor.execute(&order, caller).await?
            }
            Whom::OfReport(report, from) => {
                let order = HideReport { patient, report, from, emergency_passes };
                self.executor.execute(&order, caller).await?
            }
        })
    }

    /// Opens again, as consents stand.
    pub async fn lift(
        &self,
        patient: PatientId,
        whom: Whom,
        request: Request,
    ) -> Result<Outcome<()>, BarError> {
        let caller = Caller::new(Actor::Patient(patient), request);
        Ok(match whom {
            Whom::Everybody => self.executor.execute(&OpenRecord { patient }, caller).await?,
            Whom::One(barred) => {
                self.executor.execute(&LiftBar { patient, barred }, caller).await?
            }
            Whom::OfReport(report, from) => {
                let order = UnhideReport { patient, report, from };
                self.executor.execute(&order, caller).await?
            }
        })
    }
}
