//! What one patient's stream folds to: consents, reports, tokens and viewings together, because a
//! decision about any of them may turn on all of them.

use std::collections::HashMap;

use crate::access::state::Accesses;
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
