//! A patient takes a copy of a report home, as a flow: the event first, then the bytes.

use std::sync::Arc;

use domain::actor::Actor;
use domain::ids::{PatientId, ReportId};
use futures::StreamExt as _;

use super::download_report::DownloadReport;
use super::reveal::{RevealError, Revealed, SealedReports};
use super::signed_log_rule::{LogUnsigned, SignedLogRule};
use crate::execute::{Caller, ExecuteError, Executor};
use crate::fresh::Fresh;
use crate::shares::{NoShare, Scarce, Shares};

/// Why nothing is downloaded.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The command was not carried out.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The log is not being signed.
    #[error(transparent)]
    LogUnsigned(#[from] LogUnsigned),
    /// The account has its share of downloads already.
    #[error(transparent)]
    Share(#[from] NoShare),
    /// The report does not open.
    #[error(transparent)]
    Reveal(#[from] RevealError),
}

/// What it takes to download a report.
pub struct DownloadFlow {
    executor: Arc<Executor>,
    reports: SealedReports,
    signed_log: SignedLogRule,
    shares: Shares,
    fresh: Fresh,
}

impl DownloadFlow {
    /// With what it needs.
    pub fn new(
        executor: Arc<Executor>,
        reports: SealedReports,
        signed_log: SignedLogRule,
        shares: Shares,
        fresh: Fresh,
    ) -> Self {
        Self { executor, reports, signed_log, shares, fresh }
    }

    /// A patient downloads their own report: the event first, then the bytes.
    pub async fn download(
        &self,
        patient: PatientId,
        report: ReportId,
    ) -> Result<Revealed, DownloadError> {
        self.signed_log.check()?;
        let share = self.shares.take(Scarce::Download, Actor::Patient(patient))?;
        let order = DownloadReport { patient, report };
        let caller = Caller::new(Actor::Patient(patient), self.fresh.request());
        let permit = self.executor.execute(&order, caller).await?.done;
        let Revealed { media_type, size, bytes } = self.reports.reveal(permit).await?;
        Ok(Revealed { media_type, size, bytes: share.held_by(bytes).boxed() })
    }
}
