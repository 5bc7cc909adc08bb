//! What one patient's stream folds to: consents, reports, tokens and viewings together, because a
//! decision about any of them may turn on all of them.

use std::collections::{BTreeMap, HashMap};

use crate::access::event::ClinicalList;
use crate::access::policy::Rule;
use crate::access::state::{Token, Viewing};
use crate::actor::Actor;
use crate::consent::grantee::{Grantee, Reader};
use crate::consent::state::Consent;
use crate::fold::{Fold, Recorded};
use crate::identity::event::PatientFact;
use crate::ids::{
    ConsentId, DoctorId, EventId, PatientId, ReportId, SessionId, TokenHash, ViewingId,
};
use crate::records::Report;
use crate::time::Moment;

/// A patient's chart.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    /// The patient, once registered.
    pub patient: Option<PatientId>,
    /// Every consent ever given.
    pub consents: BTreeMap<ConsentId, Consent>,
    /// Every report.
    pub reports: HashMap<ReportId, Report>,
    /// View tokens.
    pub tokens: HashMap<TokenHash, Token>,
    /// Viewings.
    pub viewings: HashMap<ViewingId, Viewing>,
    /// Lists with clinical text that were shown to others: the newest event for each.
    pub lists_shown: BTreeMap<(Actor, SessionId, ClinicalList), (Moment, EventId)>,
    /// The newest refusal of each doctor under each rule: they are recorded once a minute.
    pub refusals: BTreeMap<(DoctorId, Rule), Moment>,
    /// The consents of each grantee, with how many were given before: their order across grantees.
    pub(crate) by_grantee: HashMap<Grantee, Vec<(usize, ConsentId)>>,
}

impl Chart {
    /// The consents that count for a reader, oldest first.
    pub fn consents_for(&self, reader: Reader) -> Vec<&Consent> {
        let named = reader.counts_as().filter_map(|grantee| self.by_grantee.get(&grantee));
        let mut named: Vec<(usize, ConsentId)> = named.flatten().copied().collect();
        named.sort_unstable_by_key(|(before, _)| *before);
        named.iter().filter_map(|(_, consent)| self.consents.get(consent)).collect()
    }
}

impl Fold for Chart {
    fn evolve(&mut self, recorded: &Recorded) {
        let fact = &recorded.fact;
        match fact.patient() {
            Some(PatientFact::Registered(registered)) => self.patient = Some(registered.patient),
            None => {}
        }
        // Each feature says beside its own states what its facts do to them.
        if let Some(fact) = fact.consent() {
            self.take_consent(fact, recorded);
        }
        if let Some(fact) = fact.records() {
            self.take_records(fact, recorded);
        }
        if let Some(fact) = fact.access() {
            self.take_access(fact, recorded);
        }
    }
}
