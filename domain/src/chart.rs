//! What one patient's stream folds to: consents, reports, tokens and viewings together, because a
//! decision about any of them may turn on all of them.

use std::collections::{BTreeMap, HashMap};

use crate::access::event::{AccessFact, ClinicalList};
use crate::access::policy::Rule;
use crate::access::state::{Token, Viewing};
use crate::actor::Actor;
use crate::consent::event::ConsentFact;
use crate::consent::grantee::{Grantee, Reader};
use crate::consent::state::Consent;
use crate::fact::Fact;
use crate::fold::{Fold, Recorded};
use crate::identity::event::PatientFact;
use crate::ids::{
    ConsentId, DoctorId, EventId, PatientId, ReportId, SessionId, TokenHash, ViewingId,
};
use crate::records::Report;
use crate::records::event::RecordsFact;
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
    /// Lists with clinical words that were shown to others: the newest event for each.
    pub lists_shown: BTreeMap<(Actor, SessionId, ClinicalList), (Moment, EventId)>,
    /// The newest refusal of each doctor under each rule: they are recorded once a minute.
    pub refusals: BTreeMap<(DoctorId, Rule), Moment>,
    /// The consents of each grantee, with how many were given before: their order across grantees.
    by_grantee: HashMap<Grantee, Vec<(usize, ConsentId)>>,
}

impl Chart {
    /// The consents that count for a reader, oldest first.
    pub fn consents_for(&self, reader: Reader) -> Vec<&Consent> {
        let named = reader.counts_as().filter_map(|grantee| self.by_grantee.get(&grantee));
        let mut named: Vec<(usize, ConsentId)> = named.flatten().copied().collect();
        named.sort_unstable_by_key(|(before, _)| *before);
        named.iter().filter_map(|(_, consent)| self.consents.get(consent)).collect()
    }

    fn consent(&mut self, fact: &ConsentFact, at: Moment) {
        match fact {
            ConsentFact::Granted(granted) => {
                let consent = Consent { granted: granted.clone(), revoked_at: None, views: 0 };
                let before = self.consents.len();
                self.consents.insert(granted.consent, consent);
                let of_grantee = self.by_grantee.entry(granted.grantee).or_default();
                of_grantee.push((before, granted.consent));
            }
            ConsentFact::Revoked(revoked) => {
                if let Some(consent) = self.consents.get_mut(&revoked.consent) {
                    consent.revoked_at.get_or_insert(at);
                }
            }
        }
    }

    fn records(&mut self, fact: &RecordsFact, actor: Actor) {
        match fact {
            RecordsFact::Uploaded(uploaded) => {
                let report = Report {
                    category: uploaded.category,
                    media_type: uploaded.media_type.clone(),
                    size: uploaded.size,
                    blob: uploaded.blob,
                    uploaded_by: actor,
                };
                self.reports.insert(uploaded.report, report);
            }
        }
    }

    fn access(&mut self, fact: &AccessFact, recorded: &Recorded) {
        match fact {
            AccessFact::TokenIssued(issued) => {
                let token = Token { issued: issued.clone(), redeemed: false };
                self.tokens.insert(issued.token_hash, token);
            }
            AccessFact::Refused(refused) => {
                self.refusals.insert((refused.doctor, refused.rule), recorded.time);
            }
            AccessFact::Viewed(viewed) => {
                if let Some(token) = self.tokens.get_mut(&viewed.token_hash) {
                    token.redeemed = true;
                }
                let consent = viewed.ground.consent();
                if let Some(consent) = consent.and_then(|id| self.consents.get_mut(&id)) {
                    consent.views = consent.views.saturating_add(1);
                }
                let viewing = Viewing { opened: viewed.clone(), ended: None };
                self.viewings.insert(viewed.viewing, viewing);
            }
            AccessFact::ViewingEnded(ended) => {
                if let Some(viewing) = self.viewings.get_mut(&ended.viewing) {
                    viewing.ended.get_or_insert(ended.reason);
                }
            }
            AccessFact::ListShown(shown) => {
                let key = (shown.viewer, shown.session, shown.list);
                self.lists_shown.insert(key, (recorded.time, recorded.id));
            }
            AccessFact::PageShown(_) | AccessFact::Downloaded(_) => {}
        }
    }
}

impl Fold for Chart {
    fn evolve(&mut self, recorded: &Recorded) {
        match &recorded.fact {
            Fact::Patient(PatientFact::Registered(registered)) => {
                self.patient = Some(registered.patient);
            }
            Fact::Consent(fact) => self.consent(fact, recorded.time),
            Fact::Records(fact) => self.records(fact, recorded.actor),
            Fact::Access(fact) => self.access(fact, recorded),
            Fact::Doctor(_)
            | Fact::Admin(_)
            | Fact::Admins(_)
            | Fact::Login(_)
            | Fact::Session(_)
            | Fact::Log(_) => {}
        }
    }
}
