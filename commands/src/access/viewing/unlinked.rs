//! Whom the patient shuts out: answered as one who never had a link.

use domain::chart::Chart;
use domain::consent::grantee::Reader;
use domain::ids::{DoctorId, PatientId, ReportId, StreamName};

use super::{ViewingError, ViewingFlow};
use crate::ports::event_store::Request;

impl ViewingFlow {
    /// The request, or a fresh one of a doctor whom the patient shuts out now: what was answered to it before
    /// would tell that there was a link, and one who never had one has no earlier answer.
    pub(super) async fn as_a_stranger(
        &self,
        doctor: DoctorId,
        patient: PatientId,
        request: Request,
        report: impl Fn(&Chart) -> Option<ReportId>,
    ) -> Result<Request, ViewingError> {
        if matches!(request, Request::Once(_)) {
            return Ok(request);
        }
        let chart = self.executor.state::<Chart>(&StreamName::patient(patient)).await?;
        let reader = Reader::doctor(doctor);
        let shut = match report(&chart) {
            Some(report) => chart.bars.shut(reader, report),
            None => chart.bars.unlinked(reader),
        };
        Ok(if shut.is_some() { self.fresh.request() } else { request })
    }

    /// Whether a doctor may know of a record, so far as it is not shut to them.
    pub async fn is_linked(
        &self,
        patient: PatientId,
        doctor: DoctorId,
    ) -> Result<bool, ViewingError> {
        let chart = self.executor.state::<Chart>(&StreamName::patient(patient)).await?;
        Ok(chart.bars.unlinked(Reader::doctor(doctor)).is_none())
    }
}
