//! What a consent would open if it were given now, and what its patient said before that stands against it.

use super::event::ConsentGranted;
use super::scope::{Purpose, Scope};
use super::state::{Consent, Force};
use super::words::{ReportsOpened, what_it_would_open};
use crate::chart::Chart;
use crate::ids::{ConsentId, ReportId};
use crate::time::{Moment, Period};

/// What a consent would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The reports of today that it would open, by id.
    pub opens: Vec<ReportId>,
    /// How many reports there are.
    pub reports: usize,
    /// Whether it opens reports to come, too.
    pub those_to_come: bool,
    /// For what.
    pub purpose: Purpose,
    /// From when until when.
    pub period: Period,
    /// What keeps shut some of what it covers.
    pub against: Vec<StandsAgainst>,
}

/// Something that the patient said before, and that stays so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandsAgainst {
    /// The whole record is closed.
    RecordClosed,
    /// Reports that it covers are hidden from whom it names.
    Hidden {
        /// How many.
        reports: usize,
    },
    /// An exception of another consent in force for whom it names.
    Exception {
        /// That consent.
        consent: ConsentId,
        /// When it was given.
        granted_at: Moment,
        /// How many of the reports that the new one covers it keeps shut.
        reports: usize,
    },
}

impl Preview {
    /// What a consent would do, judged at its beginning where that is to come.
    pub fn of(chart: &Chart, granted: &ConsentGranted, now: Moment) -> Self {
        let at = now.max(granted.period.from);
        let whom = granted.grantee;
        let consent = Consent::new(granted.clone(), now);
        let covered = chart
            .reports
            .iter()
            .filter(|(id, about)| consent.covers(**id, about) && !consent.shuts(**id, about));
        let mut opens: Vec<_> = covered.collect();
        opens.sort_unstable_by_key(|(id, _)| **id);
        let mut against = Vec::new();
        let hidden = |id: &ReportId| chart.bars.hiding(*id, whom).is_some();
        let reports = opens.iter().filter(|(id, _)| hidden(id)).count();
        if reports > 0 {
            against.push(StandsAgainst::Hidden { reports });
        }
        let others = chart.consents.of_grantee(whom);
        let others: Vec<_> = others.filter(|other| other.force(at) == Force::InForce).collect();
        for other in &others {
            let reports = opens.iter().filter(|(id, about)| other.shuts(**id, about)).count();
            if reports > 0 {
                let (consent, granted_at) = (other.granted.consent, other.granted_at);
                against.push(StandsAgainst::Exception { consent, granted_at, reports });
            }
        }
        let shut = |(id, about): &(&ReportId, &_)| {
            hidden(id) || others.iter().any(|other| other.shuts(**id, about))
        };
        opens.retain(|report| !shut(report));
        if chart.bars.closed().is_some() {
            against.insert(0, StandsAgainst::RecordClosed);
            opens.clear();
        }
        Self {
            opens: opens.into_iter().map(|(id, _)| *id).collect(),
            reports: chart.reports.len(),
            those_to_come: !matches!(granted.scope, Scope::Reports { .. }),
            purpose: granted.purpose,
            period: granted.period,
            against,
        }
    }

    /// In one sentence, as its patient reads it.
    pub fn sentence(&self, now: Moment) -> String {
        let counted = ReportsOpened { opened: self.opens.len(), of: self.reports };
        let opens = what_it_would_open(counted, self.those_to_come);
        let from =
            (self.period.from > now).then(|| format!(" from {}", self.period.from.in_words()));
        let (from, until) = (from.unwrap_or_default(), self.period.until.in_words());
        format!("It opens {opens}, for {}{from} until {until}.", self.purpose.in_words())
    }
}

impl StandsAgainst {
    /// In one sentence, as its patient reads it.
    pub fn sentence(self) -> String {
        match self {
            Self::RecordClosed => {
                "Your record is closed: it opens nothing until you open it again.".to_owned()
            }
            Self::Hidden { reports: 1 } => "You hid one of these reports from them.".to_owned(),
            Self::Hidden { reports } => format!("You hid {reports} of these reports from them."),
            Self::Exception { granted_at, reports, .. } => {
                let day = granted_at.day_in_words();
                let shut = if reports == 1 { "one".to_owned() } else { reports.to_string() };
                format!("Your exception of {day} stays in force: it keeps {shut} of them closed.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::consent::event::ReportHidden;
    use crate::consent::grantee::Grantee;
    use crate::consent::scope::Exceptions;
    use crate::fact::Fact;
    use crate::fold::Fold as _;
    use crate::ids::StreamName;
    use crate::records::event::ReportUploaded;
    use crate::samples::{self, ANA, BO, OTHER_CONSENT, OTHER_REPORT, REPORT, noon};
    use crate::time::minutes;

    /// Two reports, and `more`.
    fn chart(more: impl IntoIterator<Item = Fact>) -> Chart {
        let other = ReportUploaded { report: OTHER_REPORT, ..samples::report_uploaded() };
        let first: [Fact; 2] = [samples::report_uploaded().into(), other.into()];
        first.into_iter().chain(more).fold(Chart::default(), |mut chart, fact| {
            let stream = StreamName::patient(ANA);
            chart.evolve(&samples::recorded(stream, Actor::Patient(ANA), fact));
            chart
        })
    }

    fn excepted() -> Fact {
        let exceptions = Exceptions { reports: [REPORT].into(), ..Exceptions::default() };
        let consent = OTHER_CONSENT;
        ConsentGranted { consent, exceptions, ..samples::consent_granted() }.into()
    }

    fn preview(chart: &Chart) -> Preview {
        Preview::of(chart, &samples::consent_granted(), noon())
    }

    #[test]
    fn what_is_opened_is_counted_and_said_in_one_sentence() {
        let all = preview(&chart([]));
        assert_eq!((all.opens.clone(), all.against.clone()), (vec![REPORT, OTHER_REPORT], vec![]));
        let until = "for treatment until 30 November 2026, 12:00 UTC.";
        let said = format!("It opens all 2 of your reports and those to come, {until}");
        assert_eq!(all.sentence(noon()), said);
        let one = Scope::Reports { reports: [REPORT].into() };
        let mut single = ConsentGranted { scope: one, ..samples::consent_granted() };
        single.period.from = noon().plus(minutes(60));
        let single = Preview::of(&chart([]), &single, noon());
        assert_eq!(single.opens, [REPORT]);
        let said = "It opens one of your 2 reports, for treatment from 23 November 2026, 13:00 UTC \
                    until 30 November 2026, 12:00 UTC.";
        assert_eq!(single.sentence(noon()), said);
    }

    #[test]
    fn an_exception_of_another_consent_in_force_stays_in_force() {
        let narrowed = preview(&chart([excepted()]));
        let exception =
            StandsAgainst::Exception { consent: OTHER_CONSENT, granted_at: noon(), reports: 1 };
        assert_eq!((narrowed.opens, narrowed.against), (vec![OTHER_REPORT], vec![exception]));
        let said =
            "Your exception of 23 November 2026 (UTC) stays in force: it keeps one of them closed.";
        assert_eq!(exception.sentence(), said);
        let revoked = crate::consent::event::ConsentRevoked { consent: OTHER_CONSENT };
        let over = preview(&chart([excepted(), revoked.into()]));
        assert_eq!(over.against, []);
    }

    #[test]
    fn what_is_kept_shut_is_said_and_opened_by_nothing() {
        let from = Grantee::Doctor(BO);
        let hide = ReportHidden { report: REPORT, from, emergency_passes: true };
        let hidden = preview(&chart([hide.clone().into()]));
        assert_eq!(hidden.opens, [OTHER_REPORT]);
        assert_eq!(hidden.against, [StandsAgainst::Hidden { reports: 1 }]);
        let closed = preview(&chart([samples::record_closed().into(), hide.into()]));
        assert_eq!(closed.opens, []);
        assert_eq!(
            closed.against,
            [StandsAgainst::RecordClosed, StandsAgainst::Hidden { reports: 1 }]
        );
        for against in closed.against {
            assert!(against.sentence().ends_with('.'), "{against:?}");
        }
    }
}
