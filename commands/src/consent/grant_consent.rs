//! A patient lets a doctor or a practice see reports, for a purpose and a time.

use std::time::Duration;

use domain::chart::Chart;
use domain::consent::event::ConsentGranted;
use domain::consent::grantee::Grantee;
use domain::consent::scope::{Exceptions, NAMED_MAX, Purpose, Scope};
use domain::identity::doctor::{Doctor, Standing};
use domain::ids::{ChallengeId, ConsentId, PatientId, ReportId, StreamName};
use domain::time::{Moment, Period};

use crate::decide::{Command, Decided, Decision, answered_by, rejections};
use crate::identity::verify_doctor::StandingRejection;

/// The longest a consent may last: a year, leap years included.
pub const PERIOD_MAX: Duration = Duration::from_secs(366 * 24 * 3_600);
/// How far in the past a consent may say it begins: clocks differ, forms take time.
const BACKDATED_MAX: Duration = Duration::from_secs(24 * 3_600);

/// The order. The step-up was answered before; `step_up` says which.
#[derive(Debug, Clone)]
pub struct GrantConsent {
    /// Whose record.
    pub patient: PatientId,
    /// The consent's id.
    pub consent: ConsentId,
    /// Who is let in.
    pub grantee: Grantee,
    /// What it opens.
    pub scope: Scope,
    /// What stays shut.
    pub exceptions: Exceptions,
    /// For what.
    pub purpose: Purpose,
    /// From when until when.
    pub period: Period,
    /// How many viewings, if limited.
    pub views_max: Option<u32>,
    /// The challenge that was answered.
    pub step_up: ChallengeId,
}

rejections! {
    /// Why a consent is not granted.
    GrantConsentRejection {
        /// Unknown, pending, rejected and suspended doctors look alike.
        NoSuchDoctor => StandingRejection::NoSuchDoctor.rejection();
        /// Unknown, pending, rejected and suspended practices look alike.
        NoSuchPractice = NotFound, "no_such_practice", "There is no verified practice by this id.", "Choose a practice from the directory.";
        /// The bar would win over the consent.
        GranteeBarred = Conflict, "grantee_barred", "You barred whom this consent would let in: it would open nothing.", "Lift the bar first if you want to let them in.", AfterAChange;
        /// An empty list, or too long a one.
        UnsoundScope = Invalid, "unsound_scope", "The scope or its exceptions name nothing, or more than 200 reports.", "Name between one and 200 reports, or use categories.";
        /// A report that is not the patient's.
        NoSuchReport = NotFound, "no_such_report", "The consent names a report that you do not have.", "Choose from your reports.";
        /// A purpose with a path of its own.
        PurposeNotConsentable = Invalid, "purpose_not_consentable", "Breaking the glass is never covered by a consent.", "Choose another purpose.";
        /// Ends before it begins, is over, or is too long.
        UnsoundPeriod = Invalid, "unsound_period", "A consent must end after it begins and after now, last a year at most, and begin no earlier than yesterday.", "Correct the period.";
        /// A maximum of zero.
        NoViews = Invalid, "no_views", "A consent must allow at least one view.", "Leave the maximum out, or give at least 1.";
    }
}

answered_by!(ConsentGranted);

impl Command for GrantConsent {
    type States = (Chart, Doctor);
    type Done = ConsentGranted;

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.patient), self.grantee.stream()]
    }

    fn decide(&self, (chart, doctor): (&Chart, &Doctor), now: Moment) -> Decision<Self::Done> {
        use GrantConsentRejection::{
            GranteeBarred, NoSuchDoctor, NoSuchPractice, NoSuchReport, NoViews,
            PurposeNotConsentable, UnsoundPeriod, UnsoundScope,
        };
        if let Some(known) = chart.consents.get(&self.consent) {
            return Ok(Decided::Already(known.granted.clone()));
        }
        match self.grantee {
            Grantee::Doctor(_) if doctor.standing == Standing::Verified => {}
            Grantee::Doctor(_) => return Err(NoSuchDoctor.into()),
            // No practice has been verified: none can register yet.
            Grantee::Practice(_) => return Err(NoSuchPractice.into()),
        }
        if chart.bars.against(self.grantee).is_some() {
            return Err(GranteeBarred.into());
        }
        if !self.scope.is_sound() || self.exceptions.reports.len() > NAMED_MAX {
            return Err(UnsoundScope.into());
        }
        if !self.named_reports().all(|report| chart.reports.contains_key(report)) {
            return Err(NoSuchReport.into());
        }
        if !self.purpose.can_be_consented_to() {
            return Err(PurposeNotConsentable.into());
        }
        let Period { from, until } = self.period;
        let begins_soon_enough = now.since(from) <= BACKDATED_MAX;
        if until <= from || until <= now || self.period.length() > PERIOD_MAX || !begins_soon_enough
        {
            return Err(UnsoundPeriod.into());
        }
        if self.views_max == Some(0) {
            return Err(NoViews.into());
        }
        Ok(Decided::record(self.granted()))
    }
}

impl GrantConsent {
    fn named_reports(&self) -> impl Iterator<Item = &ReportId> {
        let named = match &self.scope {
            Scope::Reports { reports } => Some(reports),
            Scope::Everything {} | Scope::Categories { .. } => None,
        };
        named.into_iter().flatten().chain(&self.exceptions.reports)
    }

    pub(super) fn granted(&self) -> ConsentGranted {
        ConsentGranted {
            consent: self.consent,
            grantee: self.grantee,
            scope: self.scope.clone(),
            exceptions: self.exceptions.clone(),
            purpose: self.purpose,
            period: self.period,
            views_max: self.views_max,
            step_up: self.step_up,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::spec::given;
    use domain::actor::Actor;
    use domain::samples::{self, ANA, BO, CHALLENGE, CONSENT, OTHER_REPORT, REPORT, noon};
    use domain::time::minutes;

    /// A reason code, and what must be changed in the usual order to get it.
    pub(crate) type Spoiled<'a> = (&'static str, &'a dyn Fn(&mut GrantConsent));

    /// All for treatment, for a week.
    pub(crate) fn grant() -> GrantConsent {
        let week = minutes(7 * 24 * 60);
        GrantConsent {
            patient: ANA,
            consent: CONSENT,
            grantee: Grantee::Doctor(BO),
            scope: Scope::Everything {},
            exceptions: Exceptions::default(),
            purpose: Purpose::Treat,
            period: Period { from: noon(), until: noon().plus(week) },
            views_max: None,
            step_up: CHALLENGE,
        }
    }

    #[test]
    fn a_patient_lets_a_verified_doctor_in() {
        let order = grant();
        given().the_cast().when(&order).then(&[order.granted().into()]);
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        given().the_cast().twice::<GrantConsent>(Actor::Patient(ANA), &grant());
    }

    #[test]
    fn a_doctor_who_may_not_act_cannot_be_let_in() {
        given().when(&grant()).refused("no_such_doctor");
        given().bo_registered().when(&grant()).refused("no_such_doctor");
        given().the_cast().bo_suspended().when(&grant()).refused("no_such_doctor");
    }

    #[test]
    fn whom_the_patient_barred_is_not_let_in_before_the_bar_is_lifted() {
        let barred = given().the_cast().ana(samples::bar_set());
        barred.when(&grant()).refused("grantee_barred");
        barred.ana(samples::bar_lifted()).when(&grant()).then_kinds(&["consent.granted.v1"]);
        let closed = given().the_cast().ana(samples::record_closed());
        closed.when(&grant()).then_kinds(&["consent.granted.v1"]);
    }

    #[test]
    fn every_unsound_order_is_refused_for_its_reason() {
        let over = |from, until| Period {
            from: noon().plus(minutes(from)),
            until: noon().plus(minutes(until)),
        };
        let cases: [Spoiled; 8] = [
            ("unsound_scope", &|o| o.scope = Scope::Reports { reports: [].into() }),
            ("unsound_scope", &|o| o.scope = Scope::Categories { categories: [].into() }),
            ("no_such_report", &|o| {
                o.scope = Scope::Reports { reports: [REPORT, OTHER_REPORT].into() }
            }),
            ("no_such_report", &|o| o.exceptions.reports = [OTHER_REPORT].into()),
            ("purpose_not_consentable", &|o| o.purpose = Purpose::Btg),
            ("unsound_period", &|o| o.period = over(10, 10)),
            ("unsound_period", &|o| o.period = over(0, 367 * 24 * 60)),
            ("no_views", &|o| o.views_max = Some(0)),
        ];
        for (code, spoil) in cases {
            let mut order = grant();
            spoil(&mut order);
            given().the_cast().when(&order).refused(code);
        }
        given().the_cast().later(minutes(8 * 24 * 60)).when(&grant()).refused("unsound_period");
    }
}
