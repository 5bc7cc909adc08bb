//! A patient hides one report from a doctor or a practice: to them there is no such report.

use domain::access::policy::Rule;
use domain::chart::Chart;
use domain::consent::event::ReportHidden;
use domain::consent::grantee::Grantee;
use domain::identity::doctor::Doctor;
use domain::ids::{PatientId, ReportId, StreamName};
use domain::time::Moment;

use super::grant_consent::GrantConsentRejection;
use super::set_bar::can_be_set;
use super::shut_viewings::ends_of_what_is_shut;
use crate::decide::{Command, Decided, Decision};

/// A patient hides a report from somebody, or says anew whether an emergency of theirs passes.
#[derive(Debug, Clone)]
pub struct HideReport {
    /// Whose record.
    pub patient: PatientId,
    /// The report.
    pub report: ReportId,
    /// From whom.
    pub from: Grantee,
    /// Whether an emergency of theirs still passes.
    pub emergency_passes: bool,
}

impl Command for HideReport {
    type States = (Chart, Doctor);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.patient), self.from.stream()]
    }

    fn decide(&self, (chart, doctor): (&Chart, &Doctor), now: Moment) -> Decision<Self::Done> {
        let Self { report, from, emergency_passes, .. } = *self;
        match chart.bars.hiding(report, from) {
            Some(bar) if bar.emergency_passes == emergency_passes => {
                return Ok(Decided::Already(()));
            }
            Some(_) => {}
            None if !chart.reports.contains_key(&report) => {
                return Err(GrantConsentRejection::NoSuchReport.into());
            }
            None => can_be_set(chart, from, doctor)?,
        }
        let shut = |reader: domain::consent::grantee::Reader, of| reader.is(from) && of == report;
        let ends = ends_of_what_is_shut(chart, now, Rule::ReportHidden, shut);
        Ok(Decided::record_with(ReportHidden { report, from, emergency_passes }, ends))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::issue_view_token::tests::{ASK, granted};
    use crate::access::redeem_view_token::tests::{REDEEM, issued};
    use crate::consent::unhide_report::UnhideReport;
    use crate::spec::given;
    use domain::access::event::ViewRefused;
    use domain::actor::Actor;
    use domain::samples::{self, ANA, BO, OTHER_REPORT, REPORT};

    const HIDE: HideReport = HideReport {
        patient: ANA,
        report: REPORT,
        from: Grantee::Doctor(BO),
        emergency_passes: true,
    };

    #[test]
    fn doing_it_twice_adds_nothing_but_what_is_new_of_emergencies() {
        given().the_cast().when(&HIDE).then(&[samples::report_hidden().into()]);
        let hidden = given().the_cast().twice::<HideReport>(Actor::Patient(ANA), &HIDE);
        let to_all = HideReport { emergency_passes: false, ..HIDE };
        hidden.when(&to_all).then_kinds(&["consent.report_hidden.v1"]);
    }

    #[test]
    fn what_is_not_there_cannot_be_hidden() {
        let missing = HideReport { report: OTHER_REPORT, ..HIDE };
        given().the_cast().when(&missing).refused("no_such_report");
        let nobody = HideReport { from: Grantee::Doctor(samples::EVE), ..HIDE };
        given().the_cast().when(&nobody).refused("no_such_doctor");
    }

    #[test]
    fn a_hidden_report_is_answered_as_one_that_does_not_exist() {
        let viewing = issued().done(Actor::Doctor(BO), &REDEEM);
        let ended = samples::viewing_stopped(Rule::ReportHidden);
        viewing.when(&HIDE).then(&[samples::report_hidden().into(), ended.into()]);
        let token = issued().done(Actor::Patient(ANA), &HIDE);
        assert_eq!(token.when(&REDEEM).refused("no_such_token"), []);
        let hidden = granted(|_| {}).done(Actor::Patient(ANA), &HIDE);
        let (rule, policy) = (Rule::ReportHidden, domain::access::policy::CURRENT);
        let refused = ViewRefused { rule, policy, ..samples::view_refused() };
        assert_eq!(hidden.when(&ASK).refused("not_found"), [refused.into()]);
        let unhide = UnhideReport { patient: ANA, report: REPORT, from: Grantee::Doctor(BO) };
        let shown = hidden.done(Actor::Patient(ANA), &unhide);
        shown.when(&ASK).then_kinds(&["access.view_token_issued.v1"]);
    }
}
