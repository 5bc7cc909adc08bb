//! What one patient's stream folds to: consents, reports, tokens and viewings together, because a
//! decision about any of them may turn on all of them.

use std::collections::HashMap;

use crate::access::state::Accesses;
use crate::consent::bars::PatientBars;
use crate::consent::state::Consents;
use crate::fold::{Fold, Recorded};
use crate::identity::event::PatientFact;
use crate::ids::{PatientId, ReportId};
use crate::records::state::{self as records, Report};

/// A patient's chart: what each feature's facts add up to stands in that feature's `state.rs`.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    /// The patient, once registered.
    pub patient: Option<PatientId>,
    /// Every consent ever given.
    pub consents: Consents,
    /// What stays shut whatever those say.
    pub bars: PatientBars,
    /// Every report.
    pub reports: HashMap<ReportId, Report>,
    /// Tokens, viewings, refusals.
    pub access: Accesses,
}

impl Chart {
    /// Bytes that the reports hold together, encryption apart.
    pub fn stored_bytes(&self) -> u64 {
        self.reports.values().fold(0, |sum, report| report.size.saturating_add(sum))
    }
}

impl Fold for Chart {
    fn evolve(&mut self, recorded: &Recorded) {
        let fact = &recorded.fact;
        match fact.patient() {
            Some(PatientFact::Registered(registered)) => self.patient = Some(registered.patient),
            None => {}
        }
        if let Some(fact) = fact.consent() {
            self.consents.take(fact, recorded.time);
            self.bars.take(fact);
            if fact.shuts() {
                let bars = &self.bars;
                self.access.forget_tokens(|reader, report| bars.shut(reader, report).is_some());
            }
        }
        if let Some(fact) = fact.records() {
            records::take(&mut self.reports, fact, recorded.actor);
        }
        if let Some(fact) = fact.access() {
            if let Some(consent) = fact.viewed_under() {
                self.consents.count_view(consent);
            }
            self.access.take(fact, recorded);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::fact::Fact;
    use crate::ids::StreamName;
    use crate::records::event::ReportUploaded;
    use crate::samples::{self, ANA, BO, CONSENT, OTHER_REPORT, REPORT, VIEWING};

    fn chart(facts: impl IntoIterator<Item = Fact>) -> Chart {
        facts.into_iter().fold(Chart::default(), |mut chart, fact| {
            let stream = StreamName::patient(ANA);
            chart.evolve(&samples::recorded(stream, Actor::Doctor(BO), fact));
            chart
        })
    }

    #[test]
    fn each_fact_goes_to_its_feature_and_a_viewing_counts_for_its_consent() {
        let chart = chart([
            samples::patient_registered().into(),
            samples::report_uploaded().into(),
            samples::consent_granted().into(),
            samples::record_viewed().into(),
            samples::consent_revoked().into(),
        ]);
        assert_eq!(chart.patient, Some(ANA));
        assert_eq!(chart.reports[&REPORT].uploaded_by, Actor::Doctor(BO));
        let consent = chart.consents.get(&CONSENT).unwrap();
        assert_eq!((consent.views, consent.revoked_at), (1, Some(samples::noon())));
        assert!(chart.access.viewings.contains_key(&VIEWING));
    }

    #[test]
    fn what_the_reports_hold_is_added_up_and_never_overflows() {
        let of = |report, size| ReportUploaded { report, size, ..samples::report_uploaded() };
        assert_eq!(chart([]).stored_bytes(), 0);
        let two = chart([of(REPORT, 1_000).into(), of(OTHER_REPORT, 234).into()]);
        assert_eq!(two.stored_bytes(), 1_234);
        let full = chart([of(REPORT, u64::MAX).into(), of(OTHER_REPORT, 1).into()]);
        assert_eq!(full.stored_bytes(), u64::MAX);
    }
}
